#include <algorithm>

#include "sandbox/services/cloudformation/stack_test.h"

namespace relight::sandbox::cfn {

namespace rdsop = aws::rds::op;

aws::rds::DBInstance& RecordingRds::make(const std::string& id, const std::string& source) {
  auto& d = databases[id];
  d.DBInstanceIdentifier = id;
  d.DBInstanceStatus = "available";
  d.Endpoint.emplace().Address = id + ".example";
  if (!source.empty()) d.ReadReplicaSourceDBInstanceIdentifier = source;
  return d;
}

RecordingRds::RecordingRds(World& w) : Service(w, aws::rds::model()) {
  on<rdsop::CreateDBInstance>([this](const Call&, const auto& in) -> Result<aws::rds::CreateDBInstanceResult> {
    calls.push_back("create " + *in.DBInstanceIdentifier);
    return aws::rds::CreateDBInstanceResult{.DBInstance = make(*in.DBInstanceIdentifier, "")};
  });
  on<rdsop::CreateDBInstanceReadReplica>([this](const Call&, const auto& in) -> Result<aws::rds::CreateDBInstanceReadReplicaResult> {
    calls.push_back("replicate " + *in.DBInstanceIdentifier);
    return aws::rds::CreateDBInstanceReadReplicaResult{.DBInstance = make(*in.DBInstanceIdentifier, *in.SourceDBInstanceIdentifier)};
  });
  on<rdsop::ModifyDBInstance>([this](const Call&, const auto& in) -> Result<aws::rds::ModifyDBInstanceResult> {
    calls.push_back("modify " + *in.DBInstanceIdentifier + " " + in.DBInstanceClass.value_or(""));
    return aws::rds::ModifyDBInstanceResult{.DBInstance = databases[*in.DBInstanceIdentifier]};
  });
  on<rdsop::DescribeDBInstances>([this](const Call&, const auto& in) -> Result<aws::rds::DBInstanceMessage> {
    auto it = databases.find(in.DBInstanceIdentifier.value_or(""));
    if (it == databases.end()) return aws_error("DBInstanceNotFound", "not there", 404);
    aws::rds::DBInstanceMessage out;
    out.DBInstances = {it->second};
    return out;
  });
  on<rdsop::DeleteDBInstance>([this](const Call&, const auto& in) -> Result<aws::rds::DeleteDBInstanceResult> {
    if (undeletable.contains(*in.DBInstanceIdentifier)) return aws_error("InvalidDBInstanceState", "it will not go", 400);
    calls.push_back("delete " + *in.DBInstanceIdentifier + (in.FinalDBSnapshotIdentifier ? " snapshot " + *in.FinalDBSnapshotIdentifier : ""));
    databases.erase(*in.DBInstanceIdentifier);
    return aws::rds::DeleteDBInstanceResult{};
  });
}

void StackTest::open(std::unique_ptr<TestWorld> w) {
  auto databases = rds_ ? rds_->databases : std::map<std::string, aws::rds::DBInstance>{};
  cfn_.reset();
  ec2_.reset();
  world_ = std::move(w);
  ec2_ = std::make_unique<Ec2Service>(*world_);
  rds_ = std::make_unique<RecordingRds>(*world_);
  rds_->databases = databases;
  cfn_ = std::make_unique<CloudFormationService>(*world_);
  for (Service* s : std::initializer_list<Service*>{ec2_.get(), rds_.get(), cfn_.get()}) world_->add(*s);
  ec2_->start();
  cfn_->start();
}

void StackTest::restart() {
  cfn_.reset();
  ec2_.reset();
  auto again = std::make_unique<TestWorld>(world_->settings, world_->ground());
  kept_.push_back(std::move(world_));
  open(std::move(again));
}

void StackTest::create(const std::string& name, const std::string& body, std::vector<api::Parameter> parameters) {
  api::CreateStackInput in;
  in.StackName = name;
  in.TemplateBody = body;
  in.Parameters = std::move(parameters);
  auto r = call<op::CreateStack>(in);
  ASSERT_TRUE(r) << r.error().text();
}

std::string StackTest::update(const std::string& name, const std::string& body) {
  api::UpdateStackInput in;
  in.StackName = name;
  in.TemplateBody = body;
  auto r = call<op::UpdateStack>(in);
  return r ? "" : r.error().message;
}

std::string StackTest::remove(const std::string& name) {
  api::DeleteStackInput in;
  in.StackName = name;
  auto r = call<op::DeleteStack>(in);
  return r ? "" : r.error().message;
}

std::string StackTest::refused(const std::string& body, std::vector<api::Parameter> parameters) {
  api::CreateStackInput in;
  in.StackName = "refused";
  in.TemplateBody = body;
  in.Parameters = std::move(parameters);
  auto r = call<op::CreateStack>(in);
  return r ? "accepted" : r.error().message;
}

api::Stack StackTest::shown(const std::string& name) {
  api::DescribeStacksInput in;
  in.StackName = name;
  auto r = call<op::DescribeStacks>(in);
  return r && r->Stacks && !r->Stacks->empty() ? r->Stacks->at(0) : api::Stack{};
}

std::string StackTest::status(const std::string& name) {
  rest();
  return shown(name).StackStatus.value_or("gone");
}

std::string StackTest::output(const std::string& name, const std::string& key) {
  for (auto& o : shown(name).Outputs.value_or(std::vector<api::Output>{}))
    if (o.OutputKey == key) return o.OutputValue.value_or("");
  return "";
}

std::string StackTest::physical(const std::string& name, const std::string& logical) {
  api::DescribeStackResourceInput in;
  in.StackName = name;
  in.LogicalResourceId = logical;
  auto r = call<op::DescribeStackResource>(in);
  return r ? r->StackResourceDetail->PhysicalResourceId.value_or("") : "";
}

std::vector<std::string> StackTest::happened(const std::string& name) {
  api::DescribeStackEventsInput in;
  in.StackName = name;
  std::vector<std::string> out;
  if (auto r = call<op::DescribeStackEvents>(in))
    for (auto& e : *r->StackEvents) out.push_back(*e.LogicalResourceId + " " + *e.ResourceStatus);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string StackTest::reasons(const std::string& name) {
  api::DescribeStackEventsInput in;
  in.StackName = name;
  std::string out;
  if (auto r = call<op::DescribeStackEvents>(in))
    for (auto& e : *r->StackEvents) out += e.ResourceStatusReason.value_or("") + "\n";
  return out;
}

size_t StackTest::vpcs() { return world_->remote<aws::ec2::op::DescribeVpcs>(kHome, {})->Vpcs->size() - 1; }

}  // namespace relight::sandbox::cfn

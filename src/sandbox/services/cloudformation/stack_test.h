// A world with EC2, a recording RDS and CloudFormation, for the stories of stacks.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "aws/gen/rds.h"
#include "sandbox/services/cloudformation/service.h"
#include "sandbox/services/ec2/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox::cfn {

namespace op = aws::cloudformation::op;
namespace api = aws::cloudformation;
inline const std::string kHome = "us-east-1";

// Databases as far as a stack sees them: creating, available, gone; and what was asked for.
class RecordingRds final : public Service {
 public:
  std::vector<std::string> calls;
  std::map<std::string, aws::rds::DBInstance> databases;
  std::set<std::string> undeletable;
  explicit RecordingRds(World& w);

 private:
  aws::rds::DBInstance& make(const std::string& id, const std::string& source);
};

class StackTest : public testing::Test {
 protected:
  void SetUp() override { open(std::make_unique<TestWorld>()); }
  // The sandbox's process dies and starts again over what it had kept.
  void restart();
  void create(const std::string& name, const std::string& body, std::vector<api::Parameter> parameters = {});
  std::string update(const std::string& name, const std::string& body);  // "" or the error's message
  std::string remove(const std::string& name);
  std::string refused(const std::string& body, std::vector<api::Parameter> parameters = {});  // CreateStack's error
  api::Stack shown(const std::string& name);
  std::string status(const std::string& name);  // comes to rest first
  std::string output(const std::string& name, const std::string& key);
  std::string physical(const std::string& name, const std::string& logical);
  std::vector<std::string> happened(const std::string& name);  // "Logical STATUS", oldest first
  std::string reasons(const std::string& name);
  size_t vpcs();
  template <class Op>
  Result<typename Op::Output> call(const typename Op::Input& in) {
    return world_->remote<Op>(kHome, in);
  }
  void rest() { world_->advance(Millis{5000}); }

  std::vector<std::unique_ptr<TestWorld>> kept_;  // what a restarted world stands on
  std::unique_ptr<TestWorld> world_;
  std::unique_ptr<Ec2Service> ec2_;
  std::unique_ptr<RecordingRds> rds_;
  std::unique_ptr<CloudFormationService> cfn_;

 private:
  void open(std::unique_ptr<TestWorld> w);
};

}  // namespace relight::sandbox::cfn

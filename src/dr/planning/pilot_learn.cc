// What the captured resources are called in environments, policies and conditions.
#include <array>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// Where a resource's further names stand in its properties, and what they are of its counterpart. An empty
// pointer: its id.
struct Name {
  std::string_view kind, pointer, attribute;
};
constexpr std::array kNames{Name{"ec2/vpc", "", ""},
                            Name{"ec2/subnet", "", ""},
                            Name{"ec2/security-group", "", ""},
                            Name{"elbv2/load-balancer", "", ""},
                            Name{"elbv2/load-balancer", "/DNSName", ".DNSName"},
                            Name{"elbv2/target-group", "", ""},
                            Name{"elbv2/listener", "", ""},
                            Name{"rds/db-instance", "/Endpoint/Address", ".Endpoint.Address"},
                            Name{"rds/db-instance", "/DBInstanceArn", ".DBInstanceArn"},
                            Name{"ecs/cluster", "/clusterArn", ".Arn"}};

bool default_group(const Json& p) { return text_of(p, "GroupName") == "default"; }

// Functions, queues and topics name each other in policies, often in a circle: their ARNs are told by name,
// not by reference. CloudFormation needs no order where nothing is called yet.
void learn_callers(PilotDraft& d) {
  auto told = [&](const std::string& arn, const char* form, const std::string& name) {
    d.means(arn, form + std::string(":${AWS::Region}:${AWS::AccountId}:") + name);
  };
  auto renamed = [&](const std::string& name) {
    if (d.name(name) != name) d.means_whole(name, d.name(name));
  };
  for (auto& c : d.all("lambda/function")) {
    told(text_of(*c.properties, "FunctionArn"), "arn:aws:lambda", "function:" + d.name(c.id()));
    renamed(c.id());
  }
  for (auto& c : d.all("sqs/queue")) {
    told(text_of(*c.properties, "QueueArn"), "arn:aws:sqs", d.name(c.id()));
    d.means(text_of(*c.properties, "QueueUrl"), "${" + d.logical("sqs/queue", c.id()) + "}");
    renamed(c.id());
  }
  for (auto& c : d.all("sns/topic")) {
    auto name = c.id().substr(c.id().rfind(':') + 1);
    told(c.id(), "arn:aws:sns", d.name(name));
  }
  for (auto& c : d.all("events/rule")) {
    auto name = text_of(*c.properties, "Name");
    if (auto bus = text_of(*c.properties, "EventBusName"); bus.empty() || bus == "default")
      told(c.id(), "arn:aws:events", "rule/" + d.name(name));
  }
  for (auto& c : d.all("kms/key"))
    if (text_of(*c.properties, "KeyManager") == "CUSTOMER") {
      auto id = d.logical("kms/key", c.id());
      d.means(text_of(*c.properties, "Arn"), "${" + id + ".Arn}");
      d.means_whole(text_of(*c.properties, "KeyId"), "${" + id + "}");
    }
}

}  // namespace

void learn_names(PilotDraft& d) {
  for (auto& n : kNames)
    for (auto& c : d.all(n.kind)) {
      if (n.kind == "ec2/security-group" && default_group(*c.properties)) continue;
      Json::json_pointer at{std::string(n.pointer)};
      bool there = n.pointer.empty() || (c.properties->contains(at) && c.properties->at(at).is_string());
      if (!there) continue;
      auto name = n.pointer.empty() ? c.id() : c.properties->at(at).get<std::string>();
      d.means(name, "${" + d.logical(n.kind, c.id()) + std::string(n.attribute) + "}");
    }
  // What CloudWatch calls them.
  for (auto& c : d.all("elbv2/load-balancer"))
    if (auto at = c.id().find("loadbalancer/"); at != c.id().npos)
      d.means_whole(c.id().substr(at + 13),
                    "${" + d.logical("elbv2/load-balancer", c.id()) + ".LoadBalancerFullName}");
  for (auto& c : d.all("elbv2/target-group"))
    if (auto at = c.id().find("targetgroup/"); at != c.id().npos)
      d.means_whole(c.id().substr(at),
                    "${" + d.logical("elbv2/target-group", c.id()) + ".TargetGroupFullName}");
  for (auto& c : d.all("rds/db-instance"))
    d.means_whole(c.id(), "${" + d.logical("rds/db-instance", c.id()) + "}");
  for (auto& c : d.all("ecs/cluster"))
    d.means_whole(text_of(*c.properties, "clusterName"), "${" + d.logical("ecs/cluster", c.id()) + "}");
  learn_callers(d);
  // A bucket's name may be a common word: it counts only where a bucket's name stands.
  for (auto& c : d.all("s3/bucket")) {
    auto ref = "${" + d.logical("s3/bucket", c.id()) + "}";
    d.means_whole(c.id(), ref);
    d.means("arn:aws:s3:::" + c.id(), "arn:aws:s3:::" + ref);
    d.means("s3://" + c.id(), "s3://" + ref);
    d.means(c.id() + ".s3", ref + ".s3");
  }
}

}  // namespace relight::dr

// What an application has besides its service: images, functions and what wakes them, parameters, secrets,
// topics, quotas, a zone.
#include "dr/readiness/fixture.h"

namespace relight::dr::fixture {
using Json = nlohmann::json;

void World::triggers(const std::string& r, const std::string& s) {
  bool pilot = s == "d";
  auto lambda = "arn:aws:lambda:" + r + ":000000000000:function:";
  Json function{{"FunctionName", s + "-thumbs"},
                {"FunctionArn", lambda + s + "-thumbs"},
                {"CodeSha256", "abc="},
                {"Runtime", "python3.9"},
                {"Layers",
                 {{{"Arn", "arn:aws:lambda:" + r + ":000000000000:layer:lib:" + (pilot ? "1" : "4")},
                   {"CodeSize", 9}}}},
                {"Environment", {{"Variables", {{"BUCKET", s + "-uploads"}, {"MODE", "auto"}}}}}};
  if (pilot) function["ReservedConcurrentExecutions"] = 0;
  add(r, "lambda/function", s + "-thumbs", function);
  add(r, "lambda/event-source-mapping", s + "-uuid",
      {{"EventSourceArn", "arn:aws:sqs:" + r + ":000000000000:" + s + "-jobs"},
       {"FunctionArn", lambda + s + "-thumbs"},
       {"State", pilot ? "Disabled" : "Enabled"}});
  add(r, "events/rule", "arn:aws:events:" + r + ":000000000000:rule/" + s + "-night",
      {{"Name", s + "-night"}, {"State", pilot ? "DISABLED" : "ENABLED"}});
  if (!pilot)
    at(r, "s3/bucket", "p-uploads")["Notifications"] = {
        {"LambdaFunctionConfigurations", {{{"LambdaFunctionArn", lambda + "p-thumbs"}}}}};
  add(r, "sqs/queue", s + "-jobs", {{"QueueArn", "arn:aws:sqs:" + r + ":000000000000:" + s + "-jobs"}});
  auto topic = "arn:aws:sns:" + r + ":000000000000:" + s + "-pager";
  add(r, "sns/topic", topic,
      {{"Subscriptions",
        {{{"SubscriptionArn", topic + ":1"}, {"Protocol", "email"}, {"Endpoint", "ops@lamp.example"}}}}});
}

void World::account(const std::string& r, const std::string& s) {
  bool pilot = s == "d";
  add(r, "ecr/image", "lamp:latest",
      {{"repositoryName", "lamp"},
       {"imageDigest", "sha256:ab"},
       {"imageTags", {"latest"}},
       {"imagePushedAt", "2026-11-20T12:00:00Z"}});
  add(r, "ecr/repository", "lamp", {{"repositoryName", "lamp"}, {"registryId", "000000000000"}});
  add(r, "ecr/registry", "000000000000",
      {{"replicationConfiguration",
        {{"rules", pilot ? Json::array()
                         : Json{{{"destinations", {{{"region", kD}, {"registryId", "000000000000"}}}}}}}}}});
  for (auto* mode : {"mode", "host"}) add(r, "ssm/parameter", "/" + s + "/" + mode, {{"Type", "String"}});
  if (pilot)
    add(r, "secretsmanager/secret", "arn:aws:secretsmanager:us-west-2:000000000000:secret:db",
        Json::object());
  add(r, "applicationautoscaling/scalable-target", "service/" + s + "/" + s + "-web",
      {{"MinCapacity", pilot ? 0 : 2}, {"MaxCapacity", 9}});
  for (auto& [id, value] : {std::pair("fargate/L-3032A538", 6.0), std::pair("rds/L-7B6409FD", 40.0),
                            std::pair("elasticloadbalancing/L-53DA6B97", 50.0),
                            std::pair("vpc/L-F678F1CE", 5.0), std::pair("lambda/L-B99A9384", 1000.0)})
    add(r, "servicequotas/quota", id, {{"Default", value}});
}

void World::zone() {
  add(kD, "route53/hosted-zone", "Z1",
      {{"Name", "lamp.example."}, {"NameServers", {"ns-1.awsdns.com", "ns-2.awsdns.org"}}});
}

}  // namespace relight::dr::fixture

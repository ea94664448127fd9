// Secrets, parameters and the task definition that name the primary's database.
#include <gtest/gtest.h>

#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "dr/steps/failover.h"
#include "dr/steps/stage.h"
#include "dr/steps/translate.h"

namespace relight::dr {
namespace {

struct Settings : Stage {
  std::map<std::string, std::string> parameters, secrets;
  bool replica = true;
  std::string host = "ddb.host", definition = "web:1", rollout = "COMPLETED";
  int registered = 0, restarted = 0;

  Settings() {
    aws.on<aws::ssm::op::GetParameter>([this](auto& in) {
      aws::ssm::op::GetParameter::Output out;
      out.Parameter.emplace();
      out.Parameter->Value = parameters.at(*in.Name);
      out.Parameter->Type = "String";
      return out;
    });
    aws.on<aws::ssm::op::PutParameter>([this](auto& in) {
      EXPECT_EQ(in.Overwrite, true);
      parameters[*in.Name] = *in.Value;
      return aws::ssm::op::PutParameter::Output{};
    });
    aws.on<aws::secretsmanager::op::GetSecretValue>([this](auto& in) {
      aws::secretsmanager::op::GetSecretValue::Output out;
      out.SecretString = secrets.at(*in.SecretId);
      return out;
    });
    aws.on<aws::secretsmanager::op::DescribeSecret>([this](auto&) {
      aws::secretsmanager::op::DescribeSecret::Output out;
      if (replica) out.PrimaryRegion = "p";
      return out;
    });
    aws.on<aws::secretsmanager::op::StopReplicationToReplica>([this](auto&) {
      replica = false;
      return aws::secretsmanager::op::StopReplicationToReplica::Output{};
    });
    aws.on<aws::secretsmanager::op::PutSecretValue>([this](auto& in) {
      EXPECT_FALSE(replica);
      secrets[*in.SecretId] = *in.SecretString;
      return aws::secretsmanager::op::PutSecretValue::Output{};
    });
    service();
  }
  void service() {
    aws.on<aws::ecs::op::DescribeServices>([this](auto&) {
      aws::ecs::Service s;
      s.taskDefinition = definition;
      aws::ecs::Deployment d;
      d.status = "PRIMARY";
      d.rolloutState = rollout;
      s.deployments = {{d}};
      aws::ecs::op::DescribeServices::Output out;
      out.services = {{s}};
      return out;
    });
    aws.on<aws::ecs::op::DescribeTaskDefinition>([this](auto&) {
      aws::ecs::op::DescribeTaskDefinition::Output out;
      out.taskDefinition.emplace();
      out.taskDefinition->family = "web";
      out.taskDefinition->cpu = "256";
      aws::ecs::ContainerDefinition container;
      aws::ecs::KeyValuePair e;
      e.name = "DB_HOST";
      e.value = host;
      container.environment = {{e}};
      out.taskDefinition->containerDefinitions = {{container}};
      return out;
    });
    aws.on<aws::ecs::op::RegisterTaskDefinition>([this](auto& in) {
      ++registered;
      EXPECT_EQ(in.cpu, "256");
      host = *in.containerDefinitions->front().environment->front().value;
      aws::ecs::op::RegisterTaskDefinition::Output out;
      out.taskDefinition.emplace();
      out.taskDefinition->taskDefinitionArn = "web:2";
      return out;
    });
    aws.on<aws::ecs::op::UpdateService>([this](auto& in) {
      ++restarted;
      EXPECT_EQ(in.forceNewDeployment, true);
      EXPECT_FALSE(in.desiredCount);
      if (in.taskDefinition) definition = *in.taskDefinition;
      return aws::ecs::op::UpdateService::Output{};
    });
  }
  Outcome finish(Step& step) {
    Outcome o = step.advance(c);
    for (int i = 0; i < 6 && waits(o); ++i) o = step.advance(c);
    return o;
  }
};

Dormant setting(Dormant::Kind kind, const char* name, const char* value = "") {
  return {.kind = kind, .name = name, .primary = "", .scope = "", .value = value};
}

TEST(ConfigurationStep, WhereNothingNamesThePrimaryNothingIsChanged) {
  Settings s;
  s.secrets = {{"db", R"({"host":"ddb.host","password":"x"})"}};
  s.site.topology.dormant = {{setting(Dormant::Kind::kSecret, "db")}};
  auto o = make_configuration(s.site)->advance(s.c);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(get(std::get<Done>(o).facts, "changed"), "no");
  EXPECT_TRUE(s.c.journal.empty());
}

TEST(ConfigurationStep, ASecretsHostBecomesTheNewDatabaseAndTheTasksStartAnew) {
  Settings s;
  s.secrets = {{"db", R"({"username":"app","password":"pdb.host.x","host":"pdb.host","port":3306})"}};
  s.site.topology.dormant = {{setting(Dormant::Kind::kSecret, "db")}};
  auto step = make_configuration(s.site);
  auto o = s.finish(*step);
  ASSERT_TRUE(is_done(o));
  EXPECT_EQ(get(std::get<Done>(o).facts, "changed"), "yes");
  EXPECT_NE(s.secrets["db"].find(R"("host":"ddb.host","port":3306)"), std::string::npos) << s.secrets["db"];
  EXPECT_EQ(s.restarted, 1);
  EXPECT_EQ(s.registered, 0);
  for (auto& line : s.c.journal) EXPECT_EQ(line.find("password"), std::string::npos);
}

TEST(ConfigurationStep, AParameterGetsTheRecordedValueOrTheTranslatedOne) {
  Settings s;
  s.parameters = {
      {"/lamp/host", "pdb.host"}, {"/lamp/url", "mysql://pdb.host:3306/lamp"}, {"/lamp/mode", "x"}};
  s.site.topology.dormant = {{setting(Dormant::Kind::kParameter, "/lamp/host", "ddb.host"),
                              setting(Dormant::Kind::kParameter, "/lamp/url"),
                              setting(Dormant::Kind::kParameter, "/lamp/mode")}};
  auto step = make_configuration(s.site);
  ASSERT_TRUE(is_done(s.finish(*step)));
  EXPECT_EQ(s.parameters["/lamp/host"], "ddb.host");
  EXPECT_EQ(s.parameters["/lamp/url"], "mysql://ddb.host:3306/lamp");
  EXPECT_EQ(s.parameters["/lamp/mode"], "x");
  EXPECT_EQ(s.aws.count("PutParameter d"), 2u);
  EXPECT_EQ(s.restarted, 1);
}

TEST(ConfigurationStep, ATaskDefinitionThatNamesThePrimaryIsRegisteredAnew) {
  Settings s;
  s.host = "pdb.host";
  s.rollout = "IN_PROGRESS";
  auto step = make_configuration(s.site);
  EXPECT_TRUE(waits(s.finish(*step)));
  s.rollout = "COMPLETED";
  EXPECT_TRUE(is_done(step->advance(s.c)));
  EXPECT_EQ(s.definition, "web:2");
  EXPECT_EQ(s.host, "ddb.host");
  EXPECT_TRUE(is_done(s.finish(*make_configuration(s.site))));
  EXPECT_EQ(s.registered, 1);
}

TEST(ConfigurationStep, KilledBetweenAChangeAndTheNewStartItStartsThemAnewAfterwards) {
  Settings s;
  s.c.left = Intent{"ecs:UpdateService", "dc/ds", 1, {}, true};
  auto step = make_configuration(s.site);
  ASSERT_TRUE(is_done(s.finish(*step)));
  EXPECT_EQ(s.restarted, 1);
}

TEST(ConfigurationStep, WithoutTheLeaseNoValueIsWritten) {
  Settings s;
  s.parameters = {{"/lamp/host", "pdb.host"}};
  s.site.topology.dormant = {{setting(Dormant::Kind::kParameter, "/lamp/host")}};
  s.c.lost = true;
  EXPECT_TRUE(std::holds_alternative<Failed>(make_configuration(s.site)->advance(s.c)));
  EXPECT_EQ(s.parameters["/lamp/host"], "pdb.host");
}

TEST(Translated, NamesCountOnlyAsWordsOfTheirOwn) {
  Stage s;
  auto& t = s.site.topology;
  t.primary.bucket = "uploads";
  t.recovery.bucket = "uploads-d";
  auto as = [&](const char* text) { return translated(text, s.config, t); };
  EXPECT_EQ(as("tcp://pdb.host:3306"), "tcp://ddb.host:3306");
  EXPECT_EQ(as("my-uploads"), "my-uploads");
  EXPECT_EQ(as("s3://uploads/x"), "s3://uploads-d/x");
  EXPECT_EQ(as("uploads-d"), "uploads-d");  // it is translated already
  EXPECT_EQ(as("p"), "d");                  // the regions of this stage
  EXPECT_EQ(as("a p b"), "a p b");
  EXPECT_EQ(as("uploads"), "uploads-d");
  EXPECT_EQ(as("all uploads"), "all uploads");
  EXPECT_EQ(as("https://uploads.s3.p.amazonaws.com"), "https://uploads-d.s3.p.amazonaws.com");
  EXPECT_EQ(as("pdb"), "pdb");  // an instance's identifier may be any word
  EXPECT_EQ(translated_secret(R"({"dbInstanceIdentifier":"pdb","dbname":"pdb"})", s.config, t),
            R"({"dbInstanceIdentifier":"ddb","dbname":"pdb"})");
  EXPECT_EQ(translated_secret("[1]", s.config, t), "[1]");
}

}  // namespace
}  // namespace relight::dr

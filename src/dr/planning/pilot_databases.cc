// RDS: a replica of the primary's database, across regions. After a promotion it is the only copy.
#include <fmt/format.h>

#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

void subnet_group(PilotDraft& d, const Captured& c) {
  Json p{{"DBSubnetGroupDescription", text_of(*c.properties, "DBSubnetGroupDescription")}};
  auto subnets = c.properties->value("Subnets", Json::array());
  p["SubnetIds"] = d.refs("ec2/subnet", &subnets, c.key(), "SubnetIdentifier");
  d.add({.id = d.logical("rds/subnet-group", c.id()), .type = "AWS::RDS::DBSubnetGroup", .from = c.key()},
        std::move(p));
}

void parameter_group(PilotDraft& d, const Captured& c) {
  auto key = c.key();
  if (c.id().starts_with("default.")) return d.abandon(key);  // every region has the same
  d.unknown_parts(*c.resource);
  Json p{{"Family", text_of(*c.properties, "DBParameterGroupFamily")},
         {"Description", text_of(*c.properties, "Description")}};
  Json parameters = Json::object();
  for (auto& e : c.properties->value("Parameters", Json::array())) {
    auto name = text_of(e, "ParameterName"), value = text_of(e, "ParameterValue");
    // A fence of an earlier failover must not reach the replica that is to be promoted.
    if (name == "read_only" && value == "1")
      d.say(key, "read_only = 1", "it would keep the promoted database closed; the pilot leaves it to RDS");
    else if (!name.empty())
      parameters[name] = value;
  }
  if (!parameters.empty()) p["Parameters"] = parameters;
  d.add({.id = d.logical("rds/parameter-group", c.id()), .type = "AWS::RDS::DBParameterGroup", .from = key},
        std::move(p));
}

Json group_name(PilotDraft& d, const Captured& c) {
  for (auto& g : c.properties->value("DBParameterGroups", Json::array())) {
    auto name = text_of(g, "DBParameterGroupName");
    return name.starts_with("default.") ? Json(name) : d.ref("rds/parameter-group", name, c.key());
  }
  return {};
}

void encryption(PilotDraft& d, const Captured& c, const std::string& id, Json& p) {
  if (!c.properties->value("StorageEncrypted", false)) return;
  if (auto made = made_key(d, text_of(*c.properties, "KmsKeyId")); !made.is_null()) {
    p["KmsKeyId"] = made;
    return;
  }
  d.parameter({.name = id + "Key",
               .description = "KMS key of this region for the replica: the primary's key does not exist here",
               .fallback = "alias/aws/rds",
               .has_fallback = true});
  p["KmsKeyId"] = ref_to(id + "Key");
}

// A group's options with what differs from their defaults: the others are the same everywhere.
Json option_configuration(PilotDraft& d, const Json& option, const ResourceKey& from) {
  Json o{{"OptionName", text_of(option, "OptionName")}};
  take(o, option, "OptionVersion Port");
  Json settings = Json::array();
  for (auto& s : option.value("OptionSettings", Json::array()))
    if (auto value = text_of(s, "Value"); value != text_of(s, "DefaultValue"))
      settings.push_back({{"Name", text_of(s, "Name")}, {"Value", d.text(value, from)}});
  if (!settings.empty()) o["OptionSettings"] = settings;
  if (auto groups = option.value("VpcSecurityGroupMemberships", Json::array()); !groups.empty())
    o["VpcSecurityGroupMemberships"] = d.refs("ec2/security-group", &groups, from, "VpcSecurityGroupId");
  return o;
}

void option_group(PilotDraft& d, const Captured& c) {
  auto key = c.key();
  if (c.id().starts_with("default:")) return d.abandon(key);  // every region has the same
  d.unknown_parts(*c.resource);
  Json p{{"EngineName", text_of(*c.properties, "EngineName")},
         {"MajorEngineVersion", text_of(*c.properties, "MajorEngineVersion")},
         {"OptionGroupDescription", text_of(*c.properties, "OptionGroupDescription")}};
  Json options = Json::array();
  for (auto& o : c.properties->value("Options", Json::array()))
    options.push_back(option_configuration(d, o, key));
  if (!options.empty()) p["OptionConfigurations"] = options;
  d.add({.id = d.logical("rds/option-group", c.id()), .type = "AWS::RDS::OptionGroup", .from = key},
        std::move(p));
}

// The one in effect comes first. The engine's own is not named: across regions a replica has it anyway.
void options(PilotDraft& d, const Captured& c, Json& p) {
  auto all = c.properties->value("OptionGroupMemberships", Json::array());
  auto name = all.empty() ? "" : text_of(all.front(), "OptionGroupName");
  if (!name.empty() && !name.starts_with("default:"))
    p["OptionGroupName"] = d.ref("rds/option-group", name, c.key());
}

void actions(PilotDraft& d, const Captured& c) {
  if (c.properties->value("BackupRetentionPeriod", 0) == 0)
    d.action({PrimaryAction::Kind::kBackupRetention, c.id(), "",
              "Keep automated backups of the database " + c.id(), "rds:ModifyDBInstance",
              "RDS makes replicas only of instances that are backed up"});
  d.action(
      {PrimaryAction::Kind::kBinlogRetention, c.id(), "",
       "Keep the binary log of " + c.id() + " for 24 hours", "CALL mysql.rds_set_configuration",
       "RDS purges it as soon as it can: a replica that was cut off, and salvage after a failover, need it"});
}

void instance(PilotDraft& d, const Captured& c) {
  d.unknown_parts(*c.resource);
  auto& from = *c.properties;
  auto id = d.logical("rds/db-instance", c.id());
  if (auto source = text_of(from, "ReadReplicaSourceDBInstanceIdentifier"); !source.empty())
    return d.wrong({.code = "Synth.Malformed",
                    .message = "it is itself a replica, of " + source +
                               ": a pilot is made of the database that takes the writes",
                    .resource = c.id(),
                    .region = d.places().primary,
                    .next = "name the source in relight.yaml and capture again"});
  // With a name of its own the stack cannot put an empty database in the place of a promoted one: a change
  // that needs a replacement fails instead.
  Json p{{"DBInstanceIdentifier", d.name(c.id())},
         {"SourceDBInstanceIdentifier", text_of(from, "DBInstanceArn")},
         {"SourceRegion", d.places().primary},
         {"DBInstanceClass",
          d.policy().replica_class.empty() ? text_of(from, "DBInstanceClass") : d.policy().replica_class}};
  if (auto group = text_of(from.value("DBSubnetGroup", Json::object()), "DBSubnetGroupName"); !group.empty())
    p["DBSubnetGroupName"] = d.ref("rds/subnet-group", group, c.key());
  if (auto g = group_name(d, c); !g.is_null()) p["DBParameterGroupName"] = g;
  auto groups = from.value("VpcSecurityGroups", Json::array());
  p["VPCSecurityGroups"] = d.refs("ec2/security-group", &groups, c.key(), "VpcSecurityGroupId");
  p["PubliclyAccessible"] = from.value("PubliclyAccessible", false);
  if (from.value("DeletionProtection", false)) p["DeletionProtection"] = true;
  if (from.value("CopyTagsToSnapshot", false)) p["CopyTagsToSnapshot"] = true;
  if (!from.value("AutoMinorVersionUpgrade", true)) p["AutoMinorVersionUpgrade"] = false;
  take(p, from, "StorageType Iops");
  if (p.value("StorageType", "") == "gp2" || p.value("StorageType", "") == "standard")
    p.erase("StorageType");  // as its source
  encryption(d, c, id, p);
  options(d, c, p);
  if (from.value("MultiAZ", false))
    d.say(c.key(), "MultiAZ",
          "the replica stands in one zone, which halves its price; make it Multi-AZ after a failover");
  actions(d, c);
  d.add({.id = id,
         .type = "AWS::RDS::DBInstance",
         .retain = true,
         .from = c.key(),
         .why = "SourceDBInstanceIdentifier stays after a promotion: removing it would replace the database "
                "by an empty one"},
        std::move(p));
}

}  // namespace

void translate_databases(PilotDraft& d) {
  for (auto& c : d.all("rds/subnet-group")) subnet_group(d, c);
  for (auto& c : d.all("rds/parameter-group")) parameter_group(d, c);
  for (auto& c : d.all("rds/option-group")) option_group(d, c);
  for (auto& c : d.all("rds/db-instance")) instance(d, c);
}

}  // namespace relight::dr

#include "dr/steps/configuration_values.h"

#include "aws/gen/secretsmanager.h"
#include "aws/gen/ssm.h"
#include "dr/steps/translate.h"

namespace relight::dr {

Result<std::string> ConfigurationValues::look(Context& c, const Dormant& d) {
  return d.kind == Dormant::Kind::kSecret ? secret(c, d) : parameter(c, d);
}

Result<std::string> ConfigurationValues::parameter(Context& c, const Dormant& d) {
  aws::ssm::Client ssm(s_.aws);
  TRY_ASSIGN(auto now, ssm.GetParameter({.Name = d.name, .WithDecryption = true}, s_.in_recovery()));
  if (!now.Parameter || !now.Parameter->Value) return fail("Failover.NoValue", "the parameter has no value");
  auto& value = *now.Parameter->Value;
  auto wanted = d.value.empty() ? translated(value, s_.config, s_.topology) : d.value;
  if (wanted == value) return std::string();
  TRY(changing_(c));
  // What is not said again stays as it is ("PutParameter", Overwrite), but for the type, which must be the
  // same.
  TRY(act(c, "ssm:PutParameter", d.name, [&] {
    return ssm.PutParameter({.Name = d.name, .Value = wanted, .Type = now.Parameter->Type, .Overwrite = true},
                            s_.in_recovery());
  }));
  changed_ = true;
  return std::string();
}

// A replica cannot be written: it becomes a secret of its own first, which also ends what the primary region
// would still send.
Result<std::string> ConfigurationValues::secret(Context& c, const Dormant& d) {
  aws::secretsmanager::Client secrets(s_.aws);
  TRY_ASSIGN(auto now, secrets.GetSecretValue({.SecretId = d.name}, s_.in_recovery()));
  if (!now.SecretString) return std::string();  // binary: nobody can tell what is in it
  auto wanted = translated_secret(*now.SecretString, s_.config, s_.topology);
  if (wanted == *now.SecretString) return std::string();
  TRY_ASSIGN(auto about, secrets.DescribeSecret({.SecretId = d.name}, s_.in_recovery()));
  auto home = about.PrimaryRegion.value_or(s_.config.recovery.region);
  TRY(changing_(c));
  if (home != s_.config.recovery.region) {
    TRY(act(c, "secretsmanager:StopReplicationToReplica", d.name,
            [&] { return secrets.StopReplicationToReplica({.SecretId = d.name}, s_.in_recovery()); }));
    return std::string("the replica to be a secret of its own");
  }
  TRY(act(c, "secretsmanager:PutSecretValue", d.name, [&] {
    return secrets.PutSecretValue({.SecretId = d.name, .SecretString = wanted}, s_.in_recovery());
  }));
  changed_ = true;
  return std::string();
}

}  // namespace relight::dr

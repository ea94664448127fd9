// Environment variables and the shared AWS files, handed in rather than read on the spot.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/disk.h"
#include "base/result.h"

namespace relight::aws {

using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;  // empty counts as unset
Environment process_environment();
// Every variable of this process, for a program that is started on the user's behalf.
std::map<std::string, std::string> inherited_environment();
Environment fixed_environment(std::map<std::string, std::string> values);

// One profile's keys: ~/.aws/config's "[profile NAME]" (or "[default]"), with ~/.aws/credentials' "[NAME]" on
// top. AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE and AWS_PROFILE are honoured. "Shared config and
// credentials files", https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html. Nested settings are
// left out.
struct Profile {
  std::string name;
  bool found = false;  // in either file
  std::map<std::string, std::string> keys;
  std::string get(const std::string& key) const {
    auto it = keys.find(key);
    return it == keys.end() ? "" : it->second;
  }
};
// name empty: AWS_PROFILE, else "default". Missing files are no error; an unreadable one is.
Result<Profile> read_profile(const Environment& env, Disk& disk, std::string name = {});
// ~/.aws/config's "[sso-session NAME]"; such a section is never in ~/.aws/credentials.
Result<Profile> read_sso_session(const Environment& env, Disk& disk, std::string name);

// AWS_REGION, AWS_DEFAULT_REGION, the profile's region; "" if nobody says.
std::string default_region(const Environment& env, const Profile& profile);

}  // namespace relight::aws

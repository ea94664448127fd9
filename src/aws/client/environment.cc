#include "aws/client/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace relight::aws {
namespace {

std::string_view trim(std::string_view s) {
  size_t from = s.find_first_not_of(" \t\r"), to = s.find_last_not_of(" \t\r");
  return from == s.npos ? std::string_view{} : s.substr(from, to - from + 1);
}

// Adds the keys of one section; true if the section is there.
bool take_section(std::string_view text, std::string_view wanted, std::map<std::string, std::string>& keys) {
  bool inside = false, found = false;
  while (!text.empty()) {
    size_t eol = text.find('\n');
    std::string_view line = text.substr(0, eol);
    text = eol == text.npos ? std::string_view{} : text.substr(eol + 1);
    bool nested = line.starts_with(' ') || line.starts_with('\t');
    line = trim(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = trim(line.substr(1, line.find(']') - 1)) == wanted;
      found = found || inside;
      continue;
    }
    size_t eq = line.find('=');
    if (!inside || nested || eq == line.npos) continue;
    std::string_view value = trim(line.substr(eq + 1));
    if (size_t comment = value.find(" #"); comment != value.npos) value = trim(value.substr(0, comment));
    keys[std::string(trim(line.substr(0, eq)))] = value;
  }
  return found;
}

Result<std::string> read_if_there(Disk& disk, const std::string& path) {
  if (path.empty()) return std::string();
  auto text = disk.read(path);
  if (!text && text.error().code == "Disk.NotFound") return std::string();
  return text;
}

// One of the two shared files: what the variable names, else ~/.aws/FILE; "" without a home.
std::string shared_file(const Environment& env, const char* variable, const char* file) {
  auto home = env("HOME");
  return env(variable).value_or(home ? *home + "/.aws/" + file : "");
}

}  // namespace

std::map<std::string, std::string> inherited_environment() {
  std::map<std::string, std::string> out;
  for (char** e = environ; e && *e; ++e) {
    std::string_view pair(*e);
    if (size_t eq = pair.find('='); eq != pair.npos)
      out[std::string(pair.substr(0, eq))] = pair.substr(eq + 1);
  }
  return out;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* v = std::getenv(name.c_str());
    return v && *v ? std::optional<std::string>(v) : std::nullopt;
  };
}

Environment fixed_environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    auto it = values.find(name);
    return it == values.end() || it->second.empty() ? std::nullopt : std::optional(it->second);
  };
}

Result<Profile> read_profile(const Environment& env, Disk& disk, std::string name) {
  Profile p;
  p.name = !name.empty() ? name : env("AWS_PROFILE").value_or("default");
  TRY_ASSIGN(std::string config, read_if_there(disk, shared_file(env, "AWS_CONFIG_FILE", "config")));
  TRY_ASSIGN(std::string secrets,
             read_if_there(disk, shared_file(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  p.found = take_section(config, p.name == "default" ? p.name : "profile " + p.name, p.keys);
  p.found = take_section(secrets, p.name, p.keys) || p.found;
  return p;
}

Result<Profile> read_sso_session(const Environment& env, Disk& disk, std::string name) {
  Profile p;
  p.name = std::move(name);
  TRY_ASSIGN(std::string config, read_if_there(disk, shared_file(env, "AWS_CONFIG_FILE", "config")));
  p.found = take_section(config, "sso-session " + p.name, p.keys);
  return p;
}

std::string default_region(const Environment& env, const Profile& profile) {
  if (auto r = env("AWS_REGION")) return *r;
  if (auto r = env("AWS_DEFAULT_REGION")) return *r;
  return profile.get("region");
}

}  // namespace relight::aws

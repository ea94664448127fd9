// `shell`: a mount namespace in which AWS's host names are this sandbox's and its certificate authority is trusted, so
// that programs and scripts meant for AWS run as they are. Nothing outside of it changes.
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/sandbox/verbs.h"
#include "base/disk.h"
#include "sandbox/gateway/control.h"

namespace relight::app {
namespace {

constexpr const char* kResolver = "/etc/resolv.conf";
constexpr const char* kTrusted = "/etc/ssl/certs/ca-certificates.crt";  // of Debian's ca-certificates

int no_shell(const Error& e) {
  fmt::print(stderr, "relight-sandbox: {}\n", e.text());
  return 1;
}

Error shell_error(std::string_view what, std::string message, std::string next) {
  Error e;
  e.code = "Sandbox.Shell";
  e.tried = what;
  e.message = std::move(message);
  e.next = std::move(next);
  return e;
}

// What lies at `path` is `text` from now on, for this process and its children.
Result<> overlay(const std::string& path, const std::string& kept_at, const std::string& text) {
  TRY(system_disk().write(kept_at, text, 0644));
  if (::mount(kept_at.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0) return {};
  int err = errno;
  return fail(shell_error("put the sandbox's own " + path + " in its place", std::strerror(err),
                          err == ENOENT ? "make the file, if need be empty" : "run it as root"));
}

Result<> change_surroundings(const std::string& dir, const nlohmann::json& given) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail(shell_error("make a mount namespace", std::strerror(errno), "run it as root"));
  TRY(overlay(kResolver, dir + "/tls/resolv.conf", fmt::format("nameserver {}\noptions timeout:2 attempts:2\n", given.value("dns", ""))));
  TRY_ASSIGN(std::string authority, system_disk().read(given.value("authority", "")));
  if (!std::filesystem::exists(kTrusted))
    return fail(shell_error("trust the sandbox's certificate authority", fmt::format("{} is not there", kTrusted), "install Debian's ca-certificates"));
  TRY_ASSIGN(std::string trusted, system_disk().read(kTrusted));
  return overlay(kTrusted, dir + "/tls/trusted.pem", trusted + "\n" + authority);
}

void change_environment(const nlohmann::json& given) {
  // What would lead a client elsewhere, or to other keys.
  for (const char* name : {"AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"}) ::unsetenv(name);
  for (auto& [name, value] : given["env"].items()) ::setenv(name.c_str(), value.get<std::string>().c_str(), 1);
  ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
  // For those that do not read the system's file: Node, Python's ssl module and requests.
  for (const char* name : {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}) ::setenv(name, kTrusted, 1);
}

}  // namespace

int SandboxVerbs::shell() {
  auto said = sandbox::ask_control(dir + "/control.sock", R"({"verb":"shell"})");
  if (!said) return no_shell(said.error());
  auto given = nlohmann::json::parse(*said, nullptr, false);
  if (!given.is_object() || given.contains("error")) {
    fmt::print(stderr, "relight-sandbox: {}\n", given.is_object() ? given["error"].get<std::string>() : "the sandbox's answer is not JSON");
    return 1;
  }
  if (auto done = change_surroundings(dir, given); !done) return no_shell(done.error());
  change_environment(given);
  const char* own = std::getenv("SHELL");
  if (command.empty()) command = {own && *own ? own : "/bin/sh"};
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  fmt::print(stderr, "relight-sandbox: {}: {}\n", command[0], std::strerror(errno));
  return errno == ENOENT ? 127 : 126;
}

}  // namespace relight::app

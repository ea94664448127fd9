// "Process credential provider",
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "aws/client/credential_provider.h"
#include "base/process.h"

namespace relight::aws {
namespace {

constexpr size_t kProcessOutputLimit = 64 << 10;

// Words as a POSIX shell makes them of quotes and backslashes; "" stays a word. Nothing is expanded.
std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;  // a word has begun
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char ch = text[i];
    bool blank = quote == 0 && (ch == ' ' || ch == '\t');
    if (blank) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    bool escapes = ch == '\\' && quote != '\'' &&
                   (quote == 0 || (i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')));
    if (escapes) {
      if (++i == text.size()) return std::nullopt;
      words.back() += text[i];
    } else if (quote != 0 ? ch == quote : ch == '"' || ch == '\'') {
      quote = quote != 0 ? 0 : ch;
    } else {
      words.back() += ch;
    }
  }
  if (quote != 0 || words.empty()) return std::nullopt;
  return words;
}

// The user's environment and place, as the SDKs give them. The shell finds the program in PATH and drops its
// standard error, which may hold a secret; the deadline kills the program itself, for the shell has become
// it.
Spawn spawn_of(const Environment& env, const std::vector<std::string>& words) {
  Spawn how;
  how.argv = {"/bin/sh", "-c", "exec \"$@\" 2>/dev/null", "credential_process"};
  how.argv.insert(how.argv.end(), words.begin(), words.end());
  how.env = inherited_environment();
  for (const char* name : {"HOME", "PATH", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"})
    if (auto v = env(name)) how.env[name] = *v;
  std::error_code ec;
  auto here = std::filesystem::current_path(ec);
  if (!ec) how.cwd = here.string();
  return how;
}

}  // namespace

Result<Provided> process_credentials(const Environment& env, const std::string& profile,
                                     const std::string& command, std::chrono::milliseconds limit) {
  std::string program = "credential_process";
  auto bad = [&](std::string why) {
    return fail(credential_error("Credentials.Process",
                                 fmt::format("profile '{}': {} {}", profile, program, why),
                                 "run the profile's credential_process by hand and see what it says"));
  };
  auto words = shell_words(command);
  if (!words) return bad("has an unclosed quote, or nothing in it");
  program = fmt::format("credential_process {}", words->front());  // arguments may be secrets
  auto exit = Process::run(spawn_of(env, *words), limit);
  if (!exit && exit.error().code == "Process.Deadline")
    return bad(fmt::format("had not ended after {} and was killed",
                           std::chrono::duration_cast<std::chrono::duration<double>>(limit)));
  if (!exit) return bad("could not be started: " + exit.error().code);
  if (exit->code == 127 || exit->code == 126) return bad("was not found or may not be run");
  if (exit->code != 0) return bad(fmt::format("ended with {}", exit->code));
  if (exit->output.size() > kProcessOutputLimit)
    return bad(fmt::format("printed more than {} bytes", kProcessOutputLimit));
  auto j = nlohmann::json::parse(exit->output, nullptr, false);
  if (!j.is_object()) return bad("printed no JSON object");
  if (!j.contains("Version") || j["Version"] != 1) return bad("printed another Version than 1");
  auto out =
      provided_from_json(exit->output, {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"});
  if (!out) return bad("printed JSON that cannot be used: " + out.error().message);
  return out;
}

}  // namespace relight::aws

#include "sandbox/services/ecs/task_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "aws/gen/logs.h"
#include "sandbox/gateway/service.h"

namespace relight::sandbox::ecs {
namespace {

constexpr size_t kReadBytes = 512u << 10, kRemembered = 256;
constexpr size_t kLineBytes = 262'144 - 26;  // "PutLogEvents": the largest event; longer lines are split
constexpr size_t kBatchLines = 2000, kBatchBytes = 900'000;

const std::string* log_option(const api::ContainerDefinition& c, const std::string& name) {
  if (!c.logConfiguration || !c.logConfiguration->options) return nullptr;
  auto it = c.logConfiguration->options->find(name);
  return it == c.logConfiguration->options->end() ? nullptr : &it->second;
}

// Where reading goes on: at the offset if what lies before it is what was read, else behind the last that was
// read, else at the beginning.
uint64_t log_place(std::ifstream& in, uint64_t size, const Tail& from) {
  if (from.offset <= size) {
    std::string before(std::min<uint64_t>(from.last.size(), from.offset), '\0');
    in.seekg(static_cast<std::streamoff>(from.offset - before.size()));
    in.read(before.data(), static_cast<std::streamsize>(before.size()));
    if (before == from.last) return from.offset;
  }
  if (from.last.empty()) return 0;
  std::string all(size, '\0');
  in.clear();
  in.seekg(0);
  in.read(all.data(), static_cast<std::streamsize>(size));
  if (size_t at = all.rfind(from.last); at != all.npos) return at + from.last.size();
  // The cut may lie within what is remembered.
  for (size_t n = from.last.size() - 1; n > 0; --n)
    if (all.starts_with(std::string_view(from.last).substr(from.last.size() - n))) return n;
  return 0;
}

std::unexpected<Error> no_logger(const std::string& why) {
  return fail(
      "ResourceInitializationError",
      "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
      "failed to create Cloudwatch log stream: " +
          why + " : exit status 1");
}

}  // namespace

std::optional<LogTarget> log_target(const api::ContainerDefinition& c, const std::string& task_id) {
  if (!c.logConfiguration || c.logConfiguration->logDriver != "awslogs") return std::nullopt;
  auto text = [&](const char* name) {
    auto* v = log_option(c, name);
    return v ? *v : std::string();
  };
  return LogTarget{*c.name, text("awslogs-group"),
                   fmt::format("{}/{}/{}", text("awslogs-stream-prefix"), *c.name, task_id),
                   text("awslogs-region"), text("awslogs-create-group") == "true"};
}

std::vector<LogTarget> log_targets(const api::TaskDefinition& d, const std::string& task_id) {
  std::vector<LogTarget> out;
  for (auto& c : d.containerDefinitions.value_or(std::vector<api::ContainerDefinition>{}))
    if (auto t = log_target(c, task_id)) out.push_back(std::move(*t));
  return out;
}

Result<> check_logging(const api::ContainerDefinition& c) {
  if (!c.logConfiguration || c.logConfiguration->logDriver != "awslogs") return {};
  auto bad = [](const std::string& why) { return aws_error("ClientException", why); };
  std::string missing;
  for (const char* name :
       {"awslogs-group", "awslogs-region", "awslogs-stream-prefix"})  // the last: on Fargate
    if (auto* v = log_option(c, name); !v || v->empty())
      missing += (missing.empty() ? "" : ", ") + std::string(name);
  if (!missing.empty()) return bad("Log driver awslogs requires options: " + missing);
  for (auto& [name, value] : *c.logConfiguration->options) {
    if (name == "awslogs-multiline-pattern" || name == "awslogs-datetime-format")
      return bad("Log driver awslogs: " + name + " is not built in this sandbox.");
    if (name != "awslogs-group" && name != "awslogs-region" && name != "awslogs-stream-prefix" &&
        name != "awslogs-create-group" && name != "mode" && name != "max-buffer-size")
      return bad("Log driver awslogs disallows options: " + name);
  }
  return {};
}

Result<> open_log_streams(World& w, const std::string& here, const std::vector<LogTarget>& targets) {
  namespace logs = aws::logs;
  for (auto& t : targets) {
    auto& regions = w.settings.regions;
    if (std::find(regions.begin(), regions.end(), t.region) == regions.end() ||
        (t.region != here && !w.links().connected(here, t.region)))
      return no_logger(
          fmt::format("RequestError: send request failed caused by: Post \"https://logs.{}.amazonaws.com/\": "
                      "dial tcp: i/o timeout",
                      t.region));
    if (t.create_group) {
      auto made = w.call<logs::op::CreateLogGroup>(t.region, {.logGroupName = t.group});
      if (!made && made.error().code != "ResourceAlreadyExistsException")
        return no_logger(made.error().code + ": " + made.error().message);
    }
    auto made =
        w.call<logs::op::CreateLogStream>(t.region, {.logGroupName = t.group, .logStreamName = t.stream});
    if (!made && made.error().code != "ResourceAlreadyExistsException")
      return no_logger(made.error().code + ": " + made.error().message);
  }
  return {};
}

NewLines read_new(const std::string& path, const Tail& from, bool ended) {
  NewLines out;
  out.after = from;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return out;
  auto size = static_cast<uint64_t>(in.tellg());
  uint64_t at = log_place(in, size, from);
  std::string text(std::min<uint64_t>(size - at, kReadBytes), '\0');
  in.clear();
  in.seekg(static_cast<std::streamoff>(at));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  out.more = at + text.size() < size;
  size_t used = 0;
  while (used < text.size()) {
    size_t end = text.find('\n', used);
    bool whole = end != text.npos;
    if (!whole && text.size() - used < kLineBytes && (!ended || out.more))
      break;  // the rest of it comes later
    size_t length = std::min((whole ? end : text.size()) - used, kLineBytes);
    if (length > 0) out.lines.push_back(text.substr(used, length));  // CloudWatch Logs takes no empty events
    used += length;
    if (used == end) ++used;
  }
  out.after.offset = at + used;
  if (used > 0) out.after.last = text.substr(used - std::min(used, kRemembered), std::min(used, kRemembered));
  return out;
}

bool deliver_logs(World& w, const std::string& here, const LogTarget& to,
                  const std::vector<std::string>& lines) {
  namespace logs = aws::logs;
  if (!w.links().connected(here, to.region)) return false;
  auto now = w.clock.now().time_since_epoch().count();
  for (size_t i = 0; i < lines.size();) {
    logs::PutLogEventsRequest in{.logGroupName = to.group, .logStreamName = to.stream};
    in.logEvents.emplace();
    for (size_t bytes = 0;
         i < lines.size() && in.logEvents->size() < kBatchLines && bytes < kBatchBytes - kLineBytes; ++i) {
      bytes += lines[i].size() + 26;
      in.logEvents->push_back({.timestamp = now, .message = lines[i]});
    }
    auto put = w.call<logs::op::PutLogEvents>(to.region, in);
    if (!put && put.error().code != "ResourceNotFoundException") return false;
  }
  return true;
}

}  // namespace relight::sandbox::ecs

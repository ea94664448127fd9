// What runtimes say, and how a request ends.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sandbox/planes/function/process_plane.h"

namespace relight::sandbox::function {
namespace {

constexpr size_t kAnswerMax = 6 * 1024 * 1024;           // "Lambda quotas": synchronous answers
constexpr int64_t kOutputMax = 4 << 20;                  // an environment's output file is emptied above
constexpr auto kAfterAnswer = std::chrono::seconds(10);  // for what a runtime does between answer and next

std::string signal_name(int sig) {
  if (sig == SIGKILL) return "killed";
  if (sig == SIGSEGV) return "segmentation fault";
  return sig == SIGABRT ? "aborted" : std::to_string(sig);
}

}  // namespace

void ProcessPlane::serve(const std::string& id, http::Request&& r, http::Reply reply) {
  using What = RuntimeCall::What;
  auto call = runtime_call(r.method, r.path);
  std::lock_guard g(m_);
  auto it = environments_.find(id);
  if (it == environments_.end()) return;  // the connection is dropped
  Environment& e = it->second;
  if (call.what == What::kUnknown)
    return reply.send(runtime_refusal(404, "NotFound", "there is no such call"));
  if (call.what == What::kNext) {
    if (e.state == State::kBusy)
      return reply.send(
          runtime_refusal(403, "InvalidStateTransition", "the invocation has not been answered"));
    auto now = clock_.monotonic();
    if (e.state == State::kStarting)
      e.init_ms = std::chrono::duration<double, std::milli>(now - e.born).count();
    e.next.reset();
    e.next.emplace(std::move(reply));
    e.state = State::kIdle;
    e.since = now;
    e.deadline = now + limits_.idle;
    return wake();
  }
  std::string body = r.body.read().value_or("");
  if (call.what == What::kInitError) {
    if (e.state != State::kStarting)
      return reply.send(runtime_refusal(403, "InvalidStateTransition", "it is initialised already"));
    e.init_error = std::move(body);  // it ends now
    return reply.send(accepted());
  }
  if (e.state != State::kBusy || e.job->request.id != call.request_id)
    return reply.send(runtime_refusal(400, "InvalidRequestID", "this request is not under way here"));
  bool large = call.what == What::kResponse && body.size() > kAnswerMax;
  std::string why = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
  reply.send(large ? runtime_refusal(413, "RequestEntityTooLarge", why) : accepted());
  if (large) body = error_payload("Function.ResponseSizeTooLarge", why);
  answered(e, std::move(body), large || call.what == What::kError);
}

void ProcessPlane::serve_code(const http::Request& r, http::Reply reply) {
  std::lock_guard g(m_);
  auto it = published_.find(r.path.substr(1));
  if (r.method != "GET" || it == published_.end() || it->second.until < clock_.monotonic())
    return reply.send(runtime_refusal(403, "AccessDenied", "Request has expired"));
  auto file = http::open_slice(it->second.path);
  if (!file) return reply.send(runtime_refusal(404, "NoSuchKey", "it is gone"));
  http::Response out;
  out.headers.set("Content-Type", "application/zip");
  out.body = std::move(*file);
  reply.send(std::move(out));
}

void ProcessPlane::answered(Environment& e, std::string payload, bool failed) {
  finish(e, std::move(payload), failed ? "Unhandled" : "", "");
  e.state = State::kAnswered;
  e.deadline = clock_.monotonic() + kAfterAnswer;
  wake();
}

void ProcessPlane::finish(Environment& e, std::string payload, const std::string& error,
                          const std::string& note) {
  double ms = std::chrono::duration<double, std::milli>(clock_.monotonic() - e.since).count();
  Report report{.request_id = e.job->request.id,
                .version = e.spec.version,
                .duration_ms = ms,
                .init_ms = e.init_ms,
                .memory_mib = e.spec.memory_mib,
                .used_bytes = memory_used_max(e.place.memory_procs),
                .note = note};
  e.init_ms = -1;
  Outcome out{.payload = std::move(payload),
              .error = error,
              .log = log_text(report, take_output(e)),
              .stream = e.stream};
  keep_log(e.spec, out.log);
  ended_.push_back({std::move(e.job->done), std::move(out)});
  e.job.reset();
}

// The first request that waits for such an environment ends; the others get a try of their own.
void ProcessPlane::fail_waiting(const Environment& e, const std::string& payload,
                                const std::string& written) {
  const Spec& spec = e.spec;
  auto it = std::find_if(waiting_.begin(), waiting_.end(), [&](Job& j) { return j.spec.key == spec.key; });
  if (it == waiting_.end()) return;
  Report report{.request_id = it->request.id,
                .version = spec.version,
                .memory_mib = spec.memory_mib,
                .note = "Status: error\tError Type: Runtime.InitError"};
  Outcome out{.payload = payload, .error = "Unhandled", .log = log_text(report, written), .stream = e.stream};
  keep_log(spec, out.log);
  ended_.push_back({std::move(it->done), std::move(out)});
  waiting_.erase(it);
}

// It ended by itself.
void ProcessPlane::died(Environment& e) {
  int code = e.process.exit_code().value_or(0);
  std::string how = code > 128 ? "signal: " + signal_name(code - 128) : "exit status " + std::to_string(code);
  auto message = [&](const std::string& request) {
    return (request.empty() ? "" : "RequestId: " + request + " ") + "Error: Runtime exited " +
           (code == 0 ? "without providing a reason" : "with error: " + how);
  };
  if (e.state == State::kBusy) {
    finish(e, error_payload("Runtime.ExitError", message(e.job->request.id)), "Unhandled",
           "Status: error\tError Type: Runtime.ExitError");
  } else if (e.state == State::kStarting) {
    std::string said = take_output(e);
    fail_waiting(e, e.init_error ? *e.init_error : error_payload("Runtime.ExitError", message("")), said);
  }
}

std::string ProcessPlane::take_output(Environment& e) {
  std::string path = e.place.dir + "/output";
  std::ifstream in(path, std::ios::binary);
  in.seekg(e.log_from);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  std::string s = text.str();
  e.log_from += static_cast<int64_t>(s.size());
  // Written by appending, so what comes next begins at the start again.
  if (e.log_from > kOutputMax && ::truncate(path.c_str(), 0) == 0) e.log_from = 0;
  return s;
}

std::string ProcessPlane::log_path(const std::string& region, const std::string& name) const {
  return dir_ + "/logs/" + region + "-" + name + ".log";
}

void ProcessPlane::keep_log(const Spec& spec, const std::string& text) {
  std::string path = log_path(spec.region, spec.name);
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
  std::error_code ec;
  auto size = std::filesystem::file_size(path, ec);
  if (ec || size <= limits_.log_bytes) return;
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<int64_t>(size - limits_.log_bytes / 2));
  std::ostringstream newer;
  newer << in.rdbuf();
  std::ofstream(path, std::ios::binary | std::ios::trunc) << newer.str();
}

}  // namespace relight::sandbox::function

#include "sandbox/planes/function/runtime_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace relight::sandbox::function {
namespace {

constexpr std::string_view kRuntimeBase = "/2018-06-01/runtime/";
constexpr size_t kWrittenMax = 256 * 1024;

}  // namespace

RuntimeCall runtime_call(const std::string& method, const std::string& path) {
  using What = RuntimeCall::What;
  if (!path.starts_with(kRuntimeBase)) return {};
  std::string rest = path.substr(kRuntimeBase.size());
  if (method == "GET") return {rest == "invocation/next" ? What::kNext : What::kUnknown};
  if (method != "POST") return {};
  if (rest == "init/error") return {What::kInitError};
  if (!rest.starts_with("invocation/")) return {};
  rest.erase(0, 11);
  size_t cut = rest.find('/');
  if (cut == std::string::npos) return {};
  std::string id = rest.substr(0, cut), tail = rest.substr(cut);
  return {tail == "/response" ? What::kResponse : tail == "/error" ? What::kError : What::kUnknown, id};
}

http::Response next_invocation(const Request& r, const std::string& arn, Instant deadline) {
  http::Response out;
  out.headers.set("Content-Type", "application/json");
  out.headers.set("Lambda-Runtime-Aws-Request-Id", r.id);
  out.headers.set("Lambda-Runtime-Deadline-Ms", std::to_string(deadline.time_since_epoch().count()));
  out.headers.set("Lambda-Runtime-Invoked-Function-Arn", arn);
  out.headers.set("Lambda-Runtime-Trace-Id", r.trace);
  if (!r.client_context.empty()) out.headers.set("Lambda-Runtime-Client-Context", r.client_context);
  out.body = r.payload;
  return out;
}

http::Response accepted() {
  http::Response out;
  out.status = 202;
  out.headers.set("Content-Type", "application/json");
  out.body = R"({"status":"OK"})";
  return out;
}

http::Response runtime_refusal(int status, const std::string& type, const std::string& message) {
  http::Response out;
  out.status = status;
  out.headers.set("Content-Type", "application/json");
  out.body = error_payload(type, message);
  return out;
}

std::string error_payload(const std::string& type, const std::string& message) {
  nlohmann::ordered_json j{{"errorType", type}, {"errorMessage", message}};
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string log_text(const Report& r, std::string written) {
  if (written.size() > kWrittenMax) written.erase(0, written.size() - kWrittenMax);
  if (!written.empty() && written.back() != '\n') written += '\n';
  std::string out = fmt::format("START RequestId: {} Version: {}\n{}END RequestId: {}\n", r.request_id,
                                r.version, written, r.request_id);
  out +=
      fmt::format("REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t",
                  r.request_id, r.duration_ms, static_cast<int64_t>(std::ceil(r.duration_ms)), r.memory_mib);
  if (r.used_bytes >= 0)
    out += fmt::format("Max Memory Used: {} MB\t",
                       std::min<int64_t>(r.memory_mib, (r.used_bytes + (1 << 20) - 1) >> 20));
  if (r.init_ms >= 0) out += fmt::format("Init Duration: {:.2f} ms\t", r.init_ms);
  return out + r.note + "\n";
}

}  // namespace relight::sandbox::function

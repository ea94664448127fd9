// The Runtime API as requests and answers ("Using the Lambda runtime API for custom runtimes", AWS Lambda
// Developer Guide). Pure.
#pragma once
#include <string>

#include "aws/http/message.h"
#include "base/clock.h"
#include "sandbox/planes/function/function_plane.h"

namespace relight::sandbox::function {

struct RuntimeCall {
  enum class What { kNext, kResponse, kError, kInitError, kUnknown };
  What what = What::kUnknown;
  std::string request_id{};  // of kResponse and kError
};

RuntimeCall runtime_call(const std::string& method, const std::string& path);
http::Response next_invocation(const Request& r, const std::string& arn, Instant deadline);
http::Response accepted();  // 202
http::Response runtime_refusal(int status, const std::string& type, const std::string& message);

// {"errorType":…,"errorMessage":…}: what the invoker gets when the runtime itself could not say it.
std::string error_payload(const std::string& type, const std::string& message);

struct Report {
  std::string request_id, version;
  double duration_ms = 0, init_ms = -1;  // init_ms < 0: the environment was warm
  int memory_mib = 0;
  int64_t used_bytes = -1;
  std::string note;  // "Status: timeout" …; empty: it ended as it should
};
// What was written meanwhile, between START and REPORT.
std::string log_text(const Report& r, std::string written);

}  // namespace relight::sandbox::function

// The hinge of the house: a Request goes in, a Response comes out.
#pragma once
#include <chrono>

#include "aws/http/message.h"
#include "base/result.h"

namespace relight::http {

class Exchange {
 public:
  virtual ~Exchange() = default;
  // Blocks until the answer is whole or the deadline has passed. Thread-safe. An Error means that no answer
  // came ("Http.Refused", "Http.Deadline", "Http.Reset", "Http.Resolve", "Http.Tls"): whether the other side
  // acted is then unknown, except for Refused and Resolve. Any status is an answer.
  virtual Result<Response> send(const Request& request, std::chrono::milliseconds deadline) = 0;
};

}  // namespace relight::http

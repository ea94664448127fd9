// Reads HTTP/1.x requests out of a byte stream, one after another. A body above a threshold goes to an
// unlinked file while it arrives, so that memory stays bounded. The grammar is Boost.Beast's parser (RFC
// 9112).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aws/http/message.h"

namespace relight::http {

struct RequestLimits {
  uint32_t head_bytes = 64 * 1024;           // request line and headers: 431 above
  uint64_t body_bytes = 6ull << 30;          // 413 above
  uint64_t spool_above_bytes = 1024 * 1024;  // a longer body goes to a file
  std::string spool_dir = "/tmp";            // must be writable; files there have no name
};

class RequestReader {
 public:
  enum class State { kHead, kBody, kDone, kBad };

  explicit RequestReader(const RequestLimits& limits);  // keeps the reference
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // How many of the bytes were used. In kHead nothing is kept: what was not used must be given again, with
  // more behind it. Stops at the end of one request.
  size_t feed(std::string_view bytes);
  State state() const;
  // The request waits for "100 Continue" before it sends its body. True once a request.
  bool wants_continue();
  bool keep_alive() const;  // valid from kBody on
  bool head_only() const;   // the method is HEAD
  Request take();           // in kDone; then the next request starts

  int bad_status() const;  // in kBad: 400 413 431 501 505 507
  std::string_view bad_reason() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> p_;
};

}  // namespace relight::http

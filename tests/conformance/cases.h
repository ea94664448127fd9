// What the protocol tests share: an operation of a model, spoken to in JSON by the model's names.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "aws/codec/codec.h"

namespace relight::conformance {

class Spoken {
 public:
  Spoken(const aws::ServiceModel& s, std::string_view operation) : s_(s), op_(*s.find(operation)) {}

  http::Request request(std::string_view input) const {
    auto in = op_.make_input();
    auto read = aws::codec::from_json(*op_.input, input, in.get());
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    SeededRng rng(1);
    auto r = aws::codec::encode_request(s_, op_, in.get(), rng);
    EXPECT_TRUE(r) << (r ? "" : r.error().message);
    return r.value_or(http::Request{});
  }
  // What the server reads from it; "Code: message" if it refuses.
  std::string read(const http::Request& r) const {
    auto in = op_.make_input();
    if (auto done = aws::codec::decode_request(s_, op_, r, in.get()); !done)
      return done.error().code + ": " + done.error().message;
    return aws::codec::to_json(*op_.input, in.get());
  }
  http::Response response(std::string_view output) const {
    auto out = op_.make_output();
    auto read = aws::codec::from_json(*op_.output, output, out.get());
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return aws::codec::encode_response(s_, op_, out.get(), "request-1");
  }
  std::string read(const http::Response& r) const {
    auto out = op_.make_output();
    if (auto done = aws::codec::decode_response(s_, op_, r, out.get()); !done)
      return done.error().code + ": " + done.error().message;
    return aws::codec::to_json(*op_.output, out.get());
  }
  Error error(const http::Response& r) const {
    auto out = op_.make_output();
    auto done = aws::codec::decode_response(s_, op_, r, out.get());
    EXPECT_FALSE(done);
    return done ? Error{} : done.error();
  }
  http::Response answer(const Error& e) const { return aws::codec::encode_error(s_, &op_, e, "request-1"); }

 private:
  const aws::ServiceModel& s_;
  const aws::Operation& op_;
};

inline std::string body(const http::Request& r) { return r.body.read().value_or("unreadable"); }
inline std::string body(const http::Response& r) { return r.body.read().value_or("unreadable"); }
inline http::Response reply(int status, std::string text) {
  http::Response r;
  r.status = status;
  r.body = http::Body(std::move(text));
  return r;
}
inline http::Request post(std::string text) {
  http::Request r;
  r.method = "POST";
  r.body = http::Body(std::move(text));
  return r;
}

}  // namespace relight::conformance

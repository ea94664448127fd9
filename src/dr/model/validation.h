// How a failover, and `relight probe`, tell that the application works: relight.yaml's `validation`.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace relight::dr {

// One request and what its answer must be. Path, body and contains may hold placeholders.
struct Question {
  std::string method = "GET", path, body, content_type;
  int status = 0;        // 0: any from 200 to 299
  std::string contains;  // bytes of the answer's body; empty: any body
  bool operator==(const Question&) const = default;
};

struct Validation {
  std::string scheme = "http";
  int port = 0;   // 0: the scheme's
  Question read;  // path empty: the health check's of the service's target group, else /
  std::optional<Question> write, read_back;
  std::string object;  // key that a write with a picture makes in the uploads bucket; empty: not known
  Millis deadline{60000};
  bool operator==(const Validation&) const = default;
};

// What placeholders stand for: {id} names this one write, the same however often it is sent; {picture} a PNG of
// one pixel that ends with the id, as base64; {picture-hash} the first 16 hex digits of its SHA-256.
using Words = std::map<std::string, std::string, std::less<>>;
Words words_of(const std::string& id);
// Adds {answer.NAME} for the top-level texts and numbers of a JSON object; nothing if it is none.
void add_answer(Words& words, std::string_view json);
// Braces that hold no placeholder stay, as JSON has them. Error "Validation.NoWord": an {answer.NAME} that the
// answer did not have.
Result<std::string> filled(std::string_view text, const Words& words);
// What is wrong with the answer ("HTTP 404", "its body has no 'ready'"); empty: it is as expected.
std::string mismatch(const Question& q, const std::string& contains, int status, std::string_view body);
// `path` without and with what follows '?'.
std::pair<std::string, std::string> split_query(const std::string& path);

}  // namespace relight::dr

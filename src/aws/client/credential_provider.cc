#include "aws/client/credential_provider.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace relight::aws {
namespace {

constexpr std::chrono::milliseconds kAskAgainAfter{500};

}  // namespace

Error credential_error(std::string_view code, std::string message, std::string next) {
  Error e;
  e.code = code;
  e.tried = "find AWS credentials";
  e.message = std::move(message);
  e.next = std::move(next);
  return e;
}

Result<Provided> provided_from_json(std::string_view text, const KeyNames& names) {
  auto bad = [](std::string why) { return fail("Credentials.Malformed", why); };
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return bad("it is no JSON object");
  auto member = [&](const char* name) {
    auto it = j.find(name);
    return it != j.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  Provided p;
  p.keys = {member(names.id), member(names.secret), member(names.token)};
  if (p.keys.access_key.empty()) return bad(fmt::format("it has no {}", names.id));
  if (p.keys.secret_key.empty()) return bad(fmt::format("it has no {}", names.secret));
  auto it = j.find(names.expires);
  if (it == j.end() || it->is_null()) return p;
  auto when = parse_iso8601(member(names.expires));
  if (!when) return bad(fmt::format("its {} is no ISO 8601 time", names.expires));
  p.expires = *when;
  return p;
}

Result<http::Request> request_to(std::string_view url) {
  http::Request r;
  size_t scheme_end = url.find("://");
  if (scheme_end != url.npos) {
    r.scheme = url.substr(0, scheme_end);
    std::string_view rest = url.substr(scheme_end + 3);
    size_t host_end = rest.find_first_of("/?");
    r.host = rest.substr(0, host_end);
    std::string_view target = host_end == rest.npos ? std::string_view{} : rest.substr(host_end);
    size_t q = target.find('?');
    r.path = target.substr(0, q);
    if (q != target.npos) r.query = target.substr(q + 1);
    if (r.path.empty()) r.path = "/";
  }
  bool plain = r.host.find_first_of("@ \t\r\n") == r.host.npos;
  if (r.host.empty() || !plain || (r.scheme != "http" && r.scheme != "https"))
    return fail("Credentials.Malformed", "it is no http or https URL");
  return r;
}

Result<http::Response> ask(const ProviderContext& c, const http::Request& r,
                           std::chrono::milliseconds deadline, int attempts) {
  for (int left = attempts;; --left) {
    auto answer = c.exchange.send(r, deadline);
    bool again = !answer || answer->status == 429 || answer->status >= 500;
    if (again && left > 1) {
      c.clock.sleep(kAskAgainAfter);
      continue;
    }
    if (!answer)
      return fail(answer.error().code, fmt::format("{} does not answer ({})", r.host, answer.error().code));
    return answer;
  }
}

}  // namespace relight::aws

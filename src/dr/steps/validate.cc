// Before users arrive: through the recovery region's load balancer, with the real Host, read, write, upload,
// read back.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

using nlohmann::json;

// A PNG of one pixel.
constexpr const char* kPicture =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
constexpr Millis kPatience{60000};

class Validate final : public Step {
 public:
  explicit Validate(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    if (first_acted_.empty()) first_acted_ = iso8601(s_.clock.now());
    if (!read_) {
      if (auto r = ask("GET", "/readyz", ""); !good(r))
        return not_yet(c, "a read", r);
      else if (auto mode = json::parse(r->body.read().value_or(""), nullptr, false);
               mode.is_object() && mode.value("read_only", false))
        return not_yet(
            c, "the application to leave its read-only mode: " + mode.value("reason", std::string()), r);
      read_ = true;
    }
    if (id_ == 0)
      if (auto w = write(c)) return *w;
    auto picture = ask("GET", fmt::format("/entries/{}/picture", id_), "");
    if (!good(picture) || picture->body.read().value_or("") != unbase64(kPicture).value_or("?"))
      return not_yet(c, "the uploaded picture to be read back", picture);
    return Done{{{"read", "ok"},
                 {"write", "ok"},
                 {"upload", "ok"},
                 {"entry", std::to_string(id_)},
                 {"first_acted", first_acted_},
                 {"token", token(c)}}};
  }

 private:
  static std::string token(Context& c) { return "relight-" + c.run(); }
  Result<http::Response> ask(const char* method, const std::string& path, const std::string& body) {
    return s_.ask(method, s_.topology.recovery.load_balancer, s_.config.dns.domain, path, body,
                  Millis(10000));
  }
  static bool good(const Result<http::Response>& r) { return r && r->status >= 200 && r->status < 300; }

  std::optional<Outcome> write(Context& c) {
    // The token makes it the same entry however often it is sent.
    json body{{"token", token(c)},
              {"name", "relight"},
              {"message", "Validation of run " + c.run()},
              {"picture", kPicture}};
    auto url = "http://" + s_.config.dns.domain + "/entries";
    auto sent = act(c, "http:POST /entries", url, [&] { return ask("POST", "/entries", body.dump()); });
    if (!sent && (sent.error().code.starts_with("Lease.") || sent.error().code.starts_with("Journal.")))
      return Failed{sent.error(), {"relight resume"}};
    if (!good(sent)) return not_yet(c, "a write with an upload", sent);
    auto answer = json::parse(sent->body.read().value_or(""), nullptr, false);
    id_ = answer.is_object() && answer.contains("id") && answer["id"].is_number()
              ? answer["id"].get<int64_t>()
              : 0;
    if (id_ == 0) return not_yet(c, "a write that is acknowledged with its id", sent);
    return std::nullopt;
  }

  Outcome not_yet(Context& c, const std::string& what, const Result<http::Response>& r) {
    auto why =
        r ? "HTTP " + std::to_string(r->status) : fmt::format("{}: {}", r.error().code, r.error().message);
    if (c.elapsed() < kPatience) return Waiting{fmt::format("{} ({})", what, why)};
    Error e;
    e.code = "Failover.NotValid";
    e.tried = "validate the application";
    e.resource = s_.topology.recovery.load_balancer;
    e.region = s_.config.recovery.region;
    e.message = fmt::format("still waiting for {}: {}", what, why);
    e.next = "users are not sent here yet; mend the application, then 'relight resume'";
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
  bool read_ = false;
  std::string first_acted_;
  int64_t id_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_validate(Site& site) { return std::make_unique<Validate>(site); }

}  // namespace relight::dr

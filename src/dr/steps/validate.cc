// Before users arrive: through the recovery region's load balancer, with the real Host, read, write, read
// back, as relight.yaml's `validation` says. Without it: the path that the load balancer's own health check
// asks.
#include <fmt/format.h>

#include <utility>

#include "aws/gen/elbv2.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

// The path of the target group's health check, and why it is not known.
std::pair<std::string, std::string> health_path(Site& s) {
  auto& arn = s.topology.recovery.target_group;
  if (arn.empty()) return {"/", "the target group is not known"};
  auto seen = aws::elbv2::Client(s.aws).DescribeTargetGroups({.TargetGroupArns = {{arn}}}, s.in_recovery());
  if (!seen) return {"/", "the target group could not be read: " + seen.error().code};
  if (!seen->TargetGroups || seen->TargetGroups->empty()) return {"/", "the target group does not exist"};
  auto path = seen->TargetGroups->front().HealthCheckPath.value_or("");
  if (path.empty()) return {"/", "the target group's health check asks no path"};
  return {path, ""};
}

class Validate final : public Step {
 public:
  explicit Validate(Site& s) : s_(s), v_(s.config.validation) {}

  Outcome advance(Context& c) override {
    if (first_acted_.empty()) begin(c);
    if (!read_) {
      if (auto wrong = refused(ask(v_.read), v_.read); !wrong.empty()) return not_yet(c, v_.read, wrong);
      read_ = true;
    }
    if (v_.write && !written_)
      if (auto w = write(c)) return *w;
    if (v_.read_back)
      if (auto wrong = refused(ask(*v_.read_back), *v_.read_back); !wrong.empty())
        return not_yet(c, *v_.read_back, wrong);
    return Done{facts()};
  }

 private:
  void begin(Context& c) {
    first_acted_ = iso8601(s_.clock.now());
    words_ = words_of("relight-" + c.run());
    if (v_.read.path.empty()) std::tie(v_.read.path, path_unknown_) = health_path(s_);
  }

  Facts facts() const {
    Facts f{
        {"read", "ok"}, {"first_acted", first_acted_}, {"read_path", v_.read.path}, {"id", words_.at("id")}};
    f["write"] = v_.write ? "ok" : "not asked for (relight.yaml has no validation.write)";
    if (v_.write)
      f["read_back"] = v_.read_back ? "ok" : "not asked for (relight.yaml has no validation.read_back)";
    if (!path_unknown_.empty()) f["certainty_lost"] = "the path of the health check: " + path_unknown_;
    return f;
  }

  Result<http::Response> ask(const Question& q) {
    http::Request r;
    r.method = q.method;
    r.scheme = v_.scheme;
    TRY_ASSIGN(auto path, filled(q.path, words_));
    std::tie(r.path, r.query) = split_query(path);
    TRY_ASSIGN(r.body, filled(q.body, words_));
    if (!q.content_type.empty()) r.headers.set("Content-Type", q.content_type);
    r.headers.set("Accept", "application/json, */*");
    auto port = v_.port > 0 ? fmt::format(":{}", v_.port) : "";
    r.headers.set("Host", s_.config.dns.domain + port);
    return s_.send(std::move(r), s_.topology.recovery.load_balancer, port, Millis(10000));
  }

  // What is wrong with the answer; empty: nothing.
  std::string refused(const Result<http::Response>& r, const Question& q) {
    if (!r) return fmt::format("{}: {}", r.error().code, r.error().message);
    auto contains = filled(q.contains, words_);
    if (!contains) return contains.error().message;
    auto body = r->body.read().value_or("");
    auto wrong = mismatch(q, *contains, r->status, body);
    if (!wrong.empty() && r->status / 100 == 3)
      wrong += fmt::format(" (it points to '{}')", r->headers.value("Location"));
    return wrong;
  }

  std::optional<Outcome> write(Context& c) {
    auto& q = *v_.write;
    // The id makes it the same entry however often it is sent.
    auto url = v_.scheme + "://" + s_.config.dns.domain + q.path;
    auto sent = act(c, "http:" + q.method + " " + q.path, url, [&] { return ask(q); });
    if (!sent && (sent.error().code.starts_with("Lease.") || sent.error().code.starts_with("Journal.")))
      return Failed{sent.error(), {"relight resume"}};
    if (auto wrong = refused(sent, q); !wrong.empty()) return not_yet(c, q, wrong);
    add_answer(words_, sent->body.read().value_or(""));
    written_ = true;
    return std::nullopt;
  }

  Outcome not_yet(Context& c, const Question& q, const std::string& why) {
    auto what = fmt::format("{} {} to be answered as it should ({})", q.method, q.path, why);
    if (c.elapsed() < v_.deadline) return Waiting{what};
    Error e;
    e.code = "Failover.NotValid";
    e.tried = "validate the application";
    e.resource = s_.topology.recovery.load_balancer;
    e.region = s_.config.recovery.region;
    e.message = fmt::format("still waiting for {}", what);
    if (!path_unknown_.empty()) e.message += "; / was asked because " + path_unknown_;
    e.next =
        "users are not sent here yet; mend the application, or relight.yaml's 'validation' if that asks for "
        "the "
        "wrong thing, then 'relight resume'";
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
  Validation v_;
  Words words_;
  bool read_ = false, written_ = false;
  std::string first_acted_, path_unknown_;
};

}  // namespace

std::unique_ptr<Step> make_validate(Site& site) { return std::make_unique<Validate>(site); }

}  // namespace relight::dr

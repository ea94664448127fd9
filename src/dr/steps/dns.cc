// Send the users over, without Route 53's control plane: an object in the recovery region's bucket makes the
// primary record's inverted health check fail, and the standby record answers. Then ask DNS until it does.
#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/s3.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class DnsStep final : public Step {
 public:
  explicit DnsStep(Site& s) : s_(s) {}

  Outcome advance(Context& c) override {
    if (!raised_)
      if (auto w = raise(c)) return *w;
    auto wanted = s_.resolver.addresses(s_.topology.recovery.load_balancer);
    auto answer = s_.resolver.addresses(s_.config.dns.domain);
    if (!wanted || !answer)
      return wait(c, "DNS to answer: " + (wanted ? answer.error().code : wanted.error().code));
    bool over = std::any_of(answer->begin(), answer->end(), [&](auto& a) {
      return std::find(wanted->begin(), wanted->end(), a) != wanted->end();
    });
    if (!over)
      return wait(
          c, fmt::format("{} to answer with the standby (now {})", s_.config.dns.domain, answer->front()));
    return Done{
        {{"flag", s_.topology.flag_bucket + "/" + s_.topology.flag_key}, {"answer", answer->front()}}};
  }

 private:
  std::optional<Outcome> raise(Context& c) {
    auto& bucket = s_.topology.flag_bucket;
    auto& key = s_.topology.flag_key;
    if (bucket.empty())
      return Failed{Error{.code = "Dns.NoFlag",
                          .message = "the flag's bucket is not known",
                          .tried = "raise the DNS flag",
                          .next = "name dns.flag.bucket in relight.yaml, then 'relight resume'"},
                    {"relight resume"}};
    aws::s3::PutObjectRequest in;
    in.Bucket = bucket;
    in.Key = key;
    in.ContentType = "application/json";
    in.Body = fmt::format("{{\"run\":\"{}\",\"epoch\":{},\"region\":\"{}\"}}\n", c.run(), c.epoch(),
                          s_.config.recovery.region);
    auto sent = act(c, "s3:PutObject", bucket + "/" + key,
                    [&] { return aws::s3::Client(s_.aws).PutObject(in, s_.in_recovery()); });
    if (!sent && sent.error().retryable && c.elapsed() < Millis(300000))
      return Waiting{"S3 to answer: " + sent.error().code};
    if (!sent) return Failed{sent.error(), {"relight resume"}};
    raised_ = true;
    return std::nullopt;
  }

  Outcome wait(Context& c, const std::string& what) {
    if (c.elapsed() < Millis(600000)) return Waiting{what};
    Error e;
    e.code = "Failover.DnsUnmoved";
    e.tried = "wait for DNS";
    e.resource = s_.config.dns.domain;
    e.message = "after 10 minutes still waiting for " + what;
    e.next =
        "look at the failover records and at the health check that watches the flag; editing the records by "
        "hand "
        "needs Route 53's control plane";
    return Failed{std::move(e), {"relight resume"}};
  }

  Site& s_;
  bool raised_ = false;
};

}  // namespace

std::unique_ptr<Step> make_dns(Site& site) { return std::make_unique<DnsStep>(site); }

}  // namespace relight::dr

// Send the users over, without Route 53's control plane: an object in the recovery region's bucket makes the
// primary record's inverted health check fail, and the standby record answers. Then ask DNS until it does.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "aws/gen/s3.h"
#include "dr/steps/failover.h"

namespace relight::dr {
namespace {

class DnsStep final : public Step {
 public:
  DnsStep(Site& s, MoveFlag move, const char* whom) : s_(s), move_(std::move(move)), whom_(whom) {}

  Outcome advance(Context& c) override {
    if (!moved_)
      if (auto w = move(c)) return *w;
    auto wanted = s_.resolver.addresses(s_.topology.recovery.load_balancer);
    auto answer = s_.resolver.addresses(s_.config.dns.domain);
    if (!wanted || !answer)
      return wait(c, "DNS to answer: " + (wanted ? answer.error().code : wanted.error().code));
    bool over = std::any_of(answer->begin(), answer->end(), [&](auto& a) {
      return std::find(wanted->begin(), wanted->end(), a) != wanted->end();
    });
    if (!over)
      return wait(
          c, fmt::format("{} to answer with the {} (now {})", s_.config.dns.domain, whom_, answer->front()));
    if (auto late = authorities_behind(*wanted); !late.empty())
      return wait(c, "the zone's name server " + late + " to answer with the " + whom_);
    return Done{{{"flag", s_.topology.flag_bucket + "/" + s_.topology.flag_key},
                 {"answer", answer->front()},
                 {"authorities_asked", std::to_string(authorities_.size())}}};
  }

 private:
  // The resolver may hold an old answer or a new one; the zone's own servers decide what the world will hear.
  // The first of them that answers with something else; empty if none. One that is silent does not hold the
  // run up: a zone has four.
  std::string authorities_behind(const std::vector<std::string>& wanted) {
    if (!looked_) {
      looked_ = true;
      for (auto& server : s_.resolver.authorities(s_.config.dns.domain))
        if (auto r = s_.resolver.through(server)) authorities_[server] = std::move(r);
    }
    for (auto& [server, resolver] : authorities_) {
      auto answer = resolver->addresses(s_.config.dns.domain);
      if (answer && std::none_of(answer->begin(), answer->end(), [&](auto& a) {
            return std::find(wanted.begin(), wanted.end(), a) != wanted.end();
          }))
        return server;
    }
    return "";
  }

  std::optional<Outcome> move(Context& c) {
    auto& bucket = s_.topology.flag_bucket;
    auto& key = s_.topology.flag_key;
    if (bucket.empty())
      return Failed{Error{.code = "Dns.NoFlag",
                          .message = "the flag's bucket is not known",
                          .tried = "move the DNS flag",
                          .next = "name dns.flag.bucket in relight.yaml, then 'relight resume'"},
                    {"relight resume"}};
    auto sent = move_(c, bucket, key);
    if (!sent && may_pass(sent.error()) && c.elapsed() < Millis(300000))
      return Waiting{"S3 to answer: " + sent.error().code};
    if (!sent) return Failed{sent.error(), {"relight resume"}};
    moved_ = true;
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
  MoveFlag move_;
  const char* whom_;
  bool moved_ = false, looked_ = false;
  std::map<std::string, std::unique_ptr<Resolver>> authorities_;
};

Result<> raise_flag(Site& s, Context& c, const std::string& bucket, const std::string& key) {
  aws::s3::PutObjectRequest in;
  in.Bucket = bucket;
  in.Key = key;
  in.ContentType = "application/json";
  in.Body = fmt::format("{{\"run\":\"{}\",\"epoch\":{},\"region\":\"{}\"}}\n", c.run(), c.epoch(),
                        s.config.recovery.region);
  TRY(act(c, "s3:PutObject", bucket + "/" + key,
          [&] { return aws::s3::Client(s.aws).PutObject(in, s.in_recovery()); }));
  return {};
}

}  // namespace

std::unique_ptr<Step> make_dns(Site& site) {
  return make_dns(
      site, [&site](Context& c, auto& bucket, auto& key) { return raise_flag(site, c, bucket, key); },
      "standby");
}

std::unique_ptr<Step> make_dns(Site& site, MoveFlag move, const char* whom) {
  return std::make_unique<DnsStep>(site, std::move(move), whom);
}

}  // namespace relight::dr

// Wires what the verbs need: configuration, AWS clients, resolver, store, site. Decides nothing.
#pragma once
#include <memory>
#include <string>

#include "app/call_ledger.h"
#include "app/region_caller.h"
#include "app/verbs.h"
#include "aws/client/aws_caller.h"
#include "aws/http/curl_exchange.h"
#include "dr/engine/store.h"
#include "dr/steps/site.h"

namespace relight::app {

using CallHook = decltype(Global::called);

// The credential chain (docs/credentials.md), an AwsCaller and what it stands on.
class AwsWorkshop {
 public:
  // `dns`: servers for AWS's own names too; empty: the system resolves.
  // `sts_region`: whose STS assumes the profile's role, so that it is not the one that is lost; empty: the default.
  static Result<std::unique_ptr<AwsWorkshop>> open(dr::Resolver* dns, const std::string& hasty_region,
                                                   const std::string& sts_region = {}, CallHook called = {});
  // Tells on standard error what IAM refused: whatever a verb made of it, here it stands as what to permit.
  ~AwsWorkshop();
  aws::Caller& caller() { return *router_; }
  // Tries again in every region: for what is not in haste.
  aws::Caller& patient() { return *usual_; }
  const std::string& region() const { return region_; }
  // Of both callers and of the credentials' STS, since open().
  dr::CallCounts calls() const { return ledger_.counts(); }

 private:
  CallLedger ledger_;
  std::unique_ptr<http::CurlExchange> exchange_;
  std::unique_ptr<aws::DefaultCredentials> credentials_;
  std::unique_ptr<aws::AwsCaller> usual_, hasty_;
  std::unique_ptr<RegionCaller> router_;
  std::string region_;
};

class Workshop {
 public:
  static Result<std::unique_ptr<Workshop>> open(const Global& g);
  dr::Config config;
  std::unique_ptr<dr::Resolver> resolver;
  std::unique_ptr<http::CurlExchange> http;
  std::unique_ptr<AwsWorkshop> aws;
  std::unique_ptr<dr::Store> store;

  // Topology as the store knows it, refreshed from AWS; asks the primary's region only for what is missing
  // (or `everything`). Kept for the day on which that region does not answer.
  Result<dr::Topology> topology(bool everything);
  dr::Site site(dr::Topology t, dr::Consent consent);
};

std::vector<std::string> dns_servers(const Global& g, const dr::Config* c);
Result<dr::Config> load_config(const std::string& path);
// "relight: …" on stderr; the exit code that fits.
int report(const Error& e);

}  // namespace relight::app

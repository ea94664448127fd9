// Where the access key comes from, in the order of "Credential provider chain", AWS SDKs and Tools Reference
// Guide, https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html: environment, web
// identity, profile (role, IAM Identity Center, keys, process), container, instance metadata.
// docs/credentials.md is the page for users. Not built: MFA prompts, the `aws login` provider, renewing an
// Identity Center token.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "aws/client/environment.h"
#include "aws/http/exchange.h"
#include "aws/sign/sigv4.h"
#include "base/clock.h"
#include "base/rng.h"

namespace relight::aws {

struct CallRecord;  // aws_caller.h

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Thread-safe; may block on the network when they have to be fetched. Errors have codes "Credentials.…" and
  // are never retryable: None (nobody offers any), Incomplete, Unsupported, Loop, Profile, AssumeRole,
  // WebIdentity, Process, Sso, Container. No secret is in any of them.
  virtual Result<sign::Credentials> get() = 0;
  virtual void forget() {}  // what was cached was refused; the next get() fetches anew
};

// Without an access key requests go unsigned, as AssumeRoleWithWebIdentity wants it.
class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(sign::Credentials c) : c_(std::move(c)) {}
  Result<sign::Credentials> get() override { return c_; }

 private:
  sign::Credentials c_;
};

// Credentials as a provider gave them.
struct Provided {
  sign::Credentials keys;
  std::optional<Instant> expires;  // unset: they do not
};

struct CredentialSettings {
  // Empty: AWS_PROFILE, else "default". Named here it goes before the environment, as --profile does in the
  // CLI.
  std::string profile;
  // Whose STS assumes roles; empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's. Never the global endpoint.
  std::string sts_region;
  std::function<void(const CallRecord&)> observer;  // of the calls of STS
};

// The chain. Fetched once, then again five minutes before they expire, by one thread at a time: the others go
// on with what is still valid, or wait for that one fetch. While their source is silent, what still holds is
// used.
class DefaultCredentials final : public CredentialSource {
 public:
  // Everything referred to must outlive it.
  DefaultCredentials(Environment env, Disk& disk, http::Exchange& exchange, Clock& clock, Rng& rng,
                     CredentialSettings settings = {});
  Result<sign::Credentials> get() override;
  void forget() override;

 private:
  Result<Provided> fetch() const;
  Result<sign::Credentials> answer(Instant now) const;  // known_ or failed_ is there; mutex_ held
  void keep(Result<Provided> fresh);                    // mutex_ held

  Environment env_;
  Disk& disk_;
  http::Exchange& exchange_;
  Clock& clock_;
  Rng& rng_;
  CredentialSettings settings_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  bool fetching_ = false;
  uint64_t fetches_ = 0;
  std::optional<Provided> known_;
  Instant refresh_at_ = Instant::max();  // of known_
  std::optional<Error> failed_;          // of the latest fetch
  Instant retry_at_;                     // after it failed
};

}  // namespace relight::aws

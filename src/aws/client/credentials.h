// Where the access key comes from: environment, shared files, the container's endpoint, in the SDKs' order.
// "Standardized credential providers",
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html. Role assumption, SSO and
// instance metadata are not built; a profile that asks for them gets an Error that says so.
#pragma once
#include <mutex>
#include <optional>

#include "aws/client/environment.h"
#include "aws/http/exchange.h"
#include "aws/sign/sigv4.h"
#include "base/clock.h"

namespace relight::aws {

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Thread-safe; may block on the network when they have to be fetched. Errors: "Credentials.None",
  // "Credentials.Unsupported", "Credentials.Incomplete", "Credentials.Container".
  virtual Result<sign::Credentials> get() = 0;
  virtual void forget() {}  // what was cached was refused; the next get() fetches anew
};

class FixedCredentials final : public CredentialSource {
 public:
  explicit FixedCredentials(sign::Credentials c) : c_(std::move(c)) {}
  Result<sign::Credentials> get() override { return c_; }

 private:
  sign::Credentials c_;
};

class DefaultCredentials final : public CredentialSource {
 public:
  // profile empty: AWS_PROFILE, else "default". A named profile goes before the environment, as in the SDKs.
  DefaultCredentials(Environment env, Disk& disk, http::Exchange& exchange, Clock& clock,
                     std::string profile = {});
  Result<sign::Credentials> get() override;
  void forget() override;

 private:
  Result<sign::Credentials> fetch();
  Result<std::optional<sign::Credentials>> from_profile();
  Result<sign::Credentials> from_container(const std::string& url);

  Environment env_;
  Disk& disk_;
  http::Exchange& exchange_;
  Clock& clock_;
  std::string profile_;
  std::mutex mutex_;
  std::optional<sign::Credentials> cached_;
  std::optional<Instant> expires_;
};

}  // namespace relight::aws

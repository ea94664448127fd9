#include "aws/client/credentials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "aws/client/credential_provider.h"

namespace relight::aws {
namespace {

constexpr std::chrono::minutes kRefreshBefore{5};
// Keys that live shorter than kRefreshBefore are not fetched anew at each call, nor is a silent source asked.
constexpr std::chrono::seconds kLeastUse{30}, kRetryAfter{5};

}  // namespace

DefaultCredentials::DefaultCredentials(Environment env, Disk& disk, http::Exchange& exchange, Clock& clock,
                                       Rng& rng, CredentialSettings settings)
    : env_(std::move(env)),
      disk_(disk),
      exchange_(exchange),
      clock_(clock),
      rng_(rng),
      settings_(std::move(settings)) {}

Result<sign::Credentials> DefaultCredentials::get() {
  std::unique_lock lock(mutex_);
  while (true) {
    Instant now = clock_.now();
    if (known_ && now < refresh_at_) return known_->keys;
    if (failed_ && now < retry_at_) return answer(now);
    if (!fetching_) break;
    if (known_ && known_->expires && now < *known_->expires) return known_->keys;
    fetched_.wait(lock, [this, seen = fetches_] { return fetches_ != seen; });
    if (known_ || failed_) return answer(clock_.now());  // neither: somebody has had to forget it again
  }
  fetching_ = true;
  lock.unlock();
  auto fresh = fetch();
  lock.lock();
  fetching_ = false;
  ++fetches_;
  keep(std::move(fresh));
  fetched_.notify_all();
  return answer(clock_.now());
}

// What still holds is better than nothing while its source is silent. Keys that had expired when they came
// are handed out all the same: AWS is the judge, for it may be our clock that is wrong.
Result<sign::Credentials> DefaultCredentials::answer(Instant now) const {
  if (known_ && (!failed_ || !known_->expires || now < *known_->expires)) return known_->keys;
  return fail(*failed_);
}

void DefaultCredentials::keep(Result<Provided> fresh) {
  Instant now = clock_.now();
  if (!fresh) {
    failed_ = std::move(fresh).error();
    failed_->retryable = false;
    retry_at_ = now + kRetryAfter;
    return;
  }
  failed_.reset();
  known_ = std::move(*fresh);
  refresh_at_ = known_->expires ? std::max<Instant>(*known_->expires - kRefreshBefore, now + kLeastUse)
                                : Instant::max();
}

void DefaultCredentials::forget() {
  std::lock_guard g(mutex_);
  known_.reset();
  failed_.reset();
}

Result<Provided> DefaultCredentials::fetch() const {
  TRY_ASSIGN(Profile profile, read_profile(env_, disk_, settings_.profile));
  Endpoints endpoints = endpoints_from(env_, profile);
  std::string region = settings_.sts_region.empty() ? default_region(env_, profile) : settings_.sts_region;
  ProviderContext c{
      env_, disk_, exchange_, clock_, rng_, settings_, profile, std::move(endpoints), std::move(region)};
  std::vector<std::string> none;  // why each provider has none
  if (settings_.profile.empty()) {
    TRY_ASSIGN(auto keys, environment_credentials(env_));
    if (keys) return *keys;
    TRY_ASSIGN(auto web, environment_web_identity(c));
    if (web) return *web;
    none = {"environment: AWS_ACCESS_KEY_ID is not set",
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  }
  bool asked = !settings_.profile.empty() || env_("AWS_PROFILE");
  if (!profile.found && asked)
    return fail(credential_error("Credentials.None", fmt::format("there is no profile '{}'", profile.name),
                                 "check AWS_PROFILE, AWS_CONFIG_FILE and ~/.aws/config"));
  TRY_ASSIGN(auto found, profile_credentials(c, profile));
  if (found) return *found;
  none.push_back(profile.found ? fmt::format("profile '{}': no setting for credentials", profile.name)
                               : "shared files: there is no profile 'default'");
  TRY_ASSIGN(auto container, container_credentials(c));
  if (container) return *container;
  none.push_back("container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
  auto instance = instance_credentials(c);
  if (instance) return instance;
  none.push_back("instance metadata: " + instance.error().message);
  return fail(credential_error("Credentials.None",
                               fmt::format("nobody offers any: {}", fmt::join(none, "; ")),
                               "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run 'aws "
                               "configure' (docs/credentials.md)"));
}

}  // namespace relight::aws

// How often AWS lets an account call, as its documentation publishes it. The client takes it as a first guess once it is
// throttled (`pacer`); the sandbox holds its callers to it (`relight-sandbox throttle aws`); the bench computes from it how
// long a capture must take at least.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace relight::aws {

// A token bucket: every request takes a token of it, and is refused when there is none.
struct PublishedRate {
  std::string_view service;     // ServiceModel::id
  std::string_view operations;  // between spaces; a name may end in '*'
  bool shared;                  // one bucket for all of `operations`; else each has its own
  double burst, per_second;     // tokens at most; tokens that come back in a second
  std::string_view page;        // where AWS says so
  bool read;                    // the numbers were read there; else they are remembered: unverified
};

// Per account and region. Of several rows that fit an operation the first is meant. A service or operation without a row
// has no published rate.
std::span<const PublishedRate> published_rates();
const PublishedRate* published_rate(std::string_view service, std::string_view operation);
// Names the bucket among its service's: calls with the same name share tokens. Without a rate: the operation's own.
std::string bucket_of(const PublishedRate* rate, std::string_view operation);

}  // namespace relight::aws

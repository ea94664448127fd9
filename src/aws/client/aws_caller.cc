#include "aws/client/aws_caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "aws/action_names.h"
#include "aws/codec/codec.h"
#include "aws/sign/sigv4.h"

namespace relight::aws {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
constexpr milliseconds kNoticeableSkew{4 * 60'000};

milliseconds whole(nanoseconds d) { return std::chrono::duration_cast<milliseconds>(d); }

int64_t number(std::string_view s) {
  int64_t n = -1;
  auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), n);
  return ec == std::errc() && end == s.data() + s.size() ? n : -1;
}

std::string request_id_of(const http::Response& r) {
  for (const char* name : {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"})
    if (auto v = r.headers.get(name)) return std::string(*v);
  return {};
}

bool is_clock_error(const Error& e) {
  if (e.code == "RequestTimeTooSkewed" || e.code == "RequestExpired" || e.code == "RequestInTheFuture")
    return true;
  bool signature =
      e.code == "SignatureDoesNotMatch" || e.code == "InvalidSignatureException" || e.code == "AuthFailure";
  return signature && (e.code == "AuthFailure" || e.message.find("Signature expired") != std::string::npos ||
                       e.message.find("not yet current") != std::string::npos);
}

bool is_expired_credential(const Error& e) {
  return e.code == "ExpiredToken" || e.code == "ExpiredTokenException" || e.code == "InvalidToken";
}

// The answer to a HEAD has no document: "Forbidden" is all that is known.
bool is_denial(const Error& e) {
  return e.code == "Forbidden" || e.code == "AccessDenied" || e.code == "AccessDeniedException" || e.code == "UnauthorizedOperation";
}

// The action that a denial names, which need not be the operation's own: iam:PassRole
// ("Troubleshoot access denied error messages", IAM User Guide). Empty: it names none.
std::string named_action(const std::string& message) {
  constexpr std::string_view kMark = "is not authorized to perform: ";
  size_t at = message.find(kMark);
  if (at == message.npos) return {};
  at += kMark.size();
  return message.substr(at, message.find_first_of(" )", at) - at);
}

std::string advice(const Error& e) {
  if (is_denial(e))
    return fmt::format(
        "add {} to the policy of the caller's role; 'relight iam-policy VERB' prints all that a verb needs",
        named_action(e.message));
  // A service that makes grants on a key in the caller's name ("Authorizing use of a customer managed key", RDS
  // User Guide) does not say which of the three it was.
  if (e.code == "KMSKeyNotAccessibleFault")
    return "look whether the key stands in the region of the call and is enabled ('aws kms describe-key'); whoever "
           "calls needs kms:DescribeKey and kms:CreateGrant on it, and on the source's if something is copied";
  if (is_expired_credential(e)) return "renew the credentials";
  if (e.code == "InvalidClientTokenId" || e.code == "UnrecognizedClientException" ||
      e.code == "InvalidAccessKeyId")
    return "check the access key and that it belongs to this partition";
  if (is_clock_error(e)) return "set this machine's clock";
  if (is_throttling(e)) return "try again later, or lower the rate of calls";
  if (is_unknown_outcome(e)) return "look whether it took effect before trying again";
  if (e.retryable) return "try again";
  return {};
}

// ": it is 3600 s behind the service's"; empty where the answer has no date, or one that is near enough: then
// it is not the clock.
std::string clock_difference(const http::Response& r, Instant now) {
  auto theirs = parse_http_date(r.headers.value("Date"));
  if (!theirs) return {};
  auto apart = std::chrono::round<std::chrono::seconds>(*theirs - now);
  if (std::chrono::abs(apart) < kNoticeableSkew) return {};
  return fmt::format(": it is {} s {} the service's", std::chrono::abs(apart).count(),
                     apart.count() > 0 ? "behind" : "ahead of");
}

}  // namespace

struct AwsCaller::Attempt {
  const ServiceModel& service;
  const Operation& op;
  const void* in;
  std::string region;
  Endpoint endpoint;
  http::Request request;    // encoded once: idempotency tokens stay the same over retries
  nanoseconds until{};      // of clock.monotonic()
  http::Response response;  // the last one
  bool answered = false;
  int count = 0, throttled = 0;
};

AwsCaller::AwsCaller(CallerSettings settings, http::Exchange& exchange, CredentialSource& credentials,
                     Clock& clock, Rng& rng)
    : settings_(std::move(settings)),
      exchange_(exchange),
      credentials_(credentials),
      clock_(clock),
      rng_(rng),
      throttle_(clock, settings_.throttle),
      pacer_(clock),
      slots_(std::max<ptrdiff_t>(1, settings_.concurrency)) {}

Result<> AwsCaller::invoke(const ServiceModel& service, const Operation& op, const void* in, void* out,
                           const CallOptions& options) {
  Attempt a{service, op, in, options.region.value_or(settings_.region), {}, {}, {}, {}, false, 0, 0};
  milliseconds deadline = options.deadline.value_or(settings_.deadline);
  a.until = clock_.monotonic() + deadline;
  Instant started = clock_.now();
  Result<> result;
  if (auto e = endpoint_for(settings_.endpoints, service, a.region); !e) {
    result = std::unexpected(std::move(e).error());
  } else if (auto r = codec::encode_request(service, op, in, rng_); !r) {
    result = std::unexpected(std::move(r).error());
  } else {
    a.endpoint = std::move(*e);
    a.request = std::move(*r);
    apply_endpoint(a.endpoint, service, a.request);
    result = attempts(a, out);
  }
  if (!result) result = std::unexpected(explain(a, std::move(result).error()));
  if (settings_.observer) {
    settings_.observer({std::string(service.id), std::string(op.name), a.region, a.endpoint.signing_region, started, clock_.now(),
                        a.count, a.throttled, a.answered ? a.response.status : 0, result ? "" : result.error().code,
                        result || !is_denial(result.error()) ? "" : named_action(result.error().message),
                        a.answered ? request_id_of(a.response) : ""});
  }
  return result;
}

Result<> AwsCaller::attempts(Attempt& a, void* out) {
  int debt = 0;
  bool skew_learnt = false;
  while (true) {
    auto r = once(a, out);
    if (r) {
      quota_.give(debt != 0 ? debt : RetryQuota::kReward);
      return r;
    }
    Error e = std::move(r).error();
    if (a.answered && is_expired_credential(e)) credentials_.forget();
    if (a.answered && !skew_learnt && learn_skew(e, a.response)) {
      skew_learnt = true;
      continue;
    }
    if (waits_its_turn(a, e)) continue;
    if (a.count - a.throttled >= settings_.max_attempts || !should_retry(a.service, a.op, a.in, e))
      return fail(std::move(e));
    int cost = e.code == "Http.Deadline" ? RetryQuota::kTimeoutCost : RetryQuota::kCost;
    milliseconds wait = pause(a, e);
    if (clock_.monotonic() + wait >= a.until || !quota_.take(cost)) return fail(std::move(e));
    debt = cost;
    clock_.sleep(wait);
  }
}

// A refused call did nothing, whatever it was to do: it may be asked again.
bool AwsCaller::waits_its_turn(Attempt& a, const Error& e) {
  if (!settings_.adaptive || settings_.max_attempts < 2 || !a.answered || !is_throttling(e)) return false;
  if (a.throttled >= kThrottledMax) return false;
  ++a.throttled;
  return true;
}

Result<> AwsCaller::once(Attempt& a, void* out) {
  milliseconds left = whole(a.until - clock_.monotonic());
  bool in_time = left.count() > 0 && throttle_.pass(std::string(a.service.id), a.until) &&
                 (!settings_.adaptive || pacer_.pass(a.region, a.service.id, a.op.name, a.until));
  left = whole(a.until - clock_.monotonic());
  if (!in_time || !slots_.try_acquire_for(std::max(left, milliseconds(1))))
    return fail(Error{.code = "Client.Deadline",
                      .message = "the deadline passed before the call could be sent",
                      .retryable = true});
  struct Slot {
    std::counting_semaphore<>& s;
    ~Slot() { s.release(); }
  } slot{slots_};
  ++a.count;
  a.answered = false;
  http::Request request = a.request;
  if (a.op.auth != "none") {
    TRY_ASSIGN(sign::Credentials c, credentials_.get());
    if (!c.access_key.empty())  // else anonymous
      TRY(sign::sign(request, c,
                     {a.endpoint.signing_region, std::string(a.service.signing_name),
                      clock_.now() + milliseconds(skew_ms_.load()),
                      a.endpoint.scheme == "https" && a.request.body.file() != nullptr}));
  }
  left = whole(a.until - clock_.monotonic());
  auto answer = exchange_.send(request, std::clamp(left, milliseconds(1), settings_.attempt_deadline));
  if (!answer) return std::unexpected(std::move(answer).error());
  a.response = std::move(*answer);
  a.answered = true;
  auto decoded = codec::decode_response(a.service, a.op, a.response, out);
  if (settings_.adaptive)
    pacer_.answered(a.region, a.service.id, a.op.name, !decoded && is_throttling(decoded.error()));
  return decoded;
}

// A refused date teaches us the other side's clock ("Date" of the answer); the call is then signed anew.
bool AwsCaller::learn_skew(const Error& e, const http::Response& r) {
  if (!is_clock_error(e)) return false;
  auto theirs = parse_http_date(r.headers.value("Date"));
  if (!theirs) return false;
  milliseconds skew = *theirs - clock_.now(), known(skew_ms_.load());
  if (std::chrono::abs(skew - known) < kNoticeableSkew) return false;
  skew_ms_ = skew.count();
  return true;
}

milliseconds AwsCaller::pause(const Attempt& a, const Error& e) {
  milliseconds own = backoff(e, a.count - 1, rng_);
  if (!a.answered) return own;
  int64_t ms = number(a.response.headers.value("x-amz-retry-after"));
  if (int64_t s = number(a.response.headers.value("Retry-After")); ms < 0 && s >= 0)
    ms = std::min<int64_t>(s, 3600) * 1000;
  return std::max(own, milliseconds(std::clamp<int64_t>(ms, 0, 3'600'000)));
}

Error AwsCaller::explain(const Attempt& a, Error e) const {
  if (e.code.starts_with("Http.") && a.count > 1) e.message += fmt::format(" (after {} attempts)", a.count);
  e.tried = fmt::format("{}:{}", a.service.id, a.op.name);
  e.region = a.region;
  if (a.answered && e.request_id.empty()) e.request_id = request_id_of(a.response);
  if (is_unknown_outcome(e)) e.retryable = is_repeatable(a.service, a.op, a.in);
  if (is_denial(e) && named_action(e.message).empty())
    e.message += fmt::format(" (the caller is not authorized to perform: {})", action_of(a.service.id, a.op.name));
  if (e.next.empty()) e.next = advice(e);
  // Not in the message: a capture keeps that, and the same refusal is the same text there.
  if (a.answered && is_clock_error(e)) e.next += clock_difference(a.response, clock_.now());
  return e;
}

}  // namespace relight::aws

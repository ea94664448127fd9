#include "sandbox/gateway/gateway.h"

#include <fmt/format.h>

#include <future>
#include <nlohmann/json.hpp>
#include <utility>

#include "aws/codec/codec.h"
#include "aws/sign/sigv4.h"

namespace relight::sandbox {
namespace {

constexpr uint64_t kJsonLimit = 8u << 20;
constexpr std::string_view kGlobalRegion = "us-east-1";

// SigV4's service name -> ours. A wrong or unknown name is the caller's error.
Service* by_signing_name(const LiveWorld& w, std::string_view signing_name) {
  for (auto& [id, s] : w.services())
    if (s->model().signing_name == signing_name) return s;
  return nullptr;
}

// S3 Control is signed for "s3" too; AWS tells them apart by host (ACCOUNT.s3-control.REGION.amazonaws.com). Its header and
// path together are no request of S3's.
bool asks_s3_control(const http::Request& r) {
  return r.headers.has("x-amz-account-id") && r.path.starts_with("/v20180820/");
}

// "bucket.s3.us-east-1.amazonaws.com", "bucket.s3.amazonaws.com", "bucket.localhost": virtual-hosted S3. The bucket
// moves into the path, where the codec looks for it.
void fold_virtual_host(http::Request& r) {
  std::string_view host = r.headers.value("Host");
  host = host.substr(0, host.rfind(':') == std::string_view::npos ? host.size() : host.rfind(':'));
  size_t cut = host.find(".s3.");
  if (cut == std::string_view::npos && host.ends_with(".localhost")) cut = host.size() - 10;
  if (cut == std::string_view::npos || cut == 0) return;
  r.path = fmt::format("/{}{}", host.substr(0, cut), r.path);
}

Error error(std::string_view code, std::string_view message, int status) {
  return aws_error(code, message, status).error();
}

}  // namespace

struct Gateway::Visit {
  http::Request request;
  std::string request_id;
  std::string region;
  std::string principal;
  Service* service = nullptr;
  const aws::Operation* op = nullptr;
  std::shared_ptr<void> in, out;
  Answer answer;
  bool dead = false, waits = false;
  std::optional<http::Response> response;
  bool done() const { return dead || response.has_value(); }
  void give() { answer(dead ? std::nullopt : std::move(response)); }
};

void Gateway::serve(http::Request&& request, Answer answer, std::string_view home) {
  if (doorway_ && doorway_->takes(request)) return answer(doorway_->serve(std::move(request), home));
  auto v = std::make_shared<Visit>();
  v->request = std::move(request);
  v->answer = std::move(answer);
  v->request_id = world_.rng.uuid();
  identify(*v, home);
  if (!v->done()) reach(*v);
  if (!v->done()) route(*v);
  if (!v->done()) brake(*v);
  if (!v->done()) run(v);
  if (!v->waits) v->give();
}

void Gateway::refuse(Visit& v, Error e) {
  // A message may quote the request, and XML has no way to carry these.
  for (char& c : e.message)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') c = '?';
  if (v.service) {
    v.response = aws::codec::encode_error(v.service->model(), v.op, e, v.request_id,
                                           aws::codec::protocol_of(v.service->model(), v.request));
    return;
  }
  http::Response r;
  r.status = e.http_status ? e.http_status : 400;
  r.headers.set("Content-Type", "application/json");
  r.headers.set("x-amzn-RequestId", v.request_id);
  // The message may quote the request.
  r.body = nlohmann::json{{"__type", e.code}, {"message", e.message}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  v.response = std::move(r);
}

void Gateway::identify(Visit& v, std::string_view home) {
  auto scope = sign::scope_of(v.request);
  if (!scope) return anonymous(v, home);
  v.service = by_signing_name(world_, scope->service);
  if (v.service && v.service->model().id == "s3" && asks_s3_control(v.request))
    if (Service* control = world_.service("s3control")) v.service = control;
  v.region = scope->region;
  if (!v.service) {
    return refuse(v, error("UnrecognizedClientException",
                           fmt::format("the request is signed for '{}', which this sandbox does not serve", scope->service), 400));
  }
  std::string arn;
  Instant now = world_.clock.now();
  auto lookup = [&](std::string_view key) -> std::optional<sign::Secret> {
    auto p = world_.principal(key);
    if (!p || (p->expires.time_since_epoch().count() != 0 && p->expires < now)) return std::nullopt;
    arn = std::move(p->arn);
    return sign::Secret{std::move(p->secret_key), std::move(p->session_token)};
  };
  auto verified = sign::verify(v.request, *scope, lookup, now);
  if (!verified) return refuse(v, verified.error());
  if (verified->body) v.request.body = std::move(*verified->body);
  for (auto& [name, value] : verified->trailers) v.request.headers.set(name, value);
  v.principal = std::move(arn);
  if (v.service->model().id == "s3") fold_virtual_host(v.request);
}

void Gateway::anonymous(Visit& v, std::string_view home) {
  std::string_view type = v.request.headers.value("Content-Type");
  bool looks_like_api = v.request.headers.has("X-Amz-Target") || type.starts_with("application/x-www-form-urlencoded");
  Service* s3 = world_.service("s3");
  if (looks_like_api || !s3) {
    return refuse(v, error("MissingAuthenticationToken",
                           "the request carries no signature; sign it with AWS Signature Version 4", 403));
  }
  v.service = s3;
  v.principal = "anonymous";
  fold_virtual_host(v.request);
  v.region = home.empty() ? std::string(kGlobalRegion) : std::string(home);
}

void Gateway::reach(Visit& v) {
  // Global services answer from us-east-1 alone, and go down with it.
  if (v.service->model().global) v.region = kGlobalRegion;
  // Without us-east-1 among the regions they cannot be lost.
  bool ours = v.service->model().global;
  for (auto& r : world_.settings.regions) ours = ours || r == v.region;
  if (!ours) {
    return refuse(v, error("InvalidClientTokenId",
                           fmt::format("region '{}' is not one of this sandbox's: {}", v.region,
                                       fmt::join(world_.settings.regions, ", ")), 403));
  }
  if (!world_.links().up(v.region)) {
    v.dead = true;
    return;
  }
  if (!throttle_.admit(v.service->model().id)) refuse_throttled(v);
}

// AWS's own rates are by action, which is known only now.
void Gateway::brake(Visit& v) {
  if (!throttle_.admit(v.region, v.service->model().id, v.op->name)) refuse_throttled(v);
}

void Gateway::refuse_throttled(Visit& v) {
  auto e = throttling_error(v.service->model().id, v.service->model().protocol == aws::Protocol::kJson);
  refuse(v, error(e.code, e.message, e.status));
}

void Gateway::route(Visit& v) {
  auto op = aws::codec::route(v.service->model(), v.request);
  if (!op) return refuse(v, op.error());
  v.op = *op;
  if (v.service->builds(v.op->name)) return;
  refuse(v, error("NotImplemented",
                  fmt::format("{}:{} is not built in this sandbox; 'relight-sandbox coverage' lists what is",
                              v.service->model().id, v.op->name), 501));
}

// What a handler changed is on disk before anybody hears of it.
Result<> Gateway::keep(Result<> r) {
  if (auto kept = world_.keep(); !kept)
    return aws_error("InternalFailure", "the sandbox could not keep its state: " + kept.error().text(), 500);
  return r;
}

void Gateway::finish(Visit& v, Result<> r) {
  if (!r) return refuse(v, r.error());
  const aws::ServiceModel& m = v.service->model();
  v.response = aws::codec::encode_response(m, *v.op, v.out.get(), v.request_id, aws::codec::protocol_of(m, v.request));
}

void Gateway::run(const std::shared_ptr<Visit>& visit) {
  Visit& v = *visit;
  const aws::ServiceModel& m = v.service->model();
  // The codec's own bound is Lambda's, whose code travels in JSON; nobody else's JSON is nearly as long.
  if (m.protocol == aws::Protocol::kJson && v.request.body.size() > kJsonLimit)
    return refuse(v, error("SerializationException", fmt::format("the request has more than {} bytes", kJsonLimit), 400));
  v.in = v.op->make_input(), v.out = v.op->make_output();
  if (auto r = aws::codec::decode_request(m, *v.op, v.request, v.in.get()); !r) return refuse(v, r.error());
  Call call{v.region, v.request_id, v.principal, &v.request};
  if (authority_)
    if (auto may = authority_->permit(call, m, *v.op, v.in.get()); !may) return refuse(v, may.error());
  if (auto* waiting = v.service->waiting_handler(v.op->name)) return wait(visit, call, *waiting);
  auto handle = [&]() -> Result<> {
    try {
      return (*v.service->handler(v.op->name))(call, v.in.get(), v.out.get());
    } catch (const std::exception& e) {  // a library's; one request must not take the regions down
      return aws_error("InternalFailure", fmt::format("{}:{} failed inside the sandbox: {}", m.id, v.op->name, e.what()), 500);
    }
  };
  if (v.service->locks_itself()) {
    auto r = handle();
    v.dead = !world_.links().up(v.region);  // lost meanwhile: a dead region says nothing
    if (!v.dead) finish(v, std::move(r));
    return;
  }
  std::lock_guard g(world_.lock());
  finish(v, keep(handle()));
}

void Gateway::wait(const std::shared_ptr<Visit>& v, const Call& call, const Service::Waiting& waiting) {
  std::lock_guard g(world_.lock());
  v->waits = true;
  if (closing_) return v->answer(std::nullopt);
  open_.insert(v);
  auto answer = [this, v](Result<> r) {
    std::lock_guard again(world_.lock());
    if (open_.erase(v) == 0) return;
    v->dead = !world_.links().up(v->region);
    if (!v->dead) finish(*v, keep(std::move(r)));
    v->give();
  };
  try {
    waiting(call, v->in.get(), v->out.get(), answer);
  } catch (const std::exception& e) {
    answer(aws_error("InternalFailure", fmt::format("{}:{} failed inside the sandbox: {}", v->service->model().id, v->op->name, e.what()), 500));
  }
}

void Gateway::hang_up() {
  std::lock_guard g(world_.lock());
  closing_ = true;
  for (auto& v : std::exchange(open_, {})) v->answer(std::nullopt);
}

Result<http::Response> Gateway::send(const http::Request& request, std::chrono::milliseconds) {
  std::promise<std::optional<http::Response>> said;
  auto heard = said.get_future();
  serve(http::Request(request), [&](std::optional<http::Response> r) { said.set_value(std::move(r)); });
  auto r = heard.get();
  if (!r) return fail("Http.Reset", "the region does not answer");
  return std::move(*r);
}

}  // namespace relight::sandbox

#include "app/prober.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <tuple>

namespace relight::app {

Result<Prober> Prober::make(const std::string& url, dr::Validation validation, dr::Resolver& resolver,
                            http::Exchange& http, Clock& clock, Rng& rng, Millis deadline) {
  Prober p(resolver, http, clock, rng, deadline);
  p.v_ = std::move(validation);
  auto rest = std::string_view(url);
  for (auto scheme : {"http", "https"})
    if (rest.starts_with(std::string(scheme) + "://")) p.scheme_ = scheme;
  if (p.scheme_.empty())
    return fail(
        Error{.code = "Usage.Url", .message = "'" + url + "' does not begin with http:// or https://"});
  rest.remove_prefix(p.scheme_.size() + 3);
  auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) p.base_ = rest.substr(slash);
  while (p.base_.ends_with('/')) p.base_.pop_back();
  auto colon = authority.find(':');
  p.host_ = authority.substr(0, colon);
  if (colon != std::string_view::npos) p.port_ = authority.substr(colon);
  if (p.host_.empty()) return fail(Error{.code = "Usage.Url", .message = "'" + url + "' names no host"});
  return p;
}

void Prober::send(const dr::Question& q, const dr::Words& words, bool status_alone, dr::ProbeRecord& p) {
  p.started = clock_->now();
  auto addresses = resolver_->addresses(host_);
  if (!addresses) {
    p.error = addresses.error().code;
    p.ended = clock_->now();
    return;
  }
  http::Request r;
  r.method = q.method;
  r.scheme = scheme_;
  p.address = addresses->at(rng_->below(addresses->size()));
  r.host = p.address + port_;  // TLS goes by the name in Host
  auto path = dr::filled(q.path.empty() ? "/" : q.path, words), body = dr::filled(q.body, words),
       contains = dr::filled(q.contains, words);
  if (!path || !body || !contains) {  // relight.yaml was read, so it cannot be
    p.error = "Validation.NoWord";
    p.ended = clock_->now();
    return;
  }
  std::tie(r.path, r.query) = dr::split_query(base_ + *path);
  r.headers.set("Host", host_ + port_);
  r.headers.set("Accept", "application/json, */*");
  if (!q.content_type.empty() && !body->empty()) r.headers.set("Content-Type", q.content_type);
  r.body = *body;
  auto answer = http_->send(r, deadline_);
  p.ended = clock_->now();
  if (!answer) {
    p.error = answer.error().code;
    return;
  }
  p.status = answer->status;
  auto text = answer->body.read().value_or("");
  p.ok = dr::mismatch(q, status_alone ? "" : *contains, p.status, text).empty();
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (j.is_object() && j.contains("region") && j["region"].is_string())
    p.region = j["region"].get<std::string>();
}

dr::ProbeRecord Prober::write(bool picture) {
  dr::ProbeRecord p;
  p.write = true;
  p.token = "probe-" + rng_->hex(20);
  auto words = dr::words_of(p.token);
  if (picture)
    p.picture_key = dr::filled(v_.object, words).value_or("");
  else
    words["picture"] = "";
  send(*v_.write, words, false, p);
  return p;
}

dr::ProbeRecord Prober::read() {
  dr::ProbeRecord p;
  send(v_.read, {}, true, p);
  return p;
}

}  // namespace relight::app

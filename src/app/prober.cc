#include "app/prober.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace relight::app {
namespace {

// A PNG of one pixel and, behind its end, bytes that make each one different.
constexpr const char* kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

}  // namespace

Result<Prober> Prober::make(const std::string& url, dr::Resolver& resolver, http::Exchange& http,
                            Clock& clock, Rng& rng, Millis deadline) {
  Prober p(resolver, http, clock, rng, deadline);
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

void Prober::send(const char* method, const std::string& path, const std::string& query,
                  const std::string& body, dr::ProbeRecord& p) {
  p.started = clock_->now();
  auto addresses = resolver_->addresses(host_);
  if (!addresses) {
    p.error = addresses.error().code;
    p.ended = clock_->now();
    return;
  }
  http::Request r;
  r.method = method;
  r.scheme = scheme_;
  p.address = addresses->at(rng_->below(addresses->size()));
  r.host = scheme_ == "https" ? host_ + port_ : p.address + port_;  // TLS needs the name
  r.path = base_ + path;
  r.query = query;
  r.headers.set("Host", host_ + port_);
  r.headers.set("Accept", "application/json");
  if (!body.empty()) r.headers.set("Content-Type", "application/json");
  r.body = body;
  auto answer = http_->send(r, deadline_);
  p.ended = clock_->now();
  if (!answer) {
    p.error = answer.error().code;
    return;
  }
  p.status = answer->status;
  p.ok = p.status >= 200 && p.status < 300;
  auto j = nlohmann::json::parse(answer->body.read().value_or(""), nullptr, false);
  if (j.is_object() && j.contains("region") && j["region"].is_string())
    p.region = j["region"].get<std::string>();
}

dr::ProbeRecord Prober::write(bool picture) {
  dr::ProbeRecord p;
  p.write = true;
  p.token = "probe-" + rng_->hex(20);
  nlohmann::json body{
      {"token", p.token}, {"name", "relight probe"}, {"message", "An outside observer was here."}};
  if (picture) {
    auto bytes = unbase64(kPixel).value_or("") + p.token;
    body["picture"] = base64(bytes);
    p.picture_key = "pictures/" + p.token + "-" + hex(sha256(bytes)).substr(0, 16);
  }
  send("POST", "/entries", "", body.dump(), p);
  return p;
}

dr::ProbeRecord Prober::read() {
  dr::ProbeRecord p;
  send("GET", "/entries", "limit=1", "", p);
  return p;
}

}  // namespace relight::app

// One request of the registry's: for registry.cc and registry_uploads.cc alone.
#pragma once
#include <fmt/format.h>

#include <mutex>
#include <string>

#include "sandbox/services/ecr/registry.h"

namespace relight::sandbox {

inline http::Response registry_reply(int status, std::string body = "",
                                     const char* type = "application/json") {
  http::Response r;
  r.status = status;
  r.headers.set("Docker-Distribution-Api-Version", "registry/2.0");
  if (!body.empty()) r.headers.set("Content-Type", type);
  r.body = std::move(body);
  return r;
}

inline std::string query_value(const http::Request& r, std::string_view name) {
  for (auto& [n, v] : http::parse_query(r.query))
    if (n == name) return v;
  return "";
}

inline http::Response upload_reply(const std::string& name, const std::string& upload, uint64_t bytes) {
  auto r = registry_reply(202);
  r.headers.set("Location", fmt::format("/v2/{}/blobs/uploads/{}", name, upload));
  r.headers.set("Docker-Upload-UUID", upload);
  r.headers.set("Range", fmt::format("0-{}", bytes ? bytes - 1 : 0));
  return r;
}

struct EcrRegistry::Visit {
  http::Request request;
  std::string region, principal, host;
  std::string name, kind, reference;  // "team/app", "manifests", "v1"; uploads: "uploads" and the id
  bool read() const { return request.method == "GET" || request.method == "HEAD"; }
};

template <class Op>
Result<> EcrRegistry::may(const Visit& v, const typename Op::Input& in) {
  Call call{.region = v.region, .request_id = world_.rng.uuid(), .principal = v.principal};
  return authority_.permit(call, aws::ecr::model(), Op::desc(), &in);
}

template <class Op>
Result<typename Op::Output> EcrRegistry::ask(const Visit& v, const typename Op::Input& in) {
  TRY(may<Op>(v, in));
  std::lock_guard g(world_.lock());
  Call call{.region = v.region, .request_id = world_.rng.uuid(), .principal = v.principal};
  typename Op::Output out;
  TRY((*ecr_.handler(Op::desc().name))(call, &in, &out));
  TRY(world_.store().flush());
  return out;
}

}  // namespace relight::sandbox

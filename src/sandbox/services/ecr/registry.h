// The registry's own HTTP API, version 2 (github.com/opencontainers/distribution-spec, spec.md), as clients
// such as skopeo speak it. Manifests and layers are those of EcrService; a login is a token of
// GetAuthorizationToken.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/gateway/authority.h"
#include "sandbox/gateway/doorway.h"
#include "sandbox/services/ecr/service.h"

namespace relight::sandbox {

class EcrRegistry final : public Doorway {
 public:
  EcrRegistry(World& w, EcrService& ecr, Authority& authority)
      : world_(w), ecr_(ecr), authority_(authority) {}
  // Hosts of registries, and /v2/ on any other address unless it is signed for an AWS API.
  bool takes(const http::Request& request) const override;
  std::optional<http::Response> serve(http::Request&& request, std::string_view home) override;

 private:
  struct Visit;
  std::optional<http::Response> identify(Visit& v);
  Result<http::Response> answer(Visit& v);
  Result<http::Response> manifest(Visit& v);
  Result<http::Response> put_manifest(Visit& v);
  Result<http::Response> tags(Visit& v);
  Result<http::Response> blob(Visit& v);
  Result<http::Response> begin_upload(Visit& v);
  Result<http::Response> go_on(Visit& v);
  Result<http::Response> keep(Visit& v, const std::string& upload, const std::string& digest);

  // The operation of ECR that this is, as IAM sees it, and as its service carries it out.
  template <class Op>
  Result<typename Op::Output> ask(const Visit& v, const typename Op::Input& in);
  template <class Op>
  Result<> may(const Visit& v, const typename Op::Input& in);

  World& world_;
  EcrService& ecr_;
  Authority& authority_;
};

}  // namespace relight::sandbox

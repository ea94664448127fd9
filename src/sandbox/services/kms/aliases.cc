// Aliases.
#include "sandbox/services/kms/page.h"
#include "sandbox/services/kms/service.h"

namespace relight::sandbox {
using namespace kms;
namespace op = aws::kms::op;

namespace {

Result<> check_alias(const std::string& name) {
  if (name.starts_with("alias/") && name.size() > 6 && !name.starts_with("alias/aws/")) return {};
  return aws_error("InvalidAliasNameException",
                   "Alias must start with the prefix \"alias/\". Please see "
                   "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
}

}  // namespace

void KmsService::add_aliases() {
  on<op::CreateAlias>(
      [this](const Call& c, const api::CreateAliasRequest& in) -> Result<api::CreateAliasOutput_> {
        TRY(check_alias(*in.AliasName));
        TRY_ASSIGN(auto* k, changeable(c.region, in.TargetKeyId));
        if (aliases_.find(c.region, *in.AliasName))
          return aws_error("AlreadyExistsException",
                           "An alias with the name " + arn(c.region, *in.AliasName) + " already exists");
        Alias a;
        a.AliasName = in.AliasName;
        a.AliasArn = arn(c.region, *in.AliasName);
        a.TargetKeyId = k->v.KeyId;
        a.CreationDate = a.LastUpdatedDate = world_.clock.now();
        aliases_.put(c.region, *in.AliasName, std::move(a));
        return {};
      });
  auto known = [this](const Call& c, const std::string& name) -> Result<Alias*> {
    TRY(check_alias(name));
    if (auto* a = aliases_.find(c.region, name)) return a;
    return not_found("Alias " + arn(c.region, name) + " is not found.");
  };
  on<op::UpdateAlias>(
      [this, known](const Call& c, const api::UpdateAliasRequest& in) -> Result<api::UpdateAliasOutput_> {
        TRY_ASSIGN(auto* a, known(c, *in.AliasName));
        TRY_ASSIGN(auto* k, changeable(c.region, in.TargetKeyId));
        a->TargetKeyId = k->v.KeyId;
        a->LastUpdatedDate = world_.clock.now();
        aliases_.save(c.region, *in.AliasName, *a);
        return {};
      });
  on<op::DeleteAlias>(
      [this, known](const Call& c, const api::DeleteAliasRequest& in) -> Result<api::DeleteAliasOutput_> {
        TRY(known(c, *in.AliasName));
        aliases_.erase(c.region, *in.AliasName);
        return {};
      });
}

void KmsService::add_alias_reads() {
  on<op::ListAliases>(
      [this](const Call& c, const api::ListAliasesRequest& in) -> Result<api::ListAliasesResponse> {
        std::optional<std::string> of;
        if (in.KeyId) {
          TRY_ASSIGN(auto* k, key(c.region, in.KeyId));
          of = k->v.KeyId;
        }
        std::vector<std::pair<std::string, api::AliasListEntry>> all;
        for (auto& [name, a] : aliases_.in(c.region))
          if (!of || a.TargetKeyId == of) all.emplace_back(name, a);
        TRY_ASSIGN(auto p, page(std::move(all), in.Limit, in.Marker, 50));
        return api::ListAliasesResponse{.Aliases = p.items, .NextMarker = p.next, .Truncated = p.truncated};
      });
}

}  // namespace relight::sandbox

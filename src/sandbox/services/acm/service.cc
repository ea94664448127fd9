#include "sandbox/services/acm/service.h"

#include <fmt/format.h>

namespace relight::sandbox {
using namespace acm;
namespace op = aws::acm::op;

AcmService::AcmService(World& w)
    : Service(w, api::model()),
      certificates_(w, "acm/certificates"),
      bodies_(w, "acm/bodies"),
      tags_(w, "acm/tags") {
  add_requests();
  add_imports();
  add_reads();
  add_list();
  add_tags();
}

void AcmService::start() {
  for (auto& r : world_.settings.regions)
    if (world_.links().up(r)) region_restored(r);
}

void AcmService::region_restored(const std::string& r) {
  for (auto& [id, c] : certificates_.in(r))
    if (c.Status == "PENDING_VALIDATION") look_again(r, id);
}

std::string AcmService::arn(Region r, Id id) const {
  return fmt::format("arn:aws:acm:{}:{}:certificate/{}", r, world_.account(), id);
}

Result<Certificate*> AcmService::find(Region r, const std::optional<std::string>& given) {
  std::string a = given.value_or(""), id = id_of(a);
  if (a.find(":certificate/") == a.npos)
    return aws_error("InvalidArnException", "arn: " + a + " is not a certificate's.");  // wording unverified
  auto* c = a == arn(r, id) ? certificates_.find(r, id) : nullptr;
  if (!c)
    return aws_error("ResourceNotFoundException",
                     fmt::format("Could not find certificate {} in account {}.", a, world_.account()));
  refresh(*c);
  return c;
}

void AcmService::refresh(Certificate& c) const {
  if (c.Status == "ISSUED" && c.NotAfter && *c.NotAfter <= world_.clock.now()) c.Status = "EXPIRED";
}

}  // namespace relight::sandbox

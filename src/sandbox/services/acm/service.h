// ACM: certificates requested and validated by DNS, or imported. See README.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/acm.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/acm/x509.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace acm {
namespace api = aws::acm;
using Certificate = Row<api::CertificateDetail>;
using Body = Row<api::GetCertificateResponse>;
using Tags = Row<api::ListTagsForCertificateResponse>;
}  // namespace acm

class AcmService final : public Service {
 public:
  explicit AcmService(World& w);
  void start() override;
  void region_restored(const std::string& region) override;

 private:
  using Region = const std::string&;
  using Id = const std::string&;
  void add_requests();
  void add_imports();
  void add_reads();
  void add_list();
  void add_tags();

  // "ResourceNotFoundException", "InvalidArnException".
  Result<acm::Certificate*> find(Region r, const std::optional<std::string>& arn);
  std::string new_id(Region r) const;
  std::string arn(Region r, Id id) const;
  static std::string id_of(const std::string& arn) { return arn.substr(arn.rfind('/') + 1); }

  Result<acm::api::RequestCertificateResponse> request(const Call& c,
                                                       const acm::api::RequestCertificateRequest& in);
  Result<acm::api::ImportCertificateResponse> bring_in(const Call& c,
                                                     const acm::api::ImportCertificateRequest& in);
  Result<> set_tags(Region r, Id id, const std::vector<acm::api::Tag>& more);
  Result<> deletable(Region r, const acm::Certificate& c);

  // ---- validation (requests.cc) ----
  acm::api::ResourceRecord record_for(const std::string& domain) const;
  bool in_dns(const acm::api::ResourceRecord& record);
  void look_again(Region r, Id id);  // in a minute of AWS's time
  void validate(Region r, Id id);
  void give_out(Region r, Id id);
  void refresh(acm::Certificate& c) const;  // EXPIRED once its time is over

  Table<acm::Certificate> certificates_;  // by id
  Table<acm::Body> bodies_;               // PEM; private keys are not kept
  Table<acm::Tags> tags_;
  std::map<std::string, std::string> requested_;  // "REGION|TOKEN|DOMAIN" -> ARN, for an hour's idempotency
};

}  // namespace relight::sandbox

// ACM.
#include <algorithm>

#include "sandbox/services/cloudformation/types.h"
#include "sandbox/services/cloudformation/types_adapt.h"

namespace relight::sandbox::cfn {

using namespace adapt;

namespace {

// CloudFormation puts the validation records itself when the options name their hosted zone ("Certificate
// DomainValidationOption"). One zone a certificate here: those of a second zone are the caller's to put.
std::string zone_of(const Json& props) {
  for (auto& o : props.value("DomainValidationOptions", Json::array()))
    if (o.is_object() && o.contains("HostedZoneId")) return as_text(o["HostedZoneId"]);
  return "";
}

Json records_wanted(const Subject& s) { return zone_of(s.props).empty() ? Json() : Json{{"CertificateArn", s.physical}}; }

void validation_records(Json& input, const Subject& s) {
  std::string zone = zone_of(s.props);
  Json changes = Json::array(), names = Json::array();
  const Json options = s.described.is_object() ? s.described.value("Certificate", Json::object()).value("DomainValidationOptions", Json::array()) : Json::array();
  for (auto& o : options) {
    Json record = o.value("ResourceRecord", Json::object());
    Json name = record.value("Name", Json());
    if (name.is_null() || std::find(names.begin(), names.end(), name) != names.end()) continue;  // a wildcard shares its domain's
    names.push_back(name);
    changes.push_back(Json{{"Action", "UPSERT"},
                           {"ResourceRecordSet", Json{{"Name", name}, {"Type", "CNAME"}, {"TTL", 300},
                                                      {"ResourceRecords", Json::array({Json{{"Value", record["Value"]}}})}}}});
  }
  input = zone.empty() || changes.empty() ? Json() : Json{{"HostedZoneId", zone}, {"ChangeBatch", Json{{"Changes", changes}}}};
}

Action recording(Action a) {
  a.asks = "DescribeCertificate";
  a.asks_service = "acm";
  a.ask = records_wanted;
  a.adapt = validation_records;
  return a;
}

void certificate_options(Json& input, const Subject& s) {
  input["IdempotencyToken"] = s.token;
  if (s.props.contains("CertificateTransparencyLoggingPreference"))
    input["Options"] = Json{{"CertificateTransparencyLoggingPreference", s.props["CertificateTransparencyLoggingPreference"]}};
}

void certificate_tags_gone(Json& input, const Subject& s) {
  Json gone = Json::array();
  const Json now = s.props.value("Tags", Json::array());
  for (auto& old : s.previous.value("Tags", Json::array()))
    if (std::none_of(now.begin(), now.end(), [&](auto& t) { return t.value("Key", "") == old.value("Key", ""); })) gone.push_back(Json{{"Key", old.value("Key", "")}});
  input = gone.empty() ? Json() : Json{{"CertificateArn", s.physical}, {"Tags", gone}};
}

Ready certificate_issued(const Json& d, const Subject&) {
  std::string status = d.value("Status", "");
  return status == "ISSUED" ? Ready::kYes : status == "PENDING_VALIDATION" ? Ready::kNotYet : Ready::kFailed;
}

}  // namespace

Types certificate_types() {
  return {
  {.name = "AWS::CertificateManager::Certificate",
   .create = {{"acm", "RequestCertificate", "DomainName SubjectAlternativeNames ValidationMethod KeyAlgorithm Tags", "", "", certificate_options},
              recording({"route53", "ChangeResourceRecordSets", "", "", "DomainValidationOptions"})},
   .id = "/CertificateArn",
   .describe = Action{"acm", "DescribeCertificate", "", "CertificateArn=$id"}, .root = "/Certificate",
   .ready = certificate_issued,
   .replace = "DomainName SubjectAlternativeNames ValidationMethod DomainValidationOptions KeyAlgorithm CertificateTransparencyLoggingPreference",
   .update = {about_gone({"acm", "RemoveTagsFromCertificate", "", "", "Tags", certificate_tags_gone}),
              {"acm", "AddTagsToCertificate", "Tags", "CertificateArn=$id", "Tags", nullptr, "", Entries::kAll, "-"}},
   .remove = {{"acm", "DeleteCertificate", "", "CertificateArn=$id"}}}};
}

}  // namespace relight::sandbox::cfn

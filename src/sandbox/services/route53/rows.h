// What Route 53 keeps. Route 53 is global: every row lives under the region name "global".
#pragma once
#include <map>
#include <string>
#include <vector>

#include "aws/gen/route53.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::sandbox::route53 {

inline const std::string kGlobal = "global";
using Text = std::map<std::string, std::string>;

std::string save_row(const aws::Shape& s, const void* value, const Text& tags, const Text& extra);
Result<> load_row(const std::string& json, const aws::Shape& s, void* value, Text& tags, Text& extra);

// A modelled value with what its model keeps elsewhere.
template <class S>
struct Row {
  S value;
  Text tags, extra;
  std::string save() const {
    return save_row(*shape_of(static_cast<const S*>(nullptr)), &value, tags, extra);
  }
  static Result<Row> load(const std::string& json) {
    Row r;
    TRY(load_row(json, *shape_of(static_cast<const S*>(nullptr)), &r.value, r.tags, r.extra));
    return r;
  }
};
// Id without "/hostedzone/". extra: ns1…ns4 (name servers), vpc:<id> -> region.
using ZoneRow = Row<aws::route53::HostedZone>;
using RecordRow = Row<aws::route53::ResourceRecordSet>;  // names canonical with a trailing dot
using CheckRow = Row<aws::route53::HealthCheck>;         // extra["known"]: an alarm's last sufficient state
using ChangeRow = Row<aws::route53::ChangeInfo>;

// A record's key: sorts as ListResourceRecordSets does, by the labels from the right, then type, then
// identifier.
std::string record_key(const std::string& zone, const std::string& canonical, const std::string& type,
                       const std::string& set_identifier);
std::string name_key(const std::string& zone,
                     const std::string& canonical);  // prefix of all records of a name

std::string shown_name(std::string_view canonical);  // "\052.example.com.": octal escapes, trailing dot
std::string bare_id(const std::string& id);          // without "/hostedzone/", "/change/" …

}  // namespace relight::sandbox::route53

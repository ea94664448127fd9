#include "aws/client/endpoint.h"

#include <fmt/format.h>

#include <array>

#include "aws/partition.h"

namespace relight::aws {
namespace {

struct Global {
  std::string_view service, partition, host, region;
};
// Services with one endpoint a partition: "IAM endpoints and quotas", "Amazon Route 53 endpoints and quotas".
constexpr std::array kGlobals{
    Global{"iam", "aws", "iam.amazonaws.com", "us-east-1"},
    Global{"iam", "aws-cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    Global{"iam", "aws-us-gov", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    Global{"route53", "aws", "route53.amazonaws.com", "us-east-1"},
    Global{"route53", "aws-cn", "route53.amazonaws.com.cn", "cn-northwest-1"},
    Global{"route53", "aws-us-gov", "route53.us-gov.amazonaws.com", "us-gov-west-1"},
};

std::string_view suffix_of(std::string_view partition) {
  if (partition == "aws-cn") return "amazonaws.com.cn";
  if (partition == "aws-iso") return "c2s.ic.gov";
  if (partition == "aws-iso-b") return "sc2s.sgov.gov";
  return "amazonaws.com";
}

Result<Endpoint> parse_url(const std::string& url) {
  Endpoint e;
  size_t at = url.find("://");
  if (at != url.npos) e.scheme = url.substr(0, at);
  std::string rest = at == url.npos ? "" : url.substr(at + 3);
  size_t slash = rest.find('/');
  e.authority = rest.substr(0, slash);
  if (slash != rest.npos) e.base_path = rest.substr(slash);
  while (e.base_path.ends_with('/')) e.base_path.pop_back();
  e.custom = true;
  if (e.authority.empty() || (e.scheme != "http" && e.scheme != "https")) {
    Error bad;
    bad.code = "Endpoint.Malformed";
    bad.message = "an endpoint must be a URL such as http://127.0.0.1:4566";
    bad.resource = url;
    bad.next = "mend AWS_ENDPOINT_URL";
    return fail(std::move(bad));
  }
  return e;
}

// "Bucket naming rules": only such names can stand in a host name; dots would break the wildcard certificate.
bool host_name_bucket(std::string_view b) {
  if (b.size() < 3 || b.size() > 63 || b.front() == '-' || b.back() == '-') return false;
  return b.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == b.npos;
}

bool is_address(std::string_view authority) {
  std::string_view host = authority.substr(0, authority.find(':'));
  return authority.starts_with('[') || host.find_first_not_of("0123456789.") == host.npos;
}

}  // namespace

std::string endpoint_variable(std::string_view service_id) {
  std::string out(service_id);
  for (char& c : out) {
    if (c == ' ' || c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

Endpoints endpoints_from(const Environment& env, const Profile& profile) {
  Endpoints e;
  if (env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("false") == "true") return e;
  e.all = env("AWS_ENDPOINT_URL").value_or(profile.get("endpoint_url"));
  for (const char* s : {"STS", "SSO", "EC2", "ECS", "RDS", "ELASTIC_LOAD_BALANCING_V2", "ROUTE_53", "S3", "S3_CONTROL", "WAFV2",
                        "CLOUDWATCH", "CLOUDFORMATION", "LAMBDA", "IAM"})
    if (auto v = env(std::string("AWS_ENDPOINT_URL_") + s)) e.service[s] = *v;
  return e;
}

Result<Endpoint> endpoint_for(const Endpoints& given, const ServiceModel& service,
                              const std::string& region) {
  std::string partition = partition_of(region);
  const Global* global = nullptr;
  for (auto& g : kGlobals)
    if (g.service == service.id && g.partition == partition) global = &g;
  auto own = given.service.find(endpoint_variable(service.service_id));
  const std::string& url = own != given.service.end() ? own->second : given.all;
  Endpoint e;
  if (!url.empty()) {
    TRY_ASSIGN(e, parse_url(url));
  } else if (global) {
    e.authority = global->host;
  } else if (region.empty()) {
    Error none;
    none.code = "Endpoint.NoRegion";
    none.message = "no region is given";
    none.next = "pass --region or set AWS_REGION";
    return fail(std::move(none));
  } else {
    e.authority = fmt::format("{}.{}.{}", service.endpoint_prefix, region, suffix_of(partition));
  }
  e.signing_region = global ? std::string(global->region) : region.empty() ? "us-east-1" : region;
  return e;
}

void apply_endpoint(const Endpoint& e, const ServiceModel& service, http::Request& r) {
  std::string prefix = std::move(r.host);  // "prefix." of the operation, or empty
  r.scheme = e.scheme;
  r.host = (e.custom && is_address(e.authority) ? "" : prefix) + e.authority;
  if (service.id == "s3" && !e.custom && r.path.size() > 1) {
    size_t end = r.path.find('/', 1);
    std::string bucket = r.path.substr(1, end == r.path.npos ? r.path.npos : end - 1);
    if (host_name_bucket(bucket)) {
      r.host = bucket + "." + r.host;
      r.path = end == r.path.npos ? "/" : r.path.substr(end);
    }
  }
  if (!e.base_path.empty()) r.path = e.base_path + r.path;
}

}  // namespace relight::aws

// Which host serves a service in a region.
// "Service-specific endpoints", https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html;
// "AWS service endpoints", https://docs.aws.amazon.com/general/latest/gr/rande.html.
#pragma once
#include <map>
#include <string>

#include "aws/client/environment.h"
#include "aws/http/message.h"
#include "aws/shape.h"
#include "base/result.h"

namespace relight::aws {

struct Endpoints {
  std::string all;                             // AWS_ENDPOINT_URL, or the profile's endpoint_url
  std::map<std::string, std::string> service;  // "ELASTIC_LOAD_BALANCING_V2" -> URL
};
// Reads AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE> of these services and
// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
Endpoints endpoints_from(const Environment& env, const Profile& profile);
// "Elastic Load Balancing v2" -> "ELASTIC_LOAD_BALANCING_V2"
std::string endpoint_variable(std::string_view service_id);

struct Endpoint {
  std::string scheme = "https", authority;  // "rds.eu-west-1.amazonaws.com", "127.0.0.1:4566"
  std::string base_path;                    // "" or "/prefix"
  std::string signing_region;
  bool custom = false;  // given by the user: path-style S3, no host prefix on addresses
};
// Errors: "Endpoint.Malformed", "Endpoint.NoRegion".
Result<Endpoint> endpoint_for(const Endpoints& given, const ServiceModel& service, const std::string& region);

// Puts the endpoint into the request; S3 buckets move from the path into the host name where AWS has it so.
void apply_endpoint(const Endpoint& e, const ServiceModel& service, http::Request& r);

}  // namespace relight::aws

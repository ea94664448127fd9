#include "aws/codec/s3_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relight::aws::codec {
namespace {

using Name = std::pair<std::string_view, std::string_view>;
constexpr Name kRoots[] = {
    {"CompleteMultipartUpload", "CompleteMultipartUploadResult"},
    {"CreateMultipartUpload", "InitiateMultipartUploadResult"},
    {"DeleteObjects", "DeleteResult"},
    {"GetBucketAccelerateConfiguration", "AccelerateConfiguration"},
    {"GetBucketAcl", "AccessControlPolicy"},
    {"GetBucketCors", "CORSConfiguration"},
    {"GetBucketLifecycleConfiguration", "LifecycleConfiguration"},
    {"GetBucketLogging", "BucketLoggingStatus"},
    {"GetBucketNotificationConfiguration", "NotificationConfiguration"},
    {"GetBucketRequestPayment", "RequestPaymentConfiguration"},
    {"GetBucketTagging", "Tagging"},
    {"GetBucketVersioning", "VersioningConfiguration"},
    {"GetBucketWebsite", "WebsiteConfiguration"},
    {"GetObjectAcl", "AccessControlPolicy"},
    {"GetObjectAttributes", "GetObjectAttributesOutput"},
    {"GetObjectTagging", "Tagging"},
    {"ListBucketAnalyticsConfigurations", "ListBucketAnalyticsConfigurationResult"},
    {"ListBucketIntelligentTieringConfigurations", "ListBucketIntelligentTieringConfigurationsOutput"},
    {"ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"},
    {"ListBucketMetricsConfigurations", "ListMetricsConfigurationsResult"},
    {"ListBuckets", "ListAllMyBucketsResult"},
    {"ListMultipartUploads", "ListMultipartUploadsResult"},
    {"ListObjects", "ListBucketResult"},
    {"ListObjectsV2", "ListBucketResult"},
    {"ListObjectVersions", "ListVersionsResult"},
    {"ListParts", "ListPartsResult"},
};

constexpr std::string_view kSubresources[] = {"accelerate",
                                              "acl",
                                              "analytics",
                                              "attributes",
                                              "cors",
                                              "delete",
                                              "encryption",
                                              "inventory",
                                              "lifecycle",
                                              "legal-hold",
                                              "location",
                                              "logging",
                                              "metrics",
                                              "notification",
                                              "object-lock",
                                              "policy",
                                              "policyStatus",
                                              "publicAccessBlock",
                                              "ownershipControls",
                                              "replication",
                                              "requestPayment",
                                              "restore",
                                              "retention",
                                              "select",
                                              "tagging",
                                              "torrent",
                                              "uploadId",
                                              "uploads",
                                              "versioning",
                                              "versions",
                                              "website",
                                              "intelligent-tiering"};

bool serves(const Operation& op, std::string_view key) {
  size_t cut = op.uri.find('?');
  if (cut != std::string_view::npos)
    for (auto& [name, value] : http::parse_query(op.uri.substr(cut + 1)))
      if (name == key) return true;
  return std::any_of(op.input->members.begin(), op.input->members.end(),
                     [&](const Member& m) { return m.location == Location::kQuery && m.wire == key; });
}

}  // namespace

std::string_view s3_root_name(std::string_view operation) {
  for (auto& [op, root] : kRoots)
    if (op == operation) return root;
  return {};
}

std::string_view s3_unserved_subresource(const Operation& op, const http::Request& r) {
  for (auto& [key, value] : http::parse_query(r.query)) {
    auto known = std::find(std::begin(kSubresources), std::end(kSubresources), key);
    if (known != std::end(kSubresources) && !serves(op, key)) return *known;
  }
  return {};
}

}  // namespace relight::aws::codec

// What RDS offers: engine versions, instance classes, certificates, maintenance.
#include <fmt/format.h>

#include "sandbox/services/rds/parameter_catalogue.h"
#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

namespace {

constexpr const char* kVersions[] = {"10.11.8", "10.11.9", "10.11.10", "10.11.11"};
constexpr const char* kDefaultVersion = "10.11.9";
constexpr const char* kClasses[] = {"db.t3.micro",  "db.t3.small",   "db.t3.medium", "db.t4g.micro",
                                    "db.t4g.small", "db.t4g.medium", "db.m5.large",  "db.m5.xlarge",
                                    "db.m6g.large", "db.m6g.xlarge", "db.r5.large",  "db.r5.xlarge",
                                    "db.r6g.large", "db.r6g.xlarge"};

api::DBEngineVersion version(const char* v) {
  return {.Engine = "mariadb",
          .EngineVersion = v,
          .DBParameterGroupFamily = std::string(rds::kFamily),
          .DBEngineDescription = "MariaDb Community Edition",
          .DBEngineVersionDescription = std::string("MariaDB ") + v,
          .ExportableLogTypes = {{"audit", "error", "general", "slowquery"}},
          .SupportsLogExportsToCloudwatchLogs = true,
          .SupportsReadReplica = true,
          .Status = "available",
          .SupportsParallelQuery = false,
          .SupportsGlobalDatabases = false,
          .MajorEngineVersion = "10.11"};
}

api::OrderableDBInstanceOption orderable(const std::string& region, const char* v,
                                         const char* instance_class) {
  return {.Engine = "mariadb",
          .EngineVersion = v,
          .DBInstanceClass = instance_class,
          .LicenseModel = "general-public-license",
          .AvailabilityZones = {{{.Name = region + "a"}, {.Name = region + "b"}, {.Name = region + "c"}}},
          .MultiAZCapable = true,
          .ReadReplicaCapable = true,
          .Vpc = true,
          .SupportsStorageEncryption = true,
          .StorageType = "gp2",
          .SupportsIops = false,
          .SupportsEnhancedMonitoring = true,
          .SupportsIAMDatabaseAuthentication = true,
          .SupportsPerformanceInsights = true,
          .MinStorageSize = 5,
          .MaxStorageSize = 16384,
          .SupportedNetworkTypes = {{"IPV4"}}};
}

}  // namespace

void RdsService::add_versions() {
  on<api::op::DescribeDBEngineVersions>([](const Call&, const auto& in) -> R<api::DBEngineVersionMessage> {
    std::vector<api::DBEngineVersion> all;
    for (const char* v : kVersions) {
      if (in.Engine && *in.Engine != "mariadb") break;
      if (in.EngineVersion && *in.EngineVersion != v && *in.EngineVersion != "10.11") continue;
      if (in.DBParameterGroupFamily && *in.DBParameterGroupFamily != rds::kFamily) continue;
      if (in.DefaultOnly.value_or(false) && std::string_view(v) != kDefaultVersion) continue;
      all.push_back(version(v));
    }
    api::DBEngineVersionMessage out;
    TRY_ASSIGN(out.DBEngineVersions, rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                                              [](auto& v) { return *v.EngineVersion; }));
    return out;
  });
  on<api::op::DescribeOrderableDBInstanceOptions>(
      [](const Call& c, const auto& in) -> R<api::OrderableDBInstanceOptionsMessage> {
        if (*in.Engine != "mariadb")
          return aws_error("InvalidParameterValue", "Invalid DB engine: " + *in.Engine);
        std::vector<api::OrderableDBInstanceOption> all;
        for (const char* v : kVersions) {
          for (const char* k : kClasses) {
            if (in.EngineVersion && *in.EngineVersion != v) continue;
            if (in.DBInstanceClass && *in.DBInstanceClass != k) continue;
            all.push_back(orderable(c.region, v, k));
          }
        }
        api::OrderableDBInstanceOptionsMessage out;
        TRY_ASSIGN(out.OrderableDBInstanceOptions,
                   rds_page(std::move(all), in.MaxRecords, in.Marker, out.Marker,
                            [](auto& o) { return *o.EngineVersion + "/" + *o.DBInstanceClass; }));
        return out;
      });
}

void RdsService::add_certificates() {
  on<api::op::DescribeCertificates>([this](const Call& c, const auto& in) -> R<api::CertificateMessage> {
    api::CertificateMessage out;
    out.Certificates.emplace();
    for (auto* id : {"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}) {
      if (in.CertificateIdentifier && *in.CertificateIdentifier != id) continue;
      out.Certificates->push_back({.CertificateIdentifier = id,
                                   .CertificateType = "CA",
                                   .Thumbprint = "0000000000000000000000000000000000000000",
                                   .ValidFrom = Instant{Millis{1'621'900'800'000}},
                                   .ValidTill = Instant{Millis{2'884'204'800'000}},
                                   .CertificateArn = fmt::format("arn:aws:rds:{}::cert:{}", c.region, id),
                                   .CustomerOverride = false});
    }
    if (out.Certificates->empty()) {
      return aws_error("CertificateNotFound",
                       "Certificate not found: " + in.CertificateIdentifier.value_or(""), 404);
    }
    return out;
  });
  on<api::op::DescribePendingMaintenanceActions>(
      [this](const Call& c, const auto& in) -> R<api::PendingMaintenanceActionsMessage> {
        if (in.ResourceIdentifier) TRY(find(c.region, *in.ResourceIdentifier));
        return api::PendingMaintenanceActionsMessage{
            .PendingMaintenanceActions = std::vector<api::ResourcePendingMaintenanceActions>{}};
      });
}

void RdsService::add_catalogue() {
  add_versions();
  add_certificates();
}

}  // namespace relight::sandbox

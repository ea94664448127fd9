// Deployment packages: where they come from, what is refused, where they lie.
#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "aws/gen/s3.h"
#include "base/bytes.h"
#include "base/disk.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;

namespace {

namespace fs = std::filesystem;
constexpr size_t kUploadMax = 52'428'800;               // "Lambda quotas": 50 MB zipped, direct upload
constexpr auto kLongestRun = std::chrono::minutes(16);  // an old environment may still read its package
constexpr size_t kVariablesMax = 4096;

std::unexpected<Error> invalid(const std::string& why) {
  return aws_error("InvalidParameterValueException", why, 400);
}

// "Using environment variables", reserved ones: AWS's own words refuse them.
constexpr const char* kReserved[] = {"_HANDLER",
                                     "_X_AMZN_TRACE_ID",
                                     "AWS_ACCESS_KEY_ID",
                                     "AWS_SECRET_ACCESS_KEY",
                                     "AWS_SESSION_TOKEN",
                                     "AWS_REGION",
                                     "AWS_DEFAULT_REGION",
                                     "AWS_EXECUTION_ENV",
                                     "AWS_LAMBDA_FUNCTION_NAME",
                                     "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                     "AWS_LAMBDA_FUNCTION_VERSION",
                                     "AWS_LAMBDA_INITIALIZATION_TYPE",
                                     "AWS_LAMBDA_LOG_GROUP_NAME",
                                     "AWS_LAMBDA_LOG_STREAM_NAME",
                                     "AWS_LAMBDA_RUNTIME_API",
                                     "LAMBDA_TASK_ROOT",
                                     "LAMBDA_RUNTIME_DIR"};

}  // namespace

std::string LambdaService::code_dir(Region r, const std::string& name, const std::string& sha) const {
  return world_.dir(r, "lambda") + "/" + name + "/" + sha;
}

Result<Package> LambdaService::package_of(Region r, const api::FunctionCode& code) {
  if (code.ImageUri)
    return invalid("this sandbox runs functions of zip packages; container images are not built");
  if (code.ZipFile && (code.S3Bucket || code.S3Key))
    return invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.");
  Package p;
  if (code.ZipFile) {
    p.zip = code.ZipFile->bytes;
    if (p.zip.size() > kUploadMax)
      return aws_error("RequestEntityTooLargeException", "the package has more than 52428800 bytes", 413);
  } else {
    if (!code.S3Bucket || !code.S3Key) return invalid("Please provide a source for function code.");
    auto got = world_.call<aws::s3::op::GetObject>(
        r, {.Bucket = *code.S3Bucket, .Key = *code.S3Key, .VersionId = code.S3ObjectVersion});
    if (!got)
      return invalid(fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                                 got.error().code, got.error().message));
    TRY_ASSIGN(p.zip, got->Body.value_or(http::Body{}).read());
  }
  if (p.zip.empty()) return invalid("Uploaded file must be a non-empty zip");
  p.sha = hex(sha256(p.zip));
  return p;
}

// Whole or not at all: it is unpacked aside and then renamed.
Result<> LambdaService::install(Region r, const std::string& name, const Package& p) {
  std::string dir = code_dir(r, name, p.sha), aside = dir + "." + world_.rng.hex(8);
  std::error_code ec;
  if (fs::exists(dir, ec) && fs::exists(dir + ".zip", ec)) return {};
  TRY(system_disk().write(dir + ".zip", p.zip, 0600));
  if (auto ok = plane_.unpack(dir + ".zip", aside); !ok) {
    if (!fs::exists(dir, ec)) fs::remove(dir + ".zip", ec);
    if (ok.error().code == "Function.TooLarge")
      return invalid("Unzipped size must be smaller than 262144000 bytes");
    return invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  fs::rename(aside, dir, ec);
  if (ec) fs::remove_all(aside, ec);  // another request was faster with the same bytes
  return {};
}

// For callers inside the sandbox, who hold the lock: the function stays Pending, or its update InProgress,
// until the package is there.
void LambdaService::install_later(Region r, const std::string& name, Package p) {
  auto outcome = std::make_shared<Result<>>();
  auto package = std::make_shared<Package>(std::move(p));
  world_.work([this, r, name, package, outcome] { *outcome = install(r, name, *package); },
              [this, r, name, outcome] {
                auto* f = functions_.find(r, name);
                if (*outcome || !f) return settle(r, name);
                bool update = f->State != "Pending";
                (update ? f->LastUpdateStatus : f->State) = "Failed";
                (update ? f->LastUpdateStatusReason : f->StateReason) = outcome->error().message;
                (update ? f->LastUpdateStatusReasonCode : f->StateReasonCode) = "InvalidZipFileException";
                functions_.save(r, name, *f);
              });
}

void LambdaService::sweep_code(Region r, const std::string& name) {
  world_.after(kLongestRun, [this, r, name] {
    std::set<std::string> used;
    for (auto& [key, f] : functions_.in(r))
      if (f.FunctionName == name)
        if (auto sha = unbase64(f.CodeSha256.value_or(""))) used.insert(hex(*sha));
    std::string dir = world_.dir(r, "lambda") + "/" + name;
    world_.work(
        [dir, used] {
          std::error_code ec;
          for (auto& e : fs::directory_iterator(dir, ec))
            if (!used.contains(e.path().filename().string().substr(0, 64))) fs::remove_all(e.path(), ec);
          if (used.empty()) fs::remove(dir, ec);
        },
        [] {});
  });
}

// What CreateFunction and UpdateFunctionConfiguration refuse alike ("CreateFunction", AWS Lambda API
// Reference).
Result<> LambdaService::check(const Function& f) const {
  if (!f.Runtime || !f.Handler)
    return invalid(
        "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  if (auto why = plane_.refuses(*f.Runtime); !why.empty()) return invalid(why);
  size_t size = 0;
  if (f.Environment && f.Environment->Variables)
    for (auto& [k, v] : *f.Environment->Variables) {
      size += k.size() + v.size();
      for (auto* reserved : kReserved)
        if (k == reserved)
          return invalid(
              "Lambda was unable to configure your environment variables because the environment variables "
              "you have provided contains "
              "reserved keys that are currently not supported for modification. Reserved keys used in this "
              "request: " +
              k);
    }
  if (size > kVariablesMax)
    return invalid(
        "Lambda was unable to configure your environment variables because the environment variables you "
        "have provided exceeded the 4KB limit.");
  if (f.Layers && !f.Layers->empty()) return invalid("layers are not built in this sandbox");
  return {};
}

}  // namespace relight::sandbox

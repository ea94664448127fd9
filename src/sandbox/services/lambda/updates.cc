// UpdateFunctionCode and UpdateFunctionConfiguration.
#include "base/bytes.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

Result<> same_revision(const Function& f, const std::optional<std::string>& wanted) {
  if (!wanted || wanted == f.RevisionId) return {};
  return aws_error("PreconditionFailedException",
                   "The Revision Id provided does not match the latest Revision Id. Call the "
                   "GetFunction/GetAlias API to retrieve the latest Revision Id",
                   412);
}

void begin_update(Function& f) {
  f.LastUpdateStatus = "InProgress";
  f.LastUpdateStatusReason = "The function is being created.";
  f.LastUpdateStatusReasonCode = "Creating";
}

void take(Function& f, const api::UpdateFunctionConfigurationRequest& in) {
  if (in.Role) f.Role = in.Role;
  if (in.Handler) f.Handler = in.Handler;
  if (in.Description) f.Description = in.Description;
  if (in.Timeout) f.Timeout = in.Timeout;
  if (in.MemorySize) f.MemorySize = in.MemorySize;
  if (in.Runtime) f.Runtime = in.Runtime;
  if (in.DeadLetterConfig) f.DeadLetterConfig = in.DeadLetterConfig;
  if (in.KMSKeyArn) f.KMSKeyArn = in.KMSKeyArn;
  if (in.TracingConfig) f.TracingConfig = api::TracingConfigResponse{.Mode = in.TracingConfig->Mode};
  if (in.EphemeralStorage) f.EphemeralStorage = in.EphemeralStorage;
  if (in.Layers) f.Layers.reset();
  if (in.Layers && !in.Layers->empty()) f.Layers = std::vector<api::Layer>{{.Arn = in.Layers->front()}};
  if (in.VpcConfig)
    f.VpcConfig = api::VpcConfigResponse{.SubnetIds = in.VpcConfig->SubnetIds,
                                         .SecurityGroupIds = in.VpcConfig->SecurityGroupIds};
  if (in.Environment) {
    f.Environment.reset();
    if (in.Environment->Variables && !in.Environment->Variables->empty())
      f.Environment = api::EnvironmentResponse{.Variables = in.Environment->Variables};
  }
}

}  // namespace

void LambdaService::add_code_update() {
  on<op::UpdateFunctionCode>(
      [this](const Call& c, const api::UpdateFunctionCodeRequest& in) -> Result<api::FunctionConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        {
          std::lock_guard g(world_.lock());
          TRY_ASSIGN(auto* f, changeable(c, n));
          TRY(same_revision(*f, in.RevisionId));
        }
        TRY_ASSIGN(Package p, package_of(c.region, {.ZipFile = in.ZipFile,
                                                    .S3Bucket = in.S3Bucket,
                                                    .S3Key = in.S3Key,
                                                    .S3ObjectVersion = in.S3ObjectVersion,
                                                    .ImageUri = in.ImageUri}));
        bool dry = in.DryRun.value_or(false);
        if (c.raw && !dry) TRY(install(c.region, n.name, p));  // without the lock
        std::lock_guard g(world_.lock());
        TRY_ASSIGN(auto* f, changeable(c, n));
        if (dry) {
          api::FunctionConfiguration out = *f;
          out.CodeSha256 = base64(*unhex(p.sha));
          out.CodeSize = static_cast<int64_t>(p.zip.size());
          return out;
        }
        f->CodeSize = static_cast<int64_t>(p.zip.size());
        f->CodeSha256 = base64(*unhex(p.sha));
        if (in.Architectures) f->Architectures = in.Architectures;
        begin_update(*f);
        changed(c.region, *f);
        plane_.retire(c.region + "/" + n.name + "/" + kLatest + "/");
        world_.event(c.region, "lambda", n.name, "code updated");
        api::FunctionConfiguration out = *f;
        if (in.Publish.value_or(false)) {
          TRY_ASSIGN(out, publish(c.region, *f, std::nullopt));
        }
        sweep_code(c.region, n.name);
        if (c.raw)
          settle(c.region, n.name);
        else
          install_later(c.region, n.name, std::move(p));
        return kept<api::FunctionConfiguration>(c, out);
      });
}

void LambdaService::add_updates() {
  held<op::UpdateFunctionConfiguration>(
      [this](const Call& c,
             const api::UpdateFunctionConfigurationRequest& in) -> Result<api::FunctionConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN(auto* f, changeable(c, n));
        TRY(same_revision(*f, in.RevisionId));
        Function next = *f;
        take(next, in);
        TRY(check(next));
        if (in.Role) TRY(role_can_be_assumed(*in.Role));
        begin_update(next);
        *f = next;
        changed(c.region, *f);
        plane_.retire(c.region + "/" + n.name + "/" + kLatest + "/");
        world_.event(c.region, "lambda", n.name, "configuration updated");
        settle(c.region, n.name);
        return *f;
      });
}

}  // namespace relight::sandbox

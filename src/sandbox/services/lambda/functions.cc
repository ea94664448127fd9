// Functions made, read, listed and deleted.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "sandbox/services/lambda/page.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

Function new_function(const api::CreateFunctionRequest& in) {
  Function f;
  f.Runtime = in.Runtime;
  f.Role = in.Role;
  f.Handler = in.Handler;
  f.Description = in.Description.value_or("");
  f.Timeout = in.Timeout.value_or(3);
  f.MemorySize = in.MemorySize.value_or(128);
  f.Version = kLatest;
  f.DeadLetterConfig = in.DeadLetterConfig;
  f.KMSKeyArn = in.KMSKeyArn;
  f.TracingConfig =
      api::TracingConfigResponse{.Mode = in.TracingConfig ? in.TracingConfig->Mode : "PassThrough"};
  f.PackageType = "Zip";
  f.Architectures = in.Architectures.value_or(std::vector<std::string>{"x86_64"});
  f.EphemeralStorage = in.EphemeralStorage ? *in.EphemeralStorage : api::EphemeralStorage{.Size = 512};
  f.SnapStart = api::SnapStartResponse{.ApplyOn = "None", .OptimizationStatus = "Off"};
  if (in.Environment) f.Environment = api::EnvironmentResponse{.Variables = in.Environment->Variables};
  if (in.VpcConfig)
    f.VpcConfig = api::VpcConfigResponse{.SubnetIds = in.VpcConfig->SubnetIds,
                                         .SecurityGroupIds = in.VpcConfig->SecurityGroupIds};
  f.State = "Pending";
  f.StateReason = "The function is being created.";
  f.StateReasonCode = "Creating";
  f.LastUpdateStatus = "Successful";
  if (in.Layers && !in.Layers->empty()) f.Layers = std::vector<api::Layer>{{.Arn = in.Layers->front()}};
  return f;
}

// What a caller gets: no field that ListFunctions leaves out.
api::FunctionConfiguration as_listed(const Function& f, const std::string& arn) {
  api::FunctionConfiguration out = f;
  out.FunctionArn = arn;
  out.State.reset();
  out.StateReason.reset();
  out.StateReasonCode.reset();
  out.LastUpdateStatus.reset();
  out.LastUpdateStatusReason.reset();
  out.LastUpdateStatusReasonCode.reset();
  return out;
}

}  // namespace

void LambdaService::add_create() {
  on<op::CreateFunction>(
      [this](const Call& c, const api::CreateFunctionRequest& in) -> Result<api::FunctionConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        Function f = new_function(in);
        if (in.PackageType == "Image")
          return aws_error("InvalidParameterValueException", "container images are not built in this sandbox",
                           400);
        {
          std::lock_guard g(world_.lock());
          if (functions_.find(c.region, n.name))
            return aws_error("ResourceConflictException", "Function already exist: " + n.name, 409);
          TRY(check(f));
          TRY(role_can_be_assumed(*in.Role));
        }
        TRY_ASSIGN(Package p, package_of(c.region, *in.Code));
        if (c.raw) TRY(install(c.region, n.name, p));  // without the lock
        std::lock_guard g(world_.lock());
        if (functions_.find(c.region, n.name))
          return aws_error("ResourceConflictException", "Function already exist: " + n.name, 409);
        f.FunctionName = n.name;
        f.FunctionArn = arn(c.region, n.name);
        f.CodeSize = static_cast<int64_t>(p.zip.size());
        f.CodeSha256 = base64(*unhex(p.sha));
        auto& row = functions_.put(c.region, n.name, f);
        changed(c.region, row);
        if (in.Tags) tags_.put(c.region, n.name, api::ListTagsResponse{.Tags = in.Tags});
        world_.event(c.region, "lambda", n.name, "function created");
        api::FunctionConfiguration out = row;
        if (in.Publish.value_or(false)) {
          TRY_ASSIGN(out, publish(c.region, row, in.Description));
        }
        if (c.raw)
          settle(c.region, n.name);
        else
          install_later(c.region, n.name, std::move(p));
        return kept<api::FunctionConfiguration>(c, out);
      });
}

void LambdaService::add_reads() {
  held<op::GetFunction>([this](const Call& c,
                               const api::GetFunctionRequest& in) -> Result<api::GetFunctionResponse> {
    TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
    TRY_ASSIGN(auto* f, find(c.region, n));
    api::GetFunctionResponse out;
    out.Configuration = *f;
    out.Configuration->FunctionArn = arn(c.region, n.name, n.qualifier);
    if (auto sha = unbase64(f->CodeSha256.value_or("")))
      out.Code = api::FunctionCodeLocation{
          .RepositoryType = "S3", .Location = plane_.publish(code_dir(c.region, n.name, hex(*sha)) + ".zip")};
    if (auto* t = tags_.find(c.region, n.name); t && t->Tags && !t->Tags->empty()) out.Tags = t->Tags;
    if (auto* r = reserved_.find(c.region, n.name)) out.Concurrency = *r;
    return out;
  });
  held<op::GetFunctionConfiguration>(
      [this](const Call& c,
             const api::GetFunctionConfigurationRequest& in) -> Result<api::FunctionConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
        TRY_ASSIGN(auto* f, find(c.region, n));
        api::FunctionConfiguration out = *f;
        out.FunctionArn = arn(c.region, n.name, n.qualifier);
        return out;
      });
  held<op::ListFunctions>(
      [this](const Call& c, const api::ListFunctionsRequest& in) -> Result<api::ListFunctionsResponse> {
        std::vector<std::string> keys;
        for (auto& [key, f] : functions_.in(c.region))
          if (in.FunctionVersion == "ALL" || f.Version == kLatest) keys.push_back(key);
        api::ListFunctionsResponse out;
        TRY_ASSIGN(auto page, page_of(std::move(keys), in.Marker, std::min(in.MaxItems.value_or(50), 50)));
        out.Functions.emplace();
        for (auto& key : page.items) {
          auto& f = *functions_.find(c.region, key);
          out.Functions->push_back(as_listed(
              f, in.FunctionVersion == "ALL" ? arn(c.region, *f.FunctionName, *f.Version) : *f.FunctionArn));
        }
        out.NextMarker = page.next;
        return out;
      });
}

void LambdaService::add_delete() {
  held<op::DeleteFunction>(
      [this](const Call& c, const api::DeleteFunctionRequest& in) -> Result<op::DeleteFunction::Output> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
        TRY_ASSIGN(auto* f, find(c.region, n));
        if (n.qualifier == kLatest)
          return aws_error("InvalidParameterValueException",
                           "$LATEST version cannot be deleted without deleting the function.", 400);
        auto aliases = [&](const std::string& version) {
          std::vector<std::string> keys;
          for (auto& [key, a] : aliases_.in(c.region))
            if (key.starts_with(n.name + ":") && (version.empty() || a.FunctionVersion == version))
              keys.push_back(key);
          return keys;
        };
        if (n.version()) {
          if (!aliases(n.qualifier).empty())
            return aws_error(
                "ResourceConflictException",
                fmt::format("Unable to delete version because the following aliases reference it: {}",
                            aliases(n.qualifier)[0]),
                409);
          plane_.retire(c.region + "/" + n.name + "/" + n.qualifier + "/");
          functions_.erase(c.region, n.key());
          sweep_code(c.region, n.name);
          return op::DeleteFunction::Output{};
        }
        if (!n.latest())
          return aws_error("InvalidParameterValueException",
                           "Deletion of aliases is not currently supported by this operation.", 400);
        std::string name = *f->FunctionName;
        std::vector<std::string> keys;
        for (auto& [key, row] : functions_.in(c.region))
          if (row.FunctionName == name) keys.push_back(key);
        for (auto& key : aliases("")) aliases_.erase(c.region, key);
        for (auto& key : keys) functions_.erase(c.region, key);
        std::vector<std::string> policies;
        for (auto& [key, p] : policies_.in(c.region))
          if (key == name || key.starts_with(name + ":")) policies.push_back(key);
        for (auto& key : policies) policies_.erase(c.region, key);
        tags_.erase(c.region, name);
        reserved_.erase(c.region, name);
        numbers_.erase(c.region, name);
        plane_.retire(c.region + "/" + name + "/");
        sweep_code(c.region, name);
        world_.event(c.region, "lambda", name, "function deleted");
        return op::DeleteFunction::Output{};
      });
}

}  // namespace relight::sandbox

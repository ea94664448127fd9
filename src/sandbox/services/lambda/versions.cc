// Published versions: what $LATEST was, for good.
#include <algorithm>

#include "sandbox/services/lambda/page.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

int number_of(const Function& f) { return f.Version == kLatest ? 0 : std::stoi(*f.Version); }

// Whether publishing would make the same version again ("PublishVersion", AWS Lambda API Reference).
bool same_as(Function latest, Function version) {
  for (auto* f : {&latest, &version}) {
    f->Version.reset();
    f->FunctionArn.reset();
    f->RevisionId.reset();
    f->LastModified.reset();
    f->Description.reset();
    f->State.reset();
    f->StateReason.reset();
    f->StateReasonCode.reset();
    f->LastUpdateStatus.reset();
    f->LastUpdateStatusReason.reset();
    f->LastUpdateStatusReasonCode.reset();
  }
  return latest.save() == version.save();
}

}  // namespace

Result<Function> LambdaService::publish(Region r, Function& latest,
                                        const std::optional<std::string>& description) {
  std::string name = *latest.FunctionName;
  Function* last = nullptr;
  for (auto& [key, f] : functions_.in(r))
    if (f.FunctionName == name && f.Version != kLatest && (!last || number_of(f) > number_of(*last)))
      last = &f;
  if (last && same_as(latest, *last)) return *last;
  // A number is never given twice, even if the version has been deleted.
  auto* given = numbers_.find(r, name);
  int next = 1 + std::max(last ? number_of(*last) : 0, given ? given->value : 0);
  numbers_.put(r, name, {next});
  Function v = latest;
  v.Version = std::to_string(next);
  v.FunctionArn = arn(r, name, *v.Version);
  if (description) v.Description = description;
  v.RevisionId = world_.rng.uuid();
  std::string key = name + ":" + *v.Version;
  functions_.put(r, key, v);
  if (v.State == "Pending" || v.LastUpdateStatus == "InProgress") settle(r, key);
  return v;
}

void LambdaService::add_versions() {
  held<op::PublishVersion>(
      [this](const Call& c, const api::PublishVersionRequest& in) -> Result<api::FunctionConfiguration> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN(auto* f, changeable(c, n));
        if (in.CodeSha256 && !in.CodeSha256->empty() && in.CodeSha256 != f->CodeSha256)
          return aws_error("InvalidParameterValueException",
                           "CodeSHA256 (" + *in.CodeSha256 +
                               ") is different from current CodeSHA256 in $LATEST (" + *f->CodeSha256 +
                               "). Please try again with the CodeSHA256 in $LATEST.",
                           400);
        if (in.RevisionId && in.RevisionId != f->RevisionId)
          return aws_error("PreconditionFailedException",
                           "The Revision Id provided does not match the latest Revision Id. Call the "
                           "GetFunction/GetAlias API to retrieve the latest Revision Id",
                           412);
        TRY_ASSIGN(Function v, publish(c.region, *f, in.Description));
        world_.event(c.region, "lambda", n.name, "version " + *v.Version + " published");
        return v;
      });
  held<op::ListVersionsByFunction>(
      [this](const Call& c,
             const api::ListVersionsByFunctionRequest& in) -> Result<api::ListVersionsByFunctionResponse> {
        TRY_ASSIGN(Named n, named(c.region, in.FunctionName));
        TRY_ASSIGN([[maybe_unused]] auto* f, find(c.region, {n.name, ""}));
        // Ten digits, so that names sort as numbers do; $LATEST comes first.
        std::vector<std::string> keys;
        for (auto& [key, row] : functions_.in(c.region))
          if (row.FunctionName == n.name) keys.push_back(std::to_string(1'000'000'000 + number_of(row)));
        std::sort(keys.begin(), keys.end());
        api::ListVersionsByFunctionResponse out;
        TRY_ASSIGN(auto page, page_of(std::move(keys), in.Marker, std::min(in.MaxItems.value_or(50), 50)));
        out.Versions.emplace();
        for (auto& key : page.items) {
          int number = std::stoi(key) - 1'000'000'000;
          api::FunctionConfiguration v =
              *functions_.find(c.region, number == 0 ? n.name : n.name + ":" + std::to_string(number));
          v.FunctionArn = arn(c.region, n.name, *v.Version);
          out.Versions->push_back(v);
        }
        out.NextMarker = page.next;
        return out;
      });
}

}  // namespace relight::sandbox

#include <fmt/format.h>

#include "app/workshop.h"
#include "aws/codec/codec.h"
#include "aws/gen/models.h"
#include "base/disk.h"

namespace relight::app {
namespace {

Result<const aws::ServiceModel*> find_service(const std::string& id) {
  std::string known;
  for (auto* s : aws::models()) {
    if (s->id == id) return s;
    known += (known.empty() ? "" : ", ") + std::string(s->id);
  }
  return fail(Error{.code = "Usage.Service", .message = "there is no service '" + id + "'; known: " + known});
}

Result<std::string> call_by_name(aws::Caller& aws, const aws::ServiceModel& service, const aws::Operation& op,
                                 const std::string& json, const aws::CallOptions& options) {
  auto in = op.make_input(), out = op.make_output();
  TRY(aws::codec::from_json(*op.input, json, in.get()));
  TRY(aws.invoke(service, op, in.get(), out.get(), options));
  return aws::codec::to_json(*op.output, out.get());
}

Result<int> api(const Global& g, const ApiOptions& o) {
  TRY_ASSIGN(auto* service, find_service(o.service));
  auto* op = service->find(o.operation);
  if (!op)
    return fail(Error{.code = "Usage.Operation",
                      .message = fmt::format("{} has no operation '{}'", o.service, o.operation)});
  std::string input = o.input.empty() ? "{}" : o.input;
  if (input.starts_with('@')) {
    TRY_ASSIGN(input, system_disk().read(input.substr(1)));
  }
  auto servers = dns_servers(g, nullptr);
  auto resolver = dr::make_resolver(servers);
  TRY_ASSIGN(auto aws, AwsWorkshop::open(servers.empty() ? nullptr : resolver.get(), "", o.region));
  aws::CallOptions options;
  if (!o.region.empty()) options.region = o.region;
  TRY_ASSIGN(auto output, call_by_name(aws->caller(), *service, *op, input, options));
  fmt::print("{}\n", output);
  return int(kDone);
}

}  // namespace

int api_verb(const Global& g, const ApiOptions& o) {
  auto r = api(g, o);
  return r ? *r : report(r.error());
}

}  // namespace relight::app

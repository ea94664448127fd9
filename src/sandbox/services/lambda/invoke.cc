// Invoke: what is refused, what runs, what the caller hears.
#include <fmt/format.h>

#include <future>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "sandbox/services/lambda/limits.h"
#include "sandbox/services/lambda/on_behalf.h"
#include "sandbox/services/lambda/service.h"

namespace relight::sandbox {
using namespace functions;
namespace op = aws::lambda::op;

namespace {

constexpr auto kKeysLast = std::chrono::hours(14);
constexpr auto kKeysRenewedBefore = std::chrono::hours(7);  // an environment may use them for six
constexpr size_t kTail = 4096;

std::unexpected<Error> throttled(bool reserved) {
  Error e;
  e.code = "TooManyRequestsException";
  e.message = "Rate Exceeded.";
  e.http_status = 429;
  e.members = reserved ? R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User"})"
                       : R"({"Reason":"ConcurrentInvocationLimitExceeded","Type":"User"})";
  return fail(std::move(e));
}

std::string key_id(std::string random) {
  for (auto& c : random) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "ASIA" + random;
}

Result<> content_is_json(const std::string& payload) {
  if (payload.empty() || nlohmann::json::accept(payload)) return {};
  return aws_error("InvalidRequestContentException",
                   "Could not parse request body into json: the payload is not valid JSON", 400);
}

api::InvocationResponse answer_of(const function::Outcome& out, const std::string& version, bool tail) {
  api::InvocationResponse r;
  r.StatusCode = 200;
  r.ExecutedVersion = version;
  r.Payload = aws::Blob{out.payload};
  if (!out.error.empty()) r.FunctionError = out.error;
  if (tail) r.LogResult = base64(out.log.size() > kTail ? out.log.substr(out.log.size() - kTail) : out.log);
  return r;
}

}  // namespace

Result<LambdaService::Target> LambdaService::target(Region r, const Named& n) {
  Target t{.function = nullptr, .arn = arn(r, n.name, n.qualifier)};
  Named to = n;
  if (!n.latest() && !n.version())
    if (auto* a = aliases_.find(r, n.key())) {
      to.qualifier = *a->FunctionVersion;
      if (a->RoutingConfig && a->RoutingConfig->AdditionalVersionWeights)
        for (auto& [version, weight] : *a->RoutingConfig->AdditionalVersionWeights)
          if (world_.rng.unit() < weight) to.qualifier = version;
    }
  TRY_ASSIGN(t.function, find(r, to));
  if (t.function->State != "Active" && t.function->State != "Inactive")
    return aws_error("ResourceConflictException",
                     fmt::format("The operation cannot be performed at this time. The function is currently "
                                 "in the following state: {}",
                                 *t.function->State),
                     409);
  return t;
}

Principal LambdaService::credentials(Region r, const Function& f) {
  Principal& p = credentials_[r + "/" + *f.FunctionName + "/" + *f.Role];
  if (!p.access_key.empty() && p.expires - world_.clock.now() > kKeysRenewedBefore) return p;
  p = {.access_key = key_id(world_.rng.hex(16)),
       .secret_key = world_.rng.hex(40),
       .session_token = world_.rng.hex(128),
       .arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", world_.account(),
                          f.Role->substr(f.Role->rfind('/') + 1), *f.FunctionName),
       .expires = world_.clock.now() + kKeysLast};
  world_.add_principal(p);
  return p;
}

function::Spec LambdaService::spec_of(Region r, const Target& t) {
  const Function& f = *t.function;
  function::Spec s;
  s.key = r + "/" + *f.FunctionName + "/" + *f.Version + "/" + *f.RevisionId;
  s.region = r;
  s.name = *f.FunctionName;
  s.version = *f.Version;
  s.arn = t.arn;
  s.runtime = *f.Runtime;
  s.handler = *f.Handler;
  s.role_arn = *f.Role;
  s.code_dir = code_dir(r, s.name, hex(unbase64(*f.CodeSha256).value_or("")));
  if (f.Environment && f.Environment->Variables) s.env = *f.Environment->Variables;
  Principal p = credentials(r, f);
  s.env["AWS_ACCESS_KEY_ID"] = p.access_key;
  s.env["AWS_SECRET_ACCESS_KEY"] = p.secret_key;
  s.env["AWS_SESSION_TOKEN"] = p.session_token;
  s.env.insert({"AWS_ENDPOINT_URL", world_.api_endpoint()});  // the function's own choice goes first
  s.dns = world_.dns_address();
  s.memory_mib = f.MemorySize.value_or(128);
  s.scratch_mib = f.EphemeralStorage ? f.EphemeralStorage->Size.value_or(512) : 512;
  s.timeout = std::chrono::seconds(f.Timeout.value_or(3));
  return s;
}

Result<> LambdaService::begin(Region r, const Target& t, function::Request request, Done done) {
  std::string name = *t.function->FunctionName;
  auto* reserved = reserved_.find(r, name);
  int32_t limit = reserved ? reserved->ReservedConcurrentExecutions.value_or(0) : -1;
  if (!in_flight_->begin(r, name, limit, kAccountConcurrency)) return throttled(limit >= 0);
  if (request.payload.empty()) request.payload = "{}";
  if (request.trace.empty())
    request.trace =
        fmt::format("Root=1-{:08x}-{};Sampled=0",
                    world_.clock.now().time_since_epoch() / std::chrono::seconds(1), world_.rng.hex(24));
  plane_.invoke(spec_of(r, t), std::move(request),
                [this, r, name, in_flight = in_flight_, done = std::move(done)](function::Outcome out) {
                  in_flight->end(r, name);
                  if (!out.log.empty() && !out.stream.empty())
                    world_.after(Millis{0}, [this, r, name, stream = out.stream, log = out.log] {
                      write_logs(r, name, stream, log);
                    });
                  done(std::move(out));
                });
  return {};
}

void LambdaService::add_invoke() {
  on<op::Invoke>([this](const Call& c, const api::InvocationRequest& in) -> Result<api::InvocationResponse> {
    std::string type = in.InvocationType.value_or("RequestResponse");
    function::Request request{.id = c.raw ? c.request_id : world_.rng.uuid(),
                              .payload = in.Payload ? in.Payload->bytes : "",
                              .trace = ""};
    if (request.id.empty()) request.id = world_.rng.uuid();
    if (request.payload.size() > (type == "Event" ? kEventMax : kRequestMax))
      return aws_error("RequestTooLargeException",
                       fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation",
                                   type == "Event" ? kEventMax : kRequestMax),
                       413);
    TRY(content_is_json(request.payload));
    auto outcome = std::make_shared<std::promise<function::Outcome>>();
    std::string version;
    {
      std::lock_guard g(world_.lock());
      TRY_ASSIGN(Named n, named(c.region, in.FunctionName, in.Qualifier));
      TRY_ASSIGN(Target t, target(c.region, n));
      version = *t.function->Version;
      if (!c.raw) TRY(may_invoke(c.region, n, in.ClientContext.value_or("")));
      if (type == "DryRun") return api::InvocationResponse{.StatusCode = 204};
      if (type == "Event") {
        deliver({.region = c.region, .to = n, .request = std::move(request), .accepted = world_.clock.now()});
        return api::InvocationResponse{.StatusCode = 202};
      }
      if (!c.raw)
        return aws_error(
            "ServiceException",
            "a synchronous invocation from inside the sandbox would wait with the world's lock held", 500);
      if (in.ClientContext) request.client_context = unbase64(*in.ClientContext).value_or("");
      TRY(begin(c.region, t, std::move(request),
                [outcome](function::Outcome o) { outcome->set_value(std::move(o)); }));
    }
    function::Outcome out = outcome->get_future().get();  // the plane always says how it ended
    if (out.lost)
      return aws_error("ServiceException", "the function was under way when the region, or the sandbox, went",
                       500);
    return answer_of(out, version, in.LogType == "Tail");
  });
}

}  // namespace relight::sandbox

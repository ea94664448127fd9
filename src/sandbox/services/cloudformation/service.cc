#include "sandbox/services/cloudformation/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/iam.h"
#include "aws/gen/s3.h"

namespace relight::sandbox {

namespace {

constexpr size_t kStackLimit = 2000, kBodyLimit = 51'200;

bool busy(const cfn::Stack& s) { return !s.op.empty(); }

}  // namespace

namespace cfn {

Json json_of(const std::optional<std::vector<aws::cloudformation::Parameter>>& parameters) {
  Json out = Json::array();
  if (!parameters) return out;
  for (auto& p : *parameters) {
    Json j{{"ParameterKey", p.ParameterKey.value_or("")}};
    if (p.ParameterValue) j["ParameterValue"] = *p.ParameterValue;
    if (p.UsePreviousValue) j["UsePreviousValue"] = *p.UsePreviousValue;
    out.push_back(j);
  }
  return out;
}

Json json_of(const std::optional<std::vector<aws::cloudformation::Tag>>& tags) {
  Json out = Json::array();
  if (!tags) return out;
  for (auto& t : *tags) out.push_back({{"Key", t.Key.value_or("")}, {"Value", t.Value.value_or("")}});
  return out;
}

std::vector<aws::cloudformation::Tag> tags_of(const Json& tags) {
  std::vector<aws::cloudformation::Tag> out;
  for (auto& t : tags) out.push_back({.Key = t.value("Key", ""), .Value = t.value("Value", "")});
  return out;
}

std::vector<aws::cloudformation::Parameter> parameters_of(const Json& parameters,
                                                          const std::set<std::string>& secrets) {
  std::vector<aws::cloudformation::Parameter> out;
  for (auto& [k, v] : parameters.items())
    out.push_back({.ParameterKey = k, .ParameterValue = secrets.contains(k) ? "****" : as_text(v)});
  return out;
}

std::unexpected<Error> not_now(const Stack& s, std::string_view verb) {
  return aws_error("ValidationError",
                   fmt::format("Stack:{} is in {} state and can not be {}.", s.id, s.status, verb), 400);
}

}  // namespace cfn

CloudFormationService::CloudFormationService(World& w)
    : Service(w, aws::cloudformation::model()),
      stacks_(w, "cloudformation/stacks"),
      changes_(w, "cloudformation/changes"),
      engine_(w, exports()) {
  register_stacks();
  register_lists();
  register_exports();
  register_events();
  register_resources();
  register_templates();
  register_summaries();
  register_changes();
  register_change_lists();
  register_drifts();
}

void CloudFormationService::start() {
  for (auto& r : world_.settings.regions) resume(r);
}

void CloudFormationService::resume(const std::string& region) {
  for (auto& [id, s] : stacks_.in(region))
    if (busy(s)) drive(region, id);
  for (auto& [id, s] : stacks_.in(region)) settle_drift(region, id);
  for (auto& [id, c] : changes_.in(region))
    if (c.status == "CREATE_IN_PROGRESS") settle_change_set(region, id);
}

void CloudFormationService::save(const std::string& region, cfn::Stack& s) {
  stacks_.save(region, s.id, s);
  s.dirty = false;
}

void CloudFormationService::begin(const Call& c, cfn::Stack& s, const std::string& op) {
  // "AWS CloudFormation service role": without one, a session of the caller's credentials.
  s.actor = s.role.empty() ? c.principal
                           : fmt::format("arn:aws:sts::{}:assumed-role/{}/AWSCloudFormation",
                                         world_.account(), s.role.substr(s.role.rfind('/') + 1));
  engine_.begin(c.region, s, op);
  save(c.region, s);
  drive(c.region, s.id);
}

// Looks at the stack again and again until its operation has ended.
void CloudFormationService::drive(const std::string& region, const std::string& id) {
  Millis pause = world_.settings.latency == Latency::kInstant ? Millis{15} : Millis{500};
  world_.after(Millis{0}, [this, region, id, pause] {
    cfn::Stack* s = stacks_.find(region, id);
    if (!s || !world_.links().up(region)) return;
    bool more = false;
    try {
      more = engine_.advance(region, *s);
    } catch (const cfn::Json::exception& e) {  // a property of a kind that the JSON library will not convert
      std::string status = s->op == "create"   ? "CREATE_FAILED"
                           : s->op == "delete" ? "DELETE_FAILED"
                                               : "UPDATE_ROLLBACK_FAILED";
      engine_.stack_status(region, *s, status, std::string("Internal failure: ") + e.what());
      s->op.clear();
    }
    if (s->dirty || !more) save(region, *s);
    if (more) world_.after(pause, [this, region, id] { drive(region, id); });
  });
}

std::string CloudFormationService::arn(const std::string& region, const std::string& kind,
                                       const std::string& name) {
  return fmt::format("arn:aws:cloudformation:{}:{}:{}/{}/{}", region, world_.account(), kind, name,
                     world_.rng.uuid());
}

cfn::Stack* CloudFormationService::live(const std::string& region, const std::string& name) {
  for (auto& [id, s] : stacks_.in(region))
    if ((s.name == name || s.id == name) && s.status != "DELETE_COMPLETE") return &s;
  return nullptr;
}

Result<cfn::Stack*> CloudFormationService::stack(const std::string& region, const std::string& name) {
  if (auto* s = live(region, name)) return s;
  if (auto* s = stacks_.find(region, name)) return s;
  return aws_error("ValidationError", fmt::format("Stack with id {} does not exist", name), 400);
}

cfn::Exports CloudFormationService::exports() {
  auto find = [this](const std::string& region, const std::string& name, const std::string& but, auto&& use) {
    for (auto& [id, s] : stacks_.in(region))
      if (s.status != "DELETE_COMPLETE" && id != but)
        for (auto& o : s.outputs)
          if (o.value("ExportName", "") == name) use(s, o);
  };
  cfn::Exports e;
  e.value = [find](const std::string& region, const std::string& name) {
    std::optional<std::string> v;
    find(region, name, "", [&](auto&, auto& o) { v = o.value("OutputValue", ""); });
    return v;
  };
  e.owner = [find](const std::string& region, const std::string& name, const std::string& but) {
    std::string owner;
    find(region, name, but, [&](auto& s, auto&) { owner = s.name; });
    return owner;
  };
  e.user = [this](const std::string& region, const std::string& name, const std::string& but) {
    for (auto& [id, s] : stacks_.in(region))
      if (s.status != "DELETE_COMPLETE" && id != but && s.imports.contains(name)) return s.name;
    return std::string();
  };
  return e;
}

// A template comes in the request or lies in S3 (https://BUCKET.s3.REGION.amazonaws.com/KEY, or with the
// bucket in the path).
Result<std::string> CloudFormationService::body(const std::string& region,
                                                const std::optional<std::string>& text,
                                                const std::optional<std::string>& url) {
  // "Maximum size of a template body that you can pass": 51,200 bytes; through S3, 1 MB.
  if (text && text->size() > kBodyLimit)
    return aws_error("ValidationError",
                     fmt::format("1 validation error detected: Value at 'templateBody' failed to satisfy "
                                 "constraint: Member must have "
                                 "length less than or equal to {}",
                                 kBodyLimit),
                     400);
  if (text && url)
    return aws_error("ValidationError",
                     "You must specify either Template URL or Template Body, but not both.", 400);
  if (text) return *text;
  if (!url)
    return aws_error("ValidationError", "Either Template URL or Template Body must be specified.", 400);
  size_t host_at = url->find("://"),
         path_at = host_at == std::string::npos ? host_at : url->find('/', host_at + 3);
  if (path_at == std::string::npos)
    return aws_error("ValidationError", "TemplateURL must be a supported URL.", 400);
  std::string host = url->substr(host_at + 3, path_at - host_at - 3), path = url->substr(path_at + 1), bucket;
  path = path.substr(0, path.find('?'));
  if (size_t cut = host.find(".s3"); cut != std::string::npos)
    bucket = host.substr(0, cut);
  else {
    bucket = path.substr(0, path.find('/'));
    path = path.substr(std::min(path.size(), bucket.size() + 1));
  }
  auto got = world_.call<aws::s3::op::GetObject>(region, {.Bucket = bucket, .Key = path});
  if (!got) return aws_error("ValidationError", fmt::format("S3 error: {}", got.error().message), 400);
  return got->Body.value_or(http::Body{}).read();
}

// What the table of types knows: types, attributes, and which types have snapshots.
Result<> CloudFormationService::check_types(const cfn::Json& t) {
  for (auto& [n, r] : t["Resources"].items()) {
    const cfn::ResourceType* type = cfn::find_type(r["Type"].get<std::string>());
    if (!type && r.contains("Condition")) continue;  // it may never be made
    if (!type)
      return aws_error(
          "ValidationError",
          fmt::format("Template format error: Unrecognized resource types: [{}] (resource {}); this sandbox "
                      "builds the types that 'relight-sandbox coverage' lists",
                      r["Type"].get<std::string>(), n),
          400);
    for (const char* policy : {"DeletionPolicy", "UpdateReplacePolicy"})
      if (r.contains(policy) && r[policy] == "Snapshot" && type->snapshot.empty())
        return aws_error(
            "ValidationError",
            fmt::format("Template error: resource type {} does not support deletion policy Snapshot",
                        type->name),
            400);
  }
  return {};
}

Result<CloudFormationService::Wanted> CloudFormationService::wanted(
    std::string text, const std::optional<std::vector<aws::cloudformation::Parameter>>& given,
    const cfn::Json& previous, const Texts& capabilities) {
  Wanted w;
  TRY_ASSIGN(w.tmpl, cfn::parse_template(text));
  TRY(cfn::check_template(w.tmpl));
  TRY(check_types(w.tmpl));
  TRY(capable(w.tmpl, capabilities));
  TRY_ASSIGN(w.target.parameters, engine_.parameters(w.tmpl, cfn::json_of(given), previous));
  w.target.body = std::move(text);
  return w;
}

void CloudFormationService::aim(cfn::Stack& s, const Wanted& w) {
  s.description = w.tmpl.value("Description", "");
  const cfn::Json defined = w.tmpl.value("Parameters", cfn::Json::object());
  for (auto& [name, d] : defined.items())
    if (cfn::as_text(d.value("NoEcho", cfn::Json(false))) == "true") s.secrets.insert(name);
}

Result<> CloudFormationService::capable(const cfn::Json& tmpl, const Texts& given) {
  auto has = [&](const char* c) {
    return given && std::find(given->begin(), given->end(), c) != given->end();
  };
  for (auto& [n, r] : tmpl["Resources"].items()) {
    if (!r["Type"].get<std::string>().starts_with("AWS::IAM::")) continue;
    bool named = r.value("Properties", cfn::Json::object()).contains("RoleName");
    if (has("CAPABILITY_NAMED_IAM") || (!named && has("CAPABILITY_IAM"))) continue;
    return aws_error(
        "InsufficientCapabilitiesException",
        fmt::format("Requires capabilities : [{}]", named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"), 400);
  }
  return {};
}

// The role must be there; whether it trusts CloudFormation is not looked at.
Result<> CloudFormationService::assumable(const std::optional<std::string>& role_arn) {
  if (!role_arn) return {};
  if (world_.call<aws::iam::op::GetRole>("us-east-1",
                                         {.RoleName = role_arn->substr(role_arn->rfind('/') + 1)}))
    return {};
  return aws_error("ValidationError", fmt::format("Role {} is invalid or cannot be assumed", *role_arn), 400);
}

Result<cfn::Stack*> CloudFormationService::make(const std::string& region, const std::string& name,
                                                const std::string& status) {
  bool ok = !name.empty() && name.size() <= 128 && ((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z') &&
            std::all_of(name.begin(), name.end(),
                        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; });
  if (!ok)
    return aws_error(
        "ValidationError",
        fmt::format("1 validation error detected: Value '{}' at 'stackName' failed to satisfy constraint: "
                    "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
                    name),
        400);
  if (live(region, name))
    return aws_error("AlreadyExistsException", fmt::format("Stack [{}] already exists", name), 400);
  if (stacks_.in(region).size() >= kStackLimit)
    return aws_error("LimitExceededException", "Limit for stack has been exceeded", 400);
  cfn::Stack s;
  s.name = name;
  s.id = arn(region, "stack", name);
  s.status = status;
  s.created_ms = world_.clock.now().time_since_epoch().count();
  std::string id = s.id;
  return &stacks_.put(region, id, std::move(s));
}

}  // namespace relight::sandbox

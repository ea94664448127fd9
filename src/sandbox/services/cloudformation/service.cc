#include "sandbox/services/cloudformation/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/gen/s3.h"

namespace relight::sandbox {

using namespace aws::cloudformation;
namespace {

constexpr size_t kStackLimit = 2000;

cfn::Json json_of(const std::optional<std::vector<Parameter>>& ps) {
  cfn::Json out = cfn::Json::array();
  for (auto& p : ps.value_or(std::vector<Parameter>{})) {
    cfn::Json j{{"ParameterKey", p.ParameterKey.value_or("")}};
    if (p.ParameterValue) j["ParameterValue"] = *p.ParameterValue;
    if (p.UsePreviousValue) j["UsePreviousValue"] = *p.UsePreviousValue;
    out.push_back(j);
  }
  return out;
}

cfn::Json json_of(const std::optional<std::vector<Tag>>& tags) {
  cfn::Json out = cfn::Json::array();
  for (auto& t : tags.value_or(std::vector<Tag>{})) out.push_back({{"Key", t.Key.value_or("")}, {"Value", t.Value.value_or("")}});
  return out;
}

bool busy(const cfn::Stack& s) { return !s.op.empty(); }

std::unexpected<Error> not_now(const cfn::Stack& s, std::string_view verb) {
  return aws_error("ValidationError", fmt::format("Stack:{} is in {} state and can not be {}.", s.id, s.status, verb), 400);
}

}  // namespace

CloudFormationService::CloudFormationService(World& w)
    : Service(w, aws::cloudformation::model()), stacks_(w, "cloudformation/stacks"), changes_(w, "cloudformation/changes"),
      engine_(w, [this](const std::string& region, const std::string& name) { return exported(region, name); }) {
  register_stacks();
  register_reads();
  register_changes();
}

void CloudFormationService::start() {
  for (auto& r : world_.settings.regions) resume(r);
}

void CloudFormationService::resume(const std::string& region) {
  for (auto& [id, s] : stacks_.in(region))
    if (busy(s)) drive(region, id);
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
      engine_.stack_status(region, *s, s->op == "create" ? "CREATE_FAILED" : "UPDATE_ROLLBACK_FAILED", std::string("Internal failure: ") + e.what());
      s->op.clear();
    }
    stacks_.save(region, id, *s);
    if (more) world_.after(pause, [this, region, id] { drive(region, id); });
  });
}

std::string CloudFormationService::arn(const std::string& region, const std::string& kind, const std::string& name) {
  return fmt::format("arn:aws:cloudformation:{}:{}:{}/{}/{}", region, world_.account(), kind, name, world_.rng.uuid());
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

std::optional<std::string> CloudFormationService::exported(const std::string& region, const std::string& name) {
  for (auto& [id, s] : stacks_.in(region))
    if (s.status != "DELETE_COMPLETE")
      for (auto& o : s.outputs)
        if (o.value("ExportName", "") == name) return o.value("OutputValue", "");
  return std::nullopt;
}

// A template comes in the request or lies in S3 (https://BUCKET.s3.REGION.amazonaws.com/KEY, or with the bucket in the path).
Result<std::string> CloudFormationService::body(const std::string& region, const std::optional<std::string>& text,
                                                const std::optional<std::string>& url) {
  if (text) return *text;
  if (!url) return aws_error("ValidationError", "Either Template URL or Template Body must be specified.", 400);
  size_t host_at = url->find("://"), path_at = host_at == std::string::npos ? host_at : url->find('/', host_at + 3);
  if (path_at == std::string::npos) return aws_error("ValidationError", "TemplateURL must be a supported URL.", 400);
  std::string host = url->substr(host_at + 3, path_at - host_at - 3), path = url->substr(path_at + 1), bucket;
  path = path.substr(0, path.find('?'));
  if (size_t cut = host.find(".s3"); cut != std::string::npos) bucket = host.substr(0, cut);
  else {
    bucket = path.substr(0, path.find('/'));
    path = path.substr(std::min(path.size(), bucket.size() + 1));
  }
  auto got = world_.call<aws::s3::op::GetObject>(region, {.Bucket = bucket, .Key = path});
  if (!got) return aws_error("ValidationError", fmt::format("S3 error: {}", got.error().message), 400);
  return got->Body.value_or(http::Body{}).read();
}

Result<cfn::Target> CloudFormationService::target(const std::string& body, const cfn::Json& given, const cfn::Json& previous) {
  TRY_ASSIGN(cfn::Json t, cfn::parse_template(body));
  TRY(cfn::check_template(t));
  for (auto& [n, r] : t["Resources"].items())
    if (!cfn::find_type(r["Type"].get<std::string>()) && !r.contains("Condition"))
      return aws_error("ValidationError", fmt::format("Template format error: Unrecognized resource types: [{}] (resource {}); this sandbox "
                                                      "builds the types that 'relight-sandbox coverage' lists", r["Type"].get<std::string>(), n), 400);
  TRY_ASSIGN(cfn::Json p, engine_.parameters(t, given, previous));
  return cfn::Target{body, std::move(p)};
}

Result<> CloudFormationService::capable(const cfn::Json& tmpl, const std::optional<std::vector<std::string>>& given) {
  auto has = [&](const char* c) { return given && std::find(given->begin(), given->end(), c) != given->end(); };
  for (auto& [n, r] : tmpl["Resources"].items()) {
    if (!r["Type"].get<std::string>().starts_with("AWS::IAM::")) continue;
    bool named = r.value("Properties", cfn::Json::object()).contains("RoleName");
    if (has("CAPABILITY_NAMED_IAM") || (!named && has("CAPABILITY_IAM"))) continue;
    return aws_error("InsufficientCapabilitiesException", fmt::format("Requires capabilities : [{}]", named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"), 400);
  }
  return {};
}

Result<cfn::Stack*> CloudFormationService::make(const std::string& region, const std::string& name, const std::string& status) {
  bool ok = !name.empty() && name.size() <= 128 && ((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z') &&
            std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; });
  if (!ok) return aws_error("ValidationError", fmt::format("1 validation error detected: Value '{}' at 'stackName' failed to satisfy constraint: "
                                                           "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name), 400);
  if (live(region, name)) return aws_error("AlreadyExistsException", fmt::format("Stack [{}] already exists", name), 400);
  if (stacks_.in(region).size() >= kStackLimit) return aws_error("LimitExceededException", "Limit for stack has been exceeded", 400);
  cfn::Stack s;
  s.name = name;
  s.id = arn(region, "stack", name);
  s.status = status;
  s.created_ms = world_.clock.now().time_since_epoch().count();
  std::string id = s.id;
  return &stacks_.put(region, id, std::move(s));
}

void CloudFormationService::register_stacks() {
  on<op::CreateStack>([this](const Call& c, const op::CreateStack::Input& in) -> R<op::CreateStack::Output> {
    TRY_ASSIGN(std::string text, body(c.region, in.TemplateBody, in.TemplateURL));
    TRY_ASSIGN(cfn::Target t, target(text, json_of(in.Parameters), cfn::Json::object()));
    TRY_ASSIGN(cfn::Json tmpl, cfn::parse_template(text));
    TRY(capable(tmpl, in.Capabilities));
    TRY_ASSIGN(cfn::Stack * s, make(c.region, in.StackName.value_or(""), "CREATE_IN_PROGRESS"));
    s->target = std::move(t);
    s->tags = json_of(in.Tags);
    s->description = tmpl.value("Description", "");
    s->keep_on_failure = in.DisableRollback.value_or(false) || in.OnFailure.value_or("") == "DO_NOTHING";
    s->protected_ = in.EnableTerminationProtection.value_or(false);
    engine_.begin(c.region, *s, "create");
    stacks_.save(c.region, s->id, *s);
    drive(c.region, s->id);
    return op::CreateStack::Output{.StackId = s->id};
  });
  on<op::UpdateStack>([this](const Call& c, const op::UpdateStack::Input& in) -> R<op::UpdateStack::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    if (busy(*s) || !s->status.ends_with("_COMPLETE") || s->status == "ROLLBACK_COMPLETE") return not_now(*s, "updated");
    std::string text = s->target.body;
    if (!in.UsePreviousTemplate.value_or(false)) {
      TRY_ASSIGN(text, body(c.region, in.TemplateBody, in.TemplateURL));
    }
    TRY_ASSIGN(cfn::Target t, target(text, json_of(in.Parameters), s->target.parameters));
    TRY_ASSIGN(cfn::Json tmpl, cfn::parse_template(text));
    TRY(capable(tmpl, in.Capabilities));
    TRY_ASSIGN(cfn::Json changes, compare(c.region, *s, t));
    if (changes.empty() && text == s->target.body) return aws_error("ValidationError", "No updates are to be performed.", 400);
    s->previous = std::exchange(s->target, std::move(t));
    if (in.Tags) s->tags = json_of(in.Tags);
    engine_.begin(c.region, *s, "update");
    stacks_.save(c.region, s->id, *s);
    drive(c.region, s->id);
    return op::UpdateStack::Output{.StackId = s->id};
  });
  on<op::DeleteStack>([this](const Call& c, const op::DeleteStack::Input& in) -> R<op::DeleteStack::Output> {
    cfn::Stack* s = live(c.region, in.StackName.value_or(""));
    if (!s) return op::DeleteStack::Output{};  // deleting what is not there succeeds, as on AWS
    if (s->protected_) return aws_error("ValidationError", fmt::format("Stack [{}] cannot be deleted while TerminationProtection is enabled", s->name), 400);
    if (busy(*s) && s->op != "delete") return not_now(*s, "deleted");
    engine_.begin(c.region, *s, "delete");
    stacks_.save(c.region, s->id, *s);
    drive(c.region, s->id);
    return op::DeleteStack::Output{};
  });
  on<op::UpdateTerminationProtection>([this](const Call& c, const op::UpdateTerminationProtection::Input& in) -> R<op::UpdateTerminationProtection::Output> {
    TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
    s->protected_ = in.EnableTerminationProtection.value_or(false);
    stacks_.save(c.region, s->id, *s);
    return op::UpdateTerminationProtection::Output{.StackId = s->id};
  });
}

}  // namespace relight::sandbox

// Templates: shown, validated, summed up.
#include <fmt/format.h>

#include <algorithm>

#include "sandbox/services/cloudformation/service.h"

namespace relight::sandbox {

namespace cfapi = aws::cloudformation;
namespace cfop = aws::cloudformation::op;

void CloudFormationService::register_templates() {
  on<cfop::GetTemplate>([this](const Call& c, const auto& in) -> Out<cfop::GetTemplate> {
    cfop::GetTemplate::Output o;
    if (in.ChangeSetName) {
      TRY_ASSIGN(cfn::ChangeSet * cs, change_set(c.region, *in.ChangeSetName, in.StackName));
      o.TemplateBody = cs->target.body;
    } else {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, in.StackName.value_or("")));
      o.TemplateBody = s->target.body;
    }
    o.StagesAvailable = {"Original", "Processed"};
    return o;
  });
  on<cfop::ValidateTemplate>([this](const Call& c, const auto& in) -> Out<cfop::ValidateTemplate> {
    TRY_ASSIGN(std::string b, body(c.region, in.TemplateBody, in.TemplateURL));
    TRY_ASSIGN(cfn::Json t, cfn::parse_template(b));
    TRY(cfn::check_template(t));
    cfop::ValidateTemplate::Output o;
    if (t.contains("Description")) o.Description = cfn::as_text(t["Description"]);
    o.Parameters.emplace();
    const cfn::Json defined = t.value("Parameters", cfn::Json::object());
    for (auto& [k, d] : defined.items()) {
      cfapi::TemplateParameter p;
      p.ParameterKey = k;
      if (d.contains("Default")) p.DefaultValue = cfn::as_text(d["Default"]);
      p.NoEcho = cfn::as_text(d.value("NoEcho", cfn::Json(false))) == "true";
      if (d.contains("Description")) p.Description = cfn::as_text(d["Description"]);
      o.Parameters->push_back(std::move(p));
    }
    if (!capable(t, std::nullopt)) o.Capabilities = {"CAPABILITY_IAM"};
    return o;
  });
}

void CloudFormationService::register_summaries() {
  on<cfop::GetTemplateSummary>([this](const Call& c, const auto& in) -> Out<cfop::GetTemplateSummary> {
    std::string b;
    if (in.StackName) {
      TRY_ASSIGN(cfn::Stack * s, stack(c.region, *in.StackName));
      b = s->target.body;
    } else {
      TRY_ASSIGN(b, body(c.region, in.TemplateBody, in.TemplateURL));
    }
    TRY_ASSIGN(cfn::Json t, cfn::parse_template(b));
    TRY(cfn::check_template(t));
    cfop::GetTemplateSummary::Output o;
    o.Parameters.emplace();
    const cfn::Json defined = t.value("Parameters", cfn::Json::object());
    for (auto& [k, d] : defined.items()) {
      cfapi::ParameterDeclaration p;
      p.ParameterKey = k;
      if (d.contains("Default")) p.DefaultValue = cfn::as_text(d["Default"]);
      p.ParameterType = d.value("Type", "String");
      p.NoEcho = cfn::as_text(d.value("NoEcho", cfn::Json(false))) == "true";
      o.Parameters->push_back(std::move(p));
    }
    o.ResourceTypes.emplace();
    for (auto& [n, r] : t["Resources"].items()) o.ResourceTypes->push_back(cfn::as_text(r["Type"]));
    if (!capable(t, std::nullopt)) o.Capabilities = {"CAPABILITY_IAM"};
    return o;
  });
}

}  // namespace relight::sandbox

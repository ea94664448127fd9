// Account settings and tags.
#include <algorithm>

#include "sandbox/services/ecs/service.h"

namespace relight::sandbox {

using namespace ecs;
namespace op = aws::ecs::op;

namespace {

const std::map<std::string, std::string> kDefaults{{"serviceLongArnFormat", "enabled"},
                                                   {"taskLongArnFormat", "enabled"},
                                                   {"containerInstanceLongArnFormat", "enabled"},
                                                   {"awsvpcTrunking", "disabled"},
                                                   {"containerInsights", "disabled"},
                                                   {"tagResourceAuthorization", "off"},
                                                   {"fargateFIPSMode", "disabled"}};

}  // namespace

// Where the tags of a resource are kept; the caller saves the row.
Result<std::optional<std::vector<api::Tag>>*> EcsService::tags_at(const std::string& region,
                                                                  const std::string& a) {
  size_t kind = a.rfind(':', a.find('/')), slash = a.find('/');
  auto missing = aws_error("InvalidParameterException", "The specified resource was not found: " + a);
  if (!a.starts_with("arn:aws:ecs:" + region + ":") || slash == std::string::npos) return missing;
  std::string type = a.substr(kind + 1, slash - kind - 1), id = a.substr(slash + 1);
  if (type == "cluster")
    if (auto* r = clusters_.find(region, id)) return &r->v.tags;
  if (type == "service")
    if (auto* r = services_.find(region, id)) return &r->v.tags;
  if (type == "task")
    if (auto* r = tasks_.find(region, id)) return &r->v.tags;
  if (type == "task-definition")
    if (auto* r = definitions_.find(region, id)) return &r->v.tags;
  return missing;
}

void EcsService::build_settings() {
  auto save_at = [this](const std::string& region, const std::string& a) {
    std::string id = a.substr(a.find('/') + 1);
    if (auto* r = clusters_.find(region, id)) clusters_.save(region, id, *r);
    if (auto* r = services_.find(region, id)) services_.save(region, id, *r);
    if (auto* r = tasks_.find(region, id)) tasks_.save(region, id, *r);
    if (auto* r = definitions_.find(region, id)) definitions_.save(region, id, *r);
  };
  on<op::TagResource>([this, save_at](const Call& c, const auto& in) -> Result<api::TagResourceResponse> {
    TRY_ASSIGN(auto* tags, tags_at(c.region, *in.resourceArn));
    if (!*tags) tags->emplace();
    for (auto& t : *in.tags) {
      std::erase_if(**tags, [&](auto& old) { return old.key == t.key; });
      (*tags)->push_back(t);
    }
    if ((*tags)->size() > 50)
      return (*tags)->resize(50), aws_error("InvalidParameterException", "A resource has at most 50 tags.");
    save_at(c.region, *in.resourceArn);
    return api::TagResourceResponse{};
  });
  on<op::UntagResource>([this, save_at](const Call& c, const auto& in) -> Result<api::UntagResourceResponse> {
    TRY_ASSIGN(auto* tags, tags_at(c.region, *in.resourceArn));
    if (*tags)
      std::erase_if(**tags, [&](auto& t) {
        return std::find(in.tagKeys->begin(), in.tagKeys->end(), t.key.value_or("")) != in.tagKeys->end();
      });
    save_at(c.region, *in.resourceArn);
    return api::UntagResourceResponse{};
  });
  on<op::ListTagsForResource>(
      [this](const Call& c, const auto& in) -> Result<api::ListTagsForResourceResponse> {
        TRY_ASSIGN(auto* tags, tags_at(c.region, *in.resourceArn));
        return api::ListTagsForResourceResponse{tags->value_or(List<api::Tag>{})};
      });
  auto put = [this](const Call& c, const std::string& name, const std::string& value,
                    const std::string& who) -> Result<api::Setting> {
    if (!kDefaults.contains(name))
      return aws_error("InvalidParameterException", "unknown account setting " + name);
    SettingRow row;
    row.v = {name, value, who};
    settings_.put(c.region, who + "|" + name, row);
    return row.v;
  };
  on<op::PutAccountSetting>([put](const Call& c, const auto& in) -> Result<api::PutAccountSettingResponse> {
    TRY_ASSIGN(auto s, put(c, *in.name, *in.value, in.principalArn.value_or(c.principal)));
    return api::PutAccountSettingResponse{s};
  });
  on<op::PutAccountSettingDefault>(
      [this, put](const Call& c, const auto& in) -> Result<api::PutAccountSettingDefaultResponse> {
        TRY_ASSIGN(auto s, put(c, *in.name, *in.value, "arn:aws:iam::" + world_.account() + ":root"));
        return api::PutAccountSettingDefaultResponse{s};
      });
  on<op::ListAccountSettings>(
      [this](const Call& c, const auto& in) -> Result<api::ListAccountSettingsResponse> {
        api::ListAccountSettingsResponse out;
        out.settings.emplace();
        std::string who = in.principalArn.value_or(c.principal),
                    root = "arn:aws:iam::" + world_.account() + ":root";
        for (auto& [name, standard] : kDefaults) {
          auto* row = settings_.find(c.region, who + "|" + name);
          bool effective = in.effectiveSettings.value_or(false);
          if (!row && effective) row = settings_.find(c.region, root + "|" + name);
          if (!row && !effective) continue;
          api::Setting s{name, row ? *row->v.value : standard, who};
          if ((!in.name || *in.name == name) && (!in.value || in.value == s.value))
            out.settings->push_back(s);
        }
        return out;
      });
}

}  // namespace relight::sandbox

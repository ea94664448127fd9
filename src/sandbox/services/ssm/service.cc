// Parameters written, deleted, tagged.
#include "sandbox/services/ssm/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

namespace relight::sandbox {
using namespace parameters;
namespace op = aws::ssm::op;

namespace {

// "AWS Systems Manager endpoints and quotas", Parameter Store
constexpr size_t kStandardBytes = 4096, kAdvancedBytes = 8192, kVersions = 100, kParameters = 10'000,
                 kLevels = 15, kTags = 50;

std::string key_of(const std::string& name, int64_t version) {
  return fmt::format("{}|{:09}", name, version);
}

}  // namespace

std::string Tags::save() const { return nlohmann::json(all).dump(); }
Result<Tags> Tags::load(const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object()) return fail("Store.Malformed", "tags that are no JSON object");
  Tags t;
  for (auto& [k, v] : j.items())
    if (v.is_string()) t.all[k] = v.get<std::string>();
  return t;
}

SsmService::SsmService(World& w)
    : Service(w, api::model()), versions_(w, "ssm/parameters"), tags_(w, "ssm/tags") {
  add_put();
  add_delete();
  add_reads();
  add_by_path();
  add_history();
  add_labels();
  add_tags();
  add_describe();
}

Result<> parameters::check_name(const std::string& name) {
  for (unsigned char c : name)
    if (!std::isalnum(c) && !std::string_view("._-/").contains(static_cast<char>(c)))
      return aws_error(
          "ValidationException",
          "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can "
          "consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, "
          "numbers and the following 3 symbols .-_");
  bool path = name.find('/') != name.npos;
  if (path && name.front() != '/')
    return aws_error("ValidationException", "Parameter name must be a fully qualified name.");
  std::string lower;
  for (unsigned char c : name.substr(path ? 1 : 0)) lower += static_cast<char>(std::tolower(c));
  if (lower.starts_with("aws"))
    return aws_error("AccessDeniedException", fmt::format("No access to reserved parameter name: {}.", name));
  if (lower.starts_with("ssm"))
    return aws_error("ValidationException",
                     "Parameter name: can't be prefixed with \"ssm\" (case-insensitive).");
  if (static_cast<size_t>(std::count(name.begin(), name.end(), '/')) > kLevels)
    return aws_error("HierarchyLevelLimitExceededException", "A hierarchy has at most 15 levels.");
  return {};
}

std::vector<Version*> SsmService::versions(Region r, const std::string& name) {
  std::vector<Version*> out;
  auto& all = versions_.in(r);
  for (auto it = all.lower_bound(name + "|"); it != all.end() && it->second.Name == name; ++it)
    out.push_back(&it->second);
  return out;
}

std::vector<std::string> SsmService::names(Region r) {
  std::vector<std::string> out;
  for (auto& [key, v] : versions_.in(r))
    if (out.empty() || out.back() != *v.Name) out.push_back(*v.Name);
  return out;
}

Result<Version> SsmService::next_version(const Call& c, const api::PutParameterRequest& in,
                                         const Version* last) {
  if (!last && !in.Type)
    return aws_error("ValidationException", "A parameter type is required when you create a parameter.");
  if (last && in.Type && in.Type != last->Type)
    return aws_error(
        "HierarchyTypeMismatchException",
        fmt::format("The parameter {} has type {}; its type can't be changed.", *in.Name, *last->Type));
  Version v;
  v.Name = in.Name;
  v.Type = last ? last->Type : in.Type;
  v.Value = in.Value;
  v.KeyId = in.KeyId;
  if (v.Type == "SecureString" && !v.KeyId) v.KeyId = last && last->KeyId ? *last->KeyId : "alias/aws/ssm";
  v.LastModifiedDate = world_.clock.now();
  v.LastModifiedUser = c.principal;
  v.Description = in.Description;
  v.AllowedPattern = in.AllowedPattern;
  v.Version = last ? *last->Version + 1 : 1;
  v.Tier = in.Tier.value_or(last ? last->Tier.value_or("Standard") : "Standard");
  if (v.Tier == "Intelligent-Tiering") v.Tier = in.Value->size() > kStandardBytes ? "Advanced" : "Standard";
  if (last && last->Tier == "Advanced" && v.Tier == "Standard")
    return aws_error("ValidationException",
                     "An advanced parameter can't become a standard one.");  // wording unverified
  v.DataType = in.DataType.value_or("text");
  return v;
}

// The oldest version makes room, unless it carries a label.
Result<> SsmService::make_room(Region r, const std::string& name) {
  auto all = versions(r, name);
  if (all.size() < kVersions) return {};
  if (all.front()->Labels && !all.front()->Labels->empty())
    return aws_error(
        "ParameterMaxVersionLimitExceeded",
        fmt::format("The oldest version, version {}, of parameter {} can't be deleted because it has a label "
                    "associated with it. Move the label to another version of the parameter, and try again.",
                    *all.front()->Version, name));
  versions_.erase(r, key_of(name, *all.front()->Version));
  return {};
}

void SsmService::add_put() {
  on<op::PutParameter>([this](const Call& c,
                              const api::PutParameterRequest& in) -> Result<api::PutParameterResult> {
    TRY(check_name(*in.Name));
    auto all = versions(c.region, *in.Name);
    bool overwrite = in.Overwrite.value_or(false);
    if (overwrite && in.Tags && !in.Tags->empty())
      return aws_error("ValidationException",
                       "Invalid request: tags and overwrite can't be used together. To create a parameter "
                       "with tags, please "
                       "remove overwrite flag.");
    if (!all.empty() && !overwrite)
      return aws_error(
          "ParameterAlreadyExists",
          "The parameter already exists. To overwrite this value, set the overwrite option in the request to "
          "true.");
    if (all.empty() && versions_.in(c.region).size() >= kParameters)
      return aws_error("ParameterLimitExceeded", "This region holds as many parameters as it may.");
    TRY_ASSIGN(Version v, next_version(c, in, all.empty() ? nullptr : all.back()));
    if (in.Policies && !in.Policies->empty() && *in.Policies != "[]")
      return aws_error("ValidationException", "Parameter policies are not built in this sandbox.");
    if (v.Value->empty()) return aws_error("ValidationException", "A parameter's value must not be empty.");
    if (v.Value->size() > (v.Tier == "Advanced" ? kAdvancedBytes : kStandardBytes))
      return aws_error(
          "ValidationException",
          "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
          "parameter value, upgrade the parameter to use the advanced-parameter tier.");
    if (in.AllowedPattern) {
      try {
        if (!std::regex_search(*v.Value, std::regex(*in.AllowedPattern)))
          return aws_error(
              "ParameterPatternMismatchException",
              "Parameter value, cannot be validated against allowedPattern: " + *in.AllowedPattern);
      } catch (const std::regex_error&) {
        return aws_error("InvalidAllowedPatternException",
                         "The request does not meet the regular expression requirement.");
      }
    }
    TRY(make_room(c.region, *in.Name));
    if (in.Tags && !in.Tags->empty()) {
      Tags t;
      for (auto& tag : *in.Tags) t.all[*tag.Key] = *tag.Value;
      tags_.put(c.region, *in.Name, std::move(t));
    }
    api::PutParameterResult out{.Version = v.Version, .Tier = v.Tier};
    versions_.put(c.region, key_of(*in.Name, *v.Version), std::move(v));
    return out;
  });
}

bool SsmService::erase(Region r, const std::string& name) {
  std::vector<int64_t> numbers;
  for (auto* v : versions(r, name)) numbers.push_back(*v->Version);
  for (auto n : numbers) versions_.erase(r, key_of(name, n));
  tags_.erase(r, name);
  return !numbers.empty();
}

void SsmService::add_delete() {
  on<op::DeleteParameter>(
      [this](const Call& c, const api::DeleteParameterRequest& in) -> Result<api::DeleteParameterResult> {
        if (!erase(c.region, select(*in.Name).name)) return aws_error("ParameterNotFound", "");
        return {};
      });
  on<op::DeleteParameters>(
      [this](const Call& c, const api::DeleteParametersRequest& in) -> Result<api::DeleteParametersResult> {
        api::DeleteParametersResult out{.DeletedParameters = std::vector<std::string>{},
                                        .InvalidParameters = std::vector<std::string>{}};
        for (auto& n : *in.Names)
          (erase(c.region, select(n).name) ? out.DeletedParameters : out.InvalidParameters)->push_back(n);
        return out;
      });
}

Result<Tags*> SsmService::tags(Region r, const std::optional<std::string>& type,
                               const std::optional<std::string>& id) {
  if (type != "Parameter")
    return aws_error("InvalidResourceType", "Parameters alone are built in this sandbox.");
  if (versions(r, *id).empty()) return aws_error("InvalidResourceId", "");
  if (!tags_.find(r, *id)) tags_.put(r, *id, {});
  return tags_.find(r, *id);
}

void SsmService::add_tags() {
  on<op::AddTagsToResource>(
      [this](const Call& c, const api::AddTagsToResourceRequest& in) -> Result<api::AddTagsToResourceResult> {
        TRY_ASSIGN(auto* t, tags(c.region, in.ResourceType, in.ResourceId));
        auto next = t->all;
        for (auto& tag : *in.Tags) next[*tag.Key] = *tag.Value;
        if (next.size() > kTags) return aws_error("TooManyTagsError", "");
        t->all = std::move(next);
        tags_.save(c.region, *in.ResourceId, *t);
        return {};
      });
  on<op::RemoveTagsFromResource>(
      [this](const Call& c,
             const api::RemoveTagsFromResourceRequest& in) -> Result<api::RemoveTagsFromResourceResult> {
        TRY_ASSIGN(auto* t, tags(c.region, in.ResourceType, in.ResourceId));
        for (auto& k : *in.TagKeys) t->all.erase(k);
        tags_.save(c.region, *in.ResourceId, *t);
        return {};
      });
  on<op::ListTagsForResource>(
      [this](const Call& c,
             const api::ListTagsForResourceRequest& in) -> Result<api::ListTagsForResourceResult> {
        TRY_ASSIGN(auto* t, tags(c.region, in.ResourceType, in.ResourceId));
        api::ListTagsForResourceResult out{.TagList = std::vector<api::Tag>{}};
        for (auto& [k, v] : t->all) out.TagList->push_back({.Key = k, .Value = v});
        return out;
      });
}

}  // namespace relight::sandbox

// Tags of every RDS resource, by ARN.
#include <fmt/format.h>

#include <functional>

#include "sandbox/services/rds/tables.h"

namespace relight::sandbox {

namespace api = aws::rds;

void RdsService::give_tags(const std::string& arn, const std::optional<std::vector<api::Tag>>& tags) {
  auto a = rds::parse_arn(arn);
  if (!a || !tags || tags->empty()) return;
  auto* row = t_->tags.find(a->region, arn);
  rds::Tags all = row ? *row : rds::Tags{};
  for (auto& t : *tags) all.all[t.Key.value_or("")] = t.Value.value_or("");
  t_->tags.put(a->region, arn, std::move(all));
}

std::vector<api::Tag> RdsService::tags_of(const std::string& arn) {
  std::vector<api::Tag> out;
  auto a = rds::parse_arn(arn);
  if (!a) return out;
  if (auto* row = t_->tags.find(a->region, arn))
    for (auto& [k, v] : row->all) out.push_back({.Key = k, .Value = v});
  return out;
}

namespace {

// What the ARN names must exist.
Result<std::string> tagged(const Call& c, const std::string& text,
                           const std::function<bool(const rds::Arn&)>& exists) {
  TRY_ASSIGN(rds::Arn a, rds::parse_arn(text));
  if (a.region != c.region)
    return aws_error("InvalidParameterValue", "Invalid resource name: it is of another region");
  if (exists(a)) return text;
  if (a.kind == "db")
    return aws_error("DBInstanceNotFound", fmt::format("DBInstance {} not found.", a.name), 404);
  return aws_error("DBSnapshotNotFound", fmt::format("{} {} not found.", a.kind, a.name), 404);
}

}  // namespace

void RdsService::add_tags() {
  auto exists = [this](const rds::Arn& a) {
    if (a.kind == "db") return t_->instances.find(a.region, a.name) != nullptr;
    if (a.kind == "snapshot") return t_->snapshots.find(a.region, a.name) != nullptr;
    if (a.kind == "subgrp") return t_->subnet_groups.find(a.region, a.name) != nullptr;
    if (a.kind == "pg") return t_->parameter_groups.find(a.region, a.name) != nullptr;
    return a.kind == "og" && t_->option_groups.find(a.region, a.name) != nullptr;
  };
  on<api::op::AddTagsToResource>(
      [this, exists](const Call& c, const auto& in) -> Out<api::op::AddTagsToResource> {
        TRY_ASSIGN(std::string arn, tagged(c, *in.ResourceName, exists));
        if (in.Tags->size() + tags_of(arn).size() > rds::kTagLimit) {
          return aws_error("InvalidParameterValue", "A resource can have 50 tags");
        }
        for (auto& t : *in.Tags)
          if (!t.Key || t.Key->empty() || t.Key->starts_with("aws:")) {
            return aws_error("InvalidParameterValue", "A tag's key must not be empty nor begin with aws:");
          }
        give_tags(arn, in.Tags);
        return typename api::op::AddTagsToResource::Output{};
      });
  on<api::op::RemoveTagsFromResource>(
      [this, exists](const Call& c, const auto& in) -> Out<api::op::RemoveTagsFromResource> {
        TRY_ASSIGN(std::string arn, tagged(c, *in.ResourceName, exists));
        if (auto* row = t_->tags.find(c.region, arn)) {
          for (auto& k : *in.TagKeys) row->all.erase(k);
          t_->tags.save(c.region, arn, *row);
        }
        return typename api::op::RemoveTagsFromResource::Output{};
      });
  on<api::op::ListTagsForResource>([this, exists](const Call& c, const auto& in) -> R<api::TagListMessage> {
    TRY_ASSIGN(std::string arn, tagged(c, *in.ResourceName, exists));
    return api::TagListMessage{.TagList = tags_of(arn)};
  });
}

}  // namespace relight::sandbox

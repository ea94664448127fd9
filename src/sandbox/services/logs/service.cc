#include "sandbox/services/logs/service.h"

#include <fmt/format.h>

#include <algorithm>

namespace relight::sandbox {
using namespace logs;
namespace op = aws::logs::op;

std::unexpected<Error> logs::invalid(const std::string& why) {
  return aws_error("InvalidParameterException", why);
}

std::string logs::Stream::save() const {
  return fmt::format("{} {}", number, aws::codec::to_json(*shape_of(&v), &v));
}

Result<logs::Stream> logs::Stream::load(const std::string& text) {
  Stream s;
  size_t space = text.find(' ');
  if (space == text.npos) return fail("Logs.BadRow", "a log stream's row is damaged");
  s.number = std::strtoull(text.c_str(), nullptr, 10);
  TRY(aws::codec::from_json(*shape_of(&s.v), text.substr(space + 1), &s.v));
  return s;
}

LogsService::LogsService(World& w)
    : Service(w, api::model()),
      groups_(w, "logs/groups"),
      tags_(w, "logs/tags"),
      streams_(w, "logs/streams"),
      filters_(w, "logs/filters"),
      shelf_(w) {
  for (auto& r : world_.settings.regions)
    for (auto& [key, s] : streams_.in(r)) next_stream_ = std::max(next_stream_, s.number + 1);
  add_groups();
  add_group_reads();
  add_retention();
  add_tags();
  add_streams();
  add_put();
  add_get();
  add_filter();
  add_metric_filters();
}

void LogsService::start() { expire(); }

void LogsService::expire() {
  for (auto& r : world_.settings.regions)
    for (auto& [key, s] : streams_.in(r))
      if (auto* g = groups_.find(r, key.substr(0, key.find('|'))); g && horizon(*g) > 0)
        shelf_.forget_before(r, s.number, horizon(*g));
  world_.after(world_.poll_interval(std::chrono::hours(1)), [this] { expire(); });
}

int64_t LogsService::horizon(const Group& g) const {
  return g.retentionInDays ? now() - int64_t{*g.retentionInDays} * 86'400'000 : 0;
}

Result<Group*> LogsService::group(Region r, const MaybeName& name) {
  if (auto* g = groups_.find(r, name.value_or(""))) return g;
  return aws_error("ResourceNotFoundException", "The specified log group does not exist.");
}

Result<logs::Stream*> LogsService::stream(Region r, const MaybeName& group_name, const MaybeName& name) {
  TRY(group(r, group_name));
  if (auto* s = streams_.find(r, *group_name + "|" + name.value_or(""))) return s;
  return aws_error("ResourceNotFoundException", "The specified log stream does not exist.");
}

Result<std::string> LogsService::group_of_arn(Region r, Name arn) {
  std::string before = fmt::format("arn:aws:logs:{}:{}:log-group:", r, world_.account());
  std::string name = arn.starts_with(before) ? arn.substr(before.size()) : "";
  if (name.ends_with(":*")) name.resize(name.size() - 2);
  TRY(group(r, name));
  return name;
}

Result<> LogsService::set_tags(Region r, Name name, const std::map<std::string, std::string>& more) {
  auto* known = tags_.find(r, name);
  auto all = known && known->tags ? *known->tags : std::map<std::string, std::string>{};
  for (auto& [k, v] : more) {
    if (k.starts_with("aws:")) return invalid("Tag keys must not begin with aws:.");  // wording unverified
    all[k] = v;
  }
  if (all.size() > 50) return invalid("A log group has at most 50 tags.");  // wording unverified
  tags_.put(r, name, api::ListTagsLogGroupResponse{all});
  return {};
}

void LogsService::drop_tags(Region r, Name name, const std::vector<std::string>& keys) {
  auto* known = tags_.find(r, name);
  if (!known || !known->tags) return;
  for (auto& k : keys) known->tags->erase(k);
  tags_.save(r, name, *known);
}

void LogsService::add_tags() {
  on<op::TagLogGroup>(
      [this](const Call& c, const api::TagLogGroupRequest& in) -> Result<api::TagLogGroupOutput_> {
        TRY(group(c.region, in.logGroupName));
        TRY(set_tags(c.region, *in.logGroupName, *in.tags));
        return {};
      });
  on<op::UntagLogGroup>(
      [this](const Call& c, const api::UntagLogGroupRequest& in) -> Result<api::UntagLogGroupOutput_> {
        TRY(group(c.region, in.logGroupName));
        drop_tags(c.region, *in.logGroupName, *in.tags);
        return {};
      });
  on<op::ListTagsLogGroup>(
      [this](const Call& c, const api::ListTagsLogGroupRequest& in) -> Result<api::ListTagsLogGroupResponse> {
        TRY(group(c.region, in.logGroupName));
        auto* t = tags_.find(c.region, *in.logGroupName);
        return t ? api::ListTagsLogGroupResponse(*t)
                 : api::ListTagsLogGroupResponse{std::map<std::string, std::string>{}};
      });
  on<op::TagResource>(
      [this](const Call& c, const api::TagResourceRequest& in) -> Result<api::TagResourceOutput_> {
        TRY_ASSIGN(std::string name, group_of_arn(c.region, *in.resourceArn));
        TRY(set_tags(c.region, name, *in.tags));
        return {};
      });
  on<op::UntagResource>(
      [this](const Call& c, const api::UntagResourceRequest& in) -> Result<api::UntagResourceOutput_> {
        TRY_ASSIGN(std::string name, group_of_arn(c.region, *in.resourceArn));
        drop_tags(c.region, name, *in.tagKeys);
        return {};
      });
  on<op::ListTagsForResource>([this](const Call& c, const api::ListTagsForResourceRequest& in)
                                  -> Result<api::ListTagsForResourceResponse> {
    TRY_ASSIGN(std::string name, group_of_arn(c.region, *in.resourceArn));
    auto* t = tags_.find(c.region, name);
    return api::ListTagsForResourceResponse{t && t->tags ? *t->tags : std::map<std::string, std::string>{}};
  });
}

}  // namespace relight::sandbox

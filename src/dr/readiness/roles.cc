// Check 30: may the tasks there do on their resources what the primary's may do on its own.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"
#include "dr/readiness/policy.h"

namespace relight::dr {
namespace {

Item role_of(const Estate& e, const Item& task, const char* which) {
  auto arn = text_at(*task.properties, which);
  return arn.empty() ? Item{} : e.find("iam/role", last_word(arn));
}

std::vector<PolicyDocument> documents(const Estate& e, const Item& role) {
  std::vector<PolicyDocument> out;
  auto& all = e.all("iam/role-policy");
  auto start = role.id() + "/";
  for (auto i = std::ranges::lower_bound(all, start, {}, &Item::id);
       i != all.end() && i->id().starts_with(start); ++i)
    out.emplace_back(text_at(*i->properties, "/PolicyDocument"));
  return out;
}

bool trusts_tasks(const Item& role) {
  return percent_decoded(text_at(*role.properties, "/AssumeRolePolicyDocument"))
             .find("ecs-tasks.amazonaws.com") != std::string::npos;
}

// Actions on the primary's bucket that the role there may not do on its own.
std::string lacking(const std::vector<PolicyDocument>& ours, const std::vector<PolicyDocument>& theirs,
                    const Pair& bucket) {
  std::string out;
  for (auto* object : {"", "/x"}) {
    auto here = "arn:aws:s3:::" + bucket.primary.id() + object,
         there = "arn:aws:s3:::" + bucket.recovery.id() + object;
    for (auto& document : ours)
      for (auto& action : document.actions_on(here)) {
        auto may = std::ranges::any_of(theirs, [&](auto& d) { return d.allows(action, there); });
        auto word = fmt::format("{} on {}", action, bucket.recovery.id());
        if (!may && out.find(word) == out.npos) out += (out.empty() ? "" : ", ") + word;
      }
  }
  return out;
}

void judge(const Picture& p, const std::vector<Pair>& buckets, const Item& ours, const Item& theirs,
           Report& r) {
  std::string lacks;
  auto ours_say = documents(p.primary, ours), theirs_say = documents(p.recovery, theirs);
  for (auto& bucket : buckets)
    if (bucket.recovery)
      if (auto more = lacking(ours_say, theirs_say, bucket); !more.empty())
        lacks += (lacks.empty() ? "" : ", ") + more;
  bool attached = !list_at(*ours.properties, "/AttachedPolicies").empty() ||
                  !list_at(*theirs.properties, "/AttachedPolicies").empty();
  auto mend = fmt::format(
      "aws iam put-role-policy --role-name {} --policy-name recovery --policy-document file://POLICY.json   "
      "# or: relight deploy",
      theirs.id());
  if (!lacks.empty() && attached)
    r.unknown(theirs, "whether it may do what the primary's role may is not known",
              "policies are attached whose documents are not captured; otherwise lacking: " + lacks);
  else if (!lacks.empty())
    r.fail(theirs, "it may not do there what the primary's role may", lacks, mend);
  else
    r.pass(theirs, "it may do on the recovery region's buckets what the primary's role may on its own",
           attached ? "attached policies are not captured whole" : "");
}

}  // namespace

void check_roles(const Picture& p, Report& r) {
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return;
  auto buckets = bucket_pairs(p);
  for (auto& pair : service_pairs(p)) {
    if (!pair.recovery) continue;
    auto ours = task_definition_of(p.primary, pair.primary),
         theirs = task_definition_of(p.recovery, pair.recovery);
    if (!ours || !theirs) {
      r.unknown(pair.recovery, "its roles could not be compared", "a task definition was not captured");
      continue;
    }
    for (auto* which : {"/taskRoleArn", "/executionRoleArn"}) {
      auto a = role_of(p.primary, ours, which), b = role_of(p.recovery, theirs, which);
      auto name = last_word(text_at(*theirs.properties, which));
      if (!a && text_at(*ours.properties, which).empty()) continue;
      if (!b)
        r.fail(theirs, fmt::format("it has no {}", which + 1),
               name.empty() ? "none is named" : "there is no role " + name,
               "relight synth && relight deploy");
      else if (!a || !r.seen(a, "iam/role-policy") || !r.seen(b, "iam/role-policy"))
        continue;
      else if (!trusts_tasks(b))
        r.fail(b, "tasks may not take it", "its trust policy does not name ecs-tasks.amazonaws.com",
               fmt::format(
                   "aws iam update-assume-role-policy --role-name {} --policy-document file://TRUST.json",
                   b.id()));
      else
        judge(p, buckets, a, b, r);
    }
  }
}

}  // namespace relight::dr

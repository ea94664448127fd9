// Checks 21-23: is the very image there, does the registry bring the next one, and will no life cycle take it
// away.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/model/image_name.h"
#include "dr/readiness/families.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using ImageJson = nlohmann::json;

// An image that a container of the primary runs, and the one that stands for it.
struct RunImage {
  Item task;  // whose container it is, in the recovery region
  std::string container;
  ImageName primary, recovery;
};

std::vector<RunImage> images_of(const Picture& p, Report& r) {
  std::vector<RunImage> out;
  if (!r.seen(p.primary) || !r.seen(p.recovery)) return out;
  for (auto& pair : service_pairs(p)) {
    if (!pair.recovery || !why_unseen(pair.primary, "").empty() || !why_unseen(pair.recovery, "").empty()) {
      r.unknown(pair.primary, "which images stand for its own is not known",
                pair.recovery ? "one of the services could not be seen" : "no service stands for it there");
      continue;
    }
    auto ours = task_definition_of(p.primary, pair.primary),
         theirs = task_definition_of(p.recovery, pair.recovery);
    if (!ours || !theirs || !why_unseen(ours, "").empty() || !why_unseen(theirs, "").empty()) {
      r.unknown(pair.recovery, "which images stand for the primary's is not known",
                "one of the task definitions was not captured");
      continue;
    }
    for (auto& c : list_at(*ours.properties, "/containerDefinitions"))
      for (auto& other : list_at(*theirs.properties, "/containerDefinitions"))
        if (text_at(c, "/name") == text_at(other, "/name"))
          out.push_back({theirs, text_at(c, "/name"), image_name(text_at(c, "/image")),
                         image_name(text_at(other, "/image"))});
  }
  return out;
}

// The digest that a name stands for in that region; "" and why, where it is not known.
std::string digest_of(const Estate& e, const ImageName& i, std::string& why) {
  auto item = e.find("ecr/image", i.within());
  if (item) why = why_unseen(item, "");
  if (item && why.empty()) return text_at(*item.properties, "/imageDigest");
  for (auto& l : e.inventory().left_out)
    if (l.key == ResourceKey{"ecr/image", i.within()}) why = l.why;
  if (why.empty()) why = "it was not captured";
  return "";
}

bool is_gone(const std::string& why) { return why.find("does not exist") != std::string::npos; }

// deploy copies what the capture names, byte for byte, and needs no login.
std::string bring_it(const Picture& p, const ImageName& from) {
  auto there =
      fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}", from.account, p.config.recovery.region, from.within());
  return fmt::format(
      "relight capture && relight synth && relight deploy --touch-primary   # or: skopeo copy --all "
      "--preserve-digests docker://{}/{} docker://{}",
      from.host, from.within(), there);
}

void judge_image(const Picture& p, const RunImage& i, Report& r) {
  auto what = fmt::format("the image of container {}", i.container);
  if (!i.primary.of_ecr() || !i.recovery.of_ecr()) {
    r.unknown(i.task, what + " cannot be compared by its digest",
              fmt::format(
                  "{} is not of a registry of ECR: whether it can be pulled on the day, and is the same, is "
                  "up to that registry",
                  (i.primary.of_ecr() ? i.recovery : i.primary).within()),
              "keep it in ECR, with replication to " + p.config.recovery.region);
    return;
  }
  if (i.recovery.region != p.config.recovery.region) {
    r.fail(i.task, what + " comes from another region's registry", i.recovery.host,
           "relight synth && relight deploy");
    return;
  }
  std::string why_ours, why_theirs;
  auto ours = digest_of(p.primary, i.primary, why_ours),
       theirs = digest_of(p.recovery, i.recovery, why_theirs);
  if (theirs.empty() && is_gone(why_theirs))
    r.fail(i.task, what + " is not in the registry there", i.recovery.within() + ": " + why_theirs,
           bring_it(p, i.primary));
  else if (ours.empty() || theirs.empty())
    r.unknown(i.task, what + " could not be compared by its digest", ours.empty() ? why_ours : why_theirs);
  else if (ours != theirs)
    r.fail(i.task, what + " there is another one than the primary's", ours + " -> " + theirs,
           bring_it(p, i.primary));
  else
    r.pass(i.task, what + " is in the registry there", ours);
}

// "ReplicationConfiguration" of the ECR API: a rule without filters takes every repository; PREFIX_MATCH.
bool replicates(const ImageJson& rule, const std::string& repository, const std::string& region) {
  bool leads = std::ranges::any_of(list_at(rule, "/destinations"),
                                   [&](auto& d) { return text_at(d, "/region") == region; });
  auto& filters = list_at(rule, "/repositoryFilters");
  return leads && (filters.empty() || std::ranges::any_of(filters, [&](auto& f) {
                     return repository.starts_with(text_at(f, "/filter"));
                   }));
}

// The repositories that the primary's images come from.
std::vector<Item> used_repositories(const Estate& e) { return e.all("ecr/repository"); }

// "Lifecycle policy evaluation", ECR User Guide: tags by prefix or pattern; all the tags of a rule must be
// there.
bool selects(const ImageJson& selection, const ImageJson& image) {
  auto status = text_at(selection, "/tagStatus");
  auto& tags = list_at(image, "/imageTags");
  if (status == "any") return true;
  if (status == "untagged") return tags.empty();
  auto among = [&](const std::string& wanted, bool pattern) {
    return std::ranges::any_of(tags, [&](auto& t) {
      auto tag = t.template get<std::string>();
      if (!pattern) return tag.starts_with(wanted);
      auto star = wanted.find('*');
      return star == wanted.npos ? tag == wanted
                                 : tag.starts_with(wanted.substr(0, star)) &&
                                       tag.ends_with(wanted.substr(wanted.rfind('*') + 1));
    });
  };
  for (auto& prefix : list_at(selection, "/tagPrefixList"))
    if (!among(prefix.get<std::string>(), false)) return false;
  for (auto& pattern : list_at(selection, "/tagPatternList"))
    if (!among(pattern.get<std::string>(), true)) return false;
  return !tags.empty();
}

void judge_expiry(const Picture& p, const Item& image, const ImageJson& rule, const std::string& mend,
                  Report& r) {
  auto& selection = at_or_null(rule, "/selection");
  auto number = number_at(selection, "/countNumber");
  auto seen = fmt::format("rule {}: {} {} {}", text_at(rule, "/rulePriority"),
                          text_at(selection, "/countType"), number, text_at(selection, "/countUnit"));
  if (text_at(selection, "/countType") == "imageCountMoreThan") {
    r.warn(image, fmt::format("it goes when {} newer ones have come", number), seen, mend);
    return;
  }
  auto pushed = parse_iso8601(text_at(*image.properties, "/imagePushedAt"));
  auto days =
      pushed ? std::chrono::duration_cast<std::chrono::hours>(p.observed_at - *pushed).count() / 24 : 0;
  if (!pushed)
    r.unknown(image, "when it will be expired is not known", seen + "; when it was pushed is not known");
  else if (days >= number)
    r.fail(image, "a life cycle expires it now", fmt::format("{}; pushed {} days ago", seen, days), mend);
  else
    r.warn(image, fmt::format("a life cycle expires it in {} days", number - days), seen, mend);
}

void judge_life_cycle(const Picture& p, const Item& image, Report& r) {
  auto repository = p.recovery.find("ecr/repository", text_at(*image.properties, "/repositoryName"));
  if (!repository) {
    r.unknown(image, "its repository's life cycle is not known", "the repository was not captured");
    return;
  }
  if (!r.seen(image, "") || !r.seen(repository, "") || !r.seen(repository, "LifecyclePolicy")) return;
  auto text = text_at(*repository.properties, "/LifecyclePolicy");
  auto policy = ImageJson::parse(text.empty() ? "{}" : text, nullptr, false);
  if (policy.is_discarded()) {
    r.unknown(repository, "its life cycle cannot be read", "LifecyclePolicy is no JSON");
    return;
  }
  auto mend = fmt::format(
      "aws --region {} ecr put-lifecycle-policy --repository-name {} --lifecycle-policy-text "
      "file://LIFECYCLE.json",
      image.region(), repository.id());
  std::vector<const ImageJson*> rules;
  for (auto& rule : list_at(policy, "/rules")) rules.push_back(&rule);
  std::ranges::sort(rules, {}, [](auto* rule) { return number_at(*rule, "/rulePriority"); });
  // An image is taken by the first rule that selects it.
  for (auto* rule : rules)
    if (selects(at_or_null(*rule, "/selection"), *image.properties))
      return judge_expiry(p, image, *rule, mend, r);
  r.pass(image, "no life cycle expires it", fmt::format("{} rules", rules.size()));
}

}  // namespace

void check_images(const Picture& p, Report& r) {
  for (auto& i : images_of(p, r)) judge_image(p, i, r);
}

void check_registry(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  Report::About whole{"", p.config.primary.region};
  std::set<std::string> named;
  for (auto& t : p.primary.all("ecs/task-definition")) {
    if (!r.seen(t, "")) return;
    for (auto& c : list_at(*t.properties, "/containerDefinitions"))
      if (auto i = image_name(text_at(c, "/image")); i.of_ecr()) named.insert(i.repository);
  }
  if (named.empty() && p.primary.all("ecr/repository").empty()) {
    r.pass(whole, "no image comes from ECR, so no registry has to replicate");
    return;
  }
  for (auto& repository : used_repositories(p.primary)) {
    named.erase(repository.id());
    if (!r.seen(repository, "")) continue;
    auto registry = p.primary.find("ecr/registry", text_at(*repository.properties, "/registryId"));
    if (!registry) {
      r.unknown(repository, "whether its registry replicates is not known", "the registry was not captured");
      continue;
    }
    if (!r.seen(registry, "")) continue;
    auto& rules = list_at(*registry.properties, "/replicationConfiguration/rules");
    bool there = std::ranges::any_of(
        rules, [&](auto& rule) { return replicates(rule, repository.id(), p.config.recovery.region); });
    if (there)
      r.pass(repository, "what is pushed to it is replicated to " + p.config.recovery.region,
             fmt::format("{} rules of the registry", rules.size()));
    else
      r.fail(
          repository, "what is pushed to it does not reach " + p.config.recovery.region,
          fmt::format("none of {} rules of the registry leads there", rules.size()),
          "relight deploy --touch-primary   # adds a rule to those of the registry");
  }
  for (auto& name : named)
    r.unknown({name, p.config.primary.region}, "whether its registry replicates is not known",
              "the repository was not captured");
}

void check_image_lifecycle(const Picture& p, Report& r) {
  if (!r.seen(p.recovery)) return;
  bool of_ecr = false;
  for (auto& t : p.recovery.all("ecs/task-definition")) {
    if (!r.seen(t, "")) return;
    for (auto& c : list_at(*t.properties, "/containerDefinitions")) {
      auto i = image_name(text_at(c, "/image"));
      of_ecr |= i.of_ecr();
      if (i.of_ecr() && !p.recovery.find("ecr/image", i.within()))
        r.unknown(t, "whether the image of container " + text_at(c, "/name") + " stays is not known",
                  "it was not found there (check 21)");
    }
  }
  for (auto& image : p.recovery.all("ecr/image")) judge_life_cycle(p, image, r);
  if (r.silent() && !of_ecr)
    r.pass({"", p.config.recovery.region}, "no image comes from ECR, so no life cycle takes it away");
}

}  // namespace relight::dr

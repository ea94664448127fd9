// Checks 52, 53 and 55: are the functions there the same, do they stay off until a failover, and is
// everything that wakes them there to be turned on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "dr/model/image_name.h"
#include "dr/readiness/families.h"
#include "dr/readiness/names.h"
#include "dr/readiness/pairs.h"

namespace relight::dr {
namespace {
using FunctionJson = nlohmann::json;

constexpr const char* kDeploy = "relight synth && relight deploy";

// Pairs of which both sides were seen. With nothing to compare it says so.
std::vector<Pair> both_functions(const Picture& p, Report& r) {
  std::vector<Pair> out;
  if (!r.seen(p.primary)) return out;
  if (p.primary.all("lambda/function").empty()) {
    r.pass({"", p.config.primary.region}, "the application has no function");
    return out;
  }
  if (!r.seen(p.recovery)) return out;
  for (auto& pair : function_pairs(p)) {
    if (!pair.recovery)
      r.fail(pair.primary, "no function stands for it in " + p.config.recovery.region,
             "none of that name was found", kDeploy);
    else if (r.seen(pair.primary, "") && r.seen(pair.recovery, ""))
      out.push_back(pair);
  }
  return out;
}

void differs(std::string& list, const std::string& what) { list += (list.empty() ? "" : "; ") + what; }

// A layer's ARN: …:layer:NAME:VERSION. Versions are counted in each region by itself; what is the same is the
// name and the size of the code.
std::string layers_of(const FunctionJson& f) {
  std::string out;
  for (auto& l : list_at(f, "/Layers")) {
    auto arn = text_at(l, "/Arn");
    auto name = arn.substr(0, arn.rfind(':'));
    out += fmt::format("{} ({} bytes) ", last_word(name), number_at(l, "/CodeSize"));
  }
  return out;
}

void compare_environment(const FunctionJson& a, const FunctionJson& b, const PrimaryNames& names,
                         std::string& out, std::string& untold) {
  static const FunctionJson kEmpty = FunctionJson::object();
  auto& ours = at_or_null(a, "/Environment/Variables");
  auto& theirs = at_or_null(b, "/Environment/Variables");
  auto& mine = ours.is_object() ? ours : kEmpty;
  auto& other = theirs.is_object() ? theirs : kEmpty;
  for (auto& [name, value] : mine.items()) {
    auto it = other.find(name);
    auto text = value.is_string() ? value.get<std::string>() : "";
    if (it == other.end())
      differs(out, "variable " + name + " is missing");
    else if (*it != value && !names.found_in(text) && !names.unseen_in(text).empty())
      differs(untold, fmt::format("variable {} names {}, which could not be seen", name, names.unseen_in(text)));
    else if (*it != value && !names.found_in(text))
      differs(out, "variable " + name + " differs");
    else if (it->is_string() && names.found_in(it->get<std::string>()))
      differs(out, "variable " + name + " names the primary");
  }
  for (auto& [name, value] : other.items())
    if (!mine.contains(name)) differs(out, "variable " + name + " is not in the primary's");
}

std::string difference(const Pair& pair, const PrimaryNames& names, std::string& untold) {
  auto &a = *pair.primary.properties, &b = *pair.recovery.properties;
  std::string out;
  for (auto* part : {"/CodeSha256", "/Runtime", "/Handler", "/MemorySize", "/Timeout", "/Architectures",
                     "/PackageType", "/EphemeralStorage"})
    if (at_or_null(a, part) != at_or_null(b, part))
      differs(out,
              fmt::format("{}: {} -> {}", part + 1, at_or_null(a, part).dump(), at_or_null(b, part).dump()));
  auto image = [](const FunctionJson& f) {
    auto text = text_at(f, "/ImageUri");
    return text.empty() ? "" : image_name(text).within();
  };
  if (image(a) != image(b)) differs(out, fmt::format("image: {} -> {}", image(a), image(b)));
  if (layers_of(a) != layers_of(b)) differs(out, fmt::format("layers: {}-> {}", layers_of(a), layers_of(b)));
  compare_environment(a, b, names, out, untold);
  return out;
}

// What wakes functions: an id that both regions give it, and whether it is on.
struct Waker {
  Item item;
  bool on = false;
};
using Wakers = std::multimap<std::string, Waker>;

Wakers mappings_of(const Picture& p, const Estate& e, bool& all_seen) {
  Wakers out;
  for (auto& m : e.all("lambda/event-source-mapping")) {
    if (!why_unseen(m, "").empty()) {
      all_seen = false;
      continue;
    }
    auto& j = *m.properties;
    auto from = text_at(j, "/EventSourceArn"), to = text_at(j, "/FunctionArn");
    auto state = text_at(j, "/State");
    auto id = "mapping " + bare_name(p.config, from) + " -> " + bare_name(p.config, to);
    out.emplace(id, Waker{m, state != "Disabled" && state != "Disabling"});
  }
  return out;
}

Wakers rules_of_estate(const Picture& p, const Estate& e, bool& all_seen) {
  Wakers out;
  for (auto& rule : e.all("events/rule")) {
    if (!why_unseen(rule, "").empty()) {
      all_seen = false;
      continue;
    }
    auto& j = *rule.properties;
    out.emplace("rule " + bare_name(p.config, text_at(j, "/Name")),
                Waker{rule, text_at(j, "/State") == "ENABLED"});
  }
  return out;
}

void compare_wakers(const Picture& p, const Wakers& ours, const Wakers& theirs, Report& r) {
  for (auto& [id, w] : ours) {
    auto it = theirs.find(id);
    bool rule = w.item.resource->key.kind == "events/rule";
    if (it == theirs.end()) {
      if (w.on)
        r.fail(w.item, "nothing stands for it there that a failover could turn on", id, kDeploy);
      else
        r.pass(w.item, "it is off in the primary, and nothing stands for it there", id);
    } else if (it->second.on) {
      r.fail(it->second.item, "it is on before a failover", id,
             rule ? fmt::format("aws --region {} events disable-rule --name {}", p.config.recovery.region,
                                text_at(*it->second.item.properties, "/Name"))
                  : fmt::format("aws --region {} lambda update-event-source-mapping --uuid {} --no-enabled",
                                p.config.recovery.region, it->second.item.id()));
    } else {
      r.pass(it->second.item, "it is there, off until a failover", id);
    }
  }
}

// Functions that a bucket's notifications name, by what stands for them.
void compare_notifications(const Picture& p, Report& r) {
  std::map<std::string, Item> stands;
  for (auto& pair : function_pairs(p)) stands[pair.primary.id()] = pair.recovery;
  for (auto& bucket : p.primary.all("s3/bucket")) {
    auto& list = list_at(*bucket.properties, "/Notifications/LambdaFunctionConfigurations");
    if (!why_unseen(bucket, "Notifications").empty()) {
      r.unknown(bucket, "which functions it wakes is not known", why_unseen(bucket, "Notifications"));
      continue;
    }
    for (auto& n : list) {
      auto arn = text_at(n, "/LambdaFunctionArn");
      auto name = arn.substr(arn.find(":function:") == arn.npos ? 0 : arn.find(":function:") + 10);
      name = name.substr(0, name.find(':'));
      if (auto it = stands.find(name); it == stands.end() || !it->second)
        r.fail(bucket, "the function that it wakes has no counterpart there", name, kDeploy);
      else
        r.pass(bucket, "the function that it wakes is there, to be named by the bucket there", name);
    }
  }
}

}  // namespace

void check_function_code(const Picture& p, Report& r) {
  PrimaryNames names(p);
  for (auto& pair : both_functions(p, r)) {
    std::string untold;
    auto seen = difference(pair, names, untold);
    if (seen.empty() && !untold.empty())
      r.unknown(pair.recovery, "whether it is the primary's cannot be told", untold);
    else if (seen.empty())
      r.pass(pair.recovery, "it is the primary's, translated",
             text_at(*pair.recovery.properties, "/CodeSha256") +
                 "; values of secrets are not captured, and not compared");
    else
      r.fail(pair.recovery, "it is not the primary's", seen, kDeploy);
  }
}

void check_function_off(const Picture& p, Report& r) {
  for (auto& pair : both_functions(p, r)) {
    auto& reserved = at_or_null(*pair.recovery.properties, "/ReservedConcurrentExecutions");
    if (reserved.is_number() && reserved == 0)
      r.pass(pair.recovery, "it is off until a failover", "reserved concurrency 0");
    else
      r.fail(pair.recovery, "it would run before a failover",
             reserved.is_number() ? "reserved concurrency " + reserved.dump() : "no reserved concurrency",
             fmt::format("aws --region {} lambda put-function-concurrency --function-name {} "
                         "--reserved-concurrent-executions 0",
                         pair.recovery.region(), pair.recovery.id()));
  }
}

void check_function_triggers(const Picture& p, Report& r) {
  if (!r.seen(p.primary)) return;
  for (auto& f : p.primary.all("lambda/function"))
    if (!r.seen(f, "events/rule") || !r.seen(f, "lambda/event-source-mapping")) return;
  for (auto& c : p.primary.all("ecs/cluster"))
    if (!r.seen(c, "events/rule")) return;
  bool ours_seen = true, theirs_seen = true;
  auto ours = mappings_of(p, p.primary, ours_seen);
  ours.merge(rules_of_estate(p, p.primary, ours_seen));
  if (!ours_seen) {
    r.unknown({"", p.config.primary.region}, "not all that wakes functions could be seen",
              "a mapping or a rule was denied");
    return;
  }
  bool notified = std::ranges::any_of(p.primary.all("s3/bucket"), [](auto& b) {
    return !list_at(*b.properties, "/Notifications/LambdaFunctionConfigurations").empty();
  });
  if (ours.empty() && !notified) {
    r.pass({"", p.config.primary.region}, "nothing wakes a function or a task of the application by itself");
    return;
  }
  if (!r.seen(p.recovery)) return;
  auto theirs = mappings_of(p, p.recovery, theirs_seen);
  theirs.merge(rules_of_estate(p, p.recovery, theirs_seen));
  if (!theirs_seen)
    r.unknown({"", p.config.recovery.region}, "not all that wakes functions there could be seen",
              "a mapping or a rule was denied");
  else
    compare_wakers(p, ours, theirs, r);
  compare_notifications(p, r);
}

}  // namespace relight::dr

#include "dr/capture/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <utility>

#include "dr/capture/ask.h"
#include "dr/capture/crew.h"
#include "dr/capture/kind.h"
#include "dr/capture/pointer.h"
#include "dr/capture/search.h"
#include "dr/model/image_name.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// What is asked for: `reference` goes into calls, `key.id` is what it is captured under.
struct Node {
  ResourceKey key;
  std::string reference;
  std::string given;              // properties that a listing call has brought already
  std::vector<ResourceKey> uses;  // what it is known to point at
  std::vector<Unseen> unknown = {};
};

// What one node brought.
struct Seen {
  Resource resource;
  std::vector<Node> next;
  std::vector<LeftOut> left_out;
  Secrets secrets;
  bool missing = false;
  ResourceKey asked;  // as it was named; the resource may be captured under another id
  std::string reference;
};

// "…:10" comes after "…:9", and a name with a revision after one without.
bool later(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

std::string canonical_text(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <class T>
void sort_once(std::vector<T>& list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// Where a name says that what it names is; empty where it says nothing.
struct Home {
  std::string region, account;
};
Home home_of(const std::string& kind, const std::string& to) {
  if (kind == "ecr/image" || kind == "ecr/repository")
    if (auto image = image_name(to); image.of_ecr()) return {image.region, image.account};
  if (to.starts_with("arn:")) return {arn_part(to, 3), kind == "sqs/queue" ? arn_part(to, 4) : ""};
  // "Queue and message identifiers", SQS Developer Guide: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
  if (kind != "sqs/queue" || to.find("://") == to.npos) return {};
  auto name = to.rfind('/'), account = name ? to.rfind('/', name - 1) : to.npos;
  Home out;
  if (account != to.npos) out.account = to.substr(account + 1, name - account - 1);
  if (auto host = to.find("://sqs."); host != to.npos)
    out.region = to.substr(host + 7, to.find('.', host + 7) - host - 7);
  return out;
}

// What a variable's value names by its form alone: an ARN, the URL of a queue. Empty: nothing.
std::string told_by_form(const std::string& text) {
  static constexpr std::array<std::string_view, 5> kKinds{"sqs/queue", "sns/topic", "lambda/function",
                                                          "secretsmanager/secret", "ssm/parameter"};
  if (text.starts_with("arn:"))
    return std::ranges::find(kKinds, kind_named("arn", text)) != kKinds.end() ? "arn" : "";
  static const std::regex kQueueUrl("https?://[^/]+/[0-9]{12}/[A-Za-z0-9_-]{1,80}(\\.fifo)?");
  return text.size() < 512 && text.starts_with("http") && std::regex_match(text, kQueueUrl) ? "sqs/queue"
                                                                                            : "";
}

class Walker {
 public:
  explicit Walker(const Walk& w) : w_(w) { all_.region = w.region; }
  Result<Inventory> from(const Roots& roots);

 private:
  std::vector<Seen> look_at(const std::vector<Node>& nodes);
  Seen look(const Node& n, const Json* told);
  void describe(const Kind& k, const Node& n, const Json* told, Seen& s, Json& properties);
  void follow(const Kind& k, Json& properties, Seen& s);
  void children(const Kind& k, const Node& n, const Json& properties, Seen& s);
  void named_in_environment(const Json& properties, Seen& s);
  std::string why_not(const Kind* k, const std::string& kind, const std::string& to,
                      const std::string& account) const;
  void reference(std::string_view named, const std::string& to, Seen& s);
  void learn_names();
  bool is_new(const Node& n);
  Result<> begin(const std::vector<ResourceKey>& roots, bool must);
  Result<> drain();
  Result<> keep(Seen s);
  void search(Searched found);
  void scrub_all();
  Inventory finish();

  const Walk& w_;
  std::vector<std::pair<std::string, ResourceKey>> names_;  // what an environment variable may hold
  std::vector<Unseen> unseen_names_;
  Inventory all_;
  std::set<ResourceKey> known_, must_;
  std::set<std::string> followed_;  // references
  // Where a resource stands in all_.resources, and by which reference it was seen.
  std::map<ResourceKey, std::pair<std::string, size_t>> kept_;
  std::vector<Node> frontier_;
  std::set<std::string> secrets_;
  std::map<ResourceKey, ResourceKey> renamed_;  // an alias of a key -> the key
};

// `told`: what the first detail brings, if that is known already.
void Walker::describe(const Kind& k, const Node& n, const Json* told, Seen& s, Json& properties) {
  auto variables = variables_of(n.reference);
  variables["key"] = n.key.id;
  for (auto& d : k.details) {
    if (!d.when.empty()) {
      if (!at(properties, d.when)) continue;
      for (auto& [name, value] : properties.items())
        if (value.is_string()) variables.try_emplace(name, value.get<std::string>());
    }
    auto got = told && &d == &k.details.front() ? Result<Json>(*told) : ask(w_, d, variables, k.global);
    if (got && d.into.empty() && got->is_object()) {
      if (properties.is_null()) properties = Json::object();
      properties.update(*got);
    } else if (got) {
      properties[std::string(d.into)] = std::move(*got);
    } else if (d.into.empty() && not_found(got.error())) {
      s.missing = true;
      return;
    } else if (!is_absent(d, got.error())) {
      s.resource.unknown.push_back({d.into.empty() ? "everything" : std::string(d.into), why(got.error())});
      if (d.into.empty()) return;
    }
  }
}

// Why a resource is not captured although something names it; empty if it is. `account`: whose the walk is,
// if that is known.
std::string Walker::why_not(const Kind* k, const std::string& kind, const std::string& to,
                            const std::string& account) const {
  if (kind == "image") return "it comes from a registry other than ECR";
  if (!k) return "relight does not capture this kind yet";
  auto where = home_of(kind, to);
  if (!k->global && !where.region.empty() && where.region != w_.region) return "it is in " + where.region;
  if (!where.account.empty() && !account.empty() && where.account != account)
    return "it belongs to the account " + where.account;
  if (to.starts_with("arn:aws:iam::aws:") || (kind == "ecs/capacity-provider" && to.starts_with("FARGATE")))
    return "it is AWS's own, the same in every account and region";
  auto built = [&](auto* s) { return k->details.empty() || s->id == k->details.front().service; };
  return std::ranges::any_of(w_.services, built) ? "" : "this build cannot call its service";
}

void Walker::reference(std::string_view named, const std::string& to, Seen& s) {
  // An address, "PendingConfirmation", …
  bool arn = named == "arn" || named == "sns/subscription";
  if (to.empty() || (arn && !to.starts_with("arn:"))) return;
  auto kind = kind_named(named, to);
  auto* k = find_kind(kind);
  ResourceKey key{kind, k ? id_of(*k, to) : to};
  if (auto why = why_not(k, kind, to, arn_part(s.resource.key.id, 4)); !why.empty()) {
    s.left_out.push_back({key, why});
  } else if (key != s.resource.key) {
    s.resource.uses.push_back(key);
    s.next.push_back({key, kind == "secretsmanager/secret" ? key.id : to, "", {}});
    if (kind == "ecr/image") reference("ecr/repository", to, s);
  }
}

void Walker::follow(const Kind& k, Json& properties, Seen& s) {
  for (auto& l : k.links)
    each_at(properties, l.pointer, [&](Json& value) {
      if (!value.is_string()) return;
      reference(l.kind, value.get<std::string>(), s);
      auto* to = find_kind(l.kind);
      if (to && to->form == Kind::Id::kRevision) value = id_of(*to, value.get<std::string>());
    });
}

void Walker::children(const Kind& k, const Node& n, const Json& properties, Seen& s) {
  auto variables = variables_of(n.reference);
  variables["key"] = n.key.id;
  if (properties.is_object())
    for (auto& [name, value] : properties.items())
      if (value.is_string()) variables.try_emplace(name, value.get<std::string>());
  for (auto& c : k.children) {
    auto got = ask(w_, {c.service, c.operation, c.input, "", "", ""}, variables, k.global);
    if (!got) {
      s.resource.unknown.push_back({std::string(c.kind), why(got.error())});
      continue;
    }
    auto* child = find_kind(c.kind);
    auto star = c.ids.find('*');
    each_at(*got, c.whole ? c.ids.substr(0, star + 1) : c.ids, [&](Json& found) {
      auto* id = c.whole ? at(found, c.ids.substr(star + 1)) : &found;
      if (!id || !id->is_string() || !child) return;
      auto text = id->get<std::string>();
      // A role's policy has a name only within its role.
      if (c.kind == "iam/role-policy") text = n.key.id + "/" + text;
      s.next.push_back({{std::string(c.kind), id_of(*child, text)}, text, c.whole ? found.dump() : "", {}});
    });
  }
}

// Endpoints of databases and names of buckets, which is what an application is told through its environment.
void Walker::learn_names() {
  auto databases = ask(w_, "rds", "DescribeDBInstances", "{}");
  if (databases && databases->contains("DBInstances"))
    for (auto& d : (*databases)["DBInstances"])
      if (auto* address = at(d, "/Endpoint/Address"); address && address->is_string())
        names_.push_back({*address, {"rds/db-instance", d.value("DBInstanceIdentifier", "")}});
  auto buckets = ask(w_, "s3", "ListBuckets", "{}");
  if (buckets && buckets->contains("Buckets"))
    for (auto& b : (*buckets)["Buckets"])
      if (auto name = b.value("Name", ""); !name.empty()) names_.push_back({name, {"s3/bucket", name}});
  for (auto* r : {&databases, &buckets})
    if (!*r) unseen_names_.push_back({"what the environment names", why(r->error())});
}

// Values of a container's or a function's variables. A bucket is named as a whole, a database within a URL
// too.
void Walker::named_in_environment(const Json& properties, Seen& s) {
  auto environment = properties;
  for (auto& u : unseen_names_) s.resource.unknown.push_back(u);
  auto follow = [&](Json& value) {
    if (!value.is_string()) return;
    auto text = value.get<std::string>();
    for (auto& [name, key] : names_) {
      bool names = key.kind == "s3/bucket"
                       ? text == name || text == "s3://" + name || text.starts_with("s3://" + name + "/")
                       : text.find(name) != text.npos;
      if (names) reference(key.kind, key.id, s);
    }
    if (auto kind = told_by_form(text); !kind.empty()) reference(kind, text, s);
  };
  each_at(environment, "/containerDefinitions/*/environment/*/value", follow);
  each_at(environment, "/Environment/Variables/*", follow);
}

std::vector<Seen> Walker::look_at(const std::vector<Node>& nodes) {
  auto& k = *find_kind(nodes.front().key.kind);
  std::vector<std::string> references;
  for (auto& n : nodes)
    if (n.given.empty()) references.push_back(n.reference);
  auto told = ask_together(w_, k, references);
  std::vector<Seen> out;
  for (auto& n : nodes) {
    auto it = told.find(n.reference);
    out.push_back(look(n, it == told.end() ? nullptr : &it->second));
  }
  return out;
}

Seen Walker::look(const Node& n, const Json* told) {
  Seen s;
  auto* k = find_kind(n.key.kind);
  s.resource.key = n.key;
  s.resource.region = k->global ? "aws-global" : w_.region;
  s.resource.uses = n.uses;
  s.resource.unknown = n.unknown;
  s.asked = n.key;
  s.reference = n.reference;
  Json properties = n.given.empty() ? Json() : Json::parse(n.given);
  if (n.given.empty()) describe(*k, n, told, s, properties);
  if (k->shape && properties.is_object()) k->shape(properties, s.secrets);
  if (auto* own = k->own.empty() ? nullptr : at(properties, k->own)) s.missing |= *own != n.key.id;
  if (auto* state = k->dead_pointer.empty() ? nullptr : at(properties, k->dead_pointer))
    s.missing |= *state == k->dead_value;
  if (s.missing) return s;
  // A root may be given by another name than references give it.
  if (auto* self = k->self.empty() ? nullptr : at(properties, k->self); self && self->is_string())
    s.resource.key.id = id_of(*k, self->get<std::string>());
  for (auto& v : k->volatile_) remove_at(properties, v);
  follow(*k, properties, s);
  if (n.key.kind == "ecs/task-definition" || n.key.kind == "lambda/function")
    named_in_environment(properties, s);
  // "Lambda function logging", Lambda Developer Guide: where nothing else is said.
  if (n.key.kind == "lambda/function" && !properties.is_null() && !at(properties, "/LoggingConfig/LogGroup"))
    reference("logs/log-group", "/aws/lambda/" + n.key.id, s);
  if (!properties.is_null()) children(*k, n, properties, s);
  sort_once(s.resource.uses);
  sort_once(s.resource.unknown);
  s.resource.properties = canonical_text(canonical(std::move(properties), s.secrets));
  return s;
}

Result<> Walker::begin(const std::vector<ResourceKey>& roots, bool must) {
  for (auto& r : roots) {
    auto* k = find_kind(r.kind);
    if (!k)
      return fail(Error{
          .code = "Capture.NoSuchKind", .message = "there is no kind '" + r.kind + "'", .resource = r.id});
    Node n{{r.kind, id_of(*k, r.id)}, r.id, "", {}};
    if (must) must_.insert(n.key);
    if (is_new(n)) frontier_.push_back(std::move(n));
  }
  return {};
}

Result<> Walker::keep(Seen s) {
  if (s.missing && must_.contains(s.resource.key))
    return fail(Error{.code = "Capture.NoSuchResource",
                      .message = "there is no such " + s.resource.key.kind,
                      .resource = s.resource.key.id,
                      .region = w_.region,
                      .next = "check the name and the region"});
  if (s.missing) {
    all_.left_out.push_back({s.resource.key, "it is named, but it does not exist"});
    return {};
  }
  for (auto& n : s.next)
    if (is_new(n)) frontier_.push_back(std::move(n));
  std::ranges::move(s.left_out, std::back_inserter(all_.left_out));
  for (auto& name : s.secrets.names)
    all_.withheld.push_back(s.resource.key.kind + " " + s.resource.key.id + ": " + name);
  secrets_.merge(s.secrets.values);
  if (s.asked != s.resource.key) renamed_.emplace(s.asked, s.resource.key);
  known_.insert(s.resource.key);
  auto [kept, first] = kept_.try_emplace(s.resource.key, s.reference, all_.resources.size());
  if (first) {
    all_.resources.push_back(std::move(s.resource));
  } else if (later(s.reference, kept->second.first)) {
    kept->second.first = s.reference;
    all_.resources[kept->second.second] = std::move(s.resource);
  }
  return {};
}

// Answers come in any order, and what is captured must not depend on it: every revision that is named is followed, and the
// latest is what stands under their common name.
bool Walker::is_new(const Node& n) {
  if (known_.insert(n.key).second) {
    followed_.insert(n.reference);
    return true;
  }
  auto* k = find_kind(n.key.kind);
  return k && k->form == Kind::Id::kRevision && followed_.insert(n.reference).second;
}

Result<> Walker::drain() {
  Crew<Node, Seen> crew(
      size_t(w_.at_once), size_t(w_.most), [&](const std::vector<Node>& nodes) { return look_at(nodes); },
      [](const std::string& kind) { return std::max<size_t>(1, find_kind(kind)->together.most); });
  do {
    if (known_.size() > kCapturedMax)
      return fail("Capture.TooMany",
                  fmt::format("more than {} resources belong to this application", kCapturedMax));
    for (auto& n : std::exchange(frontier_, {})) {
      auto lane = n.key.kind;
      crew.give(lane, std::move(n));
    }
    auto seen = crew.take();
    if (!seen) break;
    TRY(keep(std::move(*seen)));
  } while (true);
  return {};
}

void Walker::search(Searched found) {
  std::map<ResourceKey, std::vector<ResourceKey>> also;
  for (auto& p : found.found) {
    if (known_.insert(p.key).second)
      frontier_.push_back({p.key, p.key.id, p.properties, p.uses, p.unknown});
    else
      std::ranges::copy(p.uses, std::back_inserter(also[p.key]));
    for (auto& u : p.uses)  // a record's zone
      if (known_.insert(u).second) frontier_.push_back({u, u.id, "", {}});
  }
  std::ranges::move(found.left_out, std::back_inserter(all_.left_out));
  for (auto& r : all_.resources) {
    std::ranges::move(found.unseen[r.key], std::back_inserter(r.unknown));
    std::ranges::move(also[r.key], std::back_inserter(r.uses));
    sort_once(r.unknown);
    sort_once(r.uses);
  }
}

// A secret of one resource may stand in another under an innocent name. What names a database or a bucket is
// no secret, whatever the variable is called.
void Walker::scrub_all() {
  for (auto& [name, key] : names_) secrets_.erase(name);
  if (secrets_.empty()) return;
  for (auto& r : all_.resources) {
    auto properties = Json::parse(r.properties);
    scrub(properties, secrets_);
    r.properties = canonical_text(properties);
  }
}

Inventory Walker::finish() {
  scrub_all();
  if (!renamed_.empty())
    for (auto& r : all_.resources) {
      for (auto& u : r.uses)
        if (auto it = renamed_.find(u); it != renamed_.end()) u = it->second;
      sort_once(r.uses);
    }
  std::ranges::stable_sort(all_.resources, {}, &Resource::key);
  // The same thing under two names is one resource.
  auto twice = std::ranges::unique(all_.resources, {}, &Resource::key);
  all_.resources.erase(twice.begin(), twice.end());
  sort_once(all_.left_out);
  sort_once(all_.withheld);
  return std::move(all_);
}

Result<Inventory> Walker::from(const Roots& roots) {
  learn_names();
  all_.left_out = roots.left_out;
  TRY(begin(roots.must, true));
  TRY(begin(roots.may, false));
  TRY(drain());
  search(records_of(w_, all_.resources));
  search(alarms_of(w_, all_.resources));
  search(targets_of(w_, all_.resources));
  search(rules_of(w_, all_.resources));
  search(quotas_of(w_, all_.resources));
  TRY(drain());
  return finish();
}

}  // namespace

Result<Inventory> walk(const Walk& w, const Roots& roots) { return Walker(w).from(roots); }

}  // namespace relight::dr

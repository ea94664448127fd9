#include "dr/capture/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "aws/client/paginate.h"
#include "aws/codec/codec.h"
#include "dr/capture/kind.h"
#include "dr/capture/pointer.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;

// What is asked for: `reference` goes into calls, `key.id` is what it is captured under.
struct Node {
  ResourceKey key;
  std::string reference;
};

// What one node brought.
struct Seen {
  Resource resource;
  std::vector<Node> next;
  std::vector<LeftOut> left_out;
  std::vector<std::string> withheld;
  bool missing = false;
};

class Walker {
 public:
  explicit Walker(const Walk& w) : w_(w) {}
  Result<Inventory> from(std::vector<ResourceKey> roots);

 private:
  Result<Json> ask(const Detail& d, const std::string& reference, bool global);
  Seen look(const Node& n);
  void describe(const Kind& k, const Node& n, Seen& s, Json& properties);
  void follow(const Kind& k, Json& properties, Seen& s);
  void children(const Kind& k, const Node& n, Seen& s);
  void named_in_environment(const Json& properties, Seen& s);
  void reference(std::string_view kind, const std::string& to, Seen& s);
  void learn_names();
  std::vector<Seen> look_at(const std::vector<Node>& frontier);

  const Walk& w_;
  std::vector<std::pair<std::string, ResourceKey>> names_;  // what an environment variable may hold
  std::vector<Unseen> unseen_names_;
};

const aws::ServiceModel* model(const Walk& w, std::string_view service) {
  for (auto* s : w.services)
    if (s->id == service) return s;
  return nullptr;
}

// "AccessDenied: …", without the request id: the same refusal is the same text in every capture.
std::string why(const Error& e) { return e.code + ": " + e.message; }

bool is_absent(const Detail& d, const Error& e) {
  return !e.code.empty() && (" " + std::string(d.absent) + " ").find(" " + e.code + " ") != std::string::npos;
}

bool not_found(const Error& e) {
  return e.http_status == 404 || e.code.find("NotFound") != e.code.npos || e.code.starts_with("NoSuch");
}

Result<Json> Walker::ask(const Detail& d, const std::string& reference, bool global) {
  auto* service = model(w_, d.service);
  auto* op = service ? service->find(d.operation) : nullptr;
  if (!op)
    return fail("Capture.NoOperation", fmt::format("this build cannot call {}:{}", d.service, d.operation));
  auto in = op->make_input();
  TRY(aws::codec::from_json(*op->input, fill_in(d.input, variables_of(reference)), in.get()));
  aws::CallOptions where;
  if (!global) where.region = w_.region;
  Json all;
  TRY(aws::paginate(
      w_.aws, *service, *op, in.get(),
      [&](const void* out) -> Result<bool> {
        merge_page(all, Json::parse(aws::codec::to_json(*op->output, out)));
        return true;
      },
      where));
  auto* item = d.item.empty() ? &all : at(all, d.item);
  if (!item)
    return fail("Capture.NoSuchResource", fmt::format("{} answered without {}", d.operation, d.item));
  return std::move(*item);
}

void Walker::describe(const Kind& k, const Node& n, Seen& s, Json& properties) {
  for (auto& d : k.details) {
    auto got = ask(d, n.reference, k.global);
    if (got && d.into.empty() && got->is_object()) {
      if (properties.is_null()) properties = Json::object();
      properties.update(*got);
    } else if (got) {
      properties[std::string(d.into)] = std::move(*got);
    } else if (d.into.empty() && (not_found(got.error()) || got.error().code == "Capture.NoSuchResource")) {
      s.missing = true;
      return;
    } else if (!is_absent(d, got.error())) {
      s.resource.unknown.push_back({d.into.empty() ? "everything" : std::string(d.into), why(got.error())});
      if (d.into.empty()) return;
    }
  }
}

void Walker::reference(std::string_view kind, const std::string& to, Seen& s) {
  if (to.empty()) return;
  auto* k = find_kind(kind);
  ResourceKey key{std::string(kind), k ? id_of(*k, to) : to};
  if (!k)
    s.left_out.push_back({key, "relight does not capture this kind yet"});
  else if (to.starts_with("arn:aws:iam::aws:"))
    s.left_out.push_back({key, "it is AWS's own, the same in every account and region"});
  else if (key != s.resource.key) {
    s.resource.uses.push_back(key);
    s.next.push_back({key, to});
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

void Walker::children(const Kind& k, const Node& n, Seen& s) {
  for (auto& c : k.children) {
    auto got = ask({c.service, c.operation, c.input, "", "", ""}, n.reference, k.global);
    if (!got) {
      s.resource.unknown.push_back({std::string(c.kind), why(got.error())});
      continue;
    }
    auto* child = find_kind(c.kind);
    each_at(*got, c.ids, [&](Json& id) {
      if (!id.is_string() || !child) return;
      auto text = id.get<std::string>();
      // A role's policy has a name only within its role.
      if (c.kind == "iam/role-policy") text = n.key.id + "/" + text;
      s.next.push_back({{std::string(c.kind), id_of(*child, text)}, text});
    });
  }
}

// Endpoints of databases and names of buckets, which is what an application is told through its environment.
void Walker::learn_names() {
  auto databases = ask({"rds", "DescribeDBInstances", "{}", "", "", ""}, "", false);
  if (databases && databases->contains("DBInstances"))
    for (auto& d : (*databases)["DBInstances"])
      if (auto* address = at(d, "/Endpoint/Address"); address && address->is_string())
        names_.push_back({*address, {"rds/db-instance", d.value("DBInstanceIdentifier", "")}});
  auto buckets = ask({"s3", "ListBuckets", "{}", "", "", ""}, "", false);
  if (buckets && buckets->contains("Buckets"))
    for (auto& b : (*buckets)["Buckets"])
      if (auto name = b.value("Name", ""); !name.empty()) names_.push_back({name, {"s3/bucket", name}});
  for (auto* r : {&databases, &buckets})
    if (!*r) unseen_names_.push_back({"what the environment names", why(r->error())});
}

void Walker::named_in_environment(const Json& properties, Seen& s) {
  auto environment = properties;
  for (auto& u : unseen_names_) s.resource.unknown.push_back(u);
  each_at(environment, "/containerDefinitions/*/environment/*/value", [&](Json& value) {
    if (!value.is_string()) return;
    auto text = value.get<std::string>();
    for (auto& [name, key] : names_) {
      bool whole = key.kind == "s3/bucket" ? text == name || text.starts_with("s3://" + name)
                                           : text.find(name) != text.npos;
      if (whole) reference(key.kind, key.id, s);
    }
  });
}

Seen Walker::look(const Node& n) {
  Seen s;
  auto* k = find_kind(n.key.kind);
  s.resource.key = n.key;
  s.resource.region = k->global ? "aws-global" : w_.region;
  Json properties;
  describe(*k, n, s, properties);
  if (s.missing) return s;
  for (auto& v : k->volatile_) remove_at(properties, v);
  follow(*k, properties, s);
  if (n.key.kind == "ecs/task-definition") named_in_environment(properties, s);
  if (!properties.is_null()) children(*k, n, s);
  auto& uses = s.resource.uses;
  std::ranges::sort(uses);
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
  std::ranges::sort(s.resource.unknown);
  std::vector<std::string> withheld;
  s.resource.properties =
      canonical(std::move(properties), &withheld).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (auto& w : withheld) s.withheld.push_back(n.key.kind + " " + n.key.id + ": " + w);
  return s;
}

std::vector<Seen> Walker::look_at(const std::vector<Node>& frontier) {
  std::vector<Seen> out(frontier.size());
  std::atomic<size_t> turn = 0;
  auto work = [&] {
    for (size_t i; (i = turn++) < frontier.size();) out[i] = look(frontier[i]);
  };
  std::vector<std::jthread> crew;
  for (size_t i = 1; i < std::min<size_t>(size_t(w_.at_once), frontier.size()); ++i) crew.emplace_back(work);
  work();
  crew.clear();
  return out;
}

Result<Inventory> Walker::from(std::vector<ResourceKey> roots) {
  learn_names();
  Inventory all{.region = w_.region};
  std::set<ResourceKey> known, root_keys;
  std::vector<Node> frontier;
  for (auto& r : roots) {
    auto* k = find_kind(r.kind);
    if (!k)
      return fail(Error{
          .code = "Capture.NoSuchKind", .message = "there is no kind '" + r.kind + "'", .resource = r.id});
    Node n{{r.kind, id_of(*k, r.id)}, r.id};
    if (known.insert(n.key).second) frontier.push_back(n);
    root_keys.insert(n.key);
  }
  while (!frontier.empty()) {
    auto seen = look_at(frontier);
    frontier.clear();
    for (auto& s : seen) {
      if (s.missing && root_keys.contains(s.resource.key))
        return fail(Error{.code = "Capture.NoSuchResource",
                          .message = "there is no such " + s.resource.key.kind,
                          .resource = s.resource.key.id,
                          .region = w_.region,
                          .next = "check the name and the region in relight.yaml"});
      if (s.missing) {
        all.left_out.push_back({s.resource.key, "it is named, but it does not exist"});
        continue;
      }
      for (auto& n : s.next)
        if (known.insert(n.key).second) frontier.push_back(std::move(n));
      std::ranges::move(s.left_out, std::back_inserter(all.left_out));
      std::ranges::move(s.withheld, std::back_inserter(all.withheld));
      all.resources.push_back(std::move(s.resource));
    }
    if (known.size() > kCapturedMax)
      return fail("Capture.TooMany",
                  fmt::format("more than {} resources belong to this application", kCapturedMax));
  }
  std::ranges::sort(all.resources, {}, &Resource::key);
  std::ranges::sort(all.left_out);
  all.left_out.erase(std::unique(all.left_out.begin(), all.left_out.end()), all.left_out.end());
  std::ranges::sort(all.withheld);
  return all;
}

}  // namespace

Result<Inventory> walk(const Walk& w, std::vector<ResourceKey> roots) {
  return Walker(w).from(std::move(roots));
}

}  // namespace relight::dr

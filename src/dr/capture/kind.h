// What capture knows of a kind of resource, as data: which calls describe it, what of the answers is kept,
// and what other resources it names.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "dr/model/withhold.h"

namespace relight::dr {

// One call that brings a resource or a part of it. `input` is JSON in which {id}, {name}, … are replaced;
// with `when` also the resource's own texts, {DefaultVersionId}.
struct Detail {
  std::string_view service, operation, input;
  std::string_view item;  // JSON pointer to what is kept of the answer; empty: all of it
  std::string_view into;  // the property it becomes; empty: the resource itself
  std::string_view
      absent;  // error codes, between spaces, that mean "there is none", as AWS answers for this call
  std::string_view when = "";  // pointer that the properties so far must have; else there is nothing to ask
};

// Something that a resource names. The pointer may hold '*' for each element of a list.
struct Link {
  std::string_view pointer, kind;
};

// Resources that are found by asking for all of a parent's: a load balancer's listeners, a VPC's route
// tables.
struct Children {
  std::string_view kind, service, operation, input;
  std::string_view ids;  // pointer with '*'
  // The answer holds each of them in full, at `ids` up to the '*': there is nothing left to ask.
  bool whole = false;
};

// Several resources of a kind in the call of its first detail, where AWS takes a list: a request rate counts calls.
struct Together {
  std::string_view input;  // as Detail's; {ids} stands for the ARNs, quoted and with commas between
  std::string_view items;  // pointer to the answer's list
  std::string_view id;     // pointer within each of it to the ARN
  size_t most = 0;         // of a call; 0: they are asked one by one
};

struct Kind {
  std::string_view name;
  std::span<const Detail> details;
  std::span<const Link> links;
  std::span<const Children> children;
  std::span<const std::string_view> volatile_;  // pointers with '*' of what is not kept
  bool global = false;                          // asked of the partition's one endpoint
  // How a reference becomes the id that it is captured under. kName: the part after the last '/' or ':', so
  // that a role's ARN and its name are one. kRevision: without ":12", so that a new revision is a change, not
  // a new file. kFunction: a function's name, without version or alias. kParameter: a parameter's name.
  // kSecret: a secret's ARN, without what of it is meant.
  // kRepository, kImage: of an image's name, without its registry. kLogGroup: a log group's name.
  enum class Id {
    kWhole,
    kName,
    kRevision,
    kFunction,
    kParameter,
    kSecret,
    kRepository,
    kImage,
    kLogGroup
  } form = Id::kWhole;
  std::string_view self = "";  // pointer to what others name it by, where a root may be given otherwise
  // Pointer and value by which AWS says that what it still describes was deleted.
  std::string_view dead_pointer = "", dead_value = "";
  // After all details, before anything is followed. What it keeps back it tells `secrets`.
  void (*shape)(nlohmann::json& properties, Secrets& secrets) = nullptr;
  Together together = {};
  std::string_view own = "";  // pointer to what must be its id: the call answers whatever begins with it
};
std::string id_of(const Kind& k, const std::string& reference);

std::span<const Kind> kinds();
const Kind* find_kind(std::string_view name);

// What an ARN or a text names, when what named it does not say the kind: "secret" (a container's valueFrom),
// "image" (of ECR: "ecr/image") and "arn". Other kinds stay as they are. A kind that is not in the table
// stays readable: "sns/topic".
std::string kind_named(std::string_view kind, const std::string& reference);

// The n-th of an ARN's six parts, which colons divide; the last holds all the rest.
std::string arn_part(const std::string& arn, int n);

// What an id says: {"id": whole} and what its form holds: {"name", "cluster"} of an ECS service's ARN,
// {"bus", "rule"} of a rule, {"repository", "image_key", "image_value"} of an image, …
std::map<std::string, std::string> variables_of(const std::string& id);
// {id} and the others replaced inside of JSON texts, escaped as JSON wants it.
std::string fill_in(std::string_view input, const std::map<std::string, std::string>& variables);

}  // namespace relight::dr

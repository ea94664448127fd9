#include <nlohmann/json.hpp>
#include <vector>

#include "dr/capture/kind_tables.h"
#include "dr/model/image_name.h"

namespace relight::dr {

std::span<const Kind> kinds() {
  static const auto all = [] {
    std::vector<Kind> out;
    for (auto family :
         {container_kinds(), balancer_kinds(), database_kinds(), network_kinds(), bucket_kinds(), firewall_kinds(),
          function_kinds(), name_kinds(), secret_kinds(), trigger_kinds(), image_kinds(), account_kinds()})
      out.insert(out.end(), family.begin(), family.end());
    return out;
  }();
  return all;
}

const Kind* find_kind(std::string_view name) {
  for (auto& k : kinds())
    if (k.name == name) return &k;
  return nullptr;
}

std::string arn_part(const std::string& arn, int n) {
  size_t at = 0;
  for (int i = 0; i < n; ++i) {
    at = arn.find(':', at);
    if (at++ == arn.npos) return "";
  }
  return n == 5 ? arn.substr(at) : arn.substr(at, arn.find(':', at) - at);
}

namespace {

std::string without_revision(const std::string& reference) {
  auto colon = reference.rfind(':');
  bool number = colon != reference.npos && colon + 1 < reference.size() &&
                reference.find_first_not_of("0123456789", colon + 1) == reference.npos;
  return number ? reference.substr(0, colon) : reference;
}

std::string function_name(const std::string& reference) {
  auto mark = reference.find(":function:");
  auto name = mark == reference.npos ? reference : reference.substr(mark + 10);
  return name.substr(0, name.find(':'));
}

// The ARN of "/lamp/mode" ends in "parameter/lamp/mode", that of "mode" in "parameter/mode".
std::string parameter_name(const std::string& reference) {
  auto mark = reference.find(":parameter/");
  if (mark == reference.npos) return reference;
  auto name = reference.substr(mark + 11);
  return name.find('/') == name.npos ? name : "/" + name;
}

// The ARN of "/aws/lambda/f" ends in "log-group:/aws/lambda/f", often with ":*" behind it.
std::string log_group(const std::string& reference) {
  auto mark = reference.find(":log-group:");
  if (mark == reference.npos) return reference;
  auto name = reference.substr(mark + 11);
  return name.substr(0, name.find(':'));
}

// "team/lamp" of an image's name or of a repository's ARN.
std::string repository(const std::string& reference) {
  auto mark = reference.find(":repository/");
  return mark == reference.npos ? image_name(reference).repository : reference.substr(mark + 12);
}

// A container may name one key of a secret's JSON: …:secret:NAME-abcdef:KEY:STAGE:VERSION
std::string secret_arn(const std::string& reference) {
  size_t at = 0;
  for (int i = 0; i < 7 && at != reference.npos; ++i) at = reference.find(':', at + (i > 0));
  return reference.substr(0, at);
}

}  // namespace

std::string id_of(const Kind& k, const std::string& reference) {
  switch (k.form) {
    case Kind::Id::kName:
      return reference.substr(reference.find_last_of(":/") + 1);
    case Kind::Id::kRevision:
      return without_revision(reference);
    case Kind::Id::kFunction:
      return function_name(reference);
    case Kind::Id::kParameter:
      return parameter_name(reference);
    case Kind::Id::kSecret:
      return secret_arn(reference);
    case Kind::Id::kRepository:
      return repository(reference);
    case Kind::Id::kImage:
      return image_name(reference).within();
    case Kind::Id::kLogGroup:
      return log_group(reference);
    case Kind::Id::kWhole:
      break;
  }
  return reference;
}

std::string kind_named(std::string_view kind, const std::string& reference) {
  if (kind == "secret")
    return reference.find(":secretsmanager:") == reference.npos ? "ssm/parameter" : "secretsmanager/secret";
  if (kind == "image" && image_name(reference).of_ecr()) return "ecr/image";
  if (kind != "arn") return std::string(kind);
  auto service = arn_part(reference, 2), rest = arn_part(reference, 5);
  if (service == "s3") return "s3/bucket";
  if (service == "sqs") return "sqs/queue";
  if (service == "sns") return "sns/topic";
  auto type = rest.substr(0, rest.find_first_of("/:"));
  return service.empty() ? std::string("unknown") : service + "/" + type;
}

namespace {

// "arn:…:rule/NAME", "arn:…:rule/BUS/NAME", and as CloudFormation calls them: "NAME", "BUS|NAME".
void name_rule(const std::string& id, std::map<std::string, std::string>& v) {
  auto mark = id.find(":rule/");
  auto rest = mark == id.npos ? id : id.substr(mark + 6);
  auto divide = rest.find_first_of("/|");
  v["bus"] = divide == rest.npos ? "default" : rest.substr(0, divide);
  v["rule"] = divide == rest.npos ? rest : rest.substr(divide + 1);
}

}  // namespace

std::map<std::string, std::string> variables_of(const std::string& id) {
  std::map<std::string, std::string> v{{"id", id}, {"name", id}, {"parent", ""}, {"cluster", ""}};
  auto last = [](const std::string& s, char c) { return s.substr(s.rfind(c) + 1); };
  if (id.starts_with("arn:")) {
    v["name"] = last(last(id, ':'), '/');
    // arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
    auto path = last(id, ':');
    auto first = path.find('/'), second = path.find('/', first + 1);
    if (first != path.npos && second != path.npos) v["cluster"] = path.substr(first + 1, second - first - 1);
    // arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID
    if (path.starts_with("regional/webacl/")) v["acl"] = path.substr(16, path.rfind('/') - 16);
  } else if (auto slash = id.find('/'); slash != id.npos) {
    // PARENT/NAME: what has no id of its own, and CLUSTER/SERVICE as people write it
    v["parent"] = v["cluster"] = id.substr(0, slash);
    v["name"] = id.substr(slash + 1);
  }
  name_rule(id, v);
  auto image = image_name(id);
  v["repository"] = image.repository;
  v["image_key"] = image.digest.empty() ? "imageTag" : "imageDigest";
  v["image_value"] = image.digest.empty() ? image.tag : image.digest;
  return v;
}

std::string fill_in(std::string_view input, const std::map<std::string, std::string>& variables) {
  std::string out(input);
  for (auto& [name, value] : variables) {
    std::string quoted = nlohmann::json(value).dump(), mark = "{" + name + "}";
    quoted = quoted.substr(1, quoted.size() - 2);
    for (size_t at = 0; (at = out.find(mark, at)) != out.npos; at += quoted.size())
      out.replace(at, mark.size(), quoted);
  }
  return out;
}

}  // namespace relight::dr

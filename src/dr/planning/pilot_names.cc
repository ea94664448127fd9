#include "dr/planning/pilot_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "dr/planning/pilot.h"

namespace relight::dr {
namespace {

bool alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)); }

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  if (what.empty()) return;
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
    text.replace(at, what.size(), by);
}

// CloudFormation ends the names that it makes with twelve or thirteen letters and digits.
std::string without_token(std::string rest) {
  auto dash = rest.rfind('-');
  bool token = dash != rest.npos && dash > 0 && (rest.size() - dash == 13 || rest.size() - dash == 14) &&
               rest.find_first_of("0123456789", dash) != rest.npos;
  return token ? rest.substr(0, dash) : rest;
}

// As ARNs have them.
constexpr std::array<std::string_view, 24> kCarried{
    "acm", "application-autoscaling", "autoscaling", "cloudformation", "cloudwatch", "ec2", "ecr", "ecs",
    "elasticloadbalancing", "events", "iam", "kms", "lambda", "logs", "rds", "route53", "s3", "secretsmanager",
    "servicequotas", "sns", "sqs", "ssm", "sts", "wafv2"};
// Ends of host names that services give their resources: ElastiCache, OpenSearch, EFS, MQ, Redshift, MSK.
constexpr std::array<std::string_view, 7> kForeignHosts{
    ".cache.amazonaws.com", ".es.amazonaws.com", ".aoss.amazonaws.com", ".redshift.amazonaws.com",
    ".kafka.amazonaws.com", ".efs.", ".mq."};

bool foreign_arn(std::string_view word, std::string_view region) {
  std::array<std::string_view, 4> parts;  // arn, partition, service, region
  for (auto& p : parts) {
    auto end = word.find(':');
    if (end == word.npos) return false;
    p = word.substr(0, end);
    word.remove_prefix(end + 1);
  }
  return parts[0] == "arn" && parts[3] == region && std::ranges::find(kCarried, parts[2]) == kCarried.end();
}

bool foreign_host(std::string_view word) {
  auto of_aws = word.find(".amazonaws.com");
  return of_aws != word.npos &&
         std::ranges::any_of(kForeignHosts, [&](auto end) { return word.find(end) <= of_aws; });
}

}  // namespace

std::string not_carried_over(std::string_view text, std::string_view region) {
  auto part = [](char c) { return alnum(c) || (c != 0 && std::string_view(".:/_*-").contains(c)); };
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && part(text[end])) ++end;
    auto word = text.substr(at, end - at);
    if (foreign_arn(word, region) || foreign_host(word)) return std::string(word);
    at = end + 1;
  }
  return "";
}

std::string in_stack(const NamePlaces& p, std::string_view name) {
  if (!p.primary_stack.empty() && !p.stack.empty() && name.starts_with(p.primary_stack) &&
      (name.size() == p.primary_stack.size() || name[p.primary_stack.size()] == '-'))
    return p.stack + std::string(name.substr(p.primary_stack.size()));
  return std::string(name);
}

std::string bucket_name(const NamePlaces& p, std::string_view name) {
  auto out = in_stack(p, name);
  if (out.find(p.primary) != out.npos)
    replace_all(out, p.primary, p.recovery);
  else
    out += "-" + p.recovery;
  constexpr size_t kLongest = 63;  // Amazon S3 User Guide, "Bucket naming rules"
  if (out.size() > kLongest) out = out.substr(0, kLongest - 9) + "-" + digest(name);
  return out;
}

std::vector<size_t> region_words(std::string_view text, std::string_view region) {
  std::vector<size_t> found;
  auto edge = [](char c) { return c == '.' || c == ':' || c == '/' || c == ',' || c == ' ' || c == '"'; };
  for (size_t at = 0; !region.empty() && (at = text.find(region, at)) != text.npos; at += region.size()) {
    size_t end = at + region.size();
    if ((at == 0 || edge(text[at - 1])) && (end == text.size() || edge(text[end]))) found.push_back(at);
  }
  return found;
}

std::string camel(std::string_view name) {
  std::string out;
  bool start = true, upper_word = true;
  for (char c : name) upper_word = upper_word && !std::islower(static_cast<unsigned char>(c));
  for (char c : name) {
    if (!alnum(c)) {
      start = true;
      continue;
    }
    auto u = static_cast<unsigned char>(c);
    out += start ? char(std::toupper(u)) : upper_word ? char(std::tolower(u)) : c;
    start = false;
  }
  return out;
}

std::string logical_word(const NamePlaces& p, std::string_view account, std::string_view name) {
  std::string rest(name);
  if (auto moved = in_stack(p, name); moved != name) rest = without_token(moved.substr(p.stack.size()));
  replace_all(rest, p.primary, "");
  replace_all(rest, std::string(account), "");
  auto word = camel(rest);
  return word.size() > 40 ? word.substr(0, 40) + digest(name) : word;
}

std::string digest(std::string_view text) {
  uint32_t h = 2166136261u;
  for (unsigned char c : text) h = (h ^ c) * 16777619u;
  return fmt::format("{:08x}", h);
}

std::string environment_name(std::string_view parameter) {
  std::string out = "RELIGHT_PARAMETER";
  bool before_lower = false;
  out += '_';
  for (size_t i = 0; i < parameter.size(); ++i) {
    auto c = static_cast<unsigned char>(parameter[i]);
    if (i && std::isupper(c) && before_lower) out += '_';
    before_lower = !std::isupper(c);
    out += char(std::toupper(c));
  }
  return out;
}

}  // namespace relight::dr

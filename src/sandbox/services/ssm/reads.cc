// Parameters read: by name, selector, path; their history and labels.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "sandbox/services/ssm/service.h"

namespace relight::sandbox {
using namespace parameters;
namespace op = aws::ssm::op;

namespace {

constexpr size_t kLabels = 10;  // of a version, "Working with parameter labels"

bool carries(const Version& v, const std::string& label) {
  return v.Labels && std::find(v.Labels->begin(), v.Labels->end(), label) != v.Labels->end();
}

std::optional<int64_t> number(const std::string& s) {
  int64_t n = 0;
  auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), n);
  return ec == std::errc{} && end == s.data() + s.size() ? std::optional(n) : std::nullopt;
}

// Letters, digits, . - _ ; not a digit first, not "aws" or "ssm".
bool good_label(const std::string& l) {
  std::string lower;
  for (unsigned char c : l) lower += static_cast<char>(std::tolower(c));
  return !l.empty() && !std::isdigit(static_cast<unsigned char>(l[0])) && !lower.starts_with("aws") &&
         !lower.starts_with("ssm") && std::all_of(l.begin(), l.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

// Cuts `all` to a page that begins at the number in `token`.
template <class T>
Result<std::optional<std::string>> cut(std::vector<T>& all, const std::optional<std::string>& token,
                                       size_t n) {
  size_t from = 0;
  if (token) {
    auto at = number(*token);
    if (!at || *at < 0) return aws_error("InvalidNextToken", "The specified token is not valid.");
    from = std::min(all.size(), static_cast<size_t>(*at));
  }
  size_t to = std::min(all.size(), from + n);
  std::optional<std::string> next;
  if (to < all.size()) next = std::to_string(to);
  all = std::vector<T>(all.begin() + static_cast<std::ptrdiff_t>(from),
                       all.begin() + static_cast<std::ptrdiff_t>(to));
  return next;
}

}  // namespace

Selected parameters::select(const std::string& named) {
  Selected s{named, ""};
  // arn:aws:ssm:REGION:ACCOUNT:parameter/NAME; a name without a path stands after the slash alone
  if (named.starts_with("arn:"))
    if (auto at = named.find(":parameter/"); at != named.npos) {
      s.name = named.substr(at + 10);
      if (s.name.find('/', 1) == s.name.npos) s.name = s.name.substr(1);
    }
  if (auto colon = s.name.find(':'); colon != s.name.npos) {
    s.selector = s.name.substr(colon + 1);
    s.name = s.name.substr(0, colon);
  }
  return s;
}

bool parameters::under(const std::string& name, std::string path, bool recursive) {
  if (!path.ends_with('/')) path += '/';
  return name.starts_with(path) && (recursive || name.find('/', path.size()) == name.npos);
}

Result<Version*> SsmService::find(Region r, const std::string& named) {
  Selected s = select(named);
  auto all = versions(r, s.name);
  if (all.empty() && !s.name.starts_with('/') && named.starts_with("arn:")) all = versions(r, "/" + s.name);
  if (all.empty()) return aws_error("ParameterNotFound", "");
  if (s.selector.empty()) return all.back();
  auto wanted = number(s.selector);
  for (auto* v : all)
    if (wanted ? v->Version == *wanted : carries(*v, s.selector)) return v;
  return aws_error(
      "ParameterVersionNotFound",
      fmt::format("Systems Manager could not find version {} of {}. Verify the version and try again.",
                  s.selector, s.name));
}

api::Parameter SsmService::shown(Region r, const Version& v, const std::string& selector,
                                 bool decrypt) const {
  api::Parameter p;
  p.Name = v.Name;
  p.Type = v.Type;
  p.Value = v.Value;
  if (v.Type == "SecureString" && !decrypt)
    p.Value = base64(fmt::format("simulated ciphertext of {} version {}", *v.Name, *v.Version));
  p.Version = v.Version;
  if (!selector.empty()) p.Selector = ":" + selector;
  p.LastModifiedDate = v.LastModifiedDate;
  p.ARN = fmt::format("arn:aws:ssm:{}:{}:parameter{}{}", r, world_.account(),
                      v.Name->starts_with('/') ? "" : "/", *v.Name);
  p.DataType = v.DataType;
  return p;
}

void SsmService::add_reads() {
  on<op::GetParameter>(
      [this](const Call& c, const api::GetParameterRequest& in) -> Result<api::GetParameterResult> {
        TRY_ASSIGN(auto* v, find(c.region, *in.Name));
        return api::GetParameterResult{
            shown(c.region, *v, select(*in.Name).selector, in.WithDecryption.value_or(false))};
      });
  on<op::GetParameters>(
      [this](const Call& c, const api::GetParametersRequest& in) -> Result<api::GetParametersResult> {
        api::GetParametersResult out{.Parameters = std::vector<api::Parameter>{},
                                     .InvalidParameters = std::vector<std::string>{}};
        for (auto& n : *in.Names)
          if (auto v = find(c.region, n))
            out.Parameters->push_back(
                shown(c.region, **v, select(n).selector, in.WithDecryption.value_or(false)));
          else
            out.InvalidParameters->push_back(n);
        return out;
      });
}

void SsmService::add_by_path() {
  on<op::GetParametersByPath>([this](const Call& c, const api::GetParametersByPathRequest& in)
                                  -> Result<api::GetParametersByPathResult> {
    if (!in.Path->starts_with('/'))
      return aws_error(
          "ValidationException",
          "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a "
          "forward slash \"/\".");
    std::vector<api::Parameter> all;
    for (auto& name : names(c.region)) {
      if (!under(name, *in.Path, in.Recursive.value_or(false))) continue;
      auto* v = versions(c.region, name).back();
      bool ok = true;
      for (auto& f : in.ParameterFilters.value_or(std::vector<api::ParameterStringFilter>{}))
        ok = ok && passes(c.region, *v, f);
      if (ok) all.push_back(shown(c.region, *v, "", in.WithDecryption.value_or(false)));
    }
    TRY_ASSIGN(auto next, cut(all, in.NextToken, static_cast<size_t>(in.MaxResults.value_or(10))));
    return api::GetParametersByPathResult{.Parameters = std::move(all), .NextToken = next};
  });
}

void SsmService::add_history() {
  on<op::GetParameterHistory>(
      [this](const Call& c,
             const api::GetParameterHistoryRequest& in) -> Result<api::GetParameterHistoryResult> {
        std::vector<api::ParameterHistory> all;
        for (auto* v : versions(c.region, *in.Name)) {
          all.push_back(*v);
          all.back().Value = shown(c.region, *v, "", in.WithDecryption.value_or(false)).Value;
        }
        if (all.empty()) return aws_error("ParameterNotFound", "");
        TRY_ASSIGN(auto next, cut(all, in.NextToken, static_cast<size_t>(in.MaxResults.value_or(50))));
        return api::GetParameterHistoryResult{.Parameters = std::move(all), .NextToken = next};
      });
}

void SsmService::add_labels() {
  on<op::LabelParameterVersion>([this](const Call& c, const api::LabelParameterVersionRequest& in)
                                    -> Result<api::LabelParameterVersionResult> {
    TRY_ASSIGN(
        auto* v,
        find(c.region, *in.Name + (in.ParameterVersion ? ":" + std::to_string(*in.ParameterVersion) : "")));
    api::LabelParameterVersionResult out{.InvalidLabels = std::vector<std::string>{},
                                         .ParameterVersion = v->Version};
    std::vector<std::string> good;
    for (auto& l : *in.Labels) (good_label(l) ? good : *out.InvalidLabels).push_back(l);
    auto next = v->Labels.value_or(std::vector<std::string>{});
    for (auto& l : good)
      if (!carries(*v, l)) next.push_back(l);
    if (next.size() > kLabels)
      return aws_error("ParameterVersionLabelLimitExceeded",
                       "A parameter version can have a maximum of ten labels.");
    for (auto* other : versions(c.region, *in.Name)) {
      if (other == v || !other->Labels) continue;
      for (auto& l : good) std::erase(*other->Labels, l);
      versions_.save(c.region, fmt::format("{}|{:09}", *other->Name, *other->Version), *other);
    }
    v->Labels = std::move(next);
    versions_.save(c.region, fmt::format("{}|{:09}", *v->Name, *v->Version), *v);
    return out;
  });
  on<op::UnlabelParameterVersion>(
      [this](const Call& c,
             const api::UnlabelParameterVersionRequest& in) -> Result<api::UnlabelParameterVersionResult> {
        TRY_ASSIGN(auto* v, find(c.region, fmt::format("{}:{}", *in.Name, *in.ParameterVersion)));
        api::UnlabelParameterVersionResult out{.RemovedLabels = std::vector<std::string>{},
                                               .InvalidLabels = std::vector<std::string>{}};
        for (auto& l : *in.Labels) (carries(*v, l) ? out.RemovedLabels : out.InvalidLabels)->push_back(l);
        if (v->Labels)
          for (auto& l : *out.RemovedLabels) std::erase(*v->Labels, l);
        versions_.save(c.region, fmt::format("{}|{:09}", *v->Name, *v->Version), *v);
        return out;
      });
}

void SsmService::add_describe() {
  on<op::DescribeParameters>(
      [this](const Call& c,
             const api::DescribeParametersRequest& in) -> Result<api::DescribeParametersResult> {
        if (in.Filters && in.ParameterFilters)
          return aws_error("ValidationException",
                           "You can use either Filters or ParameterFilters in a single request.");
        auto filters = in.ParameterFilters.value_or(std::vector<api::ParameterStringFilter>{});
        for (auto& f : in.Filters.value_or(std::vector<api::ParametersFilter>{}))
          filters.push_back(
              {.Key = f.Key, .Option = f.Key == "Name" ? "BeginsWith" : "Equals", .Values = f.Values});
        std::vector<api::ParameterMetadata> all;
        for (auto& name : names(c.region)) {
          auto* v = versions(c.region, name).back();
          if (!std::all_of(filters.begin(), filters.end(), [&](auto& f) { return passes(c.region, *v, f); }))
            continue;
          api::ParameterMetadata m;
          m.Name = v->Name;
          m.Type = v->Type;
          m.KeyId = v->KeyId;
          m.LastModifiedDate = v->LastModifiedDate;
          m.LastModifiedUser = v->LastModifiedUser;
          m.Description = v->Description;
          m.AllowedPattern = v->AllowedPattern;
          m.Version = v->Version;
          m.Tier = v->Tier;
          m.DataType = v->DataType;
          all.push_back(std::move(m));
        }
        TRY_ASSIGN(auto next, cut(all, in.NextToken, static_cast<size_t>(in.MaxResults.value_or(50))));
        return api::DescribeParametersResult{.Parameters = std::move(all), .NextToken = next};
      });
}

bool SsmService::passes(Region r, const Version& v, const api::ParameterStringFilter& f) {
  std::string option = f.Option.value_or("Equals");
  auto values = f.Values.value_or(std::vector<std::string>{});
  auto any = [&](const std::string& text) {
    return std::any_of(values.begin(), values.end(), [&](auto& x) {
      return option == "BeginsWith" ? text.starts_with(x)
             : option == "Contains" ? text.find(x) != text.npos
                                    : text == x;
    });
  };
  if (f.Key == "Name") return any(*v.Name);
  if (f.Key == "Type") return any(*v.Type);
  if (f.Key == "KeyId") return any(v.KeyId.value_or(""));
  if (f.Key == "Tier") return any(v.Tier.value_or(""));
  if (f.Key == "DataType") return any(v.DataType.value_or(""));
  if (f.Key == "Path")
    return std::any_of(values.begin(), values.end(),
                       [&](auto& p) { return under(*v.Name, p, option == "Recursive"); });
  if (f.Key == "Label")
    return std::any_of(values.begin(), values.end(), [&](auto& l) { return carries(v, l); });
  std::string tag = f.Key->starts_with("tag:") ? f.Key->substr(4) : "";
  auto* t = tags_.find(r, *v.Name);
  if (!t || !t->all.contains(tag)) return false;
  return values.empty() || any(t->all.at(tag));
}

}  // namespace relight::sandbox

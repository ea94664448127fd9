#include "dr/readiness/render.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dr/model/duration.h"

namespace relight::dr {
namespace {

std::string summary(const std::vector<Finding>& findings) {
  auto t = tally(findings);
  return fmt::format("{} failed, {} unknown, {} warned, {} passed", t.fail, t.unknown, t.warn, t.pass);
}

std::string age(const Heading& h, const Finding& f) {
  return duration_text(std::max(Millis(0), h.now - f.observed_at));
}

std::string place(const Finding& f) {
  return f.resource.empty() ? f.region : f.region.empty() ? f.resource : f.resource + ", " + f.region;
}

std::string at_risk(const Finding& f) {
  auto rto = risk_text(f.risk.rto_s), rpo = risk_text(f.risk.rpo_s);
  std::string out;
  if (!rto.empty()) out += "RTO " + rto;
  if (!rpo.empty()) out += (out.empty() ? "RPO " : ", RPO ") + rpo;
  return out;
}

nlohmann::json seconds(const std::optional<int64_t>& s) { return s ? nlohmann::json(*s) : nlohmann::json(); }

nlohmann::json encode(const Heading& h, const Finding& f) {
  return {{"check", f.check},
          {"name", f.name},
          {"family", f.family},
          {"verdict", verdict_text(f.verdict)},
          {"what", f.what},
          {"resource", f.resource},
          {"region", f.region},
          {"evidence", f.evidence},
          {"observed_at", iso8601(f.observed_at)},
          {"age_ms", std::max<int64_t>(0, (h.now - f.observed_at).count())},
          {"rto_seconds_at_risk", seconds(f.risk.rto_s)},
          {"rpo_seconds_at_risk", seconds(f.risk.rpo_s)},
          {"mend", f.mend}};
}

std::string cell(std::string s) {
  std::string out;
  for (char c : s) {
    if (c == '|')
      out += "\\|";
    else if (c == '\n')
      out += ' ';
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string findings_text(const Heading& h, const std::vector<Finding>& findings) {
  std::string out =
      fmt::format("{}: {} -> {}: {}\n", h.application, h.primary, h.recovery, summary(findings));
  for (auto& f : findings) {
    out += fmt::format("{:<8}{:>3} {:<22} {}\n", verdict_text(f.verdict), f.check, f.name, f.what);
    if (f.verdict == Verdict::kPass) continue;
    out += fmt::format("{:12}on      {}\n", "", place(f));
    if (!f.evidence.empty()) out += fmt::format("{:12}seen    {} ({} ago)\n", "", f.evidence, age(h, f));
    if (auto risk = at_risk(f); !risk.empty()) out += fmt::format("{:12}risk    {}\n", "", risk);
    if (!f.mend.empty()) out += fmt::format("{:12}mend    {}\n", "", f.mend);
  }
  return out;
}

std::string findings_json(const Heading& h, const std::vector<Finding>& findings) {
  auto t = tally(findings);
  nlohmann::json list = nlohmann::json::array();
  for (auto& f : findings) list.push_back(encode(h, f));
  nlohmann::json all{
      {"application", h.application},
      {"regions", {{"primary", h.primary}, {"recovery", h.recovery}}},
      {"checked_at", iso8601(h.now)},
      {"tally", {{"pass", t.pass}, {"warn", t.warn}, {"unknown", t.unknown}, {"fail", t.fail}}},
      {"findings", std::move(list)}};
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string findings_markdown(const Heading& h, const std::vector<Finding>& findings) {
  std::string out = fmt::format("# Readiness of {}: {} -> {}\n\n{}, checked at {}.\n\n", h.application,
                                h.primary, h.recovery, summary(findings), iso8601(h.now));
  out += "| verdict | check | on | what | evidence | at risk | mend |\n|---|---|---|---|---|---|---|\n";
  for (auto& f : findings)
    out += fmt::format("| {} | {} {} | {} | {} | {} | {} | {} |\n", verdict_text(f.verdict), f.check, f.name,
                       cell(place(f)), cell(f.what), cell(f.evidence), at_risk(f),
                       f.mend.empty() ? "" : "`" + cell(f.mend) + "`");
  return out;
}

}  // namespace relight::dr

#include "dr/view/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace relight::dr::view {
namespace {
using Json = nlohmann::json;

std::string money(double usd) {
  if (usd > 0 && usd < 0.00005) return "<$0.0001";
  return usd != 0 && std::abs(usd) < 0.1 ? fmt::format("${:.4f}", usd) : fmt::format("${:.2f}", usd);
}

std::string amount_words(const CostLine& l) {
  if (!l.amount.known()) return "unknown: " + l.amount.why;
  if (l.unit.empty()) return "";
  std::string out = fmt::format("{:.6g} {}", l.amount.value, l.unit);
  if (l.amount.basis != Amount::Basis::kCaptured) out += fmt::format(" ({})", basis_word(l.amount.basis));
  return out;
}

std::string usd_words(const CostLine& l) {
  if (!l.price) return "no price known";
  auto usd = l.usd();
  return usd ? money(*usd) + (l.verified ? "" : " *") : "unknown";
}

std::string gaps(const CostSum& s) {
  std::string out;
  if (int n = s.without_price()) out += fmt::format(", and {} without a known price", n);
  if (int n = s.unknown()) out += fmt::format(", and {} of unknown amount", n);
  return out;
}

std::string total_words(const CostSum& s) {
  return (s.whole() ? "" : "at least ") + money(s.usd()) + gaps(s);
}

int unverified_of(const CostReport& r) {
  int n = r.pilot.unverified() + r.lit_hour.unverified() + r.drill.unverified();
  for (auto& o : r.others) n += o.unverified();
  return n;
}

std::string dated(const CostReport& r) {
  return fmt::format("Prices of {} in USD, without taxes, discounts and free allowances. {}", r.prices_date,
                     r.prices_source);
}

// Why amounts are what they are: of those that are not simply captured.
std::vector<std::string> reasons(const CostReport& r) {
  std::vector<std::string> out;
  auto take = [&](const CostSum& s) {
    for (auto& l : s.lines) {
      std::string line = l.no_price.empty() ? "" : fmt::format("{}: no price known: {}", l.what, l.no_price);
      if (line.empty() && l.amount.basis != Amount::Basis::kCaptured)
        line = fmt::format("{}: {}{}", l.what, basis_word(l.amount.basis),
                           l.amount.why.empty() ? "" : ", " + l.amount.why);
      if (!line.empty() && std::ranges::find(out, line) == out.end()) out.push_back(line);
    }
  };
  take(r.pilot);
  for (auto& o : r.others) take(o);
  take(r.lit_hour);
  take(r.drill);
  return out;
}

std::string text_lines(const CostSum& s, const char* of) {
  size_t what = 4, amount = 6;
  for (auto& l : s.lines) {
    what = std::max(what, l.what.size());
    amount = std::max(amount, amount_words(l).size());
  }
  std::string out;
  for (auto& l : s.lines)
    out += fmt::format("  {:<{}}  {:<{}}  {:>12}\n", l.what, what, amount_words(l), amount, usd_words(l));
  return out + fmt::format("  {}: {}\n", of, total_words(s));
}

std::string saving_words(const Saving& s) {
  return (s.usd_month ? money(*s.usd_month) + " a month" : "unknown") + (s.taken ? ", saved already" : "");
}

std::string markdown_cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string markdown_lines(const CostSum& s, const char* of) {
  std::string out = "| what | amount | USD |\n|---|---|---:|\n";
  for (auto& l : s.lines)
    out += fmt::format("| {} | {} | {} |\n", markdown_cell(l.what), markdown_cell(amount_words(l)),
                       usd_words(l));
  return out + fmt::format("| **{}** | | **{}** |\n", of, total_words(s));
}

double rounded(double v) { return std::round(v * 1e6) / 1e6; }

Json json_line(const CostLine& l) {
  Json j{{"what", l.what}, {"basis", basis_word(l.amount.basis)}, {"unit", l.unit}};
  if (!l.from.kind.empty()) j["resource"] = {{"kind", l.from.kind}, {"id", l.from.id}};
  j["amount"] = l.amount.known() ? Json(rounded(l.amount.value)) : Json();
  if (!l.amount.why.empty()) j["why"] = l.amount.why;
  j["price"] = l.price ? Json(*l.price) : Json();
  if (l.price) j["verified"] = l.verified;
  if (!l.no_price.empty()) j["no_price"] = l.no_price;
  auto usd = l.usd();
  j["usd"] = usd ? Json(rounded(*usd)) : Json();
  return j;
}

Json json_sum(const CostSum& s) {
  Json j{{"name", s.name},
         {"usd", rounded(s.usd())},
         {"whole", s.whole()},
         {"without_price", s.without_price()},
         {"unknown", s.unknown()},
         {"assumed", s.assumed()},
         {"unverified", s.unverified()},
         {"note", s.note},
         {"lines", Json::array()}};
  if (!s.rto.empty()) j["rto"] = s.rto;
  if (!s.rpo.empty()) j["rpo"] = s.rpo;
  for (auto& l : s.lines) j["lines"].push_back(json_line(l));
  return j;
}

}  // namespace

std::string cost_text(const CostReport& r) {
  std::string out =
      fmt::format("{}: the pilot in {}, a month of {:g} hours\n", r.application, r.region, kHoursOfMonth);
  out += text_lines(r.pilot, "the pilot, a month");
  out += "\nother ways of being ready, a month\n";
  auto way = [&](const CostSum& s) {
    out += fmt::format("  {:<20}{}\n    RTO {}; RPO {}. {}\n", s.name, total_words(s), s.rto, s.rpo, s.note);
  };
  way(r.pilot);
  for (auto& o : r.others) way(o);
  out += fmt::format("\n{}, {}\n", r.lit_hour.name, r.lit_hour.note) + text_lines(r.lit_hour, "an hour");
  out += fmt::format("\n{}: {}\n", r.drill.name, r.drill.note) + text_lines(r.drill, "a drill");
  out += "\nwhat each saving costs\n";
  for (auto& s : r.savings)
    out += fmt::format("  {}: {}\n    RTO: {}. RPO: {}\n", s.what, saving_words(s), s.rto, s.rpo);
  if (auto why = reasons(r); !why.empty()) {
    out += "\nhow the amounts are known\n";
    for (auto& w : why) out += "  " + w + "\n";
  }
  out += "\n" + dated(r) + "\n";
  if (int n = unverified_of(r))
    out += fmt::format(
        "* {} lines stand on prices that were not verified; 'relight prices' fetches AWS's own\n", n);
  return out;
}

std::string cost_markdown(const CostReport& r) {
  std::string out = fmt::format("# {}: what being ready costs\n\n{}\n\n", r.application, dated(r));
  if (int n = unverified_of(r))
    out += fmt::format("\\* {} lines stand on prices that were not verified.\n\n", n);
  out += fmt::format("## The pilot in {}, a month\n\n", r.region) + markdown_lines(r.pilot, "a month");
  out += "\n## Beside other ways\n\n| way | USD a month | RTO | RPO | |\n|---|---:|---|---|---|\n";
  auto way = [&](const CostSum& s) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", s.name, total_words(s), s.rto, s.rpo, s.note);
  };
  way(r.pilot);
  for (auto& o : r.others) way(o);
  out += fmt::format("\n## An hour lit, {}\n\n", r.lit_hour.note) + markdown_lines(r.lit_hour, "an hour");
  out += fmt::format("\n## {}: {}\n\n", r.drill.name, r.drill.note) + markdown_lines(r.drill, "a drill");
  out += "\n## What each saving costs\n\n| saving | worth | RTO | RPO |\n|---|---|---|---|\n";
  for (auto& s : r.savings)
    out += fmt::format("| {} | {} | {} | {} |\n", markdown_cell(s.what), saving_words(s), s.rto, s.rpo);
  if (auto why = reasons(r); !why.empty()) {
    out += "\n## How the amounts are known\n\n";
    for (auto& w : why) out += "- " + w + "\n";
  }
  return out;
}

std::string cost_json(const CostReport& r) {
  Json j{{"application", r.application},
         {"primary", r.primary},
         {"recovery", r.region},
         {"currency", "USD"},
         {"prices", {{"date", r.prices_date}, {"source", r.prices_source}, {"unverified", unverified_of(r)}}},
         {"pilot", json_sum(r.pilot)},
         {"others", Json::array()},
         {"lit_hour", json_sum(r.lit_hour)},
         {"drill", json_sum(r.drill)},
         {"savings", Json::array()}};
  for (auto& o : r.others) j["others"].push_back(json_sum(o));
  for (auto& s : r.savings)
    j["savings"].push_back({{"what", s.what},
                            {"usd_month", s.usd_month ? Json(rounded(*s.usd_month)) : Json()},
                            {"taken", s.taken},
                            {"rto", s.rto},
                            {"rpo", s.rpo}});
  return j.dump(2) + "\n";
}

}  // namespace relight::dr::view

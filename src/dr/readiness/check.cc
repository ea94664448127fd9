#include "dr/readiness/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace relight::dr {
namespace {

std::optional<int> number_of(std::string_view word) {
  int n = 0;
  auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (ec != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return n;
}

// First and last number of "4-6" or "4".
std::optional<std::pair<int, int>> range_of(std::string_view word) {
  auto dash = word.find('-');
  auto first = number_of(word.substr(0, dash));
  auto last = dash == word.npos ? first : number_of(word.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair(*first, *last);
}

Result<> select(std::string_view word, std::vector<const Check*>& out) {
  auto range = range_of(word);
  auto before = out.size();
  for (auto& c : checks())
    if (c.name == word || c.family == word ||
        (range && c.number >= range->first && c.number <= range->second))
      out.push_back(&c);
  if (out.size() > before) return {};
  return fail(Error{.code = "Usage.Check",
                    .message = fmt::format("there is no check '{}'", word),
                    .tried = "select checks",
                    .next = "numbers (4), ranges (1-7), names (replica-lag) or families: database, compute, "
                            "secrets, edge, s3, functions, governance"});
}

std::vector<Finding> run(const Check& c, const Picture& p) {
  Report r(c, p.observed_at);
  Report::About whole{"", p.config.recovery.region};
  if (!c.run)
    r.unknown(whole, fmt::format("not looked at: whether {}", c.asks), std::string(c.why_not));
  else
    c.run(p, r);
  if (r.silent())
    r.unknown(whole, fmt::format("{} found nothing to look at", c.name),
              "no resource of this kind was captured");
  return r.take();
}

}  // namespace

const Check* find_check(int number) {
  for (auto& c : checks())
    if (c.number == number) return &c;
  return nullptr;
}

Result<std::vector<const Check*>> select_checks(std::string_view only) {
  std::vector<const Check*> out;
  if (only.empty())
    for (auto& c : checks()) out.push_back(&c);
  while (!only.empty()) {
    auto comma = only.find(',');
    TRY(select(only.substr(0, comma), out));
    only = comma == only.npos ? "" : only.substr(comma + 1);
  }
  std::ranges::sort(out, {}, &Check::number);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<Finding> run_checks(const Picture& p, std::span<const Check* const> selected) {
  std::vector<Finding> all;
  for (auto* c : selected) std::ranges::move(run(*c, p), std::back_inserter(all));
  worst_first(all);
  return all;
}

Finding& Report::add(Verdict v, const About& on, std::string what, std::string evidence, std::string mend) {
  Finding f;
  f.check = check_.number;
  f.name = check_.name;
  f.family = check_.family;
  f.verdict = v;
  f.what = std::move(what);
  f.resource = on.resource;
  f.region = on.region;
  f.evidence = std::move(evidence);
  f.observed_at = at_;
  if (v != Verdict::kPass) f.risk = check_.risk;
  f.mend = std::move(mend);
  return findings_.emplace_back(std::move(f));
}

Finding& Report::pass(const About& on, std::string what, std::string evidence) {
  return add(Verdict::kPass, on, std::move(what), std::move(evidence), "");
}
Finding& Report::warn(const About& on, std::string what, std::string evidence, std::string mend) {
  return add(Verdict::kWarn, on, std::move(what), std::move(evidence), std::move(mend));
}
Finding& Report::fail(const About& on, std::string what, std::string evidence, std::string mend) {
  return add(Verdict::kFail, on, std::move(what), std::move(evidence), std::move(mend));
}
Finding& Report::unknown(const About& on, std::string what, std::string why, std::string mend) {
  return add(Verdict::kUnknown, on, std::move(what), std::move(why), std::move(mend));
}

bool Report::seen(const Estate& e) {
  if (!e.seen()) unknown({"", e.region()}, "the region could not be looked at", e.why());
  return e.seen();
}

bool Report::seen(const Item& i, std::string_view part) {
  auto why = why_unseen(i, part);
  if (!why.empty()) unknown(i, fmt::format("{} could not be seen", part.empty() ? "it" : part), why);
  return why.empty();
}

}  // namespace relight::dr

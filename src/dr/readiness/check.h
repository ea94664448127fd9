// The table of checks, and what a check writes its findings with.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dr/model/finding.h"
#include "dr/readiness/picture.h"

namespace relight::dr {

class Report;

struct Check {
  int number = 0;
  std::string_view name, family;  // family: database, compute, secrets, edge, s3, functions, governance
  std::string_view asks;          // what passes, in one sentence
  Risk risk;                      // what a failure costs on the day, unless the finding knows better
  // Pure. nullptr: not built.
  void (*run)(const Picture&, Report&) = nullptr;
  std::string_view why_not = "";  // what is missing to build it
};

std::span<const Check> checks();  // by number; docs/readiness.md describes each
const Check* find_check(int number);

// "1,4-6,database,replica-lag": numbers, ranges, families and names; empty: all. Error "Usage.Check".
Result<std::vector<const Check*>> select_checks(std::string_view only);

// All findings of these checks, worst first; each check has at least one. A check that is not built, or that
// says nothing, is unknown.
std::vector<Finding> run_checks(const Picture& p, std::span<const Check* const> selected);

// Findings of one check.
class Report {
 public:
  Report(const Check& check, Instant observed_at) : check_(check), at_(observed_at) {}
  struct About {
    std::string resource, region;
    About(const Item& i) : resource(i.id()), region(i.region()) {}
    About(std::string resource_, std::string region_)
        : resource(std::move(resource_)), region(std::move(region_)) {}
  };
  // The answer may be changed until the next call: its time, its risk.
  Finding& pass(const About& on, std::string what, std::string evidence = "");
  Finding& warn(const About& on, std::string what, std::string evidence, std::string mend);
  Finding& fail(const About& on, std::string what, std::string evidence, std::string mend);
  Finding& unknown(const About& on, std::string what, std::string why, std::string mend = "");
  // True if the region was captured; else one unknown finding about the region.
  bool seen(const Estate& e);
  // True if `part` of it was captured; else one unknown finding.
  bool seen(const Item& i, std::string_view part);
  // True if it is known; else one unknown finding.
  template <class T>
  bool seen(const Known<T>& k, const About& on, std::string_view what) {
    if (!k) unknown(on, std::string(what) + " could not be seen", k.why);
    if (k.at && *k.at < at_) at_ = *k.at;
    return bool(k);
  }
  bool silent() const { return findings_.empty(); }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  Finding& add(Verdict v, const About& on, std::string what, std::string evidence, std::string mend);
  const Check& check_;
  Instant at_;
  std::vector<Finding> findings_;
};

}  // namespace relight::dr

// Secrets and parameters of the recovery region that name the primary's database get the promoted one's name.
#pragma once
#include <atomic>
#include <string>

#include "dr/steps/bring.h"
#include "dr/steps/site.h"

namespace relight::dr {

class ConfigurationValues {
 public:
  // `changing` runs before the first change of all, with the thing that is about to be changed; its error
  // keeps it from being made.
  ConfigurationValues(Site& site, std::function<Result<>(Context&)> changing)
      : s_(site), changing_(std::move(changing)) {}
  // What is waited for; empty: it is as wanted. No value reaches a journal, a log or an error.
  Result<std::string> look(Context& c, const Dormant& d);
  bool changed() const { return changed_; }

 private:
  Result<std::string> parameter(Context& c, const Dormant& d);
  Result<std::string> secret(Context& c, const Dormant& d);

  Site& s_;
  std::function<Result<>(Context&)> changing_;
  std::atomic<bool> changed_ = false;
};

}  // namespace relight::dr

#include "dr/steps/bring.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "dr/steps/site.h"

namespace relight::dr {
namespace {
constexpr size_t kAtOnce = 8;

std::vector<Result<std::string>> look_side_by_side(Context& c, const std::vector<Dormant>& things, size_t n,
                                                   const Look& look) {
  std::vector<Result<std::string>> said(n, std::string());
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < n; ++i) threads.emplace_back([&, i] { said[i] = look(c, things[i]); });
  threads.clear();
  return said;
}

}  // namespace

Bring::Bring(std::vector<Dormant> all, std::string what, Millis patience, Look look)
    : left_(std::move(all)),
      total_(left_.size()),
      what_(std::move(what)),
      patience_(patience),
      look_(std::move(look)) {}

// Those that are not yet so go to the end, so that one that is slow does not keep the others.
Outcome Bring::advance(Context& c) {
  size_t n = std::min(left_.size(), kAtOnce);
  auto said = look_side_by_side(c, left_, n, look_);
  bool late = c.elapsed() >= patience_;
  std::string waiting;
  std::vector<Dormant> again;
  for (size_t i = 0; i < n; ++i) {
    auto& r = said[i];
    if (r && r->empty()) continue;
    if (!r && (late || !may_pass(r.error())))
      return Failed{Error(r.error()).on(left_[i].name), {"relight resume"}};
    auto why = r ? *r : "AWS to answer: " + r.error().code;
    if (late)
      return Failed{{.code = "Failover.NotLit",
                     .message = "it still waits for " + why,
                     .tried = "bring the " + what_ + " into use",
                     .resource = left_[i].name,
                     .next = "look at it in the recovery region, then relight resume"},
                    {"relight resume"}};
    if (waiting.empty()) waiting = left_[i].name + ": " + why;
    again.push_back(left_[i]);
  }
  bool stuck = again.size() == left_.size();
  left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(n));
  left_.insert(left_.end(), again.begin(), again.end());
  if (left_.empty()) return Done{{{what_, std::to_string(total_)}}};
  auto done = total_ - left_.size();
  return Waiting{fmt::format("{} ({} of {}){}", what_, done, total_, waiting.empty() ? "" : ", " + waiting),
                 static_cast<double>(done) / static_cast<double>(total_), Millis(stuck ? 0 : 1)};
}

}  // namespace relight::dr

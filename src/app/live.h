// What a person sees of a run under way: a table that redraws itself on a terminal, lines when piped, JSON
// when asked.
#pragma once
#include <cstdio>
#include <map>
#include <string>

#include "base/clock.h"
#include "dr/engine/executor.h"
#include "dr/model/runbook.h"

namespace relight::app {

class Live {
 public:
  enum class Style { kTable, kLines, kJson };
  Live(std::FILE* out, Style style, const dr::Runbook& runbook, Clock& clock)
      : out_(out), style_(style), runbook_(runbook), clock_(clock) {}
  dr::Watchers watchers(std::function<void(const dr::Event&)> hook);

 private:
  struct Row {
    dr::StepPhase phase = dr::StepPhase::kPending;
    std::string what;
    double progress = -1;
    Millis elapsed{0};
  };
  void on_event(const dr::Event& e);
  void on_progress(const dr::Progress& p);
  void line(const dr::Progress& p, const Row& before);
  void draw();
  std::string row_text(const dr::StepSpec& spec, const Row& row) const;

  std::FILE* out_;
  Style style_;
  const dr::Runbook& runbook_;
  Clock& clock_;
  std::map<std::string, Row> rows_;
  size_t drawn_ = 0;
  std::chrono::nanoseconds last_draw_{-1};
};

}  // namespace relight::app

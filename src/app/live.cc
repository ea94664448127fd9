#include "app/live.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dr/model/duration.h"

namespace relight::app {

using dr::duration_text;
using dr::StepPhase;

namespace {

// A line longer than the terminal would wrap, and the table would climb by one at each redraw.
size_t columns_of(std::FILE* out) {
  winsize w{};
  if (ioctl(fileno(out), TIOCGWINSZ, &w) != 0 || w.ws_col < 20) return 80;
  return w.ws_col;
}

}  // namespace

dr::Watchers Live::watchers(std::function<void(const dr::Event&)> hook) {
  dr::Watchers w;
  w.event = [this, hook](const dr::Event& e) {
    on_event(e);
    if (hook) hook(e);
  };
  w.progress = [this](const dr::Progress& p) { on_progress(p); };
  return w;
}

void Live::on_event(const dr::Event& e) {
  if (style_ == Style::kJson) {
    fmt::print(out_, "{}\n", dr::to_json(e));
    std::fflush(out_);
  } else if (e.kind == "step.intent" && style_ == Style::kLines) {
    auto* spec = runbook_.find(e.step);
    if (spec && spec->irreversible && dr::get(e.data, "call").starts_with("rds:"))
      fmt::print(out_, "---- the point of no return: {} ----\n", dr::get(e.data, "call"));
  }
}

void Live::on_progress(const dr::Progress& p) {
  if (style_ == Style::kJson) return;
  Row before = rows_[p.step];
  rows_[p.step] = {p.phase, p.what, p.progress, p.elapsed};
  if (style_ == Style::kLines) return line(p, before);
  auto now = clock_.monotonic();
  bool ended = p.phase == StepPhase::kDone || p.phase == StepPhase::kFailed;
  if (!ended && last_draw_.count() >= 0 && now - last_draw_ < std::chrono::milliseconds(50)) return;
  last_draw_ = now;
  draw();
}

void Live::line(const dr::Progress& p, const Row& before) {
  auto* spec = runbook_.find(p.step);
  auto title = spec ? spec->title : p.step;
  if (p.phase == StepPhase::kDone) {
    fmt::print(out_, "{:<13} done in {}\n", p.step, duration_text(p.elapsed));
  } else if (p.phase == StepPhase::kFailed) {
    fmt::print(out_, "{:<13} FAILED: {}\n", p.step, p.what);
  } else if (p.what.empty()) {
    fmt::print(out_, "{:<13} {} (about {})\n", p.step, title,
               duration_text(spec ? spec->expected : Millis(0)));
  } else if (p.what != before.what) {
    fmt::print(out_, "{:<13} waits for {}\n", p.step, p.what);
  }
  std::fflush(out_);
}

std::string Live::row_text(const dr::StepSpec& spec, const Row& row) const {
  std::string tail;
  if (row.phase == StepPhase::kRunning) {
    tail = fmt::format("{} of about {}", duration_text(row.elapsed), duration_text(spec.expected));
    if (row.elapsed > spec.expected * 2) tail += " (longer than usual)";
    if (row.progress >= 0) tail += fmt::format(", {:.0f} %", row.progress * 100);
    if (!row.what.empty()) tail += ": waits for " + row.what;
  } else if (row.phase == StepPhase::kDone) {
    tail = "done in " + duration_text(row.elapsed);
  } else if (row.phase == StepPhase::kFailed) {
    tail = "FAILED: " + row.what;
  }
  const char* mark = row.phase == StepPhase::kDone      ? "+"
                     : row.phase == StepPhase::kFailed  ? "!"
                     : row.phase == StepPhase::kRunning ? ">"
                                                        : " ";
  return fmt::format("{} {:<36.36} {}", mark, spec.title, tail);
}

void Live::draw() {
  std::string screen;
  if (drawn_ > 0) screen += fmt::format("\x1b[{}A", drawn_);
  drawn_ = 0;
  auto width = columns_of(out_) - 1;
  for (auto& spec : runbook_.steps) {
    if (spec.irreversible) {
      screen += "\x1b[2K  ---- the point of no return ----\n";
      ++drawn_;
    }
    screen += "\x1b[2K" + row_text(spec, rows_[spec.id]).substr(0, width) + "\n";
    ++drawn_;
  }
  fmt::print(out_, "{}", screen);
  std::fflush(out_);
}

}  // namespace relight::app

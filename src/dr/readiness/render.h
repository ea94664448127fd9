// Findings for people and for machines.
#pragma once
#include <string>
#include <vector>

#include "dr/model/finding.h"

namespace relight::dr {

struct Heading {
  std::string application, primary, recovery;  // regions
  Instant now{};                               // ages are counted from it
};

// Worst first as given, one paragraph a finding that does not pass, then the passed ones a line each.
std::string findings_text(const Heading& h, const std::vector<Finding>& findings);
// {"application", "regions", "checked_at", "tally", "findings": […]}
std::string findings_json(const Heading& h, const std::vector<Finding>& findings);
// JUnit XML as CI servers read it: a suite a family, a case a finding. A failure is <failure>, an unknown
// <error>: neither passes. A warning passes and is told in <system-out>.
std::string findings_junit(const Heading& h, const std::vector<Finding>& findings);
// GitHub-flavoured Markdown.
std::string findings_markdown(const Heading& h, const std::vector<Finding>& findings);

}  // namespace relight::dr

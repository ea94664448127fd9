// The dialect that Jenkins, GitLab and GitHub's reporters share (testsuites/testsuite/testcase).
#include <fmt/format.h>

#include <map>

#include "dr/readiness/render.h"

namespace relight::dr {
namespace {

// XML 1.0: what it cannot hold at all becomes '?'.
std::string xml(std::string_view s) {
  std::string out;
  for (unsigned char c : s) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\n' || c == '\t')
      out += fmt::format("&#{};", int(c));
    else
      out += c < 0x20 || c == 0x7f ? '?' : char(c);
  }
  return out;
}

std::string details(const Finding& f) {
  auto out = f.evidence;
  if (!f.mend.empty()) out += "\nmend: " + f.mend;
  return out;
}

std::string one(const Finding& f) {
  auto name = fmt::format("{} {}{}", f.check, f.name, f.resource.empty() ? "" : " " + f.resource);
  auto head = fmt::format("    <testcase classname=\"relight.{}\" name=\"{}\"", xml(f.family),
                          xml(name + ": " + f.what));
  auto part = [&](const char* tag) {
    return fmt::format("{}>\n      <{} message=\"{}\" type=\"{}\">{}</{}>\n    </testcase>\n", head, tag,
                       xml(f.what), xml(f.name), xml(details(f)), tag);
  };
  if (f.verdict == Verdict::kFail) return part("failure");
  if (f.verdict == Verdict::kUnknown) return part("error");
  if (f.verdict == Verdict::kPass) return head + "/>\n";
  return fmt::format("{}>\n      <system-out>warning: {}</system-out>\n    </testcase>\n", head,
                     xml(f.what + ". " + details(f)));
}

}  // namespace

std::string findings_junit(const Heading& h, const std::vector<Finding>& findings) {
  std::map<std::string, std::vector<Finding>> suites;
  for (auto& f : findings) suites[f.family].push_back(f);
  auto all = tally(findings);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"relight check {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                     xml(h.application), findings.size(), all.fail, all.unknown);
  for (auto& [family, of] : suites) {
    auto t = tally(of);
    // JUnit's timestamps have no zone.
    out += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" "
        "timestamp=\"{}\">\n",
        xml(family), of.size(), t.fail, t.unknown, iso8601(h.now).substr(0, 19));
    for (auto& f : of) out += one(f);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace relight::dr

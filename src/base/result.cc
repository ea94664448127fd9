#include "base/result.h"

namespace relight {

std::string Error::text() const {
  std::string out = tried.empty() ? message : tried + ": " + message;
  std::string where;
  auto add = [&](std::string_view label, const std::string& v) {
    if (v.empty()) return;
    if (!where.empty()) where += ", ";
    where += label;
    where += v;
  };
  add("", resource);
  add("in ", region);
  add("code ", code);
  add("request ", request_id);
  if (!where.empty()) out += " [" + where + "]";
  if (!next.empty()) out += ". Do: " + next;
  return out;
}

}  // namespace relight

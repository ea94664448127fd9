#include "base/wildcard.h"

namespace relight {
namespace {

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool wildcard_match(std::string_view pattern, std::string_view text, bool any_case) {
  size_t p = 0, t = 0, star = pattern.npos, mark = 0;
  auto same = [&](char a, char b) { return a == '?' || a == b || (any_case && lowered(a) == lowered(b)); };
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace relight

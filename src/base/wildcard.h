// Patterns as IAM writes them: '*' any run, '?' any one character, nothing else is special (fnmatch(3) knows
// brackets and backslashes besides).
#pragma once
#include <string_view>

namespace relight {

// Of the whole text. any_case: ASCII letters are equal in either case. At most pattern x text steps.
bool wildcard_match(std::string_view pattern, std::string_view text, bool any_case = false);

}  // namespace relight

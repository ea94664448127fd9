// The models' regular expressions.
#pragma once
#include <string>
#include <string_view>

namespace relight::aws::codec {

// Whether the whole text matches. Patterns are Java's, as the models write them; \p{…} classes and code
// points above U+007F are taken by UTF-8 bytes, more widely than Java takes them (any letter or symbol beyond
// ASCII passes). Patterns that cannot be understood, and matches that grow too costly, count as matching.
// Compiled patterns are kept by their text, which must outlive the process (patterns live in descriptors, so
// they are bounded). Thread-safe.
bool matches(std::string_view pattern, std::string_view text);

// The pattern as Boost.Regex reads it; for tests.
std::string translate_pattern(std::string_view pattern);
bool understood(std::string_view pattern);

}  // namespace relight::aws::codec

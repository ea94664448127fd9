// Filter patterns of terms ("Filter pattern syntax", "Match terms in unstructured log events", CloudWatch
// Logs User Guide). Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relight::sandbox::logs {

struct Pattern {
  std::vector<std::string> all, any, none;  // what a message holds, holds one of, and does not hold

  // "": matches everything. Error "InvalidParameterException": patterns for JSON, columns and regular
  // expressions, which are not built; an open quote; a term of other than letters, digits and "_" without
  // quotes.
  static Result<Pattern> parse(std::string_view text);
  bool matches(std::string_view message) const;  // with regard to case
};

}  // namespace relight::sandbox::logs

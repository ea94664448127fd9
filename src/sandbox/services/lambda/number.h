// A number as a row of a Table.
#pragma once
#include <charconv>
#include <string>

#include "base/result.h"

namespace relight::sandbox::functions {

struct Number {
  int value = 0;
  std::string save() const { return std::to_string(value); }
  static Result<Number> load(const std::string& text) {
    Number n;
    if (std::from_chars(text.data(), text.data() + text.size(), n.value).ec != std::errc{})
      return fail("Lambda.BadRow", "not a number");
    return n;
  }
};

}  // namespace relight::sandbox::functions

// The programs that stand between the Runtime API and a handler, for the runtimes that AWS brings itself.
#pragma once
#include <string_view>

namespace relight::sandbox::function {

extern const std::string_view kPythonBootstrap;  // bootstrap.py
extern const std::string_view kNodeBootstrap;    // bootstrap.mjs

}  // namespace relight::sandbox::function

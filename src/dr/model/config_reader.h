// A cursor over YAML that remembers where it is: every complaint carries file:line:column. Only for
// config.cc, config_steps.cc and config_validation.cc.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace YAML {
class Node;
}

namespace relight::dr {

class ConfigReader {
 public:
  explicit ConfigReader(std::string file) : file_(std::move(file)) {}
  // Each keeps the first error only; afterwards they do nothing.
  void keys(const YAML::Node& map, const std::string& where, std::initializer_list<std::string_view> allowed,
            std::initializer_list<std::string_view> required = {});
  void text(const YAML::Node& map, const char* key, std::string& out);
  void duration(const YAML::Node& map, const char* key, Millis& out);
  void number(const YAML::Node& map, const char* key, int low, int high, int& out);
  void amount(const YAML::Node& map, const char* key, std::optional<double>& out);  // not below 0
  void texts(const YAML::Node& map, const char* key, std::vector<std::string>& out);
  void complain(const YAML::Node& at, std::string_view code, const std::string& what);
  std::optional<Error>& error() { return error_; }

 private:
  std::string file_;
  std::optional<Error> error_;
};

struct CustomStep;
void read_steps(ConfigReader& r, const YAML::Node& n, std::vector<CustomStep>& out);  // config_steps.cc
struct Validation;
void read_validation(ConfigReader& r, const YAML::Node& n, Validation& out);  // config_validation.cc

}  // namespace relight::dr

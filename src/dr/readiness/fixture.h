// A small application in two regions, in order, for tests of the checks: each test breaks one thing of it.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dr/readiness/check.h"

namespace relight::dr::fixture {

class World {
 public:
  World();
  // A resource's properties, to be changed before look().
  nlohmann::json& at(const std::string& region, const std::string& kind, const std::string& id);
  void remove(const std::string& region, const std::string& kind, const std::string& id);
  void unknown(const std::string& region, const std::string& kind, const std::string& id,
               const std::string& part);
  void lose(const std::string& region);
  void add(const std::string& region, const std::string& kind, const std::string& id,
           nlohmann::json properties, std::vector<ResourceKey> uses = {});
  // It is named there, but not captured.
  void leave_out(const std::string& region, const std::string& kind, const std::string& id,
                 const std::string& why);

  std::vector<Finding> look(int check) const;
  // Verdicts of the check's findings, the worst first: "fail pass".
  std::string verdicts(int check) const;

  Picture picture;  // its live facts and configuration; the estates are made by look()

 private:
  struct One {
    std::string region, kind, id;
    nlohmann::json properties;
    std::vector<ResourceKey> uses;
    std::vector<Unseen> unseen;
  };
  void region(const std::string& name, const std::string& side, const std::string& block);
  void network(const std::string& name, const std::string& side, const std::string& block);
  void service(const std::string& name, const std::string& side);
  void roles(const std::string& name, const std::string& side);
  void records();
  void triggers(const std::string& name, const std::string& side);  // fixture_triggers.cc
  void account(const std::string& name, const std::string& side);
  void zone();
  void live();
  Picture made() const;
  std::vector<One> all_;
  std::vector<std::string> lost_;
  std::vector<std::pair<std::string, LeftOut>> left_out_;
};

// One thing broken, and the worst verdict that the check then has.
struct Case {
  int check;
  const char* says;
  std::function<void(World&)> change;
  Verdict worst;
};
void hold(const std::vector<Case>& cases);  // checks_test.cc
const std::vector<Case>& trigger_cases();   // checks_triggers_test.cc
const std::vector<Case>& around_cases();    // checks_around_test.cc

inline constexpr const char *kP = "us-east-1", *kD = "us-west-2";

}  // namespace relight::dr::fixture

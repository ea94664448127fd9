// A world with Lambda over functions that do not run, for the stories of the service.
#pragma once
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "sandbox/planes/function/simulated_function_plane.h"
#include "sandbox/services/lambda/service.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {

namespace lambda_test {
namespace api = aws::lambda;
namespace op = aws::lambda::op;
inline const std::string kEast = "us-east-1", kWest = "us-west-2";
inline const std::string kRole = "arn:aws:iam::000000000000:role/thumbs";
}  // namespace lambda_test

struct LambdaTest : testing::Test {
  TestWorld world;
  function::SimulatedFunctionPlane plane;
  LambdaService service{world, plane};
  void SetUp() override {
    world.add(service);
    plane.answer_with([](const function::Spec&, const function::Request& r) {
      return function::Outcome{.payload = r.payload,
                               .error = "",
                               .log = "START\nword\nREPORT\n",
                               .stream = "2026/09/21/[$LATEST]0"};
    });
  }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = lambda_test::kEast) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    world.run_until_idle();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in, const std::string& region = lambda_test::kEast) {
    auto r = world.remote<Op>(region, in);
    return r ? "accepted" : r.error().code;
  }
  aws::lambda::CreateFunctionRequest wanted(const std::string& name, const std::string& zip = "a zip") {
    aws::lambda::CreateFunctionRequest in;
    in.FunctionName = name;
    in.Runtime = "python3.12";
    in.Handler = "app.handler";
    in.Role = lambda_test::kRole;
    in.Code = aws::lambda::FunctionCode{.ZipFile = aws::Blob{zip}};
    return in;
  }
  aws::lambda::FunctionConfiguration make(const std::string& name, const std::string& zip = "a zip") {
    ok<lambda_test::op::CreateFunction>(wanted(name, zip));
    return ok<lambda_test::op::GetFunctionConfiguration>({.FunctionName = name});
  }
  std::string failure(const std::string& name) {  // Reason of a refused invocation
    auto r = world.remote<lambda_test::op::Invoke>(lambda_test::kEast, {.FunctionName = name});
    return r ? "ran"
             : r.error().code + " " +
                   nlohmann::json::parse(r.error().members.empty() ? "{}" : r.error().members)
                       .value("Reason", "");
  }
  bool happened(const std::string& what) {
    for (auto& e : world.events)
      if (e.what.find(what) != std::string::npos) return true;
    return false;
  }
};

}  // namespace relight::sandbox

// Real processes over the real Runtime API; skipped where bubblewrap cannot make its namespaces.
#include "sandbox/planes/function/process_plane.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sandbox/planes/function/package_for_test.h"

namespace relight::sandbox::function {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool bwrap_works() {
  if (::geteuid() != 0) return false;
  auto r =
      Process::run({.argv = {kBwrap, "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "/bin/true"}},
                   std::chrono::seconds(10));
  return r && r->code == 0;
}

struct ProcessPlaneTest : testing::Test {
  void SetUp() override {
    if (!bwrap_works()) GTEST_SKIP() << "bubblewrap cannot make namespaces here";
    std::string t = (fs::temp_directory_path() / "relight-fn-XXXXXX").string();
    dir = ::mkdtemp(t.data());
    ::chmod(dir.c_str(), 0755);
    make({});
  }
  void TearDown() override {
    plane.reset();
    if (!dir.empty()) fs::remove_all(dir);
  }
  void make(PlaneLimits limits) {
    plane.reset();
    plane = std::make_unique<ProcessPlane>(dir, system_clock(), system_rng(), limits);
  }
  Spec package(const std::vector<Packed>& files, const std::string& runtime = "python3.12",
               const std::string& handler = "app.handler") {
    std::string name = "f" + std::to_string(++count);
    make_package(dir + "/" + name + ".zip", files);
    auto r = plane->unpack(dir + "/" + name + ".zip", dir + "/code/" + name);
    EXPECT_TRUE(r) << r.error().text();
    return {.key = "us-east-1/" + name + "/1",
            .region = "us-east-1",
            .name = name,
            .version = "$LATEST",
            .arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name,
            .runtime = runtime,
            .handler = handler,
            .role_arn = "",
            .code_dir = dir + "/code/" + name,
            .env = {{"COLOUR", "blue"}},
            .dns = "127.0.53.53",
            .memory_mib = 128,
            .scratch_mib = 64,
            .timeout = Millis(20'000)};
  }
  Spec python(const std::string& text) { return package({{"app.py", text}}); }
  std::future<Outcome> begin(const Spec& s, const std::string& payload = "{}") {
    auto p = std::make_shared<std::promise<Outcome>>();
    plane->invoke(s, {.id = "req-" + std::to_string(++count), .payload = payload, .trace = "Root=1-x"},
                  [p](Outcome o) { p->set_value(std::move(o)); });
    return p->get_future();
  }
  Outcome call(const Spec& s, const std::string& payload = "{}") { return begin(s, payload).get(); }
  size_t left_in(const std::string& sub) {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(dir + "/functions/" + sub), fs::directory_iterator{}));
  }
  std::string dir;
  std::unique_ptr<ProcessPlane> plane;
  int count = 0;
};

TEST_F(ProcessPlaneTest, AHandlerGetsItsEventAndItsContextAndAnswers) {
  auto f = python(R"(
import os
def handler(event, context):
    print("hello from inside")
    return {"twice": event["n"] * 2, "arn": context.invoked_function_arn, "left": context.get_remaining_time_in_millis() > 0,
            "colour": os.environ["COLOUR"], "root": os.environ["LAMBDA_TASK_ROOT"], "region": os.environ["AWS_REGION"], "id": context.aws_request_id}
)");
  auto out = call(f, R"({"n": 21})");
  ASSERT_EQ(out.error, "") << out.payload << out.log;
  auto j = json::parse(out.payload);
  EXPECT_EQ(j["twice"], 42);
  EXPECT_EQ(j["arn"], f.arn);
  EXPECT_EQ(j["left"], true);
  EXPECT_EQ(j["colour"], "blue");
  EXPECT_EQ(j["root"], "/var/task");
  EXPECT_EQ(j["region"], "us-east-1");
  std::string id = j["id"];
  EXPECT_TRUE(out.log.starts_with("START RequestId: " + id +
                                  " Version: $LATEST\nhello from inside\nEND RequestId: " + id +
                                  "\nREPORT RequestId: " + id))
      << out.log;
  EXPECT_NE(out.log.find("Init Duration: "), std::string::npos);
}

TEST_F(ProcessPlaneTest, AnEnvironmentIsUsedAgainAndSaysItsInitOnce) {
  auto f =
      python("n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    print('call', n)\n    return n\n");
  EXPECT_EQ(call(f).payload, "1");
  auto second = call(f);
  EXPECT_EQ(second.payload, "2");
  EXPECT_EQ(second.log.find("Init Duration"), std::string::npos);
  EXPECT_EQ(second.log.find("call 1"), std::string::npos) << second.log;
  EXPECT_EQ(plane->environments(), 1u);
}

TEST_F(ProcessPlaneTest, AnExceptionIsToldWithItsTypeAndTraceAndTheEnvironmentLives) {
  auto f = python(
      "import os\ndef deep():\n    raise ValueError('no such thumb')\ndef handler(e, c):\n    if "
      "e.get('ok'): return os.getpid()\n    deep()\n");
  auto out = call(f);
  EXPECT_EQ(out.error, "Unhandled");
  auto j = json::parse(out.payload);
  EXPECT_EQ(j["errorType"], "ValueError");
  EXPECT_EQ(j["errorMessage"], "no such thumb");
  ASSERT_EQ(j["stackTrace"].size(), 2u) << out.payload;
  EXPECT_NE(j["stackTrace"][1].get<std::string>().find("/var/task/app.py\", line 3, in deep"),
            std::string::npos);
  EXPECT_EQ(call(f, R"({"ok": 1})").error, "");
  EXPECT_EQ(plane->environments(), 1u);
}

TEST_F(ProcessPlaneTest, WhatTakesTooLongIsKilled) {
  auto f = python(
      "import time\ndef handler(e, c):\n    print('begun')\n    time.sleep(e['s'])\n    return 'done'\n");
  f.timeout = Millis(1000);
  auto out = call(f, R"({"s": 600})");
  EXPECT_EQ(out.error, "Unhandled");
  auto j = json::parse(out.payload);
  EXPECT_EQ(j["errorType"], "Sandbox.Timedout");
  EXPECT_NE(j["errorMessage"].get<std::string>().find("Task timed out after 1.00 seconds"),
            std::string::npos);
  EXPECT_NE(out.log.find("begun"), std::string::npos);
  EXPECT_EQ(call(f, R"({"s": 0})").payload, "\"done\"");
}

TEST_F(ProcessPlaneTest, ACrashIsToldAndTheNextRequestFindsAFreshEnvironment) {
  auto f = python(
      "import os, signal\ndef handler(e, c):\n    if e.get('exit'): os._exit(3)\n    if e.get('kill'): "
      "os.kill(os.getpid(), signal.SIGKILL)\n    return 'well'\n");
  auto out = call(f, R"({"exit": 1})");
  EXPECT_EQ(out.error, "Unhandled");
  EXPECT_EQ(json::parse(out.payload)["errorType"], "Runtime.ExitError");
  EXPECT_NE(out.payload.find("exit status 3"), std::string::npos) << out.payload;
  EXPECT_NE(call(f, R"({"kill": 1})").payload.find("signal: killed"), std::string::npos);
  EXPECT_EQ(call(f).payload, "\"well\"");
}

TEST_F(ProcessPlaneTest, WhatCannotBeInitialisedSaysWhy) {
  EXPECT_NE(call(python("import nothing_like_it\n")).payload.find("Runtime.ImportModuleError"),
            std::string::npos);
  EXPECT_NE(call(python("x = 1\n")).payload.find("Runtime.HandlerNotFound"), std::string::npos);
  EXPECT_NE(call(python("def (\n")).payload.find("Runtime.UserCodeSyntaxError"), std::string::npos);
  auto f = python("1/0\n");
  auto out = call(f);
  EXPECT_EQ(out.error, "Unhandled");
  EXPECT_NE(out.payload.find("ZeroDivisionError"), std::string::npos);
  EXPECT_NE(call(package({{"readme", ""}}, "provided.al2023")).payload.find("Runtime.InvalidEntrypoint"),
            std::string::npos);
  EXPECT_EQ(plane->environments(), 0u);
}

TEST_F(ProcessPlaneTest, TheFunctionSeesItsPackageAndNothingOfTheMachines) {
  std::ofstream(dir + "/credentials.json") << "secret";
  auto f = python(R"(
import os
def tried(f):
    try: f(); return "done"
    except Exception as e: return type(e).__name__
def handler(e, c):
    return {"root": sorted(os.listdir("/")), "uid": os.getuid(), "task": tried(lambda: open("/var/task/x", "w")), "etc": tried(lambda: open("/etc/x", "w")),
            "tmp": tried(lambda: open("/tmp/x", "w")), "dns": open("/etc/resolv.conf").read(), "others": len([p for p in os.listdir("/proc") if p.isdigit()]),
            "credentials": tried(lambda: open(e["secret"]).read()), "setuid": tried(lambda: os.setuid(0))}
)");
  auto j = json::parse(call(f, json{{"secret", dir + "/credentials.json"}}.dump()).payload);
  EXPECT_EQ(j["uid"], kFunctionUser);
  EXPECT_NE(j["task"], "done");
  EXPECT_NE(j["etc"], "done");
  EXPECT_EQ(j["tmp"], "done");
  EXPECT_EQ(j["credentials"], "FileNotFoundError");
  EXPECT_EQ(j["setuid"], "PermissionError");
  EXPECT_TRUE(j["dns"].get<std::string>().starts_with("nameserver 127.0.53.53\n"));
  EXPECT_LE(j["others"], 3);
  for (auto& d : j["root"]) EXPECT_TRUE(d != "root" && d != "home") << d;
}

TEST_F(ProcessPlaneTest, AMemoryLimitEndsTheGreedy) {
  auto f = python("def handler(e, c):\n    return len(bytearray(400 << 20))\n");
  auto out = call(f);
  if (out.log.find("Max Memory Used") == std::string::npos) GTEST_SKIP() << "no memory groups here";
  EXPECT_EQ(out.error, "Unhandled") << out.payload;
}

TEST_F(ProcessPlaneTest, ABootstrapOfThePackagesOwnSpeaksTheRuntimeApi) {
  std::string bootstrap = R"SH(#!/usr/bin/php
<?php $base = 'http://' . getenv('AWS_LAMBDA_RUNTIME_API') . '/2018-06-01/runtime/invocation/';
while (true) {
  $event = json_decode(file_get_contents($base . 'next'), true);
  foreach ($http_response_header as $h) if (stripos($h, 'Lambda-Runtime-Aws-Request-Id:') === 0) $id = trim(substr($h, 30));
  file_get_contents($base . $id . '/response', false, stream_context_create(['http' => ['method' => 'POST', 'content' => json_encode(['php' => $event['n'] + 1])]]));
}
)SH";
  if (!fs::exists("/usr/bin/php")) GTEST_SKIP() << "no php";
  auto f = package({{"bootstrap", bootstrap, 0100755}}, "provided.al2023");
  auto out = call(f, R"({"n": 1})");
  EXPECT_EQ(out.payload, R"({"php":2})") << out.log;
  EXPECT_EQ(call(f, R"({"n": 2})").payload, R"({"php":3})");
}

TEST_F(ProcessPlaneTest, NodeHandlersMayBePromisesOrCallbacksOrModules) {
  if (!plane->refuses("nodejs20.x").empty()) GTEST_SKIP() << "no node";
  EXPECT_EQ(call(package({{"app.js", "exports.handler = async e => ({ n: e.n + 1 });"}}, "nodejs20.x"),
                 R"({"n":1})")
                .payload,
            R"({"n":2})");
  EXPECT_EQ(call(package({{"app.js", "exports.handler = (e, c, done) => done(null, c.functionName);"}},
                         "nodejs20.x"))
                .error,
            "");
  EXPECT_EQ(call(package({{"app.mjs", "export const handler = async () => 'esm';"}}, "nodejs20.x")).payload,
            "\"esm\"");
  auto out = call(
      package({{"app.js", "exports.handler = async () => { throw new TypeError('bad'); };"}}, "nodejs20.x"));
  EXPECT_EQ(out.error, "Unhandled");
  EXPECT_EQ(json::parse(out.payload)["errorType"], "TypeError");
}

TEST_F(ProcessPlaneTest, RequestsAtOnceGetEnvironmentsOfTheirOwnUpToTheBound) {
  make({.environments = 2});
  auto f = python("import os, time\ndef handler(e, c):\n    time.sleep(0.3)\n    return 1\n");
  std::vector<std::future<Outcome>> all;
  for (int i = 0; i < 5; ++i) all.push_back(begin(f));
  for (auto& o : all) EXPECT_EQ(o.get().payload, "1");
  EXPECT_EQ(plane->environments(), 2u);
  EXPECT_EQ(call(python("def handler(e, c): return 'other'\n")).payload,
            "\"other\"");  // an idle one made room
  EXPECT_EQ(plane->environments(), 2u);
}

TEST_F(ProcessPlaneTest, IdleEnvironmentsEndAndRetiredOnesAtOnce) {
  make({.idle = Millis(50)});
  auto f = python("def handler(e, c): return 1\n");
  call(f);
  auto end = system_clock().monotonic() + std::chrono::seconds(20);
  while (plane->environments() > 0 && system_clock().monotonic() < end) system_clock().sleep(Millis(5));
  EXPECT_EQ(plane->environments(), 0u);
  make({});
  call(f);
  plane->retire("us-east-1/");
  while (plane->environments() > 0 && system_clock().monotonic() < end) system_clock().sleep(Millis(5));
  EXPECT_EQ(plane->environments(), 0u);
  EXPECT_EQ(call(f).payload, "1");
}

TEST_F(ProcessPlaneTest, ALostRegionTakesItsFunctionsWithItAndNothingIsLeft) {
  auto f = python("import time\ndef handler(e, c):\n    time.sleep(e.get('s', 0))\n    return 1\n");
  call(f);
  auto slow = begin(f, R"({"s": 600})");
  plane->lose("us-east-1");
  EXPECT_TRUE(slow.get().lost);
  EXPECT_EQ(plane->environments(), 0u);
  EXPECT_EQ(left_in("environments"), 0u);
  EXPECT_TRUE(call(f).lost);
  plane->restore("us-east-1");
  EXPECT_EQ(call(f).payload, "1");
  auto last = begin(f, R"({"s": 600})");
  plane->shut();
  EXPECT_TRUE(last.get().lost);
  EXPECT_EQ(left_in("environments"), 0u);
}

TEST_F(ProcessPlaneTest, LogsAreKeptInABoundedFile) {
  make({.log_bytes = 4000});
  auto f = python("def handler(e, c): print('x' * 500, e['n'])\n");
  for (int i = 0; i < 12; ++i) call(f, "{\"n\": " + std::to_string(i) + "}");
  std::ostringstream s;
  s << std::ifstream(plane->log_path("us-east-1", f.name)).rdbuf();
  EXPECT_LE(s.str().size(), 4000u);
  EXPECT_NE(s.str().find("x 11\n"), std::string::npos);
}

}  // namespace
}  // namespace relight::sandbox::function

#include "sandbox/services/lambda/lambda_test.h"
#include "sandbox/services/lambda/permission.h"

namespace relight::sandbox {
namespace {
using namespace lambda_test;

struct Functions : LambdaTest {};

TEST_F(Functions, AFunctionIsPendingAndThenActiveAndKnowsItsCode) {
  auto made = world.remote<op::CreateFunction>(kEast, wanted("f"));
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->State, "Pending");
  EXPECT_EQ(made->CodeSha256, base64(sha256("a zip")));
  EXPECT_EQ(made->CodeSize, 5);
  EXPECT_EQ(made->FunctionArn, "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_EQ(refused<op::Invoke>({.FunctionName = "f"}), "ResourceConflictException");
  world.run_until_idle();
  auto f = ok<op::GetFunction>({.FunctionName = *made->FunctionArn});
  EXPECT_EQ(f.Configuration->State, "Active");
  EXPECT_EQ(f.Configuration->Timeout, 3);
  EXPECT_EQ(f.Configuration->MemorySize, 128);
  EXPECT_TRUE(f.Code->Location->ends_with(".zip"));
  EXPECT_EQ(refused<op::GetFunction>({.FunctionName = "f"}, kWest), "ResourceNotFoundException");
  EXPECT_EQ(refused<op::GetFunction>({.FunctionName = *made->FunctionArn}, kWest),
            "ResourceNotFoundException");
  EXPECT_EQ(refused<op::CreateFunction>(wanted("f")), "ResourceConflictException");
}

TEST_F(Functions, WhatCannotRunIsRefusedAtOnce) {
  auto in = wanted("f");
  in.Runtime = "java21";
  plane.refuse_runtime("java21");
  EXPECT_EQ(refused<op::CreateFunction>(in), "InvalidParameterValueException");
  in = wanted("f");
  in.Environment = api::Environment{.Variables = std::map<std::string, std::string>{{"AWS_REGION", "x"}}};
  EXPECT_EQ(refused<op::CreateFunction>(in), "InvalidParameterValueException");
  in.Environment =
      api::Environment{.Variables = std::map<std::string, std::string>{{"BIG", std::string(4096, 'x')}}};
  EXPECT_EQ(refused<op::CreateFunction>(in), "InvalidParameterValueException");
  in = wanted("f");
  in.Code = api::FunctionCode{};
  EXPECT_EQ(refused<op::CreateFunction>(in), "InvalidParameterValueException");
  in = wanted("f");
  in.Handler.reset();
  EXPECT_EQ(refused<op::CreateFunction>(in), "InvalidParameterValueException");
  plane.fail_unpacking("damaged");
  EXPECT_EQ(refused<op::CreateFunction>(wanted("f")), "InvalidParameterValueException");
  plane.fail_unpacking("");
  EXPECT_EQ(refused<op::CreateFunction>(wanted("f")), "accepted");
}

TEST_F(Functions, AnInvocationGoesToThePlaneWithEverythingTheFunctionNeeds) {
  auto in = wanted("f");
  in.Timeout = 7;
  in.MemorySize = 256;
  in.Environment = api::Environment{.Variables = std::map<std::string, std::string>{{"COLOUR", "blue"}}};
  ok<op::CreateFunction>(in);
  auto out = ok<op::Invoke>({.FunctionName = "f", .LogType = "Tail", .Payload = aws::Blob{R"({"n":1})"}});
  EXPECT_EQ(out.StatusCode, 200);
  EXPECT_EQ(out.Payload->bytes, R"({"n":1})");
  EXPECT_EQ(out.ExecutedVersion, "$LATEST");
  EXPECT_FALSE(out.FunctionError);
  EXPECT_EQ(unbase64(*out.LogResult).value(), "START\nword\nREPORT\n");
  auto seen = plane.seen().at(0);
  EXPECT_EQ(seen.spec.timeout, Millis(7000));
  EXPECT_EQ(seen.spec.memory_mib, 256);
  EXPECT_EQ(seen.spec.env.at("COLOUR"), "blue");
  EXPECT_EQ(seen.spec.env.at("AWS_ENDPOINT_URL"), world.api_endpoint());
  auto who = world.principal(seen.spec.env.at("AWS_ACCESS_KEY_ID"));
  ASSERT_TRUE(who);
  EXPECT_EQ(who->arn, "arn:aws:sts::000000000000:assumed-role/thumbs/f");
  EXPECT_EQ(who->session_token, seen.spec.env.at("AWS_SESSION_TOKEN"));
  EXPECT_EQ(refused<op::Invoke>({.FunctionName = "f", .Payload = aws::Blob{"{"}}),
            "InvalidRequestContentException");
  EXPECT_EQ(refused<op::Invoke>(
                {.FunctionName = "f", .Payload = aws::Blob{"\"" + std::string(6'291'456, 'x') + "\""}}),
            "RequestTooLargeException");
  EXPECT_EQ(refused<op::Invoke>({.FunctionName = "g"}), "ResourceNotFoundException");
  EXPECT_EQ(ok<op::Invoke>({.FunctionName = "f", .InvocationType = "DryRun"}).StatusCode, 204);
  EXPECT_EQ(plane.seen().size(), 1u);
}

TEST_F(Functions, AFunctionsErrorIsAnAnswerWithAMark) {
  make("f");
  plane.answer_with([](auto&, auto&) {
    return function::Outcome{.payload = R"({"errorType":"ValueError"})", .error = "Unhandled"};
  });
  auto out = ok<op::Invoke>({.FunctionName = "f"});
  EXPECT_EQ(out.StatusCode, 200);
  EXPECT_EQ(out.FunctionError, "Unhandled");
}

TEST_F(Functions, ReservedConcurrencyBoundsAndZeroRefuses) {
  make("f");
  ok<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  EXPECT_EQ(failure("f"), "TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded");
  EXPECT_EQ(ok<op::GetFunctionConcurrency>({.FunctionName = "f"}).ReservedConcurrentExecutions, 0);
  EXPECT_EQ(ok<op::GetFunction>({.FunctionName = "f"}).Concurrency->ReservedConcurrentExecutions, 0);
  EXPECT_TRUE(plane.seen().empty());
  ok<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 1});
  plane.answer_with(nullptr);
  ok<op::Invoke>({.FunctionName = "f", .InvocationType = "Event"});  // under way
  EXPECT_EQ(failure("f"), "TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded");
  EXPECT_TRUE(plane.finish({.payload = "1"}));
  plane.answer_with([](auto&, auto&) { return function::Outcome{.payload = "2"}; });
  EXPECT_EQ(failure("f"), "ran");
  ok<op::DeleteFunctionConcurrency>({.FunctionName = "f"});
  EXPECT_FALSE(ok<op::GetFunctionConcurrency>({.FunctionName = "f"}).ReservedConcurrentExecutions);
  EXPECT_EQ(refused<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 901}),
            "InvalidParameterValueException");
  EXPECT_EQ(ok<op::GetAccountSettings>({}).AccountLimit->UnreservedConcurrentExecutions, 1000);
}

TEST_F(Functions, AnUpdateIsInProgressAndRetiresWhatRuns) {
  make("f");
  auto r =
      world.remote<op::UpdateFunctionCode>(kEast, {.FunctionName = "f", .ZipFile = aws::Blob{"another"}});
  ASSERT_TRUE(r) << r.error().text();
  EXPECT_EQ(r->LastUpdateStatus, "InProgress");
  EXPECT_EQ(r->CodeSha256, base64(sha256("another")));
  EXPECT_EQ(refused<op::UpdateFunctionConfiguration>({.FunctionName = "f", .Timeout = 9}),
            "ResourceConflictException");
  world.run_until_idle();
  EXPECT_EQ(plane.retired(), std::vector<std::string>{"us-east-1/f/$LATEST/"});
  auto before = ok<op::GetFunctionConfiguration>({.FunctionName = "f"});
  EXPECT_EQ(before.LastUpdateStatus, "Successful");
  EXPECT_EQ(
      refused<op::UpdateFunctionConfiguration>({.FunctionName = "f", .Timeout = 9, .RevisionId = "other"}),
      "PreconditionFailedException");
  ok<op::UpdateFunctionConfiguration>({.FunctionName = "f", .Timeout = 9, .RevisionId = before.RevisionId});
  auto after = ok<op::GetFunctionConfiguration>({.FunctionName = "f"});
  EXPECT_EQ(after.Timeout, 9);
  EXPECT_EQ(after.Handler, "app.handler");
  EXPECT_NE(after.RevisionId, before.RevisionId);
}

TEST_F(Functions, VersionsKeepWhatLatestWasAndTheSameIsNotPublishedTwice) {
  make("f", "one");
  EXPECT_EQ(ok<op::PublishVersion>({.FunctionName = "f"}).Version, "1");
  EXPECT_EQ(ok<op::PublishVersion>({.FunctionName = "f"}).Version, "1");
  ok<op::UpdateFunctionCode>({.FunctionName = "f", .ZipFile = aws::Blob{"two"}});
  EXPECT_EQ(ok<op::PublishVersion>({.FunctionName = "f"}).Version, "2");
  EXPECT_EQ(ok<op::GetFunctionConfiguration>({.FunctionName = "f", .Qualifier = "1"}).CodeSha256,
            base64(sha256("one")));
  EXPECT_EQ(ok<op::Invoke>({.FunctionName = "f:1"}).ExecutedVersion, "1");
  EXPECT_EQ(ok<op::ListVersionsByFunction>({.FunctionName = "f"}).Versions->size(), 3u);
  ok<op::DeleteFunction>({.FunctionName = "f", .Qualifier = "2"});
  ok<op::UpdateFunctionCode>({.FunctionName = "f", .ZipFile = aws::Blob{"three"}});
  EXPECT_EQ(ok<op::PublishVersion>({.FunctionName = "f"}).Version, "3");
  EXPECT_EQ(refused<op::PublishVersion>({.FunctionName = "f", .CodeSha256 = "other"}),
            "InvalidParameterValueException");
}

TEST_F(Functions, AnAliasLeadsToItsVersionAndHoldsItFast) {
  make("f", "one");
  ok<op::PublishVersion>({.FunctionName = "f"});
  auto a = ok<op::CreateAlias>({.FunctionName = "f", .Name = "live", .FunctionVersion = "1"});
  EXPECT_EQ(a.AliasArn, "arn:aws:lambda:us-east-1:000000000000:function:f:live");
  EXPECT_EQ(ok<op::Invoke>({.FunctionName = "f", .Qualifier = "live"}).ExecutedVersion, "1");
  EXPECT_EQ(plane.seen().at(0).spec.arn, *a.AliasArn);
  EXPECT_EQ(refused<op::DeleteFunction>({.FunctionName = "f", .Qualifier = "1"}),
            "ResourceConflictException");
  EXPECT_EQ(refused<op::CreateAlias>({.FunctionName = "f", .Name = "live", .FunctionVersion = "1"}),
            "ResourceConflictException");
  EXPECT_EQ(refused<op::CreateAlias>({.FunctionName = "f", .Name = "x", .FunctionVersion = "9"}),
            "ResourceNotFoundException");
  ok<op::UpdateAlias>({.FunctionName = "f", .Name = "live", .FunctionVersion = "$LATEST"});
  EXPECT_EQ(ok<op::GetAlias>({.FunctionName = "f", .Name = "live"}).FunctionVersion, "$LATEST");
  EXPECT_EQ(ok<op::ListAliases>({.FunctionName = "f"}).Aliases->size(), 1u);
  ok<op::DeleteAlias>({.FunctionName = "f", .Name = "live"});
  EXPECT_EQ(refused<op::GetAlias>({.FunctionName = "f", .Name = "live"}), "ResourceNotFoundException");
}

TEST_F(Functions, ListsComeInPages) {
  for (auto* name : {"a", "b", "c"}) make(name);
  auto first = ok<op::ListFunctions>({.MaxItems = 2});
  ASSERT_EQ(first.Functions->size(), 2u);
  auto second = ok<op::ListFunctions>({.Marker = first.NextMarker, .MaxItems = 2});
  ASSERT_EQ(second.Functions->size(), 1u);
  EXPECT_EQ((*second.Functions)[0].FunctionName, "c");
  EXPECT_FALSE(second.NextMarker);
}

TEST_F(Functions, PoliciesSayWhichServicesMayInvoke) {
  make("f");
  EXPECT_EQ(refused<op::GetPolicy>({.FunctionName = "f"}), "ResourceNotFoundException");
  api::AddPermissionRequest in;
  in.FunctionName = "f";
  in.StatementId = "s3";
  in.Action = "lambda:InvokeFunction";
  in.Principal = "s3.amazonaws.com";
  in.SourceArn = "arn:aws:s3:::photos";
  ok<op::AddPermission>(in);
  EXPECT_EQ(refused<op::AddPermission>(in), "ResourceConflictException");
  std::string policy = *ok<op::GetPolicy>({.FunctionName = "f"}).Policy;
  EXPECT_TRUE(functions::allows(policy, "s3.amazonaws.com", "arn:aws:s3:::photos", "000000000000"));
  EXPECT_FALSE(functions::allows(policy, "s3.amazonaws.com", "arn:aws:s3:::others", "000000000000"));
  EXPECT_FALSE(functions::allows(policy, "events.amazonaws.com", "arn:aws:s3:::photos", "000000000000"));
  EXPECT_FALSE(functions::allows("", "s3.amazonaws.com", "arn:aws:s3:::photos", "000000000000"));
  EXPECT_EQ(refused<op::RemovePermission>({.FunctionName = "f", .StatementId = "x"}),
            "ResourceNotFoundException");
  ok<op::RemovePermission>({.FunctionName = "f", .StatementId = "s3"});
  EXPECT_EQ(refused<op::GetPolicy>({.FunctionName = "f"}), "ResourceNotFoundException");
}

TEST_F(Functions, TagsComeAndGo) {
  auto f = make("f");
  ok<op::TagResource>(
      {.Resource = f.FunctionArn, .Tags = std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}});
  ok<op::UntagResource>({.Resource = f.FunctionArn, .TagKeys = std::vector<std::string>{"a"}});
  EXPECT_EQ(*ok<op::ListTags>({.Resource = f.FunctionArn}).Tags,
            (std::map<std::string, std::string>{{"b", "2"}}));
}

TEST_F(Functions, ADeletedFunctionTakesEverythingWithIt) {
  make("f");
  ok<op::PublishVersion>({.FunctionName = "f"});
  ok<op::CreateAlias>({.FunctionName = "f", .Name = "live", .FunctionVersion = "1"});
  ok<op::PutFunctionConcurrency>({.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  std::string code = world.dir(kEast, "lambda") + "/f";
  EXPECT_TRUE(std::filesystem::exists(code));
  ok<op::DeleteFunction>({.FunctionName = "f"});
  EXPECT_EQ(refused<op::GetFunction>({.FunctionName = "f", .Qualifier = "live"}),
            "ResourceNotFoundException");
  EXPECT_TRUE(ok<op::ListFunctions>({.FunctionVersion = "ALL"}).Functions->empty());
  world.advance(std::chrono::minutes(20));
  EXPECT_FALSE(std::filesystem::exists(code));
  make("f");
  EXPECT_EQ(failure("f"), "ran");
}

TEST_F(Functions, FunctionsOutliveARestartAndALostRegion) {
  make("f");
  world.lose(kEast);
  EXPECT_EQ(refused<op::Invoke>({.FunctionName = "f"}), "Region.Lost");
  world.restore(kEast);
  EXPECT_EQ(failure("f"), "ran");
  TestWorld again({}, world.ground());
  LambdaService after(again, plane);
  again.add(after);
  after.start();
  EXPECT_EQ(again.remote<op::GetFunctionConfiguration>(kEast, {.FunctionName = "f"})->State, "Active");
}

}  // namespace
}  // namespace relight::sandbox

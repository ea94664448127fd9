#include "sandbox/services/servicequotas/service.h"

#include <set>

#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::servicequotas;
namespace op = aws::servicequotas::op;
constexpr const char* kEast = "us-east-1";
constexpr const char* kWest = "us-west-2";
constexpr const char* kFargate = "L-3032A538";

struct Quotas : testing::Test {
  TestWorld world{Settings{.latency = Latency::kAws}};
  ServiceQuotasService service{world};
  void SetUp() override { world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in, const std::string& region = kWest) {
    auto r = world.remote<Op>(region, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in, const std::string& region = kWest) {
    auto r = world.remote<Op>(region, in);
    return r ? "accepted" : r.error().code;
  }
  double applied(const std::string& region = kWest) {
    return *ok<op::GetServiceQuota>({.ServiceCode = "fargate", .QuotaCode = kFargate}, region).Quota->Value;
  }
};

TEST_F(Quotas, TheTableHasEachCodeOnceInTheOrderOfItsServicesWithNames) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::string_view last;
  for (auto& q : quotas::all()) {
    EXPECT_TRUE(seen.emplace(q.service, q.code).second) << q.code;
    EXPECT_LE(last, q.service);
    EXPECT_FALSE(quotas::service_name(q.service).empty()) << q.service;
    EXPECT_GT(q.value, 0);
    last = q.service;
  }
}

TEST_F(Quotas, ADefaultIsAppliedUntilARehearsalLowersItInOneRegion) {
  EXPECT_EQ(applied(), 6);
  ASSERT_TRUE(service.set(kWest, "fargate", kFargate, 1));
  EXPECT_EQ(applied(), 1);
  EXPECT_EQ(applied(kEast), 6);
  EXPECT_EQ(
      *ok<op::GetAWSDefaultServiceQuota>({.ServiceCode = "fargate", .QuotaCode = kFargate}).Quota->Value, 6);
  EXPECT_FALSE(service.set(kWest, "fargate", "L-00000000", 1));
  EXPECT_FALSE(service.set("eu-west-1", "fargate", kFargate, 1));
  EXPECT_FALSE(service.set(kWest, "fargate", kFargate, -1));
}

TEST_F(Quotas, AnIncreaseIsPendingThenApprovedAndApplied) {
  auto asked = *ok<op::RequestServiceQuotaIncrease>(
                    {.ServiceCode = "fargate", .QuotaCode = kFargate, .DesiredValue = 50})
                    .RequestedQuota;
  EXPECT_EQ(asked.Status, "PENDING");
  EXPECT_EQ(applied(), 6);
  EXPECT_EQ(refused<op::RequestServiceQuotaIncrease>(
                {.ServiceCode = "fargate", .QuotaCode = kFargate, .DesiredValue = 60}),
            "ResourceAlreadyExistsException");
  world.advance(std::chrono::hours(1));
  EXPECT_EQ(ok<op::GetRequestedServiceQuotaChange>({.RequestId = asked.Id}).RequestedQuota->Status,
            "APPROVED");
  EXPECT_EQ(applied(), 50);
  EXPECT_EQ(refused<op::RequestServiceQuotaIncrease>(
                {.ServiceCode = "fargate", .QuotaCode = kFargate, .DesiredValue = 50}),
            "IllegalArgumentException");
  EXPECT_EQ(
      ok<op::ListRequestedServiceQuotaChangeHistory>({.ServiceCode = "fargate"}).RequestedQuotas->size(), 1u);
  EXPECT_TRUE(
      ok<op::ListRequestedServiceQuotaChangeHistoryByQuota>({.ServiceCode = "rds", .QuotaCode = "L-7B6409FD"})
          .RequestedQuotas->empty());
}

TEST_F(Quotas, AGlobalQuotaIsToldInUsEast1Alone) {
  EXPECT_EQ(refused<op::GetServiceQuota>({.ServiceCode = "s3", .QuotaCode = "L-DC2B2D3D"}),
            "NoSuchResourceException");
  EXPECT_TRUE(
      *ok<op::GetServiceQuota>({.ServiceCode = "s3", .QuotaCode = "L-DC2B2D3D"}, kEast).Quota->GlobalQuota);
}

TEST_F(Quotas, ListsInPagesAndRefusesWhatItDoesNotKnow) {
  auto first = ok<op::ListServiceQuotas>({.ServiceCode = "vpc", .MaxResults = 2});
  ASSERT_EQ(first.Quotas->size(), 2u);
  auto second = ok<op::ListServiceQuotas>({.ServiceCode = "vpc", .NextToken = first.NextToken});
  EXPECT_NE((*second.Quotas)[0].QuotaCode, (*first.Quotas)[0].QuotaCode);
  EXPECT_FALSE(second.NextToken);
  EXPECT_FALSE(ok<op::ListServices>({}).Services->empty());
  EXPECT_EQ(refused<op::ListServiceQuotas>({.ServiceCode = "nosuch"}), "NoSuchResourceException");
  EXPECT_EQ(refused<op::ListServiceQuotas>({.ServiceCode = "vpc", .NextToken = "eHg="}),
            "InvalidPaginationTokenException");
}

TEST_F(Quotas, SurvivesARestart) {
  ASSERT_TRUE(service.set(kWest, "fargate", kFargate, 2));
  ok<op::RequestServiceQuotaIncrease>({.ServiceCode = "rds", .QuotaCode = "L-7B6409FD", .DesiredValue = 80});
  TestWorld again({}, world.ground());
  ServiceQuotasService restarted{again};
  again.add(restarted);
  restarted.start();
  again.run_until_idle();
  EXPECT_EQ(*again.remote<op::GetServiceQuota>(kWest, {.ServiceCode = "fargate", .QuotaCode = kFargate})
                 ->Quota->Value,
            2);
  EXPECT_EQ(*again.remote<op::GetServiceQuota>(kWest, {.ServiceCode = "rds", .QuotaCode = "L-7B6409FD"})
                 ->Quota->Value,
            80);
}

}  // namespace
}  // namespace relight::sandbox

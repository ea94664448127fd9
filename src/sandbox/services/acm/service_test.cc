#include "sandbox/services/acm/service.h"

#include "aws/gen/elbv2.h"
#include "aws/gen/route53.h"
#include "sandbox/world/test_world.h"

namespace relight::sandbox {
namespace {
namespace api = aws::acm;
namespace op = aws::acm::op;
namespace r53 = aws::route53;
namespace lb = aws::elbv2;
constexpr const char* kEast = "us-east-1";

// One zone, example.org., whose CNAME records the test puts.
class ZoneStandIn final : public Service {
 public:
  std::map<std::string, std::string> cnames;
  explicit ZoneStandIn(World& w) : Service(w, r53::model()) {
    on<r53::op::ListHostedZones>([](const Call&, const auto&) -> Result<r53::ListHostedZonesResponse> {
      r53::ListHostedZonesResponse out;
      auto& z = out.HostedZones.emplace().emplace_back();
      z.Id = "/hostedzone/Z1", z.Name = "example.org.", z.CallerReference = "1";
      return out;
    });
    on<r53::op::ListResourceRecordSets>(
        [this](const Call&, const auto& in) -> Result<r53::ListResourceRecordSetsResponse> {
          r53::ListResourceRecordSetsResponse out;
          out.ResourceRecordSets.emplace();
          auto it = cnames.lower_bound(*in.StartRecordName);
          if (it == cnames.end()) return out;
          auto& s = out.ResourceRecordSets->emplace_back();
          s.Name = it->first, s.Type = "CNAME";
          s.ResourceRecords = {r53::ResourceRecord{it->second}};
          return out;
        });
  }
};

// One load balancer with a listener that uses `certificate`.
class ListenerStandIn final : public Service {
 public:
  std::string certificate;
  explicit ListenerStandIn(World& w) : Service(w, lb::model()) {
    on<lb::op::DescribeLoadBalancers>(
        [](const Call&, const auto&) -> Result<lb::DescribeLoadBalancersOutput> {
          lb::DescribeLoadBalancersOutput out;
          out.LoadBalancers.emplace().emplace_back().LoadBalancerArn = "arn:lb";
          return out;
        });
    on<lb::op::DescribeListeners>([this](const Call&, const auto&) -> Result<lb::DescribeListenersOutput> {
      lb::DescribeListenersOutput out;
      out.Listeners.emplace().emplace_back().Certificates = {lb::Certificate{.CertificateArn = certificate}};
      return out;
    });
  }
};

struct Acm : testing::Test {
  TestWorld world{
      Settings{.latency = Latency::kAws}};  // three days are too many of the instant profile's polls
  ZoneStandIn zone{world};
  ListenerStandIn listener{world};
  AcmService service{world};
  void SetUp() override { world.add(zone), world.add(listener), world.add(service); }
  template <class Op>
  typename Op::Output ok(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    EXPECT_TRUE(r) << Op::desc().name << ": " << r.error().text();
    return r ? *r : typename Op::Output{};
  }
  template <class Op>
  std::string refused(const typename Op::Input& in) {
    auto r = world.remote<Op>(kEast, in);
    return r ? "accepted" : r.error().code;
  }
  static api::RequestCertificateRequest asked(std::vector<std::string> more = {}) {
    api::RequestCertificateRequest in{.DomainName = "www.example.org", .ValidationMethod = "DNS"};
    if (!more.empty()) in.SubjectAlternativeNames = more;
    return in;
  }
  std::string request(std::vector<std::string> more = {}) {
    return *ok<op::RequestCertificate>(asked(more)).CertificateArn;
  }
  api::CertificateDetail shown(const std::string& arn) {
    return *ok<op::DescribeCertificate>({.CertificateArn = arn}).Certificate;
  }
  void put_records(const std::string& arn) {
    auto c = shown(arn);
    for (auto& v : *c.DomainValidationOptions)
      zone.cnames[*v.ResourceRecord->Name] = *v.ResourceRecord->Value;
  }
  api::ImportCertificateRequest imported(Millis life) {
    Instant now = std::chrono::floor<std::chrono::seconds>(world.clock.now());
    auto made = *acm::issue({"shop.example", "www.shop.example"}, now - std::chrono::hours(1), now + life);
    return {.Certificate = aws::Blob{made.certificate}, .PrivateKey = aws::Blob{made.key}};
  }
};

TEST_F(Acm, ACertificateIsIssuedOnceEveryNamesRecordIsInTheZone) {
  auto arn = request({"example.org", "*.example.org"});
  EXPECT_EQ(shown(arn).Status, "PENDING_VALIDATION");
  EXPECT_EQ(refused<op::GetCertificate>({.CertificateArn = arn}), "RequestInProgressException");
  auto first = (*shown(arn).DomainValidationOptions)[0].ResourceRecord;
  zone.cnames[*first->Name] = *first->Value;
  world.advance(std::chrono::minutes(2));
  EXPECT_EQ(shown(arn).Status, "PENDING_VALIDATION");
  EXPECT_EQ((*shown(arn).DomainValidationOptions)[0].ValidationStatus, "SUCCESS");
  put_records(arn);
  world.advance(std::chrono::minutes(2));
  auto c = shown(arn);
  EXPECT_EQ(c.Status, "ISSUED");
  auto body = acm::parse_certificate(*ok<op::GetCertificate>({.CertificateArn = arn}).Certificate);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->names.size(), 3u);
  EXPECT_EQ(body->not_after, *c.NotAfter);
  world.advance(std::chrono::hours(24 * 396));
  EXPECT_EQ(shown(arn).Status, "EXPIRED");
}

TEST_F(Acm, AWrongRecordValidatesNothingAndAfterThreeDaysItIsGivenUp) {
  auto arn = request();
  auto record = (*shown(arn).DomainValidationOptions)[0].ResourceRecord;
  zone.cnames[*record->Name] = "_other.acm-validations.aws.";
  world.advance(std::chrono::hours(71));
  EXPECT_EQ(shown(arn).Status, "PENDING_VALIDATION");
  world.advance(std::chrono::hours(2));
  EXPECT_EQ(shown(arn).Status, "VALIDATION_TIMED_OUT");
}

TEST_F(Acm, ADomainHasTheSameRecordEachTimeAndAWildcardSharesIt) {
  auto one = shown(request({"*.www.example.org"})), two = shown(request());
  auto& v = *one.DomainValidationOptions;
  EXPECT_EQ(v[0].ResourceRecord->Name, v[1].ResourceRecord->Name);
  EXPECT_EQ(v[0].ResourceRecord->Name, (*two.DomainValidationOptions)[0].ResourceRecord->Name);
}

TEST_F(Acm, TheSameTokenAgainIsTheSameCertificate) {
  auto in = asked();
  in.IdempotencyToken = "abc";
  auto first = ok<op::RequestCertificate>(in).CertificateArn;
  EXPECT_EQ(ok<op::RequestCertificate>(in).CertificateArn, first);
  in.IdempotencyToken = "def";
  EXPECT_NE(ok<op::RequestCertificate>(in).CertificateArn, first);
}

TEST_F(Acm, AnImportedCertificateIsReadAndCanBeImportedAnew) {
  auto in = imported(std::chrono::hours(48));
  auto arn = *ok<op::ImportCertificate>(in).CertificateArn;
  auto c = shown(arn);
  EXPECT_EQ(c.Type, "IMPORTED");
  EXPECT_EQ(c.DomainName, "shop.example");
  EXPECT_EQ(c.SubjectAlternativeNames->size(), 2u);
  EXPECT_EQ(c.KeyAlgorithm, "EC_prime256v1");
  world.advance(std::chrono::hours(47));
  auto fresh = imported(std::chrono::hours(48));
  fresh.CertificateArn = arn;
  EXPECT_EQ(*ok<op::ImportCertificate>(fresh).CertificateArn, arn);
  world.advance(std::chrono::hours(2));
  EXPECT_EQ(shown(arn).Status, "ISSUED");
  EXPECT_EQ(world.ground().store.tables["acm/bodies"].begin()->second.find("PRIVATE KEY"), std::string::npos);
}

TEST_F(Acm, WhatIsNoCertificateOrNotItsKeyIsNotImported) {
  auto in = imported(std::chrono::hours(1));
  auto other = imported(std::chrono::hours(1));
  auto mixed = in;
  mixed.PrivateKey = other.PrivateKey;
  EXPECT_EQ(refused<op::ImportCertificate>(mixed), "InvalidParameterException");
  mixed = in;
  mixed.Certificate = aws::Blob{"rubbish"};
  EXPECT_EQ(refused<op::ImportCertificate>(mixed), "InvalidParameterException");
  EXPECT_EQ(refused<op::ImportCertificate>(imported(-std::chrono::minutes(1))), "InvalidParameterException");
}

TEST_F(Acm, WhatAListenerUsesIsNotDeleted) {
  auto arn = request();
  listener.certificate = arn;
  EXPECT_EQ(refused<op::DeleteCertificate>({.CertificateArn = arn}), "ResourceInUseException");
  listener.certificate = "";
  ok<op::DeleteCertificate>({.CertificateArn = arn});
  EXPECT_EQ(refused<op::DescribeCertificate>({.CertificateArn = arn}), "ResourceNotFoundException");
}

TEST_F(Acm, ListsTagsAndRefusals) {
  auto arn = request();
  request();
  auto first = ok<op::ListCertificates>({.MaxItems = 1});
  ASSERT_EQ(first.CertificateSummaryList->size(), 1u);
  EXPECT_EQ(
      ok<op::ListCertificates>({.NextToken = first.NextToken, .MaxItems = 1}).CertificateSummaryList->size(),
      1u);
  EXPECT_TRUE(ok<op::ListCertificates>({.CertificateStatuses = std::vector<std::string>{"ISSUED"}})
                  .CertificateSummaryList->empty());
  ok<op::AddTagsToCertificate>(
      {.CertificateArn = arn, .Tags = std::vector<api::Tag>{{.Key = "a", .Value = "1"}}});
  ok<op::RemoveTagsFromCertificate>(
      {.CertificateArn = arn, .Tags = std::vector<api::Tag>{{.Key = "a", .Value = "2"}}});
  EXPECT_EQ(ok<op::ListTagsForCertificate>({.CertificateArn = arn}).Tags->size(), 1u);
  ok<op::RemoveTagsFromCertificate>({.CertificateArn = arn, .Tags = std::vector<api::Tag>{{.Key = "a"}}});
  EXPECT_TRUE(ok<op::ListTagsForCertificate>({.CertificateArn = arn}).Tags->empty());
  EXPECT_EQ(refused<op::RequestCertificate>({.DomainName = "x.example"}), "InvalidParameterException")
      << "by e-mail";
}

TEST_F(Acm, ARestartGoesOnLookingForTheRecords) {
  auto arn = request();
  put_records(arn);
  TestWorld again({}, world.ground());
  ZoneStandIn there{again};
  there.cnames = zone.cnames;
  AcmService restarted{again};
  again.add(there), again.add(restarted);
  restarted.start();
  again.advance(std::chrono::minutes(2));
  EXPECT_EQ(again.remote<op::DescribeCertificate>(kEast, {.CertificateArn = arn})->Certificate->Status,
            "ISSUED");
}

}  // namespace
}  // namespace relight::sandbox

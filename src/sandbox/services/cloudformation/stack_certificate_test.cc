// Stacks with certificates that wait for their records.
#include "sandbox/services/acm/service.h"
#include "sandbox/services/cloudformation/stack_test.h"
#include "sandbox/services/route53/service.h"

namespace relight::sandbox::cfn {
namespace {
namespace cert = aws::acm;

struct CertificateStackTest : StackTest {
  void SetUp() override {
    StackTest::SetUp();
    names_ = std::make_unique<Route53Service>(*world_);
    certificates_ = std::make_unique<AcmService>(*world_);
    world_->add(*names_), world_->add(*certificates_);
  }
  std::unique_ptr<Route53Service> names_;
  std::unique_ptr<AcmService> certificates_;
};

std::string certificate(const std::string& options) {
  return "Resources:\n  Zone:\n    Type: AWS::Route53::HostedZone\n    Properties: {Name: example.org}\n"
         "  Certificate:\n    Type: AWS::CertificateManager::Certificate\n    Properties:\n      DomainName: www.example.org\n"
         "      SubjectAlternativeNames: ['*.www.example.org']\n      ValidationMethod: DNS\n" + options;
}

TEST_F(CertificateStackTest, WithItsZoneNamedItIsValidatedByTheStackItself) {
  create("s", certificate("      DomainValidationOptions: [{DomainName: www.example.org, HostedZoneId: !Ref Zone}]\n"));
  ASSERT_EQ(status("s"), "CREATE_COMPLETE") << reasons("s");
  auto c = call<cert::op::DescribeCertificate>({.CertificateArn = physical("s", "Certificate")});
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->Certificate->Status, "ISSUED");
}

TEST_F(CertificateStackTest, WithoutItTheStackWaits) {
  create("s", certificate(""));
  EXPECT_EQ(status("s"), "CREATE_IN_PROGRESS");
}

}  // namespace
}  // namespace relight::sandbox::cfn

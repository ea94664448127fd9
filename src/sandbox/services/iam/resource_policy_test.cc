#include "sandbox/services/iam/resource_policy.h"

#include <gtest/gtest.h>

#include "aws/gen/events.h"
#include "aws/gen/sqs.h"
#include "sandbox/services/iam/needs.h"

namespace relight::sandbox {
namespace {

const std::string kQueueArn = "arn:aws:sqs:us-west-2:000000000000:work";
const Ask kSend{"sqs:SendMessage",
                kQueueArn,
                {{"aws:SourceArn", "arn:aws:s3:::b-1"}, {"aws:SourceAccount", "000000000000"}}};

bool s3_may(const std::string& statement) {
  return lets_service(R"({"Statement":[)" + statement + "]}", "s3.amazonaws.com", kSend);
}

TEST(ResourcePolicy, AServiceIsLetByItsNameOrForEverybody) {
  EXPECT_TRUE(s3_may(
      R"({"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"SQS:SendMessage","Resource":"*"})"));
  EXPECT_TRUE(s3_may(
      R"({"Effect":"Allow","Principal":{"Service":["sns.amazonaws.com","s3.amazonaws.com"]},"Action":"sqs:*","Resource":")" +
      kQueueArn + R"("})"));
  EXPECT_TRUE(s3_may(R"({"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"})"));
  EXPECT_FALSE(s3_may(
      R"({"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"})"));
  EXPECT_FALSE(s3_may(
      R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sqs:SendMessage","Resource":"*"})"));
  EXPECT_FALSE(s3_may(
      R"({"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:ReceiveMessage","Resource":"*"})"));
  EXPECT_FALSE(lets_service("", "s3.amazonaws.com", kSend));
  EXPECT_FALSE(lets_service("no JSON", "s3.amazonaws.com", kSend));
}

TEST(ResourcePolicy, ConditionsNameTheSourceAndADenyWins) {
  std::string let =
      R"({"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":)";
  EXPECT_TRUE(s3_may(
      let +
      R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b-1"},"StringEquals":{"AWS:SourceAccount":"000000000000"}}})"));
  EXPECT_FALSE(s3_may(let + R"({"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b-2"}}})"));
  std::string all = R"({"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},)";
  EXPECT_FALSE(s3_may(
      all + R"({"Effect":"Deny","Principal":{"Service":"s3.amazonaws.com"},"Action":"*","Resource":"*"})"));
  EXPECT_FALSE(s3_may(
      all +
      R"({"Effect":"Deny","NotPrincipal":{"Service":"sns.amazonaws.com"},"Action":"*","Resource":"*"})"));
  EXPECT_TRUE(s3_may(
      all +
      R"({"Effect":"Deny","NotPrincipal":{"Service":"s3.amazonaws.com"},"Action":"*","Resource":"*"})"));
}

template <class Op>
std::vector<std::string> message_needs(const typename Op::Input& in) {
  std::vector<std::string> out;
  for (auto& a : needs_of(Op::service(), Op::desc(), &in, {"us-west-2", "000000000000"}))
    out.push_back(a.action + " " + a.resource);
  return out;
}

TEST(Needs, AQueueIsNamedByItsUrlAndABatchByWhatItDoes) {
  aws::sqs::SendMessageBatchRequest in;
  in.QueueUrl = "http://127.0.0.1:4566/000000000000/work";
  EXPECT_EQ(message_needs<aws::sqs::op::SendMessageBatch>(in),
            std::vector<std::string>{"sqs:SendMessage " + kQueueArn});
}

TEST(Needs, ARuleOfTheDefaultBusDoesNotNameIt) {
  std::string arn = "arn:aws:events:us-west-2:000000000000:";
  EXPECT_EQ(message_needs<aws::events::op::EnableRule>({.Name = "r"}),
            std::vector<std::string>{"events:EnableRule " + arn + "rule/r"});
  EXPECT_EQ(message_needs<aws::events::op::EnableRule>({.Name = "r", .EventBusName = "orders"}),
            std::vector<std::string>{"events:EnableRule " + arn + "rule/orders/r"});
}

}  // namespace
}  // namespace relight::sandbox

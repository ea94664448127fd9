// The server's checks, each answered with the service's own error.
#include <algorithm>

#include "aws/codec/pattern.h"
#include "aws/gen/conformance_json.h"
#include "aws/gen/ec2.h"
#include "aws/gen/ecs.h"
#include "aws/gen/iam.h"
#include "aws/gen/models.h"
#include "aws/gen/rds.h"
#include "cases.h"

namespace relight::conformance {
namespace {

template <class Op>
std::string verdict(const typename Op::Input& in) {
  auto r = aws::codec::validate(Op::service(), *Op::desc().input, &in);
  return r ? "accepted" : r.error().code + ": " + r.error().message;
}
using Checked = aws::conformance_json::op::Checked;

TEST(Validation, AcceptsWhatTheModelAllows) {
  EXPECT_EQ(verdict<Checked>(
                {.name = "abc-1_", .color = "RED", .count = 10, .tags = std::vector<std::string>{"a", "b"}}),
            "accepted");
}

TEST(Validation, NamesEveryMemberThatIsWrong) {
  EXPECT_EQ(verdict<Checked>({.color = "GREEN", .count = 11}),
            "ValidationException: 3 validation errors detected: Value null at 'name' failed to satisfy "
            "constraint: Member must "
            "not be null; Value 'GREEN' at 'color' failed to satisfy constraint: Member must satisfy enum "
            "value set: [RED, "
            "BLUE]; Value '11' at 'count' failed to satisfy constraint: Member must have value less than or "
            "equal to 10");
}

TEST(Validation, ChecksLengthsAndPatterns) {
  EXPECT_NE(verdict<Checked>({.name = "ab"}).find("length greater than or equal to 3"), std::string::npos);
  EXPECT_NE(verdict<Checked>({.name = "abcdefghi"}).find("length less than or equal to 8"),
            std::string::npos);
  EXPECT_NE(verdict<Checked>({.name = "Abc"}).find("regular expression pattern: [a-z]"), std::string::npos);
  EXPECT_NE(verdict<Checked>({.name = "abc", .tags = std::vector<std::string>(3, "t")})
                .find("less than or equal to 2"),
            std::string::npos);
  EXPECT_EQ(verdict<Checked>({.name = "\u00e9"}).find("accepted"), std::string::npos);
}

TEST(Validation, SpeaksEachServicesOwnCode) {
  EXPECT_EQ(verdict<aws::rds::op::CreateDBSubnetGroup>({}),
            "MissingParameter: The request must contain the parameter DBSubnetGroupName");
  EXPECT_EQ(verdict<aws::ec2::op::CreateSubnet>({}),
            "MissingParameter: The request must contain the parameter VpcId");
  EXPECT_EQ(verdict<aws::ecs::op::DescribeTasks>({}),
            "InvalidParameterException: 1 validation error detected: Value null at 'tasks' failed to satisfy "
            "constraint: "
            "Member must not be null");
  EXPECT_TRUE(verdict<aws::iam::op::GetRole>({.RoleName = "a b"})
                  .starts_with("ValidationError: 1 validation error detected: "
                               "Value 'a b' at 'roleName'"));
}

TEST(Validation, NestedPathsNameTheElement) {
  aws::iam::CreateRoleRequest in{.RoleName = "r", .AssumeRolePolicyDocument = "{}"};
  in.Tags = std::vector<aws::iam::Tag>{{.Key = "k", .Value = "v"}, {.Key = "k2"}};
  EXPECT_NE(verdict<aws::iam::op::CreateRole>(in).find("at 'tags.2.member.value'"), std::string::npos);
}

TEST(Validation, HugeValuesAreNotRepeated) {
  EXPECT_LT(verdict<aws::iam::op::GetRole>({.RoleName = std::string(100000, 'x')}).size(), 2000u);
}

void each_pattern(const aws::ServiceModel& s, const aws::Shape& shape, std::vector<const aws::Shape*>& seen) {
  if (std::find(seen.begin(), seen.end(), &shape) != seen.end()) return;
  seen.push_back(&shape);
  if (!shape.pattern.empty()) {
    EXPECT_TRUE(aws::codec::understood(shape.pattern))
        << s.id << " " << aws::codec::translate_pattern(shape.pattern);
  }
  for (auto& m : shape.members) each_pattern(s, *m.shape(), seen);
  if (shape.element) each_pattern(s, *shape.element->shape(), seen);
  if (shape.key) each_pattern(s, *shape.key->shape(), seen);
}

TEST(Validation, EveryPatternOfTheModelsIsUnderstood) {
  for (auto* s : aws::models()) {
    std::vector<const aws::Shape*> seen;
    for (auto* op : s->operations) each_pattern(*s, *op->input, seen);
  }
}

TEST(Validation, PatternsMeanWhatJavaMeansByThem) {
  using aws::codec::matches;
  EXPECT_TRUE(matches("[\\w+=,.@-]+", "a.b@c-d"));
  EXPECT_FALSE(matches("[\\w+=,.@-]+", "a b"));
  EXPECT_FALSE(matches("[a-zA-Z0-9-_]+", "a.b"));
  EXPECT_TRUE(matches("[a-zA-Z0-9-_]+", "a-b_c"));
  EXPECT_TRUE(matches("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "na\u00efve key"));
  EXPECT_FALSE(matches("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "a<b"));
  EXPECT_TRUE(matches("[\\u0020-\\u00FF]+", "plain"));
  EXPECT_FALSE(matches("[\\u0020-\\u007E]+", "tab\there"));
  EXPECT_FALSE(matches("^[0-9A-Za-z\\.\\-_]*(?<!\\.)$", "ends."));
  (void)matches("(a*)*b", std::string(30, 'a'));  // a costly pattern returns, whatever it says
}

}  // namespace
}  // namespace relight::conformance

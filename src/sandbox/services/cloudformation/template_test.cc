#include "sandbox/services/cloudformation/template.h"

#include <gtest/gtest.h>

#include "sandbox/services/cloudformation/evaluate.h"

namespace relight::sandbox::cfn {
namespace {

Json read(const std::string& text) {
  auto t = parse_template(text);
  EXPECT_TRUE(t) << t.error().text();
  return t ? *t : Json();
}

struct Evaluated {
  Json tmpl;
  Scope scope;
  Evaluated(const std::string& text) : tmpl(read(text)) {
    scope.tmpl = &tmpl;
    scope.pseudo = {{"AWS::Region", "us-west-2"}, {"AWS::AccountId", "000000000000"}};
    scope.region = "us-west-2";
    scope.zones = {"us-west-2a", "us-west-2b"};
    scope.parameters = {{"Env", "prod"}};
    scope.ref = [](const std::string& n) -> std::optional<Json> { return n == "Bucket" ? std::optional<Json>("my-bucket") : std::nullopt; };
    scope.attribute = [](const std::string& n, const std::string& a) -> std::optional<Json> {
      return n == "Bucket" && a == "Arn" ? std::optional<Json>("arn:aws:s3:::my-bucket") : std::nullopt;
    };
    scope.import = [](const std::string& n) -> std::optional<std::string> { return n == "shared" ? std::optional<std::string>("vpc-1") : std::nullopt; };
  }
  Result<Json> at(const std::string& key) { return Evaluator(scope).value(tmpl[key]); }
};

TEST(Template, YamlShortFormsBecomeTheirLongForms) {
  Json t = read("A: !Ref B\nC: !GetAtt D.Endpoint.Address\nE: !Sub 'x-${B}'\nF: !If [Yes, 1, !Ref 'AWS::NoValue']\n");
  EXPECT_EQ(t["A"], Json({{"Ref", "B"}}));
  EXPECT_EQ(t["C"], Json({{"Fn::GetAtt", {"D", "Endpoint.Address"}}}));
  EXPECT_EQ(t["E"], Json({{"Fn::Sub", "x-${B}"}}));
  EXPECT_EQ(t["F"]["Fn::If"][2], Json({{"Ref", "AWS::NoValue"}}));
}

TEST(Template, QuotedNumbersAndAccountIdsStayText) {
  Json t = read("A: '80'\nB: 80\nC: 012345678901\nD: 2012-10-17\nE: true\n");
  EXPECT_EQ(t["A"], "80");
  EXPECT_EQ(t["B"], 80);
  EXPECT_EQ(t["C"], "012345678901");
  EXPECT_EQ(t["D"], "2012-10-17");
  EXPECT_EQ(t["E"], true);
}

TEST(Template, ASyntaxErrorNamesItsLineAndColumn) {
  auto t = parse_template("Resources:\n  A: [1, 2\n  B: 3\n");
  ASSERT_FALSE(t);
  EXPECT_NE(t.error().message.find("line 3"), std::string::npos) << t.error().message;
}

TEST(Template, AnAliasBombIsRefused) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'j'; ++c) bomb += std::string(1, c) + ": &" + c + " [" + [&] { std::string s; for (int i = 0; i < 9; ++i) s += std::string(i ? ",*" : "*") + static_cast<char>(c - 1); return s; }() + "]\n";
  auto t = parse_template(bomb);
  ASSERT_FALSE(t);
  EXPECT_NE(t.error().message.find("100,000"), std::string::npos);
}

TEST(Template, DeepNestingIsRefused) {
  auto t = parse_template(std::string(500, '[') + std::string(500, ']'));
  EXPECT_FALSE(t);
}

TEST(Template, ACircleOfDependenciesIsNamed) {
  Json t = read("Resources:\n  A: {Type: T, Properties: {X: !Ref B}}\n  B: {Type: T, DependsOn: A}\n");
  auto r = check_template(t);
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().message.find("A -> B -> A"), std::string::npos) << r.error().message;
}

TEST(Template, ARefToNothingIsRefused) {
  Json t = read("Resources:\n  A: {Type: T, Properties: {X: !Ref Nobody}}\n");
  auto r = check_template(t);
  ASSERT_FALSE(r);
  EXPECT_NE(r.error().message.find("[Nobody]"), std::string::npos);
}

TEST(Evaluate, SubKnowsParametersAttributesLocalsAndLiterals) {
  Evaluated e("X: !Sub ['${Env}-${Bucket.Arn}-${Local}-${!Kept}-${AWS::Region}', {Local: !Ref Bucket}]\n");
  EXPECT_EQ(*e.at("X"), "prod-arn:aws:s3:::my-bucket-my-bucket-${Kept}-us-west-2");
}

TEST(Evaluate, JoinSplitSelectAndZonesWorkTogether) {
  Evaluated e("X: !Join ['/', !Split [',', 'a,b,c']]\nY: !Select [1, !GetAZs '']\nZ: !Select [5, [1]]\n");
  EXPECT_EQ(*e.at("X"), "a/b/c");
  EXPECT_EQ(*e.at("Y"), "us-west-2b");
  EXPECT_FALSE(e.at("Z"));
}

TEST(Evaluate, CidrCutsBlocksAsTheUserGuidesExampleDoes) {
  Evaluated e("X: !Cidr [192.168.0.0/24, 6, 5]\nY: !Cidr [10.0.0.0/16, 300, 8]\n");
  EXPECT_EQ((*e.at("X"))[0], "192.168.0.0/27");
  EXPECT_EQ((*e.at("X"))[5], "192.168.0.160/27");
  EXPECT_FALSE(e.at("Y"));
}

TEST(Evaluate, ConditionsChooseAndNoValueRemovesTheKey) {
  Evaluated e("Conditions:\n  Prod: !Equals [!Ref Env, prod]\n  NotProd: !Not [!Condition Prod]\nX:\n  Keep: !If [Prod, yes-it-is, no]\n  Drop: !If [NotProd, 1, !Ref 'AWS::NoValue']\n");
  EXPECT_EQ(*e.at("X"), Json({{"Keep", "yes-it-is"}}));
}

TEST(Evaluate, FindInMapAndImportValueResolve) {
  Evaluated e("Mappings: {M: {us-west-2: {Ami: ami-1}}}\nX: !FindInMap [M, !Ref 'AWS::Region', Ami]\nY: !ImportValue shared\nZ: !ImportValue nobody\n");
  EXPECT_EQ(*e.at("X"), "ami-1");
  EXPECT_EQ(*e.at("Y"), "vpc-1");
  EXPECT_FALSE(e.at("Z"));
}

}  // namespace
}  // namespace relight::sandbox::cfn

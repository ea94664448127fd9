// JSON by the model's names: what `relight api` reads and prints, and what the sandbox keeps.
#include "aws/gen/conformance_json.h"
#include "aws/gen/rds.h"
#include "cases.h"

namespace relight::conformance {
namespace {

using aws::conformance_json::Everything;

std::string refused(std::string_view text) {
  Everything v;
  auto r = aws::codec::from_json(*shape_of(&v), text, &v);
  return r ? "accepted" : r.error().message;
}

TEST(ByName, AStructKeepsAllOfItself) {
  Everything v{
      .String = "a\"\\\n\x01", .Blob = aws::Blob{std::string("\0\xff", 2)}, .Long = INT64_MIN, .Double = 0.1};
  v.Timestamp = Instant(Millis(-1));
  v.ListOfLists = std::vector<std::vector<std::string>>{{}, {"x"}};
  v.RecursiveStruct = aws::Box<Everything>(Everything{.class_ = "inner"});
  std::string text = aws::codec::to_json(*shape_of(&v), &v);
  Everything back;
  ASSERT_TRUE(aws::codec::from_json(*shape_of(&v), text, &back));
  EXPECT_EQ(aws::codec::to_json(*shape_of(&v), &back), text);
  EXPECT_EQ(back.Blob->bytes, v.Blob->bytes);
  EXPECT_EQ(back.Timestamp, v.Timestamp);
  EXPECT_EQ((*back.RecursiveStruct)->class_, "inner");
}

TEST(ByName, SaysWhereAMistakeIs) {
  EXPECT_EQ(refused(R"({"Strnig":"x"})"), "Everything has no member 'Strnig'");
  EXPECT_EQ(refused(R"({"RecursiveList":[{},{"Nope":1}]})"),
            "RecursiveList[1]: Everything has no member 'Nope'");
  EXPECT_EQ(refused(R"({"MapOfStrings":{"k":3}})"),
            "NUMBER_VALUE cannot be converted to String at MapOfStrings.k");
}

TEST(ByName, BytesThatAreNoTextDoNotSpoilTheJson) {
  aws::rds::Tag tag{.Key = "bad \xff\xc0\xaf text"};
  std::string text = aws::codec::to_json(*shape_of(&tag), &tag);
  aws::rds::Tag back;
  EXPECT_TRUE(aws::codec::from_json(*shape_of(&tag), text, &back)) << text;
}

}  // namespace
}  // namespace relight::conformance

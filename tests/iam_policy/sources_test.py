"""sources.py can fail: small checkouts with one fault each."""
import json
import pathlib
import tempfile
import unittest

from sources import check

TABLE = '''constexpr std::array kOneCalls{IamCall{"rds", "DescribeDBInstances", kP, kDatabase},
    IamCall{"ecs",
            "UpdateService", kP, kService}};
constexpr auto kOtherCalls = [] {
  auto calls = kOneCalls;
  return calls;
}();
constexpr std::array kIamParts{IamPart{"one", "dr/steps/*", kOneCalls}, IamPart{"other", "dr/steps/*", kOtherCalls}};
constexpr std::array kIamVerbs{IamVerb{"check", "one other"}, IamVerb{"deploy-touch-primary", ""}};
'''
STEP = '''#include "aws/gen/ecs.h"
#include "aws/gen/rds.h"
int f() {
  rds.DescribeDBInstances({});
  return aws::ecs::Client(s.aws)
      .UpdateService({.desiredCount = 0}, where);
}
'''
GOOD = {
    "models/services.json": json.dumps([{"id": s, "folder": s, "version": v} for s, v in (("rds", "2014-10-31"), ("ecs", "2014-11-13"))]),
    "src/app/cli.cc": 'cli.add_subcommand("check", "…");\n',
    "src/dr/planning/iam_calls.cc": TABLE,
    "src/dr/planning/iam_types.cc": 'IamType{"AWS::EC2::VPC", "ec2:CreateVpc", kNetwork}\n',
    "src/dr/planning/pilot_a.cc": 'd.add({.type = "AWS::EC2::VPC"}); // "AWS::EC2::EIP"\n',
    "src/dr/steps/a.cc": STEP,
}


def wrong(**changed):
    root = pathlib.Path(tempfile.mkdtemp())
    for name, text in (GOOD | {k.replace("__", "/") + (".cc" if "/" in k.replace("__", "/") else ""): v for k, v in changed.items()}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return check(root)


class Sources(unittest.TestCase):
    def test_a_true_table_passes(self):
        self.assertEqual(wrong(), [])

    def test_a_call_that_nobody_lists_is_found(self):
        more = '#include "aws/gen/rds.h"\nauto r = aws::rds::Client(aws).PromoteReadReplica({}, where);\n'
        self.assertIn("src/dr/steps/b.cc".removeprefix("src/") + ": it calls rds:PromoteReadReplica", wrong(src__dr__steps__b=more)[0])

    def test_a_call_by_a_member_of_an_own_header_is_found(self):
        found = wrong(src__app__x='#include "app/y.cc"\nauto r = rds_.PromoteReadReplica({});\n', src__app__y='#include "aws/gen/rds.h"\n')
        self.assertIn("app/x.cc: it calls rds:PromoteReadReplica", found[0])

    def test_a_call_by_name_and_one_of_a_kind_are_found(self):
        self.assertIn("ecs:ListServices", wrong(src__dr__steps__b='auto r = ask(w, "ecs",\n "ListServices", "{}");\n')[0])
        self.assertIn("ecs:DescribeClusters", wrong(src__dr__steps__b='Detail{"ecs", "DescribeClusters",\n R"({})"}\n')[0])
        self.assertIn("rds:DescribeDBSnapshots", wrong(src__dr__steps__b='Children{"a/b", "rds", "DescribeDBSnapshots", ""}\n')[0])

    def test_a_comment_is_no_call(self):
        self.assertEqual(wrong(src__dr__steps__b='#include "aws/gen/rds.h"\n// rds.PromoteReadReplica({}) would do\n'), [])

    def test_a_listed_operation_that_nobody_calls_is_found(self):
        found = wrong(src__dr__steps__a=STEP.replace("rds.DescribeDBInstances({});", ""))
        self.assertIn("lists rds:DescribeDBInstances, which dr/steps/* does not call", found[0])

    def test_a_call_past_the_generated_clients_is_found(self):
        self.assertIn("in a way that", wrong(src__dr__steps__b="auto in = op->make_input();\n")[0])

    def test_a_type_of_the_pilot_without_permissions_is_found(self):
        found = wrong(src__dr__planning__pilot_b='auto type = "AWS::SQS::Queue";\n', src__dr__planning__pilot_a="\n")
        self.assertIn("lacks AWS::SQS::Queue", found[0])
        self.assertIn("no pilot holds a AWS::EC2::VPC", found[1])

    def test_a_verb_without_an_entry_and_an_entry_without_a_verb_are_found(self):
        self.assertIn("does not know the verb 'sync'", wrong(src__app__cli=GOOD["src/app/cli.cc"] + 'c.add_subcommand(\n"sync", "")\n')[0])
        self.assertIn("there is no verb 'check'", wrong(src__app__cli="\n")[0])


if __name__ == "__main__":
    unittest.main()

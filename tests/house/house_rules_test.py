"""The house-rules test can fail: small houses with one fault each."""
import pathlib
import tempfile
import unittest

from house_rules import check


def house(files):
    root = pathlib.Path(tempfile.mkdtemp())
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return check(root)


class HouseRules(unittest.TestCase):
    def test_a_clean_house_passes(self):
        self.assertEqual(house({"src/dr/a.cc": '#include "base/clock.h"\nint f() { return 1; }\n'}), [])

    def test_dr_must_not_see_the_sandbox(self):
        self.assertIn("dr must not include sandbox", house({"src/dr/a.cc": '#include "sandbox/world/world.h"\n'})[0])

    def test_a_clock_read_outside_base_is_named_with_its_line(self):
        self.assertIn("src/aws/a.cc:2", house({"src/aws/a.cc": "// system_clock in a comment is fine\nauto t = std::chrono::system_clock::now();\n"})[0])

    def test_a_banned_word_in_a_string_is_fine(self):
        self.assertEqual(house({"src/aws/a.cc": 'auto s = "std::rand";\n'}), [])

    def test_a_pure_room_must_not_open_sockets(self):
        self.assertIn("is pure", house({"src/dr/planning/a.cc": "#include <sys/socket.h>\n"})[0])

    def test_a_long_function_is_found_and_the_ratchet_allows_it(self):
        body = "int f() {\n" + "  g();\n" * 80 + "}\n"
        self.assertIn("82 lines", house({"src/aws/a.cc": body})[0])
        self.assertEqual(house({"src/aws/a.cc": body, "tests/house/ratchet.json": '{"src/aws/a.cc function": 82}'}), [])

    def test_the_ratchet_must_be_lowered_when_it_is_too_high(self):
        self.assertIn("lower", house({"src/aws/a.cc": "int f();\n", "tests/house/ratchet.json": '{"src/aws/a.cc": 900}'})[0])

    def test_two_tests_of_one_slot_are_found(self):
        other = {"tests/a/CMakeLists.txt": "ENVIRONMENT RELIGHT_SLOT=" + "7\n"}
        self.assertIn("slot 7 is taken by src/sandbox/a_test.cc:2", house({"src/sandbox/a_test.cc": "\n s.slot = " + "7;\n", **other})[0])
        self.assertEqual(house({"src/sandbox/a_test.cc": "s.slot = " + "8;\n", **other}), [])

    def test_a_long_file_is_found(self):
        self.assertIn("at most 500", house({"src/aws/a.h": "\n" * 501})[0])


if __name__ == "__main__":
    unittest.main()

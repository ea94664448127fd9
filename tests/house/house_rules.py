"""The house rules as a test: include direction, banned calls, file and function length.

    house_rules.py CHECKOUT

The lengths ratchet: a file or function may be as long as the limit, or as the entry it has in ratchet.json; an entry
that is no longer needed, or larger than needed, must be lowered.
"""
import json
import pathlib
import re
import sys

# A room may include itself and the rooms listed.
ROOMS = {
    "base": [],
    "aws": ["base"],
    "sql": ["base"],
    "dr": ["base", "aws", "sql"],
    "sandbox": ["base", "aws", "sql"],
    "app": ["base", "aws", "sql", "dr", "sandbox"],
    "sim": ["base", "aws", "sql", "dr", "sandbox", "app"],
}
# Rooms that see no network, disk or clock of their own.
PURE = ["dr/model", "dr/planning", "dr/readiness", "dr/view"]
PURE_BANNED = re.compile(r'#include [<"](aws/http/|aws/client/|curl/|sys/socket|boost/asio|base/disk|base/process|mysql|sqlite3)')
BANNED = [
    (re.compile(r"\bstd::chrono::(system|steady|high_resolution)_clock\b"), "ask a Clock for the time"),
    (re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\("), "sleep on a Clock"),
    (re.compile(r"(?<![\w:.>])(::)?sleep\s*\(\s*\d"), "sleep on a Clock"),
    (re.compile(r"\b(std::rand|srand|std::random_device|std::mt19937|getrandom)\b"), "draw from an Rng"),
    (re.compile(r"(?<![\w:.>])(std::|::)?time\s*\(\s*(NULL|nullptr|0)\s*\)"), "ask a Clock for the time"),
    (re.compile(r"\brecursive_directory_iterator\b"), "it throws when a directory vanishes: everything_below of base/disk"),
    (re.compile(r"\b(gettimeofday|clock_gettime)\s*\("), "ask a Clock for the time"),
]
# Sandboxes of two tests at once must not stand on the same block of loopback addresses.
SLOT = re.compile(r"(?:RELIGHT_SLOT=|\bslot = )(\d+)")
FILE_LINES = 500
FUNCTION_LINES = 60


def strip(text):
    """The code without comments and string contents, lines kept."""
    out, i, n = [], 0, len(text)
    while i < n:
        two = text[i:i + 2]
        if two == "//":
            while i < n and text[i] != "\n":
                i += 1
        elif two == "/*":
            end = text.find("*/", i + 2)
            end = n if end < 0 else end + 2
            out.append("\n" * text.count("\n", i, end))
            i = end
        elif text.startswith('R"', i) and (i == 0 or not text[i - 1].isalnum()):
            m = re.match(r'R"([^(\s]*)\(', text[i:])
            end = text.find(")" + m.group(1) + '"', i) if m else -1
            end = n if end < 0 else end + len(m.group(1)) + 2
            out.append('""' + "\n" * text.count("\n", i, end))
            i = end
        elif text[i] in "\"'" and not (text[i] == "'" and i and text[i - 1].isalnum()):
            quote, j = text[i], i + 1
            while j < n and text[j] != quote and text[j] != "\n":
                j += 2 if text[j] == "\\" else 1
            out.append(quote + quote)
            i = j + 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def functions(code):
    """(line, length) of every brace block that starts after a parameter list at namespace or class level."""
    depth_stack, line, i, last = [], 1, 0, ""
    found = []
    statement = ""
    for c in code:
        if c == "\n":
            line += 1
        if c == "{":
            head = statement.strip()
            scope = bool(re.search(r"\b(namespace|class|struct|enum|union)\b[^()]*$", head)) or head.endswith('extern ""')
            body = not scope and bool(re.search(r"\)\s*(const|noexcept|override|final|->[^;{}]*|\s|:.*)*$", head, re.S)) and not head.endswith("=")
            inside = any(d[0] == "f" for d in depth_stack)
            depth_stack.append(("f" if body and not inside else "s" if scope else "o", line))
            statement = ""
        elif c == "}":
            if depth_stack:
                kind, start = depth_stack.pop()
                if kind == "f":
                    found.append((start, line - start + 1))
            statement = ""
        elif c == ";":
            statement = ""
        else:
            statement += c
    return found


def slots(root):
    """What is wrong with the slots that tests ask for by number: the same one in two lines."""
    wrong, first = [], {}
    for path in sorted([*root.glob("src/**/*_test.cc"), *root.glob("tests/**/*.py"), *root.glob("tests/**/CMakeLists.txt")]):
        for number, line in enumerate(path.read_text().split("\n"), 1):
            for slot in SLOT.findall(line):
                here = f"{path.relative_to(root)}:{number}"
                if first.setdefault(slot, here) != here:
                    wrong.append(f"{here}: slot {slot} is taken by {first[slot]}")
    return wrong


def check(root):
    root = pathlib.Path(root)
    ratchet_file = root / "tests/house/ratchet.json"
    ratchet = json.loads(ratchet_file.read_text()) if ratchet_file.exists() else {}
    wrong, seen = [], {}
    for path in sorted([*root.glob("src/**/*.h"), *root.glob("src/**/*.cc")]):
        name = str(path.relative_to(root))
        room = path.relative_to(root / "src").parts[0]
        text = path.read_text()
        lines = text.count("\n")
        if lines > FILE_LINES:
            seen[name] = lines
        for m in re.finditer(r'^\s*#include "([a-z0-9_]+)/', text, re.M):
            to = m.group(1)
            if to in ROOMS and to != room and to not in ROOMS[room]:
                wrong.append(f"{name}: {room} must not include {to}")
        for pure in PURE:
            if name.startswith(f"src/{pure}/") and not name.endswith("_test.cc") and (m := PURE_BANNED.search(text)):
                wrong.append(f"{name}: {pure} is pure, it must not include {m.group(1)}")
        code = strip(text)
        if room != "base" and not name.endswith("_test.cc"):
            for number, line in enumerate(code.split("\n"), 1):
                for pattern, instead in BANNED:
                    if pattern.search(line):
                        wrong.append(f"{name}:{number}: {pattern.search(line).group(0).strip()} is banned here: {instead}")
        if name.endswith(".cc"):
            longest = max((length for _, length in functions(code)), default=0)
            if longest > FUNCTION_LINES:
                seen[name + " function"] = longest
    wrong += slots(root)
    for key, value in seen.items():
        allowed = ratchet.get(key)
        if allowed is None or value > allowed:
            limit = allowed or (FUNCTION_LINES if key.endswith("function") else FILE_LINES)
            wrong.append(f"{key}: {value} lines, at most {limit} are allowed")
    for key, allowed in ratchet.items():
        if seen.get(key, 0) < allowed:
            wrong.append(f"tests/house/ratchet.json: lower {key} from {allowed} to {seen.get(key, 'nothing: remove it')}")
    return wrong


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "house rules hold")
    sys.exit(1 if problems else 0)

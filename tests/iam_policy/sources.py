"""Holds the tables of `relight iam-policy` against the sources: whatever they call of AWS, and whatever type the pilot may
hold, is in a table, and the other way round.

    sources.py CHECKOUT

Which operations there are is botocore's models' (Debian's python3-botocore). What is read as a call:
  - `Detail{"rds", "DescribeDBInstances"`, `Children{"kind", "rds", "…"`: what capture knows of a kind
  - `ask(…, "rds", "DescribeDBInstances"` and `look("kind", "rds", "…"`: calls by name
  - `client.DescribeDBInstances(` in a file that has a generated header of a service with that operation, itself or through a header
  - `call<aws::rds::op::DescribeDBInstances>`
A call in another way than these must not be possible unseen: operations are made from their models in GENERIC only.
"""
import fnmatch
import json
import pathlib
import re
import sys

import botocore.session

TABLE = "dr/planning/iam_calls.cc"
TYPES = "dr/planning/iam_types*.cc"
CLI = "app/cli.cc"
GENERIC = {"dr/capture/ask.cc", "app/api.cc"}  # by name: ask() is read where it is called, `relight api` has no policy
NO_CALLS = ("app/sandbox/",)


def operations(root):
    """Service -> names of its operations, of the services that are built in."""
    known, session = {}, botocore.session.get_session()
    for s in json.loads((root / "models/services.json").read_text()):
        known[s["id"]] = set(session.get_service_model(s["folder"], s["version"]).operation_names)
    return known


def strip_comments(text):
    return re.sub(r"//[^\n]*", "", text)


def headers(src, text, seen):
    """The texts of this file and of its own headers below app/ and dr/, whose members' types decide what a call is."""
    out = [text]
    for name in re.findall(r'#include "((?:app|dr)/[^"]+)"', text):
        if name not in seen and (src / name).exists():
            seen.add(name)
            out += headers(src, (src / name).read_text(), seen)
    return out


def called(src, name, known):
    """(service, operation) of every call in a file."""
    text = strip_comments((src / name).read_text())
    out = set(re.findall(r'\bDetail\s*\{\s*"([a-z0-9]+)",\s*"(\w+)"', text))
    out |= set(re.findall(r'\bChildren\s*\{\s*"[^"]*",\s*"([a-z0-9]+)",\s*"(\w+)"', text))
    out |= set(re.findall(r'\bask\(\s*\w+,\s*"([a-z0-9]+)",\s*"(\w+)"', text))
    out |= set(re.findall(r'\blook\(\s*"[^"]*",\s*"([a-z0-9]+)",\s*"(\w+)"', text))
    out |= set(re.findall(r"\bcall<(?:\w+::)*?(\w+)::op::(\w+)>", text))
    services = set(re.findall(r'#include "aws/gen/(\w+)\.h"', "\n".join(headers(src, text, set())))) & set(known)
    for m in re.finditer(r"(?:\.|->)\s*([A-Z]\w+)\s*\(", text):
        able = {s for s in services if m.group(1) in known[s]}
        before = text[max(0, m.start() - 60):m.start()]
        told = {s for s in able if re.search(rf"\b{s}(_?|::Client\(.*\))\s*$", before, re.S)}
        out |= {(s, m.group(1)) for s in (told or able)}
    return out


def table(text):
    """Parts: name -> (patterns of sources, calls); verbs: name -> names of parts."""
    lists = {n: set(re.findall(r'IamCall\{"(\w+)",\s*"(\w+)"', body))
             for n, body in re.findall(r"constexpr std::array (k\w+)\{(.*?)\n?\s*\};", text, re.S)}
    lists |= {a: lists[b] for a, b in re.findall(r"constexpr auto (k\w+) = \[\] \{\s*auto calls = (k\w+);", text)}
    parts = {n: (s.split(), lists[c]) for n, s, c in re.findall(r'IamPart\{"([\w-]+)",\s*"([^"]*)",\s*(k\w+)\}', text)}
    verbs = {n: p.split() for n, p in re.findall(r'IamVerb\{"([\w-]+)",\s*"([^"]*)"', text)}
    return parts, verbs


def check(root):
    root = pathlib.Path(root)
    src, wrong = root / "src", []
    known = operations(root)
    parts, verbs = table((src / TABLE).read_text())
    files = [str(p.relative_to(src)) for folder in ("dr", "app") for p in sorted((src / folder).rglob("*.[ch]*"))]
    files = [f for f in files if f.endswith((".cc", ".h")) and not f.endswith("_test.cc") and not f.startswith(NO_CALLS)
             and f != "dr/capture/told.h"]  # what tests answer with
    calls = {}
    for f in files:
        text = strip_comments((src / f).read_text())
        if re.search(r"\bmake_input\(|\baws::paginate\(|\baws::wait_until\(|(\.|->)invoke\(", text) and f not in GENERIC | {"app/region_caller.cc"}:
            wrong.append(f"{f}: it calls operations in a way that {pathlib.Path(__file__).name} does not read")
        if found := called(src, f, known):
            calls[f] = found
    for f, found in sorted(calls.items()):
        listed = [c for patterns, c in parts.values() if any(fnmatch.fnmatch(f, p) for p in patterns)]
        for service, operation in sorted(found - set().union(*listed)):
            wrong.append(f"{f}: it calls {service}:{operation}, which no part of {TABLE} with this source lists")
    for name, (patterns, listed) in sorted(parts.items()):
        found = set().union(*(c for f, c in calls.items() if any(fnmatch.fnmatch(f, p) for p in patterns)))
        for service, operation in sorted(listed - found):
            wrong.append(f"{TABLE}: the part '{name}' lists {service}:{operation}, which {' '.join(patterns)} does not call")
        for p in patterns:
            if not any(fnmatch.fnmatch(f, p) for f in files):
                wrong.append(f"{TABLE}: the part '{name}' has the source {p}, which does not exist")
    written = {t for f in files if fnmatch.fnmatch(f, "dr/planning/pilot*.cc")
               for t in re.findall(r'"(AWS::\w+::\w+)"', strip_comments((src / f).read_text()))}
    types = set(re.findall(r'"(AWS::\w+::\w+)"', "\n".join(p.read_text() for p in src.glob(TYPES))))
    wrong += [f"{TYPES}: it lacks {t}, which the pilot may hold" for t in sorted(written - types)]
    wrong += [f"{TYPES}: no pilot holds a {t}" for t in sorted(types - written)]
    there = set(re.findall(r'add_subcommand\(\s*"([\w-]+)"', (src / CLI).read_text()))
    for verb in sorted(there - set(verbs)):
        wrong.append(f"{CLI}: {TABLE} does not know the verb '{verb}'")
    for verb in sorted(set(verbs) - there - {"deploy-touch-primary", "check-read-secrets", "check-canary"}):
        wrong.append(f"{TABLE}: there is no verb '{verb}'")
    return wrong


if __name__ == "__main__":
    problems = check(sys.argv[1])
    print("\n".join(problems) or "every call of AWS is in the table, and nothing else")
    sys.exit(1 if problems else 0)

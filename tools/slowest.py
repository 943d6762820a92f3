#!/usr/bin/env python3
"""Prints what takes longest in a build: its compilations, or the cases of its tests.

    tools/slowest.py compiles BUILD_DIR...    from Ninja's log, the ten slowest units of each build
    tools/slowest.py tests RESULTS_DIR...     from GoogleTest's JSON files, the ten slowest of all
    tools/slowest.py --self-test

Times are wall time, with whatever else the machine did meanwhile. Units over a minute are marked: a
unit should stay under it on one core, so that a build of the library stays under five on two.
"""

import argparse
import json
import sys
import tempfile
import unittest
from pathlib import Path

LIMIT = 60  # seconds a unit may take


def compiles(build):
    """[(seconds, object file)] of a build's log, the last compilation of each, the slowest first."""
    log = Path(build) / ".ninja_log"
    if not log.exists():
        return []
    seconds = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) == 5 and fields[3].endswith(".o"):
            seconds[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    return sorted(((time, name) for name, time in seconds.items()), reverse=True)


def short(name):
    """core/ops/view.cpp of CMakeFiles/cuttle.dir/core/ops/view.cpp.o."""
    parts = [part for part in name.split("/") if part != "CMakeFiles" and not part.endswith(".dir")]
    return "/".join(parts).removesuffix(".o")


def tests(folder):
    """[(seconds, folder, program, case)] of the results in a folder."""
    found = []
    for path in sorted(Path(folder).glob("*.json")):
        for suite in json.loads(path.read_text(encoding="utf-8")).get("testsuites", []):
            for case in suite.get("testsuite", []):
                found.append((float(case["time"].rstrip("s")), Path(folder).name, path.stem,
                              f"{suite['name']}.{case['name']}"))
    return found


def print_compiles(builds, count):
    for build in builds:
        units = compiles(build)
        if not units:
            continue
        total = sum(time for time, _ in units)
        print(f"{build}: {len(units)} units, {total:.0f} s of compilers side by side; the slowest:")
        for time, name in units[:count]:
            print(f"  {time:7.1f} s  {short(name)}{'  (over a minute: split it)' if time > LIMIT else ''}")


def print_tests(folders, count):
    cases = sorted((case for folder in folders for case in tests(folder)), reverse=True)
    print(f"{len(cases)} test cases, {sum(case[0] for case in cases):.0f} s; the slowest:")
    for time, folder, program, name in cases[:count]:
        print(f"  {time:7.1f} s  {folder}: {program} {name}")


class SelfTest(unittest.TestCase):
    def test_compiles(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, ".ninja_log").write_text(
                "# ninja log v5\n"
                "0\t9000\t1\tCMakeFiles/cuttle.dir/core/a.cpp.o\tff\n"
                "0\t2500\t2\tCMakeFiles/cuttle.dir/core/b.cpp.o\tff\n"
                "500\t1500\t3\tCMakeFiles/cuttle.dir/core/a.cpp.o\tff\n"
                "0\t99000\t4\tlibcuttle.a\tff\n", encoding="utf-8")
            self.assertEqual([(time, short(name)) for time, name in compiles(folder)],
                             [(2.5, "core/b.cpp"), (1.0, "core/a.cpp")])
            self.assertEqual(compiles(folder + "/nowhere"), [])

    def test_short(self):
        self.assertEqual(short("tests/core/CMakeFiles/test_core.dir/view_test.cpp.o"),
                         "tests/core/view_test.cpp")

    def test_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "test_core.json").write_text(json.dumps(
                {"testsuites": [{"name": "View", "testsuite": [
                    {"name": "Slow", "time": "2.5s"}, {"name": "Fast", "time": "0s"}]}]}), encoding="utf-8")
            self.assertEqual([(time, program, name) for time, _, program, name in sorted(tests(folder))],
                             [(0.0, "test_core", "View.Fast"), (2.5, "test_core", "View.Slow")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("what", nargs="?", choices=("compiles", "tests"))
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--count", type=int, default=10, help="how many to print")
    parser.add_argument("--self-test", action="store_true", help="test this script instead")
    arguments = parser.parse_args()
    if arguments.self_test:
        unittest.main(argv=[sys.argv[0]])
    if arguments.what is None:
        parser.error("compiles or tests?")
    (print_compiles if arguments.what == "compiles" else print_tests)(arguments.folders, arguments.count)


if __name__ == "__main__":
    main()

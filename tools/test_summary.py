#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says what a ctest run did, from its JUnit file.

Lists the suites that ran, the tests skipped and why, and failures with their output. The last line
is always `N passed, N failed, N skipped`. Exit status 1 when anything failed.
"""

import argparse
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

# ctest calls all of these "notrun"; only these three are a test's own decision not to run.
SKIPS = re.compile(r"SKIP_REGULAR_EXPRESSION_MATCHED|SKIP_RETURN_CODE=\d+|Disabled")
GTEST_SKIP = re.compile(r"^\S+:\d+: Skipped\n(.*?)^\[  SKIPPED \]", re.DOTALL | re.MULTILINE)
CTEST_FAILURE = re.compile(r"^\s+\d+ - (\S+) \(([^()]+)\)$", re.MULTILINE)
LINES_PER_FAILURE = 40


@dataclass
class Test:
    name: str
    seconds: float
    outcome: str  # "passed", "failed" or "skipped"
    reason: str  # why it was skipped or failed, "" if unknown
    output: str

    @property
    def suite(self) -> str:
        return self.name.split(".")[0]


def skip_reason(message: str, output: str) -> str:
    """GTEST_SKIP's text, else the last line that the test printed, else ctest's word for it."""
    found = GTEST_SKIP.search(output)
    if found:
        return " ".join(found.group(1).split()) or "GTEST_SKIP without a reason"
    lines = output.strip().splitlines()
    if message.startswith("SKIP_RETURN_CODE") and lines:
        return lines[-1].strip()
    return message


def read_test(case: ElementTree.Element) -> Test:
    name = case.get("name", "?")
    seconds = float(case.get("time") or 0)
    status = case.get("status", "")
    output = case.findtext("system-out") or ""
    if status == "run":
        return Test(name, seconds, "passed", "", output)
    if status == "disabled":
        return Test(name, seconds, "skipped", "disabled", output)
    skipped = case.find("skipped")
    message = "" if skipped is None else skipped.get("message", "")
    if SKIPS.match(message):
        return Test(name, seconds, "skipped", skip_reason(message, output), output)
    return Test(name, seconds, "failed", message, output)


def read_run(junit: Path, ctest_log: Path | None, ctest_status: int) -> list[Test]:
    """The run's tests; a run that does not tell about its tests counts as one failed test."""
    log = ctest_log.read_text(errors="replace") if ctest_log and ctest_log.exists() else ""
    try:
        tests = [read_test(case) for case in ElementTree.parse(junit).getroot().iter("testcase")]
        fault = "no test is registered"
    except (OSError, ElementTree.ParseError) as error:
        tests = []
        fault = f"no readable {junit.name}: {error}"
    reasons = dict(
        CTEST_FAILURE.findall(log)
    )  # "Timeout", "SEGFAULT": the JUnit file does not hold them
    for test in tests:
        if test.outcome == "failed" and not test.reason:
            test.reason = reasons.get(test.name, "Failed")
    if not tests or (ctest_status != 0 and all(test.outcome != "failed" for test in tests)):
        if tests:
            fault = f"ctest ended with status {ctest_status} although no test failed"
        tests.append(Test("ctest", 0.0, "failed", fault, log))
    return tests


def print_suites(tests: list[Test]) -> None:
    suites = defaultdict(list)
    for test in tests:
        if test.outcome != "skipped":
            suites[test.suite].append(test)
    if not suites:
        return
    print("ran:")
    width = min(48, max(len(name) for name in suites))
    for name in sorted(suites):
        failed = sum(test.outcome == "failed" for test in suites[name])
        seconds = sum(test.seconds for test in suites[name])
        note = f"  {failed} failed" if failed else ""
        print(f"  {name:<{width}} {len(suites[name]):>5} tests {seconds:>8.2f} s{note}")


def print_failures(failures: list[Test]) -> None:
    for test in failures:
        print(f"failed: {test.name} ({test.reason}, {test.seconds:.2f} s)")
        lines = test.output.rstrip().splitlines()
        if len(lines) > LINES_PER_FAILURE:
            print(f"  | ... {len(lines) - LINES_PER_FAILURE} lines before")
        for line in lines[-LINES_PER_FAILURE:]:
            print(f"  | {line}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("junit", type=Path)
    parser.add_argument(
        "--ctest-status", type=int, default=0, metavar="N", help="ctest's exit status"
    )
    parser.add_argument("--ctest-log", type=Path, metavar="FILE", help="what ctest printed")
    parser.add_argument(
        "--no-skips", metavar="WHY", help="a skipped test counts as failed, because WHY"
    )
    options = parser.parse_args()

    tests = read_run(options.junit, options.ctest_log, options.ctest_status)
    by_outcome = defaultdict(list)
    for test in tests:
        by_outcome[test.outcome].append(test)
    passed, failed, skipped = (
        len(by_outcome[outcome]) for outcome in ("passed", "failed", "skipped")
    )

    print_suites(tests)
    for test in by_outcome["skipped"]:
        print(f"skipped: {test.name}: {test.reason}")
    print_failures(by_outcome["failed"])
    if options.no_skips and skipped:
        print(f"{skipped} skipped tests count as failed: {options.no_skips}")
        failed, skipped = failed + skipped, 0
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Counts, under Callgrind, the instructions per node that graphs take before the kernels run.

  tools/instructions.py            compares with bench/instructions.json; fails on growth over 10 %
  tools/instructions.py --update   writes what it counted to that file

Needs build/release/sheaf_planning (make check-instructions builds it). Times depend on the machine
and on who else uses it; these counts depend on the compiler and the C library only, and Callgrind
makes the latter take its AVX2 paths. The data are random, but always the same.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / "build" / "release" / "sheaf_planning"
COUNTS = ROOT / "bench" / "instructions.json"
STAGES = ("construct", "schedule", "plan")
MOST_GROWTH = 1.10

# Model, data, instances per minibatch.
WORKLOADS = {
    "tree_lstm": ("tree_lstm", "random:trees,n=64", 64),
    "tree_lstm-single": ("tree_lstm", "random:trees,n=64,leaves=8", 1),
    "lattice_lstm": ("lattice_lstm", "random:lattices,n=64", 64),
    "bilstm_tagger": ("bilstm_tagger", "random:sentences,n=64", 64),
    "child_sum_tree_lstm": ("child_sum_tree_lstm", "random:dependencies,n=64", 64),
}


def fail(text):
    print(f"instructions: {text}", file=sys.stderr)
    sys.exit(1)


def count(model, data, batch, folder):
    """Instructions per node of each stage, in two passes over the data: memory grows in the first."""
    profile = pathlib.Path(folder) / "callgrind.out"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", TOOL, model, data, "16", str(batch), "1"],
        capture_output=True, text=True)
    if run.returncode != 0:
        fail(f"{model}: {run.stderr.strip()[-500:]}")
    nodes = 2 * int(re.search(r"^nodes (\d+)", run.stdout, re.M).group(1))
    table = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile],
                           capture_output=True, text=True, check=True).stdout
    counts = {}
    for stage in STAGES:
        line = re.search(rf"^\s*([\d,]+) .*\(anonymous namespace\)::{stage}\(", table, re.M)
        if line is None:
            fail(f"{model}: the profile has no function {stage}(); was it inlined?")
        counts[stage] = round(int(line.group(1).replace(",", "")) / nodes, 1)
    return counts


def compiler():
    return subprocess.run(["c++", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def main():
    if sys.argv[1:] not in ([], ["--update"]):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    if not TOOL.exists():
        fail(f"{TOOL.relative_to(ROOT)} is missing; make check-instructions builds it")
    with tempfile.TemporaryDirectory() as folder:
        now = {name: count(*workload, folder) for name, workload in WORKLOADS.items()}
    if sys.argv[1:]:
        COUNTS.write_text(json.dumps({"unit": "instructions per node", "compiler": compiler(), "workloads": now},
                                     indent=1) + "\n")
        print(f"instructions: wrote {COUNTS.relative_to(ROOT)}")
        return
    known = json.loads(COUNTS.read_text())
    grown = 0
    for name, stages in now.items():
        for stage, is_now in stages.items():
            was = known["workloads"].get(name, {}).get(stage)
            if was is None:
                fail(f"{name} {stage} is not in {COUNTS.relative_to(ROOT)}; run tools/instructions.py --update")
            change = 100 * (is_now / was - 1)
            print(f"instructions: {name:20} {stage:9} was {was:6.1f} a node, is {is_now:6.1f} ({change:+.1f} %)")
            grown += is_now > was * MOST_GROWTH
    if grown:
        note = "" if compiler() == known["compiler"] else f"; they were counted with {known['compiler']}"
        fail(f"{grown} of these grew by more than 10 %{note}. Where that is meant to be: tools/instructions.py --update")


if __name__ == "__main__":
    main()

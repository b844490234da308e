#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far the analytical model of `sheaf noc` is from the cycle-level one.

Draws cases (mesh, pattern, virtual channels, buffers, packets) from a seed, searches the saturation of
each in the cycle-level model, runs both models at 25 to 85 % of it, and prints the errors of the mean
latency. Set `fit` is what the constants of sheaf/sim/noc/analytical.cc were fitted to; `held` shares no
size and, but for 1, 2 and 4, no setting with it.

    python3 bench/noc_model.py --sheaf build/release/sheaf --set held --cases 120

With --keep FILE cycle-level results are kept there, and not run again: a line of JSON per case.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile

PATTERNS = ["uniform", "transpose", "hotspot", "bitcomp", "neighbor"]
SETS = {
    "fit": {
        "mesh": ["4x4", "4x4", "8x8", "8x8", "8x8", "8x4", "5x5", "5x8", "10x10", "16x16"],
        "pattern": PATTERNS,
        "vcs": [1, 2, 4, 8],
        "buffer": [1, 2, 4, 8, 16],
        "packet": [1, 2, 4, 8, 16],
    },
    "held": {
        "mesh": ["6x6", "10x4", "3x7", "7x7", "9x9"],
        "pattern": PATTERNS + ["matrix", "matrix"],
        "vcs": [1, 2, 3, 4, 6],
        "buffer": [1, 2, 3, 4, 6, 8, 12],
        "packet": [1, 1, 3, 5, 8, 12],
    },
}
SHARES = [0.25, 0.5, 0.7, 0.85]
WARMUP = 2000


def cases(name, count, seed):
    rng = random.Random(f"{name} {seed}")
    made = []
    while len(made) < count:
        case = {key: rng.choice(values) for key, values in SETS[name].items()}
        case["look_ahead"] = rng.random() < 0.25
        if case["pattern"] == "matrix":
            case["pattern"] = f"matrix:{rng.randrange(10**6)}"
        if case not in made and (case["pattern"] != "transpose" or is_square(case)):
            made.append(case)
    return made


def size(case):
    columns, rows = case["mesh"].split("x")
    return int(columns), int(rows)


def is_square(case):
    columns, rows = size(case)
    return columns == rows


def matrix_text(nodes, seed):
    """Three of ten pairs of nodes, volumes exponential."""
    rng = random.Random(seed)
    rows = []
    for source in range(nodes):
        row = [rng.expovariate(1) if rng.random() < 0.3 else 0 for _ in range(nodes)]
        row[source] = 0
        rows.append(",".join(f"{value:.4f}" for value in row))
    return "\n".join(rows) + "\n"


def noc(sheaf, case, *flags):
    """`sheaf noc --json` on a case; None where it refuses (a node would send over a flit a cycle)."""
    command = [sheaf, "noc", "--json", *map(str, flags)]
    for key in ["mesh", "vcs", "buffer", "packet"]:
        command += [f"--{key}", str(case[key])]
    if case["look_ahead"]:
        command.append("--look-ahead")
    pattern = case["pattern"]
    with tempfile.TemporaryDirectory() as folder:
        if pattern.startswith("matrix:"):
            columns, rows = size(case)
            path = os.path.join(folder, "matrix.csv")
            with open(path, "w", encoding="utf-8") as file:
                file.write(matrix_text(columns * rows, pattern))
            pattern = "matrix:" + path
        result = subprocess.run(
            command + ["--pattern", pattern], capture_output=True, text=True, check=False
        )
    return json.loads(result.stdout) if result.returncode == 0 else None


def cycles_for(case, rate, flits):
    """So many that about `flits` flits are measured, within limits."""
    columns, rows = size(case)
    return int(max(2500, min(60000, flits * case["packet"] / (columns * rows * rate))))


def run_cycle_level(sheaf, case):
    """Adds the case's saturation, and [share of it, rate, mean latency]."""
    found = noc(sheaf, case, "--saturation", "--warmup", 1500, "--cycles", cycles_for(case, 0.2, 8000))
    if found is None or not found["saturates"]:
        return False
    case["saturation"] = found["saturation_flits_per_node_cycle"]
    case["points"] = []
    for share in SHARES:
        rate = round(share * case["saturation"], 6)
        cycles = cycles_for(case, rate, 15000)
        run = noc(sheaf, case, "--rate", rate, "--warmup", WARMUP, "--cycles", cycles)
        case["points"].append([share, rate, run["mean_latency_cycles"]])
    return True


def read_kept(path):
    if not path or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def run_set(sheaf, wanted, keep):
    kept = read_kept(keep)
    known = {tuple(case[key] for key in [*SETS["fit"], "look_ahead"]): case for case in kept}
    results = []
    for case in wanted:
        key = tuple(case[key] for key in [*SETS["fit"], "look_ahead"])
        if key not in known and run_cycle_level(sheaf, case):
            known[key] = case
            if keep:
                with open(keep, "a", encoding="utf-8") as file:
                    file.write(json.dumps(case) + "\n")
        if key in known:
            results.append(known[key])
    return results


def errors_of(sheaf, results):
    """(relative error, share of saturation, case) per point."""
    errors = []
    for case in results:
        for share, rate, latency in case["points"]:
            estimate = noc(sheaf, case, "--analytical", "--rate", rate)["mean_latency_cycles"]
            error = estimate / latency - 1 if estimate is not None else float("inf")
            errors.append((error, share, case))
    return errors


def saturation_errors_of(sheaf, results):
    errors = []
    for case in results:
        rate = noc(sheaf, case, "--analytical", "--saturation")["saturation_flits_per_node_cycle"]
        errors.append((rate / case["saturation"] - 1, 1, case))
    return errors


def print_group(title, errors):
    sizes = sorted(abs(error) for error, _, _ in errors)
    if not sizes:
        return
    over = sum(size > 0.07 for size in sizes)
    print(
        f"| {title} | {len(sizes)} | {100 * sum(sizes) / len(sizes):.1f} % "
        f"| {100 * sizes[int(0.95 * (len(sizes) - 1))]:.1f} % | {100 * sizes[-1]:.1f} % | {over} |"
    )


def usual_of(errors):
    return [e for e in errors if e[2]["vcs"] >= 2 and e[2]["buffer"] >= 4]


def print_table(errors, saturation_errors, worst):
    print("| cases | points | mean | 95 of 100 within | worst | over 7 % |")
    print("| --- | --- | --- | --- | --- | --- |")
    print_group("all", errors)
    print_group("2 or more virtual channels of 4 or more flits", usual_of(errors))
    print_group("one virtual channel", [e for e in errors if e[2]["vcs"] == 1])
    print_group("buffers of 1 to 3 flits", [e for e in errors if e[2]["buffer"] < 4])
    for share in SHARES:
        print_group(f"at {100 * share:.0f} % of saturation", [e for e in errors if e[1] == share])
    print_group("saturation itself", saturation_errors)
    print_group("the same, 2 or more of 4 or more", usual_of(saturation_errors))
    for error, share, case in sorted(errors, key=lambda e: -abs(e[0]))[:worst]:
        settings = {k: v for k, v in case.items() if k not in ("points", "saturation")}
        print(f"  {100 * error:+.1f} % at {share} of {case['saturation']:.4f}: {settings}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sheaf", default="build/release/sheaf")
    parser.add_argument("--set", choices=sorted(SETS), default="held")
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="file of cycle-level results")
    parser.add_argument("--worst", type=int, default=0, help="print so many of the worst points")
    options = parser.parse_args()
    wanted = cases(options.set, options.cases, options.seed)
    results = run_set(options.sheaf, wanted, options.keep)
    errors = errors_of(options.sheaf, results)
    print_table(errors, saturation_errors_of(options.sheaf, results), options.worst)


if __name__ == "__main__":
    main()

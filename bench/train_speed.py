#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast Sheaf trains, against PyTorch: forward, backward and update, one thread.

    bench/train_speed.py [--model tree_lstm] [--hidden 256] [--batch 64] [--optimiser adagrad]

First the losses of some updates are compared (bench/train_parity.py), then the contestants take
turns, round by round, each in its own process: Sheaf; PyTorch batched by hand level by level, as
well as autograd allows (`levels`) and as such programs are usually written (`array`); and PyTorch
one node after another. All start from the same weights and see the same minibatches; what makes
graphs, schedules, plans and index arrays of them is part of the time, reading files is not. Times
are thread CPU time, so that other jobs on the machine drop out (they still take cache and
bandwidth); figures are medians over the rounds. Flops are three times those of the forward products
(docs/models.md); the FMA peak is sampled between Sheaf's updates, at the clock of the run.

Trees are those of SHEAF_DATA, or the demo's (which have no labels of their own).
"""
import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np

import machine
import workloads
from contestants import ContestantError
from train_parity import MODES, RATES, TOLERANCE, start_torch, start_worker, tasks

# Of tree_lstm, H = 256, 64 trees a minibatch.
BARS = {"percent_of_fma_peak": 45, "times_levels": 3, "times_recursion": 20}
CHECKED_UPDATES = 3


def rates(rounds):
    return [r["instances"] / r["ns"] * 1e9 for r in rounds]


def quantiles(samples):
    return {"median": float(np.median(samples)), "p10": float(np.percentile(samples, 10)),
            "p90": float(np.percentile(samples, 90))}


def check(contestants):
    """The first updates must have the same losses."""
    want = [contestants["sheaf"].ask("update") for _ in range(CHECKED_UPDATES)]
    for name, process in contestants.items():
        if name == "sheaf":
            continue
        for one in want:
            got = process.ask("update")
            if not abs(got["loss"] - one["loss"]) <= TOLERANCE * abs(one["loss"]):
                raise ContestantError(f"{name}: loss {got['loss']}, Sheaf's is {one['loss']}")


def measure(contestants, rounds, updates):
    """Rounds by contestant, taking turns; the first of each warms up."""
    taken = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, process in contestants.items():
            words = ["round"] if name == "sheaf" else ["round", str(updates[name])]
            result = process.ask(*words)
            if number > 0:
                taken[name].append(result)
    return taken


def summary(taken):
    sheaf = taken["sheaf"]
    result = {"rates": {name: quantiles(rates(rounds)) for name, rounds in taken.items()}}
    shares = [100 * 3 * r["flops"] / r["ns"] / r["gflops"] for r in sheaf]
    result["percent_of_fma_peak"] = quantiles(shares)
    result["fma_peak_gflops"] = quantiles([r["gflops"] for r in sheaf])
    for name in taken:
        if name != "sheaf":
            ratios = [s / t for s, t in zip(rates(sheaf), rates(taken[name]))]
            result[f"times_{name}"] = quantiles(ratios)
    result["sheaf_share"] = {
        stage: round(float(np.median([100 * r[f"{stage}_ns"] / r["ns"] for r in sheaf])), 1)
        for stage in ("schedule", "plan", "execute", "update")}
    return result


def show(result, bars):
    for name, rate in result["rates"].items():
        print(f"{name:10} {rate['median']:9.1f} instances/s ({rate['p10']:.1f}-{rate['p90']:.1f})")
    for key in [key for key in result if key.startswith(("percent", "times"))]:
        one, bar = result[key], bars.get(key)
        verdict = ""
        if bar is not None:
            verdict = f", bar {bar}: {'met' if one['median'] >= bar else 'MISSED'}"
        print(f"{key:22} {one['median']:6.1f} ({one['p10']:.1f}-{one['p90']:.1f}){verdict}")
    print("FMA peak {median:.0f} GFLOP/s ({p10:.0f}-{p90:.0f})".format(**result["fma_peak_gflops"]))
    print("of Sheaf's time: " + ", ".join(f"{stage} {share} %" for stage, share in
                                          result["sheaf_share"].items()))


def data_of(model):
    if workloads.shared():
        return tasks(workloads.shared())[model]
    return ["--data", str(workloads.DEMO / "trees.txt")]


def main():
    parser = argparse.ArgumentParser(description="Speed of training: Sheaf and PyTorch")
    parser.add_argument("--model", default="tree_lstm")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--optimiser", default="adagrad", choices=tuple(RATES))
    parser.add_argument("--rate", type=float, default=0.01)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--updates", type=int, default=12, help="of a round; recursion: one")
    parser.add_argument("--contestants", default="sheaf,levels,array,recursion")
    parser.add_argument("--out", help="file for the result, JSON")
    arguments = parser.parse_args()
    names = arguments.contestants.split(",")
    options = {"hidden": arguments.hidden, "batch": arguments.batch, "rate": arguments.rate,
               "optimiser": arguments.optimiser, "updates": arguments.updates}
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder) / "data"
        contestants = {"sheaf": start_worker(arguments.model, data_of(arguments.model), options)}
        contestants["sheaf"].ask("export", prefix)
        for name in names:
            if name != "sheaf":
                contestants[name] = start_torch(prefix, *MODES[name])
        facts = {"machine": machine.describe(), "threads": 1, "clock": "thread CPU time",
                 "sheaf": contestants["sheaf"].ask("describe"),
                 "torch": {name: process.ask("describe") for name, process in contestants.items()
                           if name != "sheaf"}}
        check(contestants)
        taken = measure(contestants, arguments.rounds,
                        {"levels": arguments.updates, "array": arguments.updates,
                         "recursion": 1})
        for process in contestants.values():
            process.close()
    result = {**facts, **summary(taken), "rounds": taken}
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(result) + "\n", encoding="utf-8")
    print(f"{arguments.model}, H = {arguments.hidden}, batch {arguments.batch}, "
          f"{arguments.optimiser}, {arguments.rounds} rounds, load {facts['machine']['load'][0]}")
    show(result, BARS if arguments.model == "tree_lstm" else {})
    for name, about in facts["torch"].items():
        print(f"{name}: {json.dumps(about)}")


if __name__ == "__main__":
    sys.exit(main())

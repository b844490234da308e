#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures Sheaf against its rivals: same data, cells and sizes, one thread, taking turns.

    bench/run.py [--grid small|default|full|HxB,HxB,...] [--rounds N] [--out FILE]

For every model, hidden size and batch size: the contestants' values of the first minibatch are
compared with Sheaf's, each warms up with a round, then they take turns, round by round. A round is
the whole pipeline over distinct minibatches, in thread CPU time; the FMA peak is sampled between
Sheaf's minibatches, at the clock of the run. Every cell is written as soon as it is measured.

Data are those of the demo, and random ones for chains; with SHEAF_DATA set, its.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

import machine
import workloads
from contestants import (PYTHON, Contestant, ContestantError, environment, start_engine,
                         start_peer)

TOLERANCE = 1e-4
# Instances whose values leave this are not compared: nothing bounds the sums of a lattice's states,
# and where they grow without end float32 has no right value.
LARGEST = 1000.0
RECURSION_INSTANCES = 8
LAC_SENTENCES = 512


def rows_by_instance(path, batch):
    """How many output rows each instance of the first minibatch has."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line, _ in zip(file, range(batch)):
            one = json.loads(line)
            key = next(k for k in ("left", "begin", "ids", "target") if k in one)
            rows.append(len(one[key]) - (key == "begin"))
    return rows


def compare(name, values, reference, rows):
    """The largest error, |got - want| / max(1, |want|), and how many instances were compared."""
    got, want = (np.fromfile(path, "<f4").reshape(sum(rows), -1) for path in (values, reference))
    worst, compared, begin = 0.0, 0, 0
    for count in rows:
        g, w = got[begin:begin + count], want[begin:begin + count]
        begin += count
        if count == 0 or not np.abs(w).max() <= LARGEST:
            continue
        error = (np.abs(g - w) / np.maximum(1, np.abs(w))).max()
        if not error <= TOLERANCE:
            raise ContestantError(f"{name}: values differ from Sheaf's by {error:.1e}")
        worst, compared = max(worst, float(error)), compared + 1
    return {"worst_error": worst, "compared": compared}


def quantiles(samples):
    return {"median": float(np.median(samples)), "p10": float(np.percentile(samples, 10)),
            "p90": float(np.percentile(samples, 90))}


class Cell:
    """One model and size, with the processes of its contestants."""

    def __init__(self, model, hidden, batch, options, folder):
        self.prefix = pathlib.Path(folder) / "data"
        data = workloads.arguments(model)
        self.engine = start_engine(model, hidden, batch, options.gflop, data)
        self.processes = [self.engine]
        self.facts = self.engine.ask("describe")
        self.facts["data"] = " ".join(data).replace(str(workloads.ROOT) + "/", "")
        self.names = workloads.contestants(model, batch, options.contestants)
        self.contestants = []
        if self.names != ["sheaf"]:
            self.engine.ask("export", str(self.prefix))
        self.libraries = {}
        for name in self.names:
            self.add(name)

    def add(self, name):
        if name in ("sheaf", "onednn"):
            self.contestants.append(Contestant(name, self.engine, (name,)))
            return
        process = start_peer(name, self.prefix)
        self.processes.append(process)
        limit = (str(RECURSION_INSTANCES),) if name == "torch_recursion" else ()
        self.contestants.append(Contestant(name, process, limit=limit))
        self.libraries[name] = process.ask("describe")

    def check_values(self, batch):
        """By contestant: how far its values are from Sheaf's."""
        reference = f"{self.prefix}.sheaf"
        self.engine.ask("values", "sheaf", reference)
        errors = {}
        for one in self.contestants:
            if one.name == "sheaf":
                continue
            rows = rows_by_instance(f"{self.prefix}.instances", batch)
            one.values(f"{self.prefix}.{one.name}")
            errors[one.name] = compare(one.name, f"{self.prefix}.{one.name}", reference, rows)
        return errors

    def measure(self, rounds):
        for one in self.contestants:
            one.round()
        samples = {one.name: [] for one in self.contestants}
        at_rest, peaks = [], []
        for number in range(rounds):
            at_rest.append(self.engine.ask("peak")["gflops"])
            turn = number % len(self.contestants)
            answers = {one.name: one.round()
                       for one in self.contestants[turn:] + self.contestants[:turn]}
            for name, answer in answers.items():
                instances = answer.get("instances", self.facts["instances"])
                samples[name].append(instances / answer["ns"] * 1e9)
                peaks += [answer["gflops"]] if "gflops" in answer else []
        # One peak for all: Python's peers can't sample it between their minibatches, and single
        # samples are noisy where other jobs run.
        peak = quantiles(peaks)
        percent = 100 * self.facts["flops"] / self.facts["instances"] / (peak["median"] * 1e9)
        results = {name: {"instances_per_s": quantiles(rates),
                          "percent_of_fma_peak": quantiles([percent * rate for rate in rates])}
                   for name, rates in samples.items()}
        return results, peak, quantiles(at_rest)

    def close(self):
        for process in self.processes:
            process.close()


def measure_cell(model, hidden, batch, options):
    with tempfile.TemporaryDirectory(prefix="sheaf_bench_") as folder:
        cell = Cell(model, hidden, batch, options, folder)
        try:
            errors = cell.check_values(batch)
            results, peak, at_rest = cell.measure(options.rounds)
        finally:
            cell.close()
    for name, result in results.items():
        result.update(errors.get(name, {}))
    return {**cell.facts, "fma_peak_gflops": peak, "fma_peak_at_rest_gflops": at_rest,
            "contestants": results}, cell.libraries


def measure_lac(rounds):
    """The tagger with trained weights, against a NumPy program that is written for it alone."""
    sample = workloads.ROOT / "build/bench/sample.txt"
    sample.parent.mkdir(parents=True, exist_ok=True)
    lines = (workloads.DEMO / "handbook.txt").read_text(encoding="utf-8").splitlines()
    sample.write_text("\n".join(lines[:LAC_SENTENCES]) + "\n", encoding="utf-8")

    def ask(*command):
        answer = subprocess.run(command, capture_output=True, text=True, check=True,
                                cwd=workloads.ROOT, env=environment())
        return json.loads(answer.stdout)

    sheaf, peer = [], []
    for _ in range(rounds):
        sheaf.append(ask("build/release/sheaf", "bench", "--model", "lac", "--data", str(sample),
                         "--repeat", "3", "--json"))
        peer.append(ask(PYTHON, "bench/peers/lac_numpy.py", str(sample), "--bench",
                        "--rounds", "5"))
    return {"model": "lac", "batch": sheaf[0]["batch"], "instances": sheaf[0]["instances"],
            "sheaf": quantiles([one["instances_per_s"] for one in sheaf]),
            "sheaf_percent_of_fma_peak": quantiles([one["percent_of_fma_peak"] for one in sheaf]),
            "numpy_lac": quantiles([one["sentences_per_s"] for one in peer]),
            "numpy_mode": peer[0]["mode"], "numpy_blas": peer[0]["blas"],
            "numpy_blas_core": peer[0]["blas_core"]}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--grid", default="default")
    parser.add_argument("--models", type=lambda text: text.split(","), default=workloads.MODELS)
    parser.add_argument("--contestants", type=lambda text: text.split(","),
                        default=workloads.CONTESTANTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gflop", type=float, default=4, help="work of a round, about")
    parser.add_argument("--out", type=pathlib.Path,
                        default=workloads.ROOT / "build/bench/peers.json")
    parser.add_argument("--no-lac", action="store_true", help="leave lac out")
    return parser.parse_args()


def main():
    options = parse()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": machine.describe(), "threads": 1, "clock": "thread CPU time",
              "rounds": options.rounds, "data": "shared" if workloads.shared() else "packages",
              "libraries": {}, "cells": []}
    started = time.monotonic()

    def write():
        result["seconds"] = round(time.monotonic() - started)
        partial = options.out.with_suffix(".partial")
        partial.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        partial.replace(options.out)

    cells = workloads.cells(options.grid, options.models)
    for number, (model, hidden, batch) in enumerate(cells, start=1):
        cell, libraries = measure_cell(model, hidden, batch, options)
        result["cells"].append(cell)
        result["libraries"].update(libraries)
        result["libraries"]["onednn"] = cell.pop("onednn")
        write()
        shares = ", ".join(f"{name} {one['percent_of_fma_peak']['median']:.1f}"
                           for name, one in cell["contestants"].items())
        print(f"[{number}/{len(cells)}, {result['seconds']} s] {model} H={hidden} B={batch}: "
              f"{shares} % of {cell['fma_peak_gflops']['median']:.0f} GFLOP/s", file=sys.stderr)
    if not options.no_lac:
        result["lac"] = measure_lac(max(3, options.rounds // 2))
        write()
    print(options.out)


if __name__ == "__main__":
    try:
        main()
    except ContestantError as error:
        sys.exit(f"bench: {error}")

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what bench/run.py measured against the bars that Sheaf's authors set themselves.

    SHEAF_DATA=FOLDER bench/run.py --grid full --out FILE    measures
    bench/bars.py FILE...                                    prints every bar: pass or FAIL

Of cells that several files hold, the last counts. Bars of cells that no file holds are counted as
not measured. Exit status 1 if a bar is missed.
"""
import argparse
import json
import pathlib
import sys

import workloads
from report import geometric_mean, order, rate_ratio

# Percent of the FMA peak by (hidden, batch).
PERCENT = {
    ("bilstm_tagger",): {(64, 64): 40, (256, 64): 76, (512, 256): 76},
    ("lstm_nmt",): {(64, 64): 35, (256, 64): 70, (512, 256): 74},
    ("tree_lstm", "tree_gru"): {(64, 64): 30, (256, 64): 68, (512, 256): 74},
    ("lattice_lstm", "lattice_gru"): {(64, 64): 28, (256, 64): 66, (512, 256): 70},
}
MV_RNN_PERCENT = 80
ED_BATCH_FACTOR, ED_BATCH_HIDDEN = 2.5, 128
TORCH_LEAST, TORCH_MEAN = 1.3, 3.0
ONEDNN_LEAST, ONEDNN_MEAN = 1.0, 1.15
TORCH = ("torch_levels", "torch_packed")


class Tally:
    def __init__(self):
        self.passed = self.failed = self.missing = 0

    def check(self, what, got, bar, unit=""):
        """got and bar are numbers, got None where it was not measured."""
        if got is None:
            self.missing += 1
            return
        ok = got >= bar
        self.passed += ok
        self.failed += not ok
        print(f"  {'pass' if ok else 'FAIL'}  {what}: {got:.2f}{unit}, bar {bar:.2f}{unit}")


def percent(cells, key):
    cell = cells.get(key)
    return cell and cell["contestants"]["sheaf"]["percent_of_fma_peak"]["median"]


def check_percent(cells, tally):
    print("Percent of the FMA peak")
    for models, bars in PERCENT.items():
        for model in models:
            for (hidden, batch), bar in bars.items():
                tally.check(f"{model} H={hidden} B={batch}", percent(cells, (model, hidden, batch)),
                            bar, " %")
    for key in sorted(key for key in cells if key[0] == "mv_rnn"):
        tally.check(f"mv_rnn H={key[1]} B={key[2]}", percent(cells, key), MV_RNN_PERCENT, " %")


def check_published(cells, tally, published):
    """Rates relative to the FMA peak of the machine that each ran on: at rest, as theirs."""
    print("DyNet and ED-Batch, in percent of the FMA peak")
    peak = published["fma_peak_gflops"] * 1e9
    for model, entry in published["models"].items():
        for hidden, batch, dynet, ed_batch in entry["cells"]:
            cell = cells.get((model, hidden, batch))
            if cell is None:
                tally.missing += 1
                continue
            per_instance = entry["flops_per_hidden_squared"]
            # Where it is not known, both read such data as it comes: flops are those of ours.
            flops = (per_instance * hidden * hidden if per_instance
                     else cell["flops"] / cell["instances"])
            theirs = [100 * flops * rate / peak for rate in (dynet, ed_batch) if rate]
            factor = ED_BATCH_FACTOR if hidden <= ED_BATCH_HIDDEN else 1
            ours = (cell["contestants"]["sheaf"]["instances_per_s"]["median"] * cell["flops"] /
                    cell["instances"] / cell["fma_peak_at_rest_gflops"]["median"] / 1e7)
            tally.check(f"{model} H={hidden} B={batch}", ours,
                        max(*theirs, factor * theirs[-1]) if len(theirs) > 1
                        else factor * theirs[0], " %")


def check_rival(cells, tally, title, rivals, least, mean):
    ratios = {key: rate_ratio(cell, "sheaf", *rivals) for key, cell in cells.items()
              if key[0] != "mv_rnn"}
    ratios = {key: ratio for key, ratio in ratios.items() if ratio is not None}
    print(f"Rate over {title}")
    if not ratios:
        tally.missing += 1
        return
    for (model, hidden, batch), ratio in ratios.items():
        tally.check(f"{model} H={hidden} B={batch}", ratio, least)
    for batch in sorted({key[2] for key in ratios}):
        of_batch = [ratio for key, ratio in ratios.items() if key[2] == batch]
        print(f"        geometric mean at B={batch}: {geometric_mean(of_batch):.2f} "
              f"over {len(of_batch)} cells")
    tally.check(f"geometric mean over {len(ratios)} cells", geometric_mean(list(ratios.values())),
                mean)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path,
                        default=[workloads.ROOT / "build/bench/peers.json"])
    found = {}
    for path in parser.parse_args().files:
        result = json.loads(path.read_text(encoding="utf-8"))
        print(f"{path}: {result['data']} data, {len(result['cells'])} cells, "
              f"{result['machine']['processor']}")
        for cell in result["cells"]:
            found[(cell["model"], cell["hidden"], cell["batch"])] = cell
    cells = dict(sorted(found.items(), key=lambda item: order(item[1])))
    published = json.loads((workloads.ROOT / "bench/published.json").read_text(encoding="utf-8"))
    tally = Tally()
    check_percent(cells, tally)
    check_published(cells, tally, published)
    check_rival(cells, tally, "PyTorch, the better of by level and packed", TORCH, TORCH_LEAST,
                TORCH_MEAN)
    check_rival(cells, tally, "oneDNN under our schedule", ("onednn",), ONEDNN_LEAST, ONEDNN_MEAN)
    print(f"bars: {tally.passed} passed, {tally.failed} failed, {tally.missing} not measured")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()

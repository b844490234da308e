#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes performance.md and its chart from what bench/run.py measured.

    bench/report.py [build/bench/peers.json] [--docs]

into the folder of the JSON file, or with --docs into docs/: only from data that packages provide.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys

import workloads

NAMES = {
    "sheaf": "Sheaf",
    "onednn": "oneDNN, our schedule",
    "torch_levels": "PyTorch, by level",
    "torch_packed": "PyTorch, packed LSTM",
    "torch_recursion": "PyTorch, node by node",
    "numpy_levels": "NumPy, by level",
}
CHART_HIDDEN = (64, 256)


def find(cells, model, hidden, batch):
    return next((c for c in cells if (c["model"], c["hidden"], c["batch"]) ==
                 (model, hidden, batch)), None)


def percent(cell, name):
    one = cell["contestants"].get(name) if cell else None
    return one["percent_of_fma_peak"] if one else None


def share(cell, name):
    p = percent(cell, name)
    return f"{p['median']:.1f} ({p['p10']:.1f}-{p['p90']:.1f})" if p else "-"


def rate_ratio(cell, ours, *theirs):
    """Our rate over the best of theirs, or None."""
    rates = [cell["contestants"][name]["instances_per_s"]["median"] for name in theirs
             if name in cell["contestants"]]
    if ours not in cell["contestants"] or not rates:
        return None
    return cell["contestants"][ours]["instances_per_s"]["median"] / max(rates)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def table(header, rows):
    return "\n".join(["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) +
                      " |"] + ["| " + " | ".join(row) + " |" for row in rows])


def machine_text(result):
    m, libraries = result["machine"], result["libraries"]
    torch = libraries.get("torch_levels") or libraries.get("torch_packed") or {}
    numpy = libraries.get("numpy_levels", {})
    lines = [
        f"{m['processor']} (family/model {m['family_model']}), {m['processors']} processors, "
        f"L1d {m['l1d']}, L2 {m['l2']}, L3 {m['l3']}" +
        (f", a virtual machine ({m['virtual']})" if m["virtual"] else "") +
        f"; load when it began {m['load'][0]}.",
        f"{m['system']}, {m['compiler']}; " +
        ", ".join(f"{name} {version}" for name, version in sorted(m["packages"].items())) +
        f"; Sheaf at commit {m['commit']}.",
        f"oneDNN chose `{libraries.get('onednn', '?')}`."]
    if torch:
        lines.append(f"PyTorch {torch['torch']}: vectors {torch['torch_vectors']}, products by "
                     f"{torch['blas']} with kernels for {torch['blas_core']}, MKL "
                     f"{'yes' if torch['mkl'] else 'no'}, {torch['threads']} thread.")
    if numpy:
        lines.append(f"NumPy {numpy['numpy']}: products by {numpy['blas']} with kernels for "
                     f"{numpy['blas_core']}, {numpy.get('blas_threads', '?')} thread.")
    return "\n".join(f"- {line}" for line in lines)


def shares_text(result):
    names = [name for name in NAMES
             if any(name in cell["contestants"] for cell in result["cells"])]
    parts = []
    for batch in sorted({cell["batch"] for cell in result["cells"]}):
        cells = [cell for cell in result["cells"] if cell["batch"] == batch]
        used = [name for name in names if any(name in cell["contestants"] for cell in cells)]
        rows = [[f"`{cell['model']}`", str(cell["hidden"]),
                 f"{cell['contestants']['sheaf']['instances_per_s']['median']:,.0f}",
                 *(share(cell, name) for name in used)]
                for cell in sorted(cells, key=order)]
        parts.append(f"### Batch {batch}\n\n" + table(
            ["model", "hidden", "Sheaf, instances/s", *(NAMES[name] for name in used)], rows))
    return "\n\n".join(parts)


def order(cell):
    return (workloads.MODELS.index(cell["model"]) if cell["model"] in workloads.MODELS else 99,
            cell["model"], cell["hidden"], cell["batch"])


def ratios_text(result):
    rows = []
    for name, rivals in (("oneDNN under our schedule", ("onednn",)),
                         ("PyTorch, the better of by level and packed",
                          ("torch_levels", "torch_packed")),
                         ("PyTorch, node by node", ("torch_recursion",)),
                         ("NumPy, by level", ("numpy_levels",))):
        ratios = [(rate_ratio(cell, "sheaf", *rivals), cell) for cell in result["cells"]]
        ratios = [(r, cell) for r, cell in ratios if r is not None]
        if not ratios:
            continue
        least, worst = min(ratios, key=lambda pair: pair[0])
        most, best = max(ratios, key=lambda pair: pair[0])
        where = [f"`{c['model']}`, {c['hidden']}, batch {c['batch']}" for c in (worst, best)]
        rows.append([name, str(len(ratios)), f"{geometric_mean([r for r, _ in ratios]):.2f}",
                     f"{least:.2f} ({where[0]})", f"{most:.2f} ({where[1]})"])
    return table(["rival", "cells", "geometric mean", "least", "most"], rows)


def lac_text(result):
    lac = result.get("lac")
    if not lac:
        return ""
    return (f"\n`lac`, the tagger with trained weights, on {lac['instances']} sentences of the "
            f"handbook: Sheaf {lac['sheaf']['median']:,.0f} sentences a second "
            f"({lac['sheaf']['p10']:,.0f}-{lac['sheaf']['p90']:,.0f}; "
            f"{lac['sheaf_percent_of_fma_peak']['median']:.0f} % of the peak), the NumPy program "
            f"`bench/peers/lac_numpy.py` {lac['numpy_lac']['median']:,.0f} "
            f"({lac['numpy_lac']['p10']:,.0f}-{lac['numpy_lac']['p90']:,.0f}; "
            f"{lac['numpy_mode']}, {lac['numpy_blas_core']} kernels).\n")


def data_text(result):
    """Which data which models ran on."""
    by_data = {}
    for cell in result["cells"]:
        models = by_data.setdefault(cell["data"].replace("--data ", ""), [])
        if cell["model"] not in models:
            models.append(cell["model"])
    return "; ".join(", ".join(f"`{model}`" for model in models) + f" on `{data}`"
                     for data, models in by_data.items())


PAGE = """# Performance

Made by `bench/report.py` from what `make bench` measured; not to be edited. What is compared, and
how to repeat it, says `bench/README.md`; the models' equations and flops are in `docs/models.md`.

![Percent of the FMA peak](pictures/performance.svg)

One thread, the whole pipeline: index arrays or graphs built, scheduled, planned and run, outputs
there to be read; minibatches that were not met before in a round, caches off. Thread CPU time, so
that other jobs on the machine drop out. Contestants take turns, {rounds} rounds; figures are
medians, in brackets the 10th and 90th percentile, in percent of the FMA peak that was sampled in
the same turns between minibatches, at the clock of a busy core ({peak:.0f} GFLOP/s,
at rest {at_rest:.0f}). Differences below 5 % mean nothing. Every contestant's values of the first
minibatch agree with Sheaf's to 1e-4 (worst: {worst:.0e}).

{machine}

Data: {data}.

## Sheaf's rate over a rival's

{ratios}
{lac}
## Percent of the FMA peak

{shares}
"""


def chart(result, path):
    series = [name for name in ("torch_recursion", "numpy_levels", "torch_levels", "torch_packed",
                                "onednn", "sheaf")
              if any(name in cell["contestants"] for cell in result["cells"])]
    groups = {}
    for model in workloads.MODELS:
        for hidden in CHART_HIDDEN:
            cell = find(result["cells"], model, hidden, workloads.BATCH_OF_ALL)
            if cell:
                groups[f"{model} {hidden}"] = [
                    p["median"] if (p := percent(cell, name)) else None for name in series]
    if not groups:
        return
    text = json.dumps({"title": f"Percent of the FMA peak, batch {workloads.BATCH_OF_ALL}, "
                                "one thread", "y_label": "% of FMA peak",
                       "series": [NAMES[name] for name in series], "groups": groups})
    svg = subprocess.run([workloads.ROOT / "build/release/sheaf_chart"], input=text, check=True,
                         capture_output=True, text=True).stdout
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg, encoding="utf-8")


def page(result):
    worst = max((one["worst_error"] for cell in result["cells"]
                 for one in cell["contestants"].values() if "worst_error" in one), default=0)
    def over_cells(key):
        return statistics.median(cell[key]["median"] for cell in result["cells"])

    return PAGE.format(peak=over_cells("fma_peak_gflops"),
                       at_rest=over_cells("fma_peak_at_rest_gflops"), rounds=result["rounds"],
                       worst=worst, machine=machine_text(result),
                       data=data_text(result), ratios=ratios_text(result), lac=lac_text(result),
                       shares=shares_text(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", nargs="?", type=pathlib.Path,
                        default=workloads.ROOT / "build/bench/peers.json")
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    result = json.loads(arguments.file.read_text(encoding="utf-8"))
    if arguments.docs and result["data"] != "packages":
        sys.exit("report: docs/ holds figures on data that packages provide; unset SHEAF_DATA")
    folder = workloads.ROOT / "docs" if arguments.docs else arguments.file.parent
    chart(result, folder / "pictures/performance.svg")
    (folder / "performance.md").write_text(page(result), encoding="utf-8")
    print(ratios_text(result))
    print(f"report: {folder / 'performance.md'}")


if __name__ == "__main__":
    main()

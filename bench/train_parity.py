#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whether Sheaf's training and PyTorch's follow the same losses, update by update.

    SHEAF_DATA=FOLDER bench/train_parity.py [--updates 20] [--hidden 64] [--batch 16] [--modes ...]

For every task and optimiser: the same model, initial weights, minibatches and learning rate, in
Sheaf and in PyTorch (bench/peers/torch_train.py). Prints the largest relative difference of the
losses of the first updates, and fails where one exceeds 1e-4. `--modes double` adds PyTorch in
float64: a difference that float64 has, too, is no rounding. `--tool` takes Sheaf's losses from an
epoch of `sheaf train` itself, with its initial weights and its order.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import workloads
from contestants import PYTHON, ContestantError, Process, environment

TOLERANCE = 1e-4
RATES = {"sgd": 0.5, "adagrad": 0.05, "adam": 0.002}
MODES = {"levels": ["--mode", "levels"], "array": ["--mode", "array"],
         "recursion": ["--mode", "recursion"],
         "double": ["--mode", "levels", "--double"]}


def tasks(folder):
    """Name -> arguments of the data."""
    trees = ["--data", str(folder / "trees/train.txt")]
    return {
        "tree_lstm": trees, "tree_lstm_nary": trees,
        "bilstm_tagger_char": ["--data", str(folder / "tags/train.txt")],
        "lattice_lstm": ["--data", str(folder / "ner/resume.train.bmes"),
                         "--lexicon", workloads.LEXICON],
        "lstm_nmt": ["--data", str(folder / "parallel/train.en"), "--target",
                     str(folder / "parallel/train.ja"), "--target-rows", "0"],
    }


def start_worker(model, data, options):
    return Process([str(workloads.ROOT / "build/release/sheaf_train_worker"), "--model", model,
                    *data, *(f"--{key}={value}" for key, value in options.items())])


def start_torch(prefix, *arguments):
    return Process([PYTHON, str(workloads.ROOT / "bench/peers/torch_train.py"), str(prefix),
                    "--serve", *arguments])


def train_with_tool(model, data, options, folder):
    """An epoch of `sheaf train`: its lines of losses."""
    names = {"optimiser": "optimiser", "rate": "lr", "clip-norm": "clip", "seed": "seed",
             "hidden": "hidden", "batch": "batch"}
    if options["normaliser"] != "terms":
        raise ContestantError("sheaf train takes the mean over loss terms")
    words = [word for word in data if word not in ("--target-rows", "0")]
    subprocess.run([str(workloads.ROOT / "build/release/sheaf"), "train", "--model", model, *words,
                    *(f"--{to}={options[name]}" for name, to in names.items()), "--epochs=1",
                    f"--out={folder}/model", f"--save-initial={folder}/initial",
                    f"--losses={folder}/losses"],
                   env=environment(), check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return pathlib.Path(f"{folder}/losses").read_text(encoding="utf-8").splitlines()


def follow(prefix, folder, mode, weights):
    """PyTorch's lines for the updates that the file of losses lists."""
    answer = subprocess.run([PYTHON, str(workloads.ROOT / "bench/peers/torch_train.py"),
                             str(prefix), *MODES[mode], "--weights", str(weights), "--losses",
                             f"{folder}/losses"], env=environment(), check=True,
                            capture_output=True, text=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def compare(model, data, options, modes, updates, tool):
    """A row of the result: differences by mode."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder) / "data"
        sheaf = start_worker(model, data, options)
        sheaf.ask("export", prefix)
        weights = f"{prefix}.safetensors"
        if tool:
            lines = train_with_tool(model, data, options, folder)[:updates]
            weights = f"{folder}/initial/weights.safetensors"
        else:
            lines = [json.dumps(sheaf.ask("update")) for _ in range(updates)]
        sheaf.close()
        pathlib.Path(f"{folder}/losses").write_text("\n".join(lines) + "\n", encoding="utf-8")
        row = {"model": model, **options, "updates": len(lines),
               "first_loss": json.loads(lines[0])["loss"],
               "last_loss": json.loads(lines[-1])["loss"], "differences": {}}
        for mode in modes:
            differences = [one["relative"] for one in follow(prefix, folder, mode, weights)]
            row["differences"][mode] = {"largest": max(differences), "first": differences[0],
                                        "at": differences.index(max(differences))}
    return row


def main():
    parser = argparse.ArgumentParser(description="Losses of Sheaf and of PyTorch, side by side")
    parser.add_argument("--updates", type=int, default=20)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clip-norm", type=float, default=0)
    parser.add_argument("--normaliser", default="terms", choices=("terms", "instances", "one"))
    parser.add_argument("--models", default="", help="separated by commas; all")
    parser.add_argument("--optimisers", default="sgd,adagrad,adam")
    parser.add_argument("--rate", type=float, help=", ".join(f"{k} {v}" for k, v in RATES.items()))
    parser.add_argument("--modes", default="levels,recursion", help="of " + ", ".join(MODES))
    parser.add_argument("--tool", action="store_true", help="compare with sheaf train")
    parser.add_argument("--out", help="file for the rows, JSON lines")
    arguments = parser.parse_args()
    if not workloads.shared():
        sys.exit("train_parity: SHEAF_DATA must name the folder of labelled data")
    known = tasks(workloads.shared())
    models = arguments.models.split(",") if arguments.models else list(known)
    modes = arguments.modes.split(",")
    worst, rows = 0.0, []
    for model in models:
        for optimiser in arguments.optimisers.split(","):
            options = {"hidden": arguments.hidden, "batch": arguments.batch,
                       "seed": arguments.seed, "optimiser": optimiser,
                       "rate": arguments.rate or RATES[optimiser],
                       "clip-norm": arguments.clip_norm, "normaliser": arguments.normaliser}
            row = compare(model, known[model], options, modes, arguments.updates, arguments.tool)
            rows.append(row)
            parts = ", ".join(f"{mode} {d['largest']:.1e} (update {d['at']})"
                              for mode, d in row["differences"].items())
            print(f"{model:20} {optimiser:8} loss {row['first_loss']:.4f} -> "
                  f"{row['last_loss']:.4f}, largest difference: {parts}", flush=True)
            worst = max(worst, *(d["largest"] for d in row["differences"].values()))
    if arguments.out:
        pathlib.Path(arguments.out).write_text("".join(json.dumps(row) + "\n" for row in rows),
                                               encoding="utf-8")
    print(f"largest relative difference of losses: {worst:.1e} (bar {TOLERANCE:.0e}), "
          f"load {os.getloadavg()[0]:.1f}")
    sys.exit(not worst <= TOLERANCE)


if __name__ == "__main__":
    main()

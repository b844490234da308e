#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whether trainings of Sheaf and of PyTorch end alike, over seeds.

    SHEAF_DATA=FOLDER bench/train_seeds.py [--seeds 5] [--tasks tagging,ner,translation] [--out FILE]

For every task and seed `sheaf train` trains a model, and PyTorch (bench/peers/torch_train.py) the
same model with the same hyper-parameters from the same initial weights, minibatch by minibatch in
the same order. `sheaf eval` then measures both on held-out data, after the last epoch. Prints them
side by side, with the largest relative difference of the first 20 losses, and fails where one
exceeds 1e-4 or where the means are further apart than two standard deviations over the seeds.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import workloads
from contestants import PYTHON, Process, environment

FIRST_UPDATES, TOLERANCE, DEVIATIONS = 20, 1e-4, 2


def tasks(folder):
    """Task -> model, figure, data for training, held-out data, hyper-parameters."""
    lexicon = ["--lexicon", workloads.LEXICON]
    tags, ner, parallel = folder / "tags", folder / "ner", folder / "parallel"
    return {
        "tagging": ("bilstm_tagger_char", "token_accuracy",
                    ["--data", f"{tags}/train.txt"], ["--data", f"{tags}/dev.txt"],
                    {"hidden": 64, "batch": 32, "lr": 0.002, "epochs": 1}),
        "ner": ("lattice_lstm", "span_f1",
                ["--data", f"{ner}/resume.train.bmes", *lexicon],
                ["--data", f"{ner}/resume.dev.bmes", *lexicon],
                {"hidden": 64, "batch": 16, "lr": 0.002, "epochs": 4}),
        "translation": ("lstm_nmt", "perplexity",
                        ["--data", f"{parallel}/train.en", "--target", f"{parallel}/train.ja"],
                        ["--data", f"{parallel}/dev.en", "--target", f"{parallel}/dev.ja"],
                        {"hidden": 64, "batch": 32, "lr": 0.002, "epochs": 1}),
    }


def run(*command):
    """What it printed; ends all with what it said where it failed."""
    answer = subprocess.run([str(word) for word in command], env=environment(), check=False,
                            capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"train_seeds: {command[0]} failed:\n{answer.stderr}")
    return answer.stdout


def tool(*arguments):
    return run(workloads.ROOT / "build/release/sheaf", *arguments)


def export(model, data, options, prefix):
    """Instances and facts of the training, as PyTorch's side reads them."""
    rows = ["--target-rows", "0"] if model == "lstm_nmt" else []
    names = {"hidden": "hidden", "batch": "batch", "lr": "rate"}
    sheaf = Process([str(workloads.ROOT / "build/release/sheaf_train_worker"), "--model", model,
                     *data, *rows, "--optimiser=adam", "--clip-norm=5", "--normaliser=terms",
                     *(f"--{to}={options[name]}" for name, to in names.items())])
    sheaf.ask("export", prefix)
    sheaf.close()


def figure(folder, name, held_out):
    return json.loads(tool("eval", "--model-dir", folder, *held_out, "--json"))[name]


def train_both(task, seed, prefix, folder):
    """The figures after the last epoch, and the largest difference of the first losses."""
    model, name, data, held_out, options = task
    tool("train", "--model", model, *data, "--optimiser=adam", "--clip=5", f"--seed={seed}",
         *(f"--{key}={value}" for key, value in options.items()), f"--out={folder}/sheaf",
         f"--save-initial={folder}/initial", f"--losses={folder}/losses")
    shutil.copytree(f"{folder}/sheaf", f"{folder}/torch")
    answer = run(PYTHON, workloads.ROOT / "bench/peers/torch_train.py", prefix, "--weights",
                 f"{folder}/initial/weights.safetensors", "--losses", f"{folder}/losses", "--save",
                 f"{folder}/torch/weights.safetensors")
    lines = [json.loads(line) for line in answer.splitlines()]
    return {"seed": seed, "sheaf": figure(f"{folder}/sheaf", name, held_out),
            "torch": figure(f"{folder}/torch", name, held_out), "updates": len(lines),
            "first": max(line["relative"] for line in lines[:FIRST_UPDATES]),
            "last_loss": {"sheaf": lines[-1]["sheaf"], "torch": lines[-1]["loss"]}}


def judge(rows):
    """(means, standard deviations, whether the bars are met)."""
    means = {side: statistics.mean(row[side] for row in rows) for side in ("sheaf", "torch")}
    deviations = {side: statistics.stdev(row[side] for row in rows) if len(rows) > 1 else math.nan
                  for side in means}
    apart = abs(means["sheaf"] - means["torch"])
    pooled = math.sqrt(statistics.mean(d * d for d in deviations.values()))
    met = apart <= DEVIATIONS * pooled and max(row["first"] for row in rows) <= TOLERANCE
    return means, deviations, met


def main():
    parser = argparse.ArgumentParser(description="Ends of trainings in Sheaf and in PyTorch")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tasks", default="tagging,ner,translation")
    parser.add_argument("--out", help="file for the rows, JSON lines")
    arguments = parser.parse_args()
    if not workloads.shared():
        sys.exit("train_seeds: SHEAF_DATA must name the folder of labelled data")
    known, lines, all_met = tasks(workloads.shared()), [], True
    for name in arguments.tasks.split(","):
        task, rows = known[name], []
        with tempfile.TemporaryDirectory() as folder:
            prefix = pathlib.Path(folder) / "data"
            export(task[0], task[2], task[4], prefix)
            for seed in range(1, arguments.seeds + 1):
                run = pathlib.Path(folder) / str(seed)
                run.mkdir()
                row = train_both(task, seed, prefix, run)
                shutil.rmtree(run)
                rows.append(row)
                lines.append({"task": name, "model": task[0], "figure": task[1], **task[4], **row})
                print(f"{name:12} seed {seed}  {task[1]}  Sheaf {row['sheaf']:.4f}  PyTorch "
                      f"{row['torch']:.4f}  first losses differ by {row['first']:.1e}, "
                      f"{row['updates']} updates", flush=True)
        means, deviations, met = judge(rows)
        all_met = all_met and met
        print(f"{name:12} mean    {task[1]}  Sheaf {means['sheaf']:.4f} +- "
              f"{deviations['sheaf']:.4f}  PyTorch {means['torch']:.4f} +- "
              f"{deviations['torch']:.4f}  {'within' if met else 'NOT within'} the bars", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).write_text("".join(json.dumps(line) + "\n" for line in lines),
                                               encoding="utf-8")
    print(f"load {os.getloadavg()[0]:.1f}")
    sys.exit(not all_met)


if __name__ == "__main__":
    main()

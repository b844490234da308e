#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whether trainings that are killed at random moments and resumed end as undisturbed ones do.

    tools/pull_the_plug.py [--kills 50] [--seed 1] -- ARGUMENT...

runs `sheaf train ARGUMENT...` (without --out) once undisturbed, then again and again with --resume,
killed (SIGKILL) at random moments, until that many kills are done; whenever a training ends, all
files of its model folder and its checkpoints must be those of the undisturbed one, byte for byte.
"""
import argparse
import hashlib
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def digests(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def start(arguments, folder):
    return subprocess.Popen([str(ROOT / "build/release/sheaf"), "train", *arguments,
                             f"--out={folder}", "--resume"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def end(process):
    errors = process.communicate()[1]
    if process.returncode:
        sys.exit(f"pull_the_plug: a training failed:\n{errors}")


def main():
    parser = argparse.ArgumentParser(description="Kill trainings, resume them, compare the ends")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("arguments", nargs="+", help="of sheaf train, without --out")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole = pathlib.Path(folder) / "whole"
        began = time.monotonic()
        end(start(options.arguments, whole))
        took = time.monotonic() - began
        expected = digests(whole)
        kills = trainings = 0
        while kills < options.kills:
            trainings += 1
            out = pathlib.Path(folder) / str(trainings)
            while True:
                process = start(options.arguments, out)
                if kills == options.kills:
                    end(process)
                    break
                try:
                    process.wait(timeout=moments.uniform(0.02, 0.6 * took))
                    end(process)
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    kills += 1
            got = digests(out)
            different = {name for name in expected.keys() | got.keys()
                         if expected.get(name) != got.get(name)}
            if different:
                sys.exit(f"pull_the_plug: after {kills} kills these files differ: "
                         f"{', '.join(sorted(different))}")
    print(f"{kills} kills in {trainings} trainings of {took:.1f} s each: all {len(expected)} files "
          "of each are those of the undisturbed one")


if __name__ == "__main__":
    main()

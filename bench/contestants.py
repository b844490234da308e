# SPDX-License-Identifier: Apache-2.0
"""The contestants' processes: commands in, a line of JSON out."""
import json
import os
import subprocess

from workloads import ROOT

PYTHON = "/usr/bin/python3"  # the one that Debian's packages are installed for
DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DNNL_MAX_CPU_ISA")


class ContestantError(Exception):
    pass


def environment():
    clean = {k: v for k, v in os.environ.items() if k not in DROPPED}
    return {**clean, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Process:
    def __init__(self, command):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment(), cwd=ROOT)

    def ask(self, *words):
        try:
            print(*words, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            raise ContestantError(f"{' '.join(self.command)}: ended at '{' '.join(words)}'")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Contestant:
    """One of those that take turns; several may share a process."""

    def __init__(self, name, process, words=(), limit=()):
        self.name, self.process, self.words, self.limit = name, process, words, limit

    def values(self, path):
        self.process.ask("values", *self.words, str(path))

    def round(self):
        return self.process.ask("round", *self.words, *self.limit)


def start_engine(model, hidden, batch, gflop, data):
    return Process([str(ROOT / "build/release/sheaf_peers"), "--model", model, *data,
                    "--hidden", str(hidden), "--batch", str(batch), "--gflop", str(gflop)])


def start_peer(name, prefix):
    return Process([PYTHON, str(ROOT / f"bench/peers/{name}.py"), "--serve", str(prefix)])

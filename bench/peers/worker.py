# SPDX-License-Identifier: Apache-2.0
"""What the peers in Python share: the environment, the data, the clock and the answers.

    PEER.py PREFIX [--rounds 5]

runs the peer by itself on the model, data, weights and minibatches that `sheaf_peers` exported
under PREFIX, and prints a line of JSON: rate, spread, percent of the FMA peak, libraries. The peak
is measured by build/release/sheaf_peers before every round. With --serve it is a contestant of
bench/run.py: it reads commands from standard input and answers each with a line of JSON.

    describe        libraries and choices
    values FILE     writes the outputs of the first minibatch, float32, instance by instance
    round [N]       runs all minibatches, or only the first N instances: {"ns", "instances"}
"""
import argparse
import ctypes
import json
import os
import pathlib
import re
import subprocess
import sys
import time

# An inherited core type or cache size would choose other kernels than the library's own choice for
# this machine; threads would not compare with a single core.
DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")
SET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def wanted_environment():
    environment = {k: v for k, v in os.environ.items() if k not in DROPPED}
    environment.update(SET)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE)
    # PyTorch has kernels for AVX-512 but takes those for AVX2 unless it is told to.
    if flags and "avx512vl" in flags.group(1).split():
        environment["ATEN_CPU_CAPABILITY"] = "avx512"
    return environment


# Libraries read it when they are loaded, so this must come before the imports below and of peers.
if wanted_environment() != dict(os.environ):
    os.execve(sys.executable, sys.orig_argv, wanted_environment())

import numpy as np  # noqa: E402

from structure import read_instances  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "reference"))
import safetensors  # noqa: E402


def describe_blas():
    """Name, core type and threads of the BLAS in this process."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if "/" in line}
    libraries = sorted(p for p in paths if re.search("blas|mkl|blis", os.path.basename(p)))
    for path in libraries:
        library = ctypes.CDLL(path)
        for form in ("openblas_{}", "openblas_{}64_", "scipy_openblas_{}64_"):
            config = getattr(library, form.format("get_config"), None)
            if config is not None:
                core = getattr(library, form.format("get_corename"))
                config.restype = core.restype = ctypes.c_char_p
                version = " ".join(config().decode().split()[:2])
                return {"blas": version, "blas_core": core().decode(),
                        "blas_threads": getattr(library, form.format("get_num_threads"))()}
    return {"blas": ", ".join(map(os.path.basename, libraries)), "blas_core": "unknown"}


def describe_numpy():
    return {"numpy": np.__version__, **describe_blas()}


def describe_torch():
    import torch
    torch.set_num_threads(1)
    config = torch.__config__.show()
    capability = re.search(r"CPU capability usage: (\S+)", config)
    return {"torch": torch.__version__, "torch_vectors": capability.group(1),
            "mkl": torch.backends.mkl.is_available(),
            "mkldnn": (re.search(r"MKL-DNN (v\S+)", config) or [None, "none"])[1],
            "threads": torch.get_num_threads(), **describe_blas()}


class Contestant:
    def __init__(self, make, prefix, facts, libraries):
        self.libraries = libraries
        self.instances = read_instances(f"{prefix}.instances")
        self.batch = facts["batch"]
        self.model = make(safetensors.load(f"{prefix}.safetensors")[0])
        self.choices = self.choose()

    def minibatch(self, k):
        return self.instances[k * self.batch:(k + 1) * self.batch]

    def choose(self):
        """Of two ways to compute the same, the one that is faster on the first minibatch."""
        if not hasattr(self.model, "joint"):
            return {}
        took = {}
        for joint in (True, False):
            self.model.joint = joint
            took[joint] = min(self.time(self.minibatch(0)) for _ in range(5))
        self.model.joint = took[True] <= took[False]
        return {"joint": self.model.joint}

    def time(self, instances):
        start = time.thread_time_ns()
        self.model(instances)
        return time.thread_time_ns() - start

    def round(self, limit=None):
        """Minibatch after minibatch, or only the first `limit` instances."""
        if limit is not None:
            instances = self.instances[:limit]
            return {"ns": self.time(instances), "instances": len(instances)}
        count = -(-len(self.instances) // self.batch)
        return {"ns": sum(self.time(self.minibatch(k)) for k in range(count)),
                "instances": len(self.instances)}

    def values(self, path):
        values, rank = self.model(self.minibatch(0))
        values = np.asarray(values)
        (values if rank is None else values[rank]).astype("<f4").tofile(path)
        return {"values": int(values.size)}

    def answer(self, words):
        if words[0] == "describe":
            return {**self.libraries, **self.choices}
        if words[0] == "values":
            return self.values(words[1])
        if words[0] == "round":
            return self.round(*map(int, words[1:]))
        raise ValueError(f"unknown command {words[0]!r}")


def peak():
    """GFLOP/s of the FMA peak."""
    answer = subprocess.run([ROOT / "build/release/sheaf_peers", "--peak"], capture_output=True,
                            text=True, check=True)
    return json.loads(answer.stdout)["gflops"]


def measure(name, contestant, facts, count):
    contestant.round()
    rounds, peaks = [], []
    for _ in range(count):
        peaks.append(peak())
        rounds.append(contestant.round())
    rates = [r["instances"] / r["ns"] * 1e9 for r in rounds]
    flops = facts["flops"] / facts["instances"]
    shares = [100 * flops * rate / (at * 1e9) for rate, at in zip(rates, peaks)]
    return {"peer": name, "model": facts["model"], "hidden": facts["hidden"],
            "batch": facts["batch"], "instances_per_s": round(float(np.median(rates)), 1),
            "spread": [round(float(np.percentile(rates, p)), 1) for p in (10, 90)],
            "fma_peak_gflops": round(float(np.median(peaks)), 1),
            "percent_of_fma_peak": round(float(np.median(shares)), 2),
            "rounds": count, "clock": "thread CPU time",
            **contestant.libraries, **contestant.choices}


def main(name, models, describe):
    parser = argparse.ArgumentParser(description=f"Peer {name} of Sheaf's benchmarks")
    parser.add_argument("prefix", help="of the files that sheaf_peers exported")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    with open(f"{arguments.prefix}.json", encoding="utf-8") as file:
        facts = json.load(file)
    if facts["model"] not in models:
        sys.exit(f"{name}: has no {facts['model']}, only {', '.join(models)}")
    contestant = Contestant(models[facts["model"]], arguments.prefix, facts, describe())
    if not arguments.serve:
        print(json.dumps(measure(name, contestant, facts, arguments.rounds)))
        return
    for line in sys.stdin:
        print(json.dumps(contestant.answer(line.split())), flush=True)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sheaf's training in PyTorch: the same models, initial weights, minibatches and updates.

    torch_train.py PREFIX [--mode levels|array|recursion] [--losses FILE] [--save FILE]

trains the model that `sheaf_train_worker` exported under PREFIX (bench/train_worker.cc). For every
update that FILE lists, a line {"step", "loss", "terms", "instances"} each as `sheaf train --losses`
writes it, it makes the same update and prints {"step", "loss", "sheaf", "relative"}: both losses
and their relative difference. --save writes the weights of the end, as safetensors that Sheaf
reads.

With --serve it reads commands from standard input and answers each with a line of JSON:

    describe         libraries and choices
    update           the next minibatch: {"step", "loss", "terms"}
    save FILE        the weights as they are now, safetensors
    round [UPDATES]  {"ns": thread CPU time, "instances"}

Modes: `levels` batches by hand (torch_train_levels.py), as well as autograd allows; `array`
(tree_lstm) does so as such programs are usually written, with all states in one array; `recursion`
runs one node, arc or step after another (torch_recursion.py). In all of them a minibatch is one
loss and one backward pass. Instances become index arrays within the time that is measured.
"""
import worker  # first: it sets the environment that torch reads

import argparse
import json
import sys
import time

import numpy as np
import torch

import safetensors
import torch_functions as f
import torch_recursion
import torch_train_levels
from structure import flat, read_instances
from torch_optimiser import TABLES, Optimiser

# Ids of the tables' rows, by table, in an instance as it is exported.
ROWS = {"embedding": ("ids", "id", "word", "source"), "characters": ("spelling",),
        "target_embedding": ("target",)}

MODELS = {"levels": torch_train_levels.MODELS, "array": torch_train_levels.ARRAY_MODELS,
          "recursion": torch_recursion.MODELS}


def rows_of(table, instances):
    keys = [key for key in ROWS[table] if key in instances[0]]
    if table == "characters":
        return [letter for one in instances for word in one.get("spelling", []) for letter in word]
    # A lattice has sources, too: positions.
    return [0] + [number for one in instances for number in one[keys[0]]]


def save(path, tensors, metadata):
    header, begin = {"__metadata__": metadata}, 0
    for name, values in tensors.items():
        end = begin + 4 * values.numel()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            file.write(values.detach().to(torch.float32).numpy().astype("<f4").tobytes())


class Trainer:
    def __init__(self, mode, prefix, facts, weights=None):
        tensors, self.metadata = safetensors.load(weights or f"{prefix}.safetensors")
        self.parameters = {name: f.array(values).requires_grad_()
                           for name, values in tensors.items()}
        self.facts, self.mode = facts, mode
        self.instances = read_instances(f"{prefix}.instances")
        self.model = MODELS[mode][facts["model"]]
        self.optimiser = Optimiser(self.parameters, facts)
        self.done = 0
        self.choices = {"mode": mode, **self.choose()}

    def choose(self):
        """Of two ways to compute the same, the one that is faster on the first minibatch."""
        if not hasattr(self.model, "joint") or self.model.both:
            return {}
        took = {}
        for joint in (True, False):
            self.model.joint = joint
            for _ in range(4):
                start = time.thread_time_ns()
                self.gradients(self.minibatch(0))
                now = time.thread_time_ns() - start
                took[joint] = min(took.get(joint, now), now)
        self.model.joint = took[True] <= took[False]
        return {"joint": self.model.joint}

    def minibatch(self, step):
        batch, order = self.facts["batch"], self.facts["order"]
        begin = step % self.facts["minibatches"] * batch
        return [self.instances[k] for k in order[begin:begin + batch]]

    def gradients(self, instances):
        """(sum of losses, terms); gradients are those of the parameters."""
        self.optimiser.zero()
        tensors = self.parameters
        if self.mode == "recursion":
            tensors = {name: f.Rows(values, rows_of(name, instances)) if name in TABLES else values
                       for name, values in tensors.items()}
        rows, rank = self.model(tensors)(instances)
        labels = flat(instances, "labels")
        terms = int((labels >= 0).sum())
        if rank is not None:
            in_order = labels
            labels = np.empty_like(in_order)
            labels[rank] = in_order
        loss = torch.nn.functional.nll_loss(rows, f.index(labels), ignore_index=-1,
                                            reduction="sum")
        parts = {"terms": terms, "instances": len(instances), "one": 1}[self.facts["normaliser"]]
        (loss / max(parts, 1)).backward()
        for name, values in self.parameters.items():
            if values.grad is None:  # nothing of this minibatch reads it
                values.grad = torch.sparse_coo_tensor(size=values.shape) if name in TABLES \
                    else torch.zeros_like(values)
        return loss.item(), terms

    def train(self, instances):
        result = self.gradients(instances)
        self.optimiser.step()
        self.done += 1
        return result

    def update(self):
        step = self.done
        loss, terms = self.train(self.minibatch(step))
        return {"step": step, "loss": loss / terms, "terms": terms}

    def round(self, updates):
        took = 0
        for _ in range(updates):
            instances = self.minibatch(self.done)
            start = time.thread_time_ns()
            self.train(instances)
            took += time.thread_time_ns() - start
        return {"ns": took, "instances": updates * self.facts["batch"]}

    def follow(self, line):
        loss, terms = self.train([self.instances[k] for k in line["instances"]])
        if terms != line["terms"]:
            raise ValueError(f"{terms} loss terms, {line['terms']} in Sheaf")
        loss /= terms
        return {"step": line["step"], "loss": loss, "sheaf": line["loss"],
                "relative": abs(loss - line["loss"]) / abs(loss)}

    def answer(self, words):
        if words[0] == "describe":
            return {**worker.describe_torch(), **self.choices}
        if words[0] == "update":
            return self.update()
        if words[0] == "save":
            save(words[1], self.parameters, self.metadata)
            return {"updates": self.done}
        if words[0] == "round":
            return self.round(int(words[1]) if len(words) > 1 else self.facts["updates"])
        raise ValueError(f"unknown command {words[0]!r}")


def main():
    parser = argparse.ArgumentParser(description="Sheaf's training in PyTorch")
    parser.add_argument("prefix", help="of the files that sheaf_train_worker exported")
    parser.add_argument("--mode", choices=tuple(MODELS), default="levels")
    parser.add_argument("--double", action="store_true", help="compute in float64")
    parser.add_argument("--weights", help="initial ones, instead of those of PREFIX")
    parser.add_argument("--losses", help="updates to follow")
    parser.add_argument("--save", help="where to write the weights of the end")
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    if arguments.double:
        torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    with open(f"{arguments.prefix}.json", encoding="utf-8") as file:
        facts = json.load(file)
    if facts["model"] not in MODELS[arguments.mode]:
        sys.exit(f"torch_train: has no {facts['model']} in mode {arguments.mode}")
    trainer = Trainer(arguments.mode, arguments.prefix, facts, arguments.weights)
    if arguments.serve:
        for line in sys.stdin:
            print(json.dumps(trainer.answer(line.split())), flush=True)
        return
    if arguments.losses:
        with open(arguments.losses, encoding="utf-8") as file:
            for line in file:
                print(json.dumps(trainer.follow(json.loads(line))), flush=True)
    if arguments.save:
        save(arguments.save, trainer.parameters, trainer.metadata)


if __name__ == "__main__":
    main()

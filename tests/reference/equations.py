# SPDX-License-Identifier: Apache-2.0
"""Functions and steps that several reference models share, in double precision."""
import json

import numpy

import safetensors


def sigmoid(x):
    # 1 / (1 + exp(-x)), in the form that cannot overflow.
    return 0.5 * numpy.tanh(0.5 * x) + 0.5


def log_softmax(x):
    shifted = x - x.max()
    return shifted - numpy.log(numpy.exp(shifted).sum())


class Lstm:
    """f, i, o = s(U x + W h + b), g = tanh(U x + W h + b); c' = i * g + f * c; h' = o * tanh(c')."""

    def __init__(self, tensors, name):
        self.u, self.w, self.b = (
            safetensors.stack(tensors, [f"{name}.{letter}_{gate}" for gate in "fiog"])
            for letter in "UWb")
        self.start = (numpy.zeros(len(self.b) // 4),) * 2

    def step(self, x, h, c):
        f, i, o, g = (self.u @ x + self.w @ h + self.b).reshape(4, -1)
        c = sigmoid(i) * numpy.tanh(g) + sigmoid(f) * c
        return sigmoid(o) * numpy.tanh(c), c

    def run(self, inputs):
        """h after each of the inputs, from 0."""
        state, states = self.start, []
        for x in inputs:
            state = self.step(x, *state)
            states.append(state[0])
        return states


class Gru:
    """r, z = s(U h + W x + b), c = tanh(U_c (r * h) + W_c x + b_c); h' = z * h + (1 - z) * c."""

    def __init__(self, tensors, name):
        self.gate = {gate: [tensors[f"{name}.{letter}_{gate}"] for letter in "UWb"]
                     for gate in "rzc"}

    def step(self, x, h):
        def affine(gate, state):
            u, w, b = self.gate[gate]
            return u @ state + w @ x + b
        r, z = sigmoid(affine("r", h)), sigmoid(affine("z", h))
        return z * h + (1 - z) * numpy.tanh(affine("c", r * h))


class Table:
    """A table of embeddings with the names of its rows, of which the first is "<unk>"."""

    def __init__(self, path, tensors, metadata, name="embedding", key="vocabulary"):
        names = json.loads(metadata[key])
        self.values = tensors[name]
        self.rows = {word: row for row, word in enumerate(names)}
        if names[0] != "<unk>" or not len(self.rows) == len(names) == len(self.values):
            raise ValueError(f"{path}: {key} must start with <unk> and give every row of {name} "
                             "its own word")

    def __contains__(self, word):
        return word in self.rows

    def __getitem__(self, word):
        return self.values[self.rows.get(word, 0)]

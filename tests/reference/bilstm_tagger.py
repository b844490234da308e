# SPDX-License-Identifier: Apache-2.0
"""Reference of the `bilstm_tagger` model in double precision: one word after another.

stack:          two LSTM layers of one direction (equations.py), from 0
every word:     log-softmax(O tanh(P [h of the forward stack; h of the backward one]))
"""
import numpy

import safetensors
from equations import Lstm, Table, log_softmax
from lines import read_lines, split


def read(path):
    """The words of every sentence of a tagged text."""
    lines = read_lines(path)
    if any("|" in line for line in lines):
        return read_bars(lines)
    return read_columns(lines)


def read_bars(lines):
    """A sentence per line, `word|tag` separated by blanks; WikiNER's middle field is dropped."""
    sentences = [split(line) for line in lines if line]
    fields = 2 if all(token.count("|") == 2 for s in sentences for token in s) else 1
    return [[token.rsplit("|", fields)[0] for token in sentence] for sentence in sentences]


def read_columns(lines):
    """A word and its tag per line, an empty line between sentences."""
    sentences, words = [], []
    for line in [*lines, ""]:
        if line:
            words.append(line.replace("\t", " ").rsplit(" ", 1)[0])
        elif words:
            sentences.append(words)
            words = []
    return sentences


class Stack:
    """Two layers; run() gives the second one's states in the order of the inputs."""

    def __init__(self, tensors, name):
        self.layers = [Lstm(tensors, f"{name}{layer}") for layer in (1, 2)]

    def run(self, inputs):
        for layer in self.layers:
            inputs = layer.run(inputs)
        return inputs

    def run_reversed(self, inputs):
        return self.run(inputs[::-1])[::-1]


class Model:
    def __init__(self, path):
        self.tensors, self.metadata = safetensors.load(path)
        self.embedding = Table(path, self.tensors, self.metadata)
        self.forward, self.backward = (Stack(self.tensors, name)
                                       for name in ("forward", "backward"))
        self.p, self.o = self.tensors["head.P"], self.tensors["head.O"]
        self.classes = len(self.o)

    def vector(self, word):
        return self.embedding[word]

    def outputs(self, sentence):
        """[words, tags]: log-probabilities."""
        x = [self.vector(word) for word in sentence]
        pairs = zip(self.forward.run(x), self.backward.run_reversed(x))
        return numpy.array([log_softmax(self.o @ numpy.tanh(self.p @ numpy.concatenate(pair)))
                            for pair in pairs])

# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lstm_nmt` model in double precision: one step after another.

step:           x = tanh(E e + b), e being a word's embedding; an LSTM step (equations.py)
encoder:        steps over the source, from 0
decoder:        steps with parameters of their own, from the encoder's last state; step t reads word
                t - 1 of the target, step 0 row 0
every step of the decoder: log-softmax(V h), among whose classes word t is the right one
"""
import json

import numpy

import safetensors
from equations import Lstm, Table, log_softmax
from lines import read_lines, split


def read(source_path, target_path):
    """The pairs of two texts: (words of the source, words of the target, numbers of the latter).

    Words of the target are numbered from 1 on, in the order of their first appearance.
    """
    numbers, pairs = {}, []
    sources, targets = read_lines(source_path), read_lines(target_path)
    if len(sources) != len(targets):
        raise ValueError(f"{target_path}: {len(targets)} lines, expected {len(sources)}")
    for source, target in zip(sources, targets):
        source, target = split(source), split(target)
        if source:
            pairs.append((source, target, [numbers.setdefault(word, len(numbers) + 1)
                                           for word in target]))
    return pairs


class Side:
    def __init__(self, tensors, name):
        self.e, self.b = tensors[f"{name}.E"], tensors[f"{name}.b"]
        self.lstm = Lstm(tensors, name)

    def step(self, embedding, state):
        return self.lstm.step(numpy.tanh(self.e @ embedding + self.b), *state)


class Model:
    def __init__(self, path):
        tensors, metadata = safetensors.load(path)
        self.embedding = Table(path, tensors, metadata)
        self.target = tensors["target_embedding"]
        self.classes = len(self.target)
        names = json.loads(metadata["target_vocabulary"])
        # Rows that are named "0", "1", ... are those of the words' numbers, folded.
        self.folded = names == [str(row) for row in range(self.classes)]
        self.rows = {name: row for row, name in enumerate(names)}
        self.encoder, self.decoder = (Side(tensors, name) for name in ("encoder", "decoder"))
        self.head = tensors["head.V"]

    def target_rows(self, words, numbers):
        if self.folded:
            return [number % self.classes for number in numbers]
        return [self.rows.get(word, 0) for word in [*words, "</s>"]]

    def outputs(self, pair):
        """[steps, V]: log-probabilities of the words of the target's vocabulary."""
        source, words, numbers = pair
        state, results = self.encoder.lstm.start, []
        for word in source:
            state = self.encoder.step(self.embedding[word], state)
        for row in [0, *self.target_rows(words, numbers)[:-1]]:
            state = self.decoder.step(self.target[row], state)
            results.append(log_softmax(self.head @ state[0]))
        return numpy.array(results)

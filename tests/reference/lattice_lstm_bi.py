# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lattice_lstm_bi` model in double precision: one arc after another.

forward:        the states of lattice_lstm
backward:       the same from the last position, whose state is learned, to the first: a position's
                h and c are the sums over its outgoing arcs of the arc's step from the state behind
every position: log-softmax(V [h of the forward state; h of the backward state before it]);
                position 0: of its own
"""
import numpy

import safetensors
from equations import Lstm, log_softmax
from lattices import read  # noqa: F401


class Direction:
    def __init__(self, tensors, name):
        self.embedding = tensors["embedding"]
        self.start = tensors[f"{name}_start.h"], tensors[f"{name}_start.c"]
        self.character = Lstm(tensors, f"{name}_character")
        self.word = Lstm(tensors, f"{name}_word")

    def sum(self, arcs, states):
        """The sum over arcs, as (the position that an arc reads, its length, its id)."""
        h = c = numpy.zeros(len(self.start[0]))
        for position, length, number in arcs:
            step = (self.character if length == 1 else self.word).step
            new_h, new_c = step(self.embedding[number], *states[position])
            h, c = h + new_h, c + new_c
        return h, c


class Model:
    def __init__(self, path):
        tensors, _ = safetensors.load(path)
        self.forward, self.backward = (Direction(tensors, name) for name in ("forward", "backward"))
        self.head = tensors["head.V"]
        self.classes = len(self.head)

    def outputs(self, lattice):
        """[positions, T]: log-probabilities of the tags, position 0 included."""
        outgoing = [[] for _ in lattice]
        forward, last = {}, len(lattice) - 1
        for position, arcs in enumerate(lattice):
            for source, number in arcs:
                outgoing[source].append((position, position - source, number))
            incoming = [(source, position - source, number) for source, number in arcs]
            forward[position] = (self.forward.sum(incoming, forward) if position > 0
                                 else self.forward.start)
        backward = {last: self.backward.start}
        for position in range(last - 1, -1, -1):
            backward[position] = self.backward.sum(outgoing[position], backward)
        both = (numpy.concatenate([forward[p][0], backward[max(p - 1, 0)][0]])
                for p in range(len(lattice)))
        return numpy.array([log_softmax(self.head @ h) for h in both])

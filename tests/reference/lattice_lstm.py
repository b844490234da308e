# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lattice_lstm` model in double precision: one arc after another.

arc from (h, c) with embedding x, with the parameters of its kind (character or word):
                f, i, o = s(U x + W h + b), g = tanh(U x + W h + b);
                c' = i * g + f * c; h' = o * tanh(c')
position:       h and c are the sums over its incoming arcs in file order; at position 0 they are
                learned
every position: log-softmax(V h)
"""
import numpy

import safetensors
from tree_lstm import log_softmax, sigmoid


def read_sentence(lines, at):
    """(arcs of every position as (source, id) pairs, the line behind) of a sentence."""
    positions = int(lines[at])
    tags = lines[at + 1].split()
    if len(tags) != positions:
        raise ValueError(f"{len(tags)} tags, expected {positions}")
    sentence = []
    for position in range(positions):
        numbers = [int(field) for field in lines[at + 2 + position].split()]
        arcs = list(zip(numbers[1::2], numbers[2::2]))
        if len(numbers) != 1 + 2 * numbers[0]:
            raise ValueError(f"position {position}: {numbers[0]} arcs but {len(numbers)} numbers")
        if (position == 0) != (not arcs):
            raise ValueError(f"position {position}: only position 0 has no incoming arcs")
        if not all(0 <= source < position and number >= 0 for source, number in arcs):
            raise ValueError(f"position {position}: an arc has no earlier source or a negative id")
        sentence.append(arcs)
    return sentence, at + 2 + positions


def read(path):
    """The lattices of a file; lines may be blank between sentences."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    lattices, at = [], 1
    try:
        for _ in range(int(lines[0])):
            lattice, at = read_sentence(lines, at)
            lattices.append(lattice)
    except (IndexError, ValueError) as error:
        raise ValueError(f"{path}: sentence {len(lattices)}: {error}") from error
    if at != len(lines):
        raise ValueError(f"{path}: {len(lines) - at} lines behind the last sentence")
    return lattices


class Model:
    def __init__(self, path):
        tensors, _ = safetensors.load(path)
        self.embedding = tensors["embedding"]
        self.start = tensors["start.h"], tensors["start.c"]
        self.parameters = {
            kind: tuple(safetensors.stack(tensors, [f"{kind}.{letter}_{gate}" for gate in "fiog"])
                        for letter in "UWb")
            for kind in ("character", "word")}
        self.head = tensors["head.V"]
        self.classes = len(self.head)

    def arc(self, kind, x, h, c):
        u, w, b = self.parameters[kind]
        f, i, o, g = (u @ x + w @ h + b).reshape(4, -1)
        c = sigmoid(i) * numpy.tanh(g) + sigmoid(f) * c
        return sigmoid(o) * numpy.tanh(c), c

    def outputs(self, lattice):
        """[positions, T]: log-probabilities of the tags, position 0 included."""
        states = [self.start]
        for position, arcs in enumerate(lattice[1:], start=1):
            h, c = 0.0, 0.0
            for source, number in arcs:
                kind = "character" if source == position - 1 else "word"
                arc_h, arc_c = self.arc(kind, self.embedding[number], *states[source])
                h, c = h + arc_h, c + arc_c
            states.append((h, c))
        return numpy.array([log_softmax(self.head @ h) for h, _ in states])

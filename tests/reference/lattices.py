# SPDX-License-Identifier: Apache-2.0
"""What the reference models of lattices share: the reader, and the walk over a lattice."""
import numpy

import safetensors
from equations import log_softmax


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


class LatticeModel:
    """A model of which arc(kind, x, state) gives the state, a tuple whose first is h, behind an arc.

    `start` is the state of position 0.
    """

    def __init__(self, path):
        self.tensors, _ = safetensors.load(path)
        self.embedding = self.tensors["embedding"]
        self.head = self.tensors["head.V"]
        self.classes = len(self.head)

    def outputs(self, lattice):
        """[positions, T]: log-probabilities of the tags, position 0 included."""
        states = [self.start]
        for position, arcs in enumerate(lattice[1:], start=1):
            sums = (0.0,) * len(self.start)
            for source, number in arcs:
                kind = "character" if source == position - 1 else "word"
                state = self.arc(kind, self.embedding[number], states[source])
                sums = tuple(total + part for total, part in zip(sums, state))
            states.append(sums)
        return numpy.array([log_softmax(self.head @ state[0]) for state in states])

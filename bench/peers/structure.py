# SPDX-License-Identifier: Apache-2.0
"""Minibatches as index arrays: what level-by-level batching needs before it can compute.

Everything here is part of what is measured: a minibatch is met for the first time.
"""
import json

import numpy as np


def read_instances(path):
    """The instances of a file that `sheaf_peers` exported: a dict of lists each."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def heights(left, right):
    """By node in post-order: 0 for a leaf, else one more than the higher child."""
    result = []
    for l, r in zip(left, right):
        if l < 0:
            result.append(0)
        else:
            a, b = result[l], result[r]
            result.append((a if a > b else b) + 1)
    return result


class Trees:
    """Nodes by height. `levels` are ranges of rows, of which the first holds the leaves.

    rank:    the row of every node, instance by instance in post-order
    words:   rows of the embedding table, of the leaves
    left, right: rows of the children, of the inner nodes; index 0 is the first inner node
    """

    def __init__(self, instances):
        sizes = [len(tree["left"]) for tree in instances]
        height = np.array([h for tree in instances
                           for h in heights(tree["left"], tree["right"])], np.int64)
        order = np.argsort(height, kind="stable")
        self.rank = np.empty(len(order), np.int64)
        self.rank[order] = np.arange(len(order))
        base = np.repeat(np.cumsum([0] + sizes[:-1]), sizes)
        ends = np.cumsum(np.bincount(height)).tolist()
        self.levels = list(zip([0] + ends[:-1], ends))
        leaves, inner = order[:ends[0]], order[ends[0]:]
        self.words = flat(instances, "word")[leaves]
        self.left = self.rank[flat(instances, "left")[inner] + base[inner]]
        self.right = self.rank[flat(instances, "right")[inner] + base[inner]]


def flat(instances, key):
    return np.array([number for one in instances for number in one[key]], np.int64)


class Lattices:
    """Positions and arcs by step: step p holds position p of every lattice that has one.

    An arc belongs to the step of the position that it leads to. Every position but the first has a
    character arc, from the position before, so that positions are its steps' longest paths.

    rank:    the row of every position, instance by instance
    steps:   for step 1, 2, ...: (rows of positions, rows of character arcs, rows of word arcs)
    characters, words: rows of the embedding table by arc
    sources: of the arcs of all steps, step by step, characters first: rows of positions
    targets: of the word arcs: position within their step
    """

    def __init__(self, lattices):
        sizes = np.array([len(lattice["begin"]) - 1 for lattice in lattices])
        first = np.cumsum(np.concatenate([[0], sizes[:-1]]))
        step = np.concatenate([np.arange(size) for size in sizes])
        # Long lattices first, so that a step's positions are a prefix of those before.
        place = np.empty(len(sizes), np.int64)
        place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
        instance = np.repeat(np.arange(len(sizes)), sizes)
        counts = np.bincount(step)
        starts = np.concatenate([[0], np.cumsum(counts)])
        self.rank = starts[step] + place[instance]

        arcs = np.concatenate([np.diff(lattice["begin"]) for lattice in lattices])
        target = np.repeat(np.arange(len(arcs)), arcs)          # positions, instance by instance
        source = flat(lattices, "source") + first[instance[target]]
        ids = flat(lattices, "id")
        is_word = source != target - 1
        order = np.lexsort((place[instance[target]], is_word, step[target]))
        source, target, ids, is_word = source[order], target[order], ids[order], is_word[order]
        self.sources = self.rank[source]
        self.characters, self.words = ids[~is_word], ids[is_word]
        self.targets = place[instance[target[is_word]]]
        words = np.bincount(step[target[is_word]], minlength=len(counts))
        if len(self.characters) != len(step) - len(sizes):
            raise ValueError("a position of a lattice has no arc, or two, from the one before")
        ends = np.cumsum(words).tolist()
        self.first = counts[0].item()
        self.steps = []
        for p in range(1, len(counts)):
            begin, end = starts[p].item(), starts[p + 1].item()
            self.steps.append(((begin, end), (begin - self.first, end - self.first),
                               (ends[p - 1], ends[p])))


class Sequences:
    """Sequences by step, the longest first: step t holds element t of every one that has it.

    rank:    the row of every element, sequence by sequence
    sizes:   sequences of every step; each is a prefix of the one before
    steps:   ranges of rows
    place:   of every sequence: its place within a step
    mirror:  of every row: that of the same sequence's element as far from its other end
    """

    def __init__(self, lengths):
        self.lengths = lengths = np.asarray(lengths, np.int64)
        step = np.concatenate([np.arange(length) for length in lengths]) \
            if len(lengths) else np.zeros(0, np.int64)
        self.place = np.empty(len(lengths), np.int64)
        self.place[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
        sequence = np.repeat(np.arange(len(lengths)), lengths)
        counts = np.bincount(step) if len(step) else np.zeros(0, np.int64)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.sizes = counts.tolist()
        self.steps = list(zip(starts[:-1].tolist(), starts[1:].tolist()))
        self.rank = starts[step] + self.place[sequence]
        self._back = starts[lengths[sequence] - 1 - step] + self.place[sequence]

    def pack(self, values):
        """Values given sequence by sequence, in the order of rows."""
        packed = np.empty_like(values)
        packed[self.rank] = values
        return packed

    @property
    def mirror(self):
        return self.pack(self._back)

# SPDX-License-Identifier: Apache-2.0
"""Minibatches as index arrays for batching under autograd, where no buffer can be written to.

To gather from one array of all states would cost a pass over the whole array in every level, and
another in the backward pass. So rows know where they go: the results of a level are split into
parts by the level that reads them, and each level joins the parts that wait for it. Every row is
copied once, and as many gradients go back.
"""
import numpy as np

from structure import flat, heights


def runs(keys):
    """(key, length) of the runs of equal numbers."""
    if len(keys) == 0:
        return []
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    lengths = np.diff(np.concatenate([starts, [len(keys)]]))
    return list(zip(keys[starts].tolist(), lengths.tolist()))


class TreeParts:
    """Nodes by height, and those of one height by that of their parents; roots come last.

    rank:      the row of every node, instance by instance in post-order
    words:     of the leaves: rows of the embedding table
    parts:     by height: (height of the parents, rows) of each part; roots have the greatest height
    children:  by height, from 1: rows of the joined parts that wait, left and right by turns
    """

    def __init__(self, instances):
        sizes = [len(tree["left"]) for tree in instances]
        base = np.repeat(np.cumsum([0] + sizes[:-1]), sizes)
        height = np.array([h for tree in instances
                           for h in heights(tree["left"], tree["right"])], np.int64)
        self.levels = int(height.max()) + 1
        inner = np.flatnonzero(height)
        left = flat(instances, "left")[inner] + base[inner]
        right = flat(instances, "right")[inner] + base[inner]
        parent = np.full(len(height), self.levels, np.int64)
        parent[left] = parent[right] = height[inner]

        order = np.lexsort((parent, height))
        self.rank = np.empty(len(order), np.int64)
        self.rank[order] = np.arange(len(order))
        self.words = flat(instances, "word")[order[:np.count_nonzero(height == 0)]]
        self.parts = [[] for _ in range(self.levels)]
        for key, count in runs(height[order] * (self.levels + 1) + parent[order]):
            at, to = divmod(key, self.levels + 1)
            self.parts[at].append((to, count))

        waiting = np.lexsort((self.rank, parent))
        place = np.empty(len(order), np.int64)
        place[waiting] = np.arange(len(order))
        starts = np.searchsorted(parent[waiting], np.arange(self.levels + 1))
        by_rank = np.argsort(self.rank[inner])
        both = np.stack([place[left], place[right]], axis=1)[by_rank]
        both -= starts[height[inner][by_rank]][:, None]
        counts = np.cumsum(np.bincount(height, minlength=self.levels)[1:])[:-1]
        self.children = [part.reshape(-1) for part in np.split(both, counts)]


class LatticeParts:
    """Positions by step, as in structure.Lattices, and arcs by the step that they come from.

    rank:        the row of every position, instance by instance
    sizes:       positions by step; each step's are the first of those of the step before
    characters:  of the arcs to step 1, 2, ...: rows of the embedding table
    words:       of the word arcs, by step of the source, then of the target: the same
    word_steps:  by step of the source: (places of the sources, [(step of the target, count)])
    targets:     by step of the target: places of the targets, in the order in which arcs come
    """

    def __init__(self, lattices):
        lengths = np.array([len(lattice["begin"]) - 1 for lattice in lattices])
        first = np.cumsum(np.concatenate([[0], lengths[:-1]]))
        step = np.concatenate([np.arange(length) for length in lengths])
        place = np.empty(len(lengths), np.int64)
        place[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
        instance = np.repeat(np.arange(len(lengths)), lengths)
        counts = np.bincount(step)
        self.sizes = counts.tolist()
        starts = np.concatenate([[0], np.cumsum(counts)])
        self.rank = starts[step] + place[instance]

        arcs = np.concatenate([np.diff(lattice["begin"]) for lattice in lattices])
        target = np.repeat(np.arange(len(arcs)), arcs)
        source = flat(lattices, "source") + first[instance[target]]
        ids = flat(lattices, "id")
        is_word = source != target - 1
        order = np.argsort(self.rank[target[~is_word]], kind="stable")
        self.characters = ids[~is_word][order]
        if len(self.characters) != len(step) - len(lengths):
            raise ValueError("a position of a lattice has no arc, or two, from the one before")

        source, target, ids = source[is_word], target[is_word], ids[is_word]
        order = np.lexsort((place[instance[target]], step[target], step[source]))
        source, target, self.words = source[order], target[order], ids[order]
        self.word_steps = []
        ends = np.searchsorted(step[source], np.arange(len(counts) + 1))
        for begin, end in zip(ends[:-1], ends[1:]):
            self.word_steps.append((place[instance[source[begin:end]]],
                                    runs(step[target[begin:end]])))
        arriving = np.argsort(step[target], kind="stable")
        ends = np.searchsorted(step[target][arriving], np.arange(len(counts) + 1))
        places = place[instance[target[arriving]]]
        self.targets = [places[begin:end] for begin, end in zip(ends[:-1], ends[1:])]

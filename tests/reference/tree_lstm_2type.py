# SPDX-License-Identifier: Apache-2.0
"""Reference of the `tree_lstm_2type` model: tree_lstm with two parameter sets for inner nodes.

Which one a node takes is drawn from a generator (SplitMix64) that is seeded with the run's seed and
a hash (FNV-1a) of the tree's shape: the post-order as text, "." for a leaf and "+" for an inner
node. The j-th inner node is a `node2` when the highest bit of the j-th number is set.
"""
import tree_lstm
from trees import read  # noqa: F401

BITS = (1 << 64) - 1


def fnv1a(text):
    value = 0xcbf29ce484222325
    for byte in text.encode("ascii"):
        value = (value ^ byte) * 0x100000001b3 & BITS
    return value


def splitmix64(state):
    """(the next state, its number)."""
    state = state + 0x9e3779b97f4a7c15 & BITS
    z = (state ^ state >> 30) * 0xbf58476d1ce4e5b9 & BITS
    z = (z ^ z >> 27) * 0x94d049bb133111eb & BITS
    return state, z ^ z >> 31


class Model(tree_lstm.Model):
    node_names = ("node1", "node2")

    def __init__(self, path, seed=1):
        super().__init__(path)
        self.seed = seed

    def kinds(self, tree):
        shape = "".join("+" if word is None else "." for word in tree)
        state = splitmix64(self.seed)[1] ^ fnv1a(shape)
        kinds = []
        for _ in range(tree.count(None)):
            state, number = splitmix64(state)
            kinds.append(self.node_names[number >> 63])
        return kinds

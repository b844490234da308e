# SPDX-License-Identifier: Apache-2.0
"""What the reference models of binary trees share: the reader, and the walk over a tree."""
import re

import numpy

import safetensors
from equations import Table, log_softmax

TOKEN = re.compile(rb"[()]|[^()\s]+")


def parse_tree(line):
    """Post-order of a Penn-bracket tree: a leaf is its word, an inner node is None.

    A node is `(label word)` or `(label left right)`. The stack holds, for every open bracket, its
    label, its word and the number of its children so far.
    """
    order, open_nodes = [], []
    for token in TOKEN.findall(line):
        if token == b"(":
            open_nodes.append([None, None, 0])
            continue
        if not open_nodes:
            raise ValueError("text outside of the brackets")
        node = open_nodes[-1]
        if token != b")":
            if node[0] is None:
                node[0] = int(token)
            elif node[1] is None and node[2] == 0:
                node[1] = token.decode("utf-8")
            else:
                raise ValueError(f"unexpected word {token!r}")
            continue
        open_nodes.pop()
        if node[0] is None or node[2] != (2 if node[1] is None else 0):
            raise ValueError(f"a node with {node[2]} children, expected a label and a word or two "
                             "children")
        order.append(node[1])
        if open_nodes:
            open_nodes[-1][2] += 1
        elif len(order) != order.count(None) * 2 + 1:
            raise ValueError("more than one tree in a line")
    if open_nodes or not order:
        raise ValueError("brackets do not match")
    return order


def read(path):
    """The trees of a file in post-order, one tree a line; blank lines are none."""
    trees = []
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    trees.append(parse_tree(line))
                except ValueError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error
    return trees


class TreeModel:
    """A model of which leaf(x) and node(kind, left, right) give states, tuples whose first is h.

    kinds(tree) names the parameter set of every inner node, in post-order.
    """
    classes = 5

    def __init__(self, path):
        self.tensors, self.metadata = safetensors.load(path)
        self.embedding = Table(path, self.tensors, self.metadata)
        self.head = self.tensors["head.V"]

    def kinds(self, tree):
        return ["node"] * tree.count(None)

    def outputs(self, tree):
        """[nodes, 5]: log-probabilities of the classes, nodes in post-order."""
        results, pending, kinds = [], [], iter(self.kinds(tree))
        for word in tree:
            if word is None:
                right = pending.pop()
                left = pending.pop()
                pending.append(self.node(next(kinds), left, right))
            else:
                pending.append(self.leaf(self.embedding[word]))
            results.append(log_softmax(self.head @ pending[-1][0]))
        return numpy.array(results)

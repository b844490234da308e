# SPDX-License-Identifier: Apache-2.0
"""Reference of the `tree_lstm` model in double precision: one node after another.

leaf:           i, o = s(W x + b), u = tanh(W x + b); c = i * u; h = o * tanh(c)
node(l, r):     e = [h_l; h_r]; i, o = s(U e + b), u = tanh(U e + b);
                f_l = s(F_1 h_l + b_f), f_r = s(F_2 h_r + b_f);
                c = i * u + f_l * c_l + f_r * c_r; h = o * tanh(c)
every node:     log-softmax(V h)
"""
import json
import re

import numpy

import safetensors

TOKEN = re.compile(rb"[()]|[^()\s]+")


def sigmoid(x):
    # 1 / (1 + exp(-x)), in the form that cannot overflow.
    return 0.5 * numpy.tanh(0.5 * x) + 0.5


def log_softmax(x):
    shifted = x - x.max()
    return shifted - numpy.log(numpy.exp(shifted).sum())


def parse_tree(line):
    """Post-order of a Penn-bracket tree: a leaf is its word (bytes), an inner node is None.

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
                node[1] = token
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


class Model:
    classes = 5

    def __init__(self, path):
        tensors, metadata = safetensors.load(path)
        words = json.loads(metadata["vocabulary"])
        self.embedding = tensors["embedding"]
        self.rows = {word.encode("utf-8"): row for row, word in enumerate(words)}
        if words[0] != "<unk>" or not len(self.rows) == len(words) == len(self.embedding):
            raise ValueError(f"{path}: the vocabulary must start with <unk> and give every row of "
                             "the embedding its own word")
        self.leaf_w = safetensors.stack(tensors, ["leaf.W_i", "leaf.W_o", "leaf.W_u"])
        self.leaf_b = safetensors.stack(tensors, ["leaf.b_i", "leaf.b_o", "leaf.b_u"])
        self.node_u = safetensors.stack(tensors, ["node.U_i", "node.U_o", "node.U_u"])
        self.node_b = safetensors.stack(tensors, ["node.b_i", "node.b_o", "node.b_u"])
        self.f1, self.f2, self.b_f = (tensors[f"node.{k}"] for k in ("F_1", "F_2", "b_f"))
        self.head = tensors["head.V"]

    def leaf(self, word):
        x = self.embedding[self.rows.get(word, 0)]  # row 0 is "<unk>"
        i, o, u = (self.leaf_w @ x + self.leaf_b).reshape(3, -1)
        c = sigmoid(i) * numpy.tanh(u)
        return sigmoid(o) * numpy.tanh(c), c

    def node(self, left, right):
        (h1, c1), (h2, c2) = left, right
        i, o, u = (self.node_u @ numpy.concatenate([h1, h2]) + self.node_b).reshape(3, -1)
        f1 = sigmoid(self.f1 @ h1 + self.b_f)
        f2 = sigmoid(self.f2 @ h2 + self.b_f)
        c = sigmoid(i) * numpy.tanh(u) + f1 * c1 + f2 * c2
        return sigmoid(o) * numpy.tanh(c), c

    def outputs(self, tree):
        """[nodes, 5]: log-probabilities of the classes, nodes in post-order."""
        results, pending = [], []
        for word in tree:
            if word is None:
                right = pending.pop()
                left = pending.pop()
                pending.append(self.node(left, right))
            else:
                pending.append(self.leaf(word))
            results.append(log_softmax(self.head @ pending[-1][0]))
        return numpy.array(results)

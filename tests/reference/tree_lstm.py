# SPDX-License-Identifier: Apache-2.0
"""Reference of the `tree_lstm` model in double precision: one node after another.

leaf:           i, o = s(W x + b), u = tanh(W x + b); c = i * u; h = o * tanh(c)
node(l, r):     e = [h_l; h_r]; i, o = s(U e + b), u = tanh(U e + b);
                f_l = s(F_1 h_l + b_f), f_r = s(F_2 h_r + b_f);
                c = i * u + f_l * c_l + f_r * c_r; h = o * tanh(c)
every node:     log-softmax(V h)
"""
import numpy

import safetensors
import trees
from equations import sigmoid
from trees import read  # noqa: F401


class Model(trees.TreeModel):
    node_names = ("node",)

    def __init__(self, path):
        super().__init__(path)
        self.leaf_w, self.leaf_b = (self.gates("leaf", letter) for letter in "Wb")
        self.nodes = {name: (self.gates(name, "U"), self.gates(name, "b"),
                             *(self.tensors[f"{name}.{k}"] for k in ("F_1", "F_2", "b_f")))
                      for name in self.node_names}

    def gates(self, name, letter):
        return safetensors.stack(self.tensors, [f"{name}.{letter}_{gate}" for gate in "iou"])

    def leaf(self, x):
        i, o, u = (self.leaf_w @ x + self.leaf_b).reshape(3, -1)
        c = sigmoid(i) * numpy.tanh(u)
        return sigmoid(o) * numpy.tanh(c), c

    def forget_inputs(self, h1, h2):
        """What each of the forget gates sees: its own child."""
        return h1, h2

    def node(self, kind, left, right):
        (h1, c1), (h2, c2) = left, right
        node_u, node_b, f1, f2, b_f = self.nodes[kind]
        i, o, u = (node_u @ numpy.concatenate([h1, h2]) + node_b).reshape(3, -1)
        seen1, seen2 = self.forget_inputs(h1, h2)
        c = (sigmoid(i) * numpy.tanh(u) + sigmoid(f1 @ seen1 + b_f) * c1 +
             sigmoid(f2 @ seen2 + b_f) * c2)
        return sigmoid(o) * numpy.tanh(c), c

# SPDX-License-Identifier: Apache-2.0
"""Reference of the `tree_gru` model in double precision: one node after another.

step from h:    r, z = s(U h + b); c = tanh(U_c (r * h) + b_c); z * h + (1 - z) * c
leaf:           a step from x
node(l, r):     the mean of a step from h_l and one from h_r, matrices of their own, biases shared
every node:     log-softmax(V h)
"""
import numpy

import trees
from equations import sigmoid
from trees import read  # noqa: F401


class Model(trees.TreeModel):
    def step(self, name, child, h):
        u = {gate: self.tensors[f"{name}.U_{gate}{child}"] for gate in "rzc"}
        b = {gate: self.tensors[f"{name}.b_{gate}"] for gate in "rzc"}
        r, z = (sigmoid(u[gate] @ h + b[gate]) for gate in "rz")
        return z * h + (1 - z) * numpy.tanh(u["c"] @ (r * h) + b["c"])

    def leaf(self, x):
        return (self.step("leaf", "", x),)

    def node(self, kind, left, right):
        return ((self.step(kind, "1", left[0]) + self.step(kind, "2", right[0])) / 2,)

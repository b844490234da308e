# SPDX-License-Identifier: Apache-2.0
"""Reference of the `mv_rnn` model in double precision: one node after another.

leaf:           v = its row of `embedding`, M = its row of `embedding_matrix`, column by column
node(l, r):     v = tanh(W_v [M_l v_r; M_r v_l] + b_v)
                M = W_m [M_l; M_r] + b_m, b_m added to every column
every node:     log-softmax(V v)
"""
import numpy

import trees
from equations import Table
from trees import read  # noqa: F401


class Model(trees.TreeModel):
    def __init__(self, path):
        super().__init__(path)
        matrices = Table(path, self.tensors, self.metadata, "embedding_matrix")
        # A row is a word's vector and matrix, side by side.
        self.embedding.values = numpy.hstack([self.embedding.values, matrices.values])
        hidden = len(self.tensors["node.b_v"])
        # One row of a weight is a vector in the file.
        self.w_v, self.w_m = (self.tensors[f"node.{w}"].reshape(hidden, -1) for w in ("W_v", "W_m"))
        self.b_v, self.b_m = self.tensors["node.b_v"], self.tensors["node.b_m"]

    def leaf(self, x):
        hidden = len(self.b_v)
        # The row holds the columns of the matrix: as rows they are its transpose.
        return x[:hidden], x[hidden:].reshape(hidden, hidden).T

    def node(self, kind, left, right):
        (v_l, m_l), (v_r, m_r) = left, right
        v = numpy.tanh(self.w_v @ numpy.concatenate([m_l @ v_r, m_r @ v_l]) + self.b_v)
        m = self.w_m @ numpy.concatenate([m_l, m_r]) + self.b_m.reshape(-1, 1)
        return v, m

# SPDX-License-Identifier: Apache-2.0
"""Reference of the `mv_rnn` model in double precision: one node after another.

leaf:           v = its row of `embedding`, M = its row of `embedding_matrix`, column by column
node(l, r):     v = tanh(W_v [M_l v_r; M_r v_l] + b_v)
                M = W_m [M_l; M_r] + b_m, b_m added to every column
every node:     log-softmax(V v)
"""
import json

import numpy

import safetensors
from tree_lstm import log_softmax, read  # noqa: F401  (`read` is this module's, too)


class Model:
    classes = 5

    def __init__(self, path):
        tensors, metadata = safetensors.load(path)
        words = json.loads(metadata["vocabulary"])
        self.rows = {word.encode("utf-8"): row for row, word in enumerate(words)}
        self.vectors = tensors["embedding"]
        hidden = self.vectors.shape[1]
        # A row holds the columns of a matrix: as rows they are its transpose.
        columns = tensors["embedding_matrix"].reshape(-1, hidden, hidden)
        self.matrices = columns.transpose(0, 2, 1)
        if words[0] != "<unk>" or not (len(self.rows) == len(words) == len(self.vectors) ==
                                       len(self.matrices)):
            raise ValueError(f"{path}: the vocabulary must start with <unk> and give every row of "
                             "the embeddings its own word")
        self.w_v, self.b_v, self.w_m, self.b_m = (
            tensors[f"node.{name}"] for name in ("W_v", "b_v", "W_m", "b_m"))
        self.head = tensors["head.V"]

    def leaf(self, word):
        row = self.rows.get(word, 0)  # row 0 is "<unk>"
        return self.vectors[row], self.matrices[row]

    def node(self, left, right):
        (v_l, m_l), (v_r, m_r) = left, right
        v = numpy.tanh(self.w_v @ numpy.concatenate([m_l @ v_r, m_r @ v_l]) + self.b_v.reshape(-1))
        m = self.w_m @ numpy.concatenate([m_l, m_r]) + self.b_m.reshape(-1, 1)
        return v, m

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

# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lattice_lstm` model in double precision: one arc after another.

arc from (h, c) with embedding x, with the parameters of its kind (character or word):
                f, i, o = s(U x + W h + b), g = tanh(U x + W h + b);
                c' = i * g + f * c; h' = o * tanh(c')
position:       h and c are the sums over its incoming arcs in file order; at position 0 they are
                learned
every position: log-softmax(V h)
"""
import lattices
from equations import Lstm
from lattices import read  # noqa: F401


class Model(lattices.LatticeModel):
    def __init__(self, path):
        super().__init__(path)
        self.start = self.tensors["start.h"], self.tensors["start.c"]
        self.arcs = {kind: Lstm(self.tensors, kind) for kind in ("character", "word")}

    def arc(self, kind, x, state):
        return self.arcs[kind].step(x, *state)

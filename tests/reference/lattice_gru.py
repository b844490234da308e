# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lattice_gru` model in double precision: one arc after another.

arc from h with embedding x, with the parameters of its kind (character or word):
                r, z = s(U h + W x + b), c = tanh(U_c (r * h) + W_c x + b_c);
                h' = z * h + (1 - z) * c
position:       h is the sum over its incoming arcs in file order; at position 0 it is learned
every position: log-softmax(V h)
"""
import lattices
from equations import Gru
from lattices import read  # noqa: F401


class Model(lattices.LatticeModel):
    def __init__(self, path):
        super().__init__(path)
        self.start = (self.tensors["start.h"],)
        self.arcs = {kind: Gru(self.tensors, kind) for kind in ("character", "word")}

    def arc(self, kind, x, state):
        return (self.arcs[kind].step(x, *state),)

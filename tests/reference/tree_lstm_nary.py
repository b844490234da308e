# SPDX-License-Identifier: Apache-2.0
"""Reference of the `tree_lstm_nary` model: tree_lstm whose forget gates see both children.

node(l, r):     f_l = s(F_1 [h_l; h_r] + b_f), f_r = s(F_2 [h_l; h_r] + b_f)
"""
import numpy

import tree_lstm
from trees import read  # noqa: F401


class Model(tree_lstm.Model):
    def forget_inputs(self, h1, h2):
        both = numpy.concatenate([h1, h2])
        return both, both

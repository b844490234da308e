# SPDX-License-Identifier: Apache-2.0
"""The functions that levels.py takes from torch, and the few that need another name there; and what
torch_recursion.py and torch_train.py share.
"""
import numpy as np
import torch
from torch import add, addcmul, addmm, bmm, chunk, empty, index_select, mm  # noqa: F401
from torch import mul, sigmoid, tanh, zeros  # noqa: F401

name = "torch"


def array(values):
    """A parameter: of numbers, or of a tensor, to which gradients go back."""
    return torch.as_tensor(values, dtype=torch.get_default_dtype()).contiguous()


def joined(tensors, names):
    """Weights [out x in] of several gates as one, [in x all outs]."""
    return torch.cat([array(tensors[name]) for name in names]).t().contiguous()


def biases(tensors, names):
    return torch.cat([array(tensors[name]) for name in names])


class Rows:
    """The rows of a table that a minibatch needs, looked up once: rows[id] is [1, H]."""

    def __init__(self, table, ids):
        ids = np.unique(ids)
        values = torch.nn.functional.embedding(index(ids), table, sparse=True)
        self.rows = dict(zip(ids.tolist(), values.split(1)))

    def __getitem__(self, number):
        return self.rows[number]


def table(values):
    """What gives the row [1, H] of an id."""
    return values if isinstance(values, Rows) else array(values).unsqueeze(1)


def index(values):
    return torch.from_numpy(values)


def to_numpy(values):
    return values.numpy()


def index_add(values, rows, what):
    values.index_add_(0, rows, what)


def lerp(start, end, weight):
    # Three vectorised passes take half of torch.lerp's time.
    return torch.sub(end, start).mul_(weight).add_(start)


def log_softmax(x):
    """By row. Over a few columns PyTorch is ten times as fast on the transpose."""
    if x.shape[1] <= 64:
        return torch.log_softmax(x.t(), 0).t()
    return torch.log_softmax(x, 1)

# SPDX-License-Identifier: Apache-2.0
"""The functions that levels.py takes from torch, and the few that need another name there."""
import torch
from torch import add, addcmul, addmm, bmm, chunk, empty, index_select, mm  # noqa: F401
from torch import mul, sigmoid, tanh, zeros  # noqa: F401

name = "torch"


def array(values):
    """A parameter."""
    return torch.tensor(values, dtype=torch.float32).contiguous()


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

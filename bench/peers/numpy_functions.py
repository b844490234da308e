# SPDX-License-Identifier: Apache-2.0
"""The functions that levels.py takes from torch, under the same names, in NumPy."""
import numpy as np

name = "numpy"


def array(values):
    """A parameter."""
    return np.ascontiguousarray(values, np.float32)


def index(values):
    return values


def empty(*shape):
    return np.empty(shape, np.float32)


def zeros(*shape):
    return np.zeros(shape, np.float32)


def to_numpy(values):
    return values


def index_select(values, _, rows):
    return values[rows] if values.ndim > 2 else np.take(values, rows, axis=0)


def chunk(values, parts, axis):
    return np.split(values, parts, axis)


def mm(a, b):
    return a @ b


def bmm(a, b):
    return a @ b


def addmm(start, a, b, out=None):
    """start may be `out`, or a row."""
    if out is not start:
        out = np.matmul(a, b, out=out)
        out += start
        return out
    out += a @ b
    return out


def sigmoid(x, out):
    # 1 / (1 + exp(-x)) = tanh(x / 2) / 2 + 1/2: NumPy has vectorised tanh.
    np.multiply(x, np.float32(0.5), out=out)
    np.tanh(out, out=out)
    out *= np.float32(0.5)
    out += np.float32(0.5)
    return out


def tanh(x, out=None):
    return np.tanh(x, out=out)


def mul(a, b, out=None):
    return np.multiply(a, b, out=out)


def add(a, b, out=None):
    return np.add(a, b, out=out)


def addcmul(start, a, b, out):
    assert out is start
    out += a * b
    return out


def lerp(start, end, weight):
    result = end - start
    result *= weight
    result += start
    return result


def index_add(values, rows, what):
    """Adds rows of `what`, which are sorted by the row that they go to; in place."""
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    values[rows[starts]] += np.add.reduceat(what, starts, axis=0)


def log_softmax(x):
    if x.shape[1] <= 64:  # sums over few columns are slow, sums of rows are not
        return shift(np.ascontiguousarray(x.T), 0).T
    return shift(x, 1)


def shift(x, axis):
    shifted = x - x.max(axis=axis, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return shifted

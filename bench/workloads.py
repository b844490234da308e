# SPDX-License-Identifier: Apache-2.0
"""What bench/run.py runs: models, their data and the grid."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEMO = ROOT / "build/demo"
LEXICON = "/usr/lib/python3/dist-packages/jieba/dict.txt"

TREES = ("tree_lstm", "tree_gru", "tree_lstm_2type", "mv_rnn")
LATTICES = ("lattice_lstm", "lattice_gru")
CHAINS = ("bilstm_tagger", "lstm_nmt")
MODELS = ("tree_lstm", "tree_gru", "lattice_lstm", "lattice_gru", "bilstm_tagger", "lstm_nmt")
CONTESTANTS = ("sheaf", "onednn", "torch_levels", "torch_packed", "torch_recursion",
               "numpy_levels")
# A node of mv_rnn is a matrix: its work grows with the cube.
MV_RNN_HIDDEN, MV_RNN_BATCH = 128, 64
# Only at this number of instances: what batches nothing does not depend on it, and the chart shows
# no other.
BATCH_OF_ALL = 64

# (hidden sizes, batch sizes) of a grid; a grid is a union of them.
GRIDS = {
    "small": [((64, 256), (64,))],
    "default": [((64, 128, 256, 512), (8, 64)), ((512,), (256,))],
    "full": [((64, 128, 256, 512), (8, 32, 64, 128, 256))],
}


def cells(grid, models):
    """(model, hidden, batch), models last: a cell's neighbours in time are of its size."""
    if grid in GRIDS:
        parts = GRIDS[grid]
    else:  # HxB,HxB
        parts = [((int(hidden),), (int(batch),))
                 for hidden, batch in (part.split("x") for part in grid.split(","))]
    return [(model, hidden, batch) for hiddens, batches in parts for batch in batches
            for hidden in hiddens for model in models
            if model != "mv_rnn" or (hidden <= MV_RNN_HIDDEN and batch <= MV_RNN_BATCH)]


def shared():
    """The folder of data that are not published, or None."""
    folder = os.environ.get("SHEAF_DATA")
    return pathlib.Path(folder) if folder else None


def arguments(model):
    """--data and what goes with it."""
    folder = shared()
    if model == "mv_rnn":  # a matrix per word: a real vocabulary would take gigabytes
        return ["--data", "random:trees,n=256,leaves=19,vocabulary=200"]
    if folder:
        if model in TREES:
            return ["--data", str(folder / "trees/train.txt")]
        if model in LATTICES:
            return ["--data", str(folder / "lattice/train.txt")]
        if model == "bilstm_tagger":
            return ["--data", str(folder / "tags/train.txt")]
        return ["--data", str(folder / "parallel/train.en"),
                "--target", str(folder / "parallel/train.ja")]
    if model in TREES:
        return ["--data", str(DEMO / "trees.txt")]
    if model in LATTICES:
        return ["--data", str(DEMO / "handbook.txt"), "--lexicon", LEXICON]
    if model == "bilstm_tagger":
        return ["--data", "random:sentences,n=2048,length=23,vocabulary=5000"]
    return ["--data", "random:pairs,n=2048,length=12,vocabulary=5000"]


def contestants(model, batch, wanted):
    """Those of `wanted` that have such a model."""
    known = ["sheaf", "onednn"]
    if model in (*MODELS, "mv_rnn"):
        known.append("torch_levels")
        if model in CHAINS:
            known.append("torch_packed")
        if batch == BATCH_OF_ALL:
            known += ["numpy_levels"] if model == "mv_rnn" else ["torch_recursion", "numpy_levels"]
    return [name for name in known if name in wanted]

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peer with PyTorch's own LSTM over packed sequences, for chains: bilstm_tagger, lstm_nmt.

See worker.py for its use. A stack of layers is one torch.nn.LSTM; the backward stack reads the
mirrored sequences.
"""
import worker  # first: it sets the environment that torch reads

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

import torch_functions as f
from structure import Sequences, flat


def lstm(tensors, names):
    """A torch.nn.LSTM with a layer for each of the names."""
    hidden = len(tensors[f"{names[0]}.b_f"])
    module = torch.nn.LSTM(hidden, hidden, num_layers=len(names))
    for layer, name in enumerate(names):
        for letter, kind in (("U", "weight_ih"), ("W", "weight_hh"), ("b", "bias_ih")):
            values = np.concatenate([tensors[f"{name}.{letter}_{gate}"] for gate in "ifgo"])
            getattr(module, f"{kind}_l{layer}").copy_(torch.tensor(values))
        getattr(module, f"bias_hh_l{layer}").zero_()
    return module


def packed(x, sequences):
    return PackedSequence(x, torch.tensor(sequences.sizes))


class BilstmTagger:
    def __init__(self, tensors):
        self.embedding = f.array(tensors["embedding"])
        self.stacks = [lstm(tensors, [f"{side}{k}" for k in (1, 2)])
                       for side in ("forward", "backward")]
        hidden = self.embedding.shape[1]
        self.p = [f.array(tensors["head.P"].T[:hidden]), f.array(tensors["head.P"].T[hidden:])]
        self.o = f.array(tensors["head.O"].T)

    def __call__(self, instances):
        sequences = Sequences([len(one["ids"]) for one in instances])
        ids = torch.from_numpy(sequences.pack(flat(instances, "ids")))
        mirror = torch.from_numpy(sequences.mirror)
        x = self.embedding.index_select(0, ids)
        forward = self.stacks[0](packed(x, sequences))[0].data
        backward = self.stacks[1](packed(x.index_select(0, mirror), sequences))[0].data
        p = torch.mm(forward, self.p[0])
        torch.addmm(p, backward.index_select(0, mirror), self.p[1], out=p)
        return f.log_softmax(torch.mm(p.tanh_(), self.o)), sequences.rank


class LstmNmt:
    def __init__(self, tensors):
        self.embeddings = [f.array(tensors[name]) for name in ("embedding", "target_embedding")]
        self.projections = [(f.array(tensors[f"{side}.E"].T), f.array(tensors[f"{side}.b"]))
                            for side in ("encoder", "decoder")]
        self.lstms = [lstm(tensors, [side]) for side in ("encoder", "decoder")]
        self.head = f.array(tensors["head.V"].T)

    def run(self, side, sequences, ids, state):
        e, b = self.projections[side]
        x = self.embeddings[side].index_select(0, torch.from_numpy(sequences.pack(ids)))
        return self.lstms[side](packed(torch.addmm(b, x, e).tanh_(), sequences), state)

    def __call__(self, instances):
        source = Sequences([len(one["source"]) for one in instances])
        _, state = self.run(0, source, flat(instances, "source"), None)
        target = Sequences([len(one["target"]) for one in instances])
        order = np.empty(len(instances), np.int64)
        order[target.place] = source.place
        present = int((target.lengths > 0).sum())  # an empty target has no step at all
        rows = torch.from_numpy(order[:present])
        state = tuple(part.index_select(1, rows) for part in state)
        words = [word for one in instances for word in ([0] + one["target"])[:len(one["target"])]]
        states, _ = self.run(1, target, np.array(words, np.int64), state)
        return f.log_softmax(torch.mm(states.data, self.head)), target.rank


MODELS = {"bilstm_tagger": BilstmTagger, "lstm_nmt": LstmNmt}

if __name__ == "__main__":
    with torch.inference_mode():
        worker.main("torch_packed", MODELS, describe=worker.describe_torch)

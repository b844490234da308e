# SPDX-License-Identifier: Apache-2.0
"""The models of torch_train.py, batched by hand, level by level over a minibatch, under autograd.

As in levels.py: one product for all gates that see the same values, products of inputs hoisted out
of the loop over levels, heads once for all nodes. What is different is that nothing is written in
place (parts.py says how states go from level to level), and that chains are PyTorch's own LSTM over
packed sequences.

A model is made of its parameters for every minibatch, since gates are joined anew after each
update, and is called with the instances: (log-probabilities, rank), rows[rank] instance by
instance.
"""
import numpy as np
import torch
from torch.nn.functional import embedding

import torch_functions as f
from parts import LatticeParts, TreeParts
from structure import Sequences, Trees, flat


def look_up(table, ids):
    return embedding(f.index(ids), table, sparse=True)


def join(parts):
    return parts[0] if len(parts) == 1 else torch.cat(parts)


class TreeLstm:
    # One product [h1; h2] x [2H x 5H] computes two H x H blocks of zeros, three products do not:
    # which is faster depends on H.
    joint = True
    both = False

    def __init__(self, tensors):
        self.embedding = tensors["embedding"]
        self.head = tensors["head.V"].t()
        # Sigmoids first.
        self.leaf_w = f.joined(tensors, [f"leaf.W_{g}" for g in "iou"])
        self.leaf_b = f.biases(tensors, [f"leaf.b_{g}" for g in "iou"])
        f1, f2 = tensors["node.F_1"], tensors["node.F_2"]
        if self.joint or self.both:
            if not self.both:
                zeros = torch.zeros_like(f1)
                f1, f2 = torch.cat([f1, zeros], 1), torch.cat([zeros, f2], 1)
            i, o, u = (tensors[f"node.U_{g}"] for g in "iou")
            self.node_w = torch.cat([i, o, f1, f2, u]).t().contiguous()
            self.node_b = f.biases(tensors, [f"node.b_{g}" for g in "ioffu"])
        else:
            self.node_w = f.joined(tensors, [f"node.U_{g}" for g in "iou"])
            self.node_b = f.biases(tensors, [f"node.b_{g}" for g in "iou"])
            self.forget = [f.array(f1.t()), f.array(f2.t())]
            self.forget_b = tensors["node.b_f"]

    def leaves(self, x):
        n = x.shape[1]
        s, u = torch.addmm(self.leaf_b, x, self.leaf_w).split([2 * n, n], 1)
        i, o = torch.sigmoid(s).chunk(2, 1)
        c = i * torch.tanh(u)
        return o * torch.tanh(c), c

    def nodes(self, e, cc):
        n = e.shape[1] // 2
        c1, c2 = cc.chunk(2, 1)
        if self.joint or self.both:
            s, u = torch.addmm(self.node_b, e, self.node_w).split([4 * n, n], 1)
            i, o, f1, f2 = torch.sigmoid(s).chunk(4, 1)
        else:
            s, u = torch.addmm(self.node_b, e, self.node_w).split([2 * n, n], 1)
            i, o = torch.sigmoid(s).chunk(2, 1)
            f1, f2 = (torch.sigmoid(torch.addmm(self.forget_b, h, w))
                      for h, w in zip(e.chunk(2, 1), self.forget))
        c = torch.addcmul(torch.addcmul(i * torch.tanh(u), f1, c1), f2, c2)
        return o * torch.tanh(c), c

    def __call__(self, instances):
        trees = TreeParts(instances)
        h, c = self.leaves(look_up(self.embedding, trees.words))
        states = [h]
        waiting = [([], []) for _ in range(trees.levels + 1)]
        for level in range(trees.levels):
            if level > 0:
                rows = f.index(trees.children[level - 1])
                e, cc = (join(parts).index_select(0, rows).reshape(len(rows) // 2, -1)
                         for parts in waiting[level])
                h, c = self.nodes(e, cc)
                states.append(h)
            counts = [count for _, count in trees.parts[level]]
            for (to, _), part_h, part_c in zip(trees.parts[level], h.split(counts),
                                               c.split(counts)):
                waiting[to][0].append(part_h)
                waiting[to][1].append(part_c)
        return f.log_softmax(torch.mm(join(states), self.head)), trees.rank


class TreeLstmNary(TreeLstm):
    both = True


class TreeLstmArray(TreeLstm):
    """As level-batched programs are usually written: all states lie in one array, which every level
    reads and adds to."""

    def __call__(self, instances):
        trees = Trees(instances)
        leaves = trees.levels[0][1]
        n = self.embedding.shape[1]
        h, c = torch.zeros(len(trees.rank), n), torch.zeros(len(trees.rank), n)
        h[:leaves], c[:leaves] = self.leaves(look_up(self.embedding, trees.words))
        children = f.index(np.stack([trees.left, trees.right], axis=1).reshape(-1))
        for begin, end in trees.levels[1:]:
            rows = children[2 * (begin - leaves):2 * (end - leaves)]
            h[begin:end], c[begin:end] = self.nodes(h.index_select(0, rows).reshape(-1, 2 * n),
                                                    c.index_select(0, rows).reshape(-1, 2 * n))
        return f.log_softmax(torch.mm(h, self.head)), trees.rank


class LatticeLstm:
    def __init__(self, tensors):
        self.embedding = tensors["embedding"]
        self.head = tensors["head.V"].t()
        self.start = [tensors[f"start.{s}"].reshape(1, -1) for s in "hc"]
        # Sigmoids first.
        self.kinds = {kind: (f.joined(tensors, [f"{kind}.U_{g}" for g in "fiog"]),
                             f.biases(tensors, [f"{kind}.b_{g}" for g in "fiog"]),
                             f.joined(tensors, [f"{kind}.W_{g}" for g in "fiog"]))
                      for kind in ("character", "word")}

    def inputs(self, kind, ids, counts):
        """Of every step, [arcs, 4H]."""
        w, b, _ = self.kinds[kind]
        return torch.addmm(b, look_up(self.embedding, ids), w).split(counts)

    def arcs(self, kind, x, h, c):
        n = h.shape[1]
        s, u = torch.addmm(x, h, self.kinds[kind][2]).split([3 * n, n], 1)
        forget, i, o = torch.sigmoid(s).chunk(3, 1)
        c = torch.addcmul(forget * c, i, torch.tanh(u))
        return o * torch.tanh(c), c

    def __call__(self, instances):
        lattices = LatticeParts(instances)
        sizes = lattices.sizes
        characters = self.inputs("character", lattices.characters, sizes[1:])
        words = self.inputs("word", lattices.words,
                            [len(sources) for sources, _ in lattices.word_steps])
        h, c = (part.expand(sizes[0], -1) for part in self.start)
        states = [h]
        waiting = [([], []) for _ in sizes]
        for step, after in enumerate(sizes[1:]):
            sources, parts = lattices.word_steps[step]
            if parts:
                rows = f.index(sources)
                found = self.arcs("word", words[step], h.index_select(0, rows),
                                  c.index_select(0, rows))
                counts = [count for _, count in parts]
                for (to, _), *both in zip(parts, *(part.split(counts) for part in found)):
                    for port in range(2):
                        waiting[to][port].append(both[port])
            if after < len(h):
                h, c = h[:after], c[:after]
            h, c = self.arcs("character", characters[step], h, c)
            if waiting[step + 1][0]:
                rows = f.index(lattices.targets[step + 1])
                h, c = (torch.index_add(part, 0, rows, join(parts))
                        for part, parts in zip((h, c), waiting[step + 1]))
            states.append(h)
        return f.log_softmax(torch.mm(join(states), self.head)), lattices.rank


class Lstm:
    """PyTorch's LSTM over packed sequences, a layer for each of the names."""

    def __init__(self, tensors, names):
        self.weights = []
        for name in names:
            bias = f.biases(tensors, [f"{name}.b_{g}" for g in "ifgo"])
            self.weights += [torch.cat([tensors[f"{name}.{letter}_{g}"] for g in "ifgo"])
                             for letter in "UW"] + [bias, torch.zeros_like(bias)]
        self.layers = len(names)
        self.hidden = len(tensors[f"{names[0]}.b_f"])

    def __call__(self, x, sequences, state=None):
        """h of every row, and (h, c), each [layers, sequences, H], behind the last step of every
        sequence."""
        if state is None:
            zeros = x.new_zeros(self.layers, sequences.sizes[0], self.hidden)
            state = (zeros, zeros)
        result, h, c = torch._VF.lstm(x, torch.tensor(sequences.sizes), state, self.weights, True,
                                      self.layers, 0.0, True, False)
        return result, (h, c)


class BilstmTaggerChar:
    def __init__(self, tensors):
        self.tables = [tensors["embedding"], tensors["characters"]]
        stacks = [[Lstm(tensors, [f"{prefix}{side}{k}" for k in (1, 2)])
                   for side in ("forward", "backward")] for prefix in ("", "char_")]
        self.stacks, self.char_stacks = stacks
        self.p, self.o = tensors["head.P"].t(), tensors["head.O"].t()

    def spelt(self, words):
        """Of every word, given as a list of characters."""
        sequences = Sequences([len(word) for word in words])
        letters = np.array([letter for word in words for letter in word], np.int64)
        x = look_up(self.tables[1], sequences.pack(letters))
        mirrored = x.index_select(0, f.index(sequences.mirror))
        ends = [stack(one, sequences)[1][0][-1]
                for stack, one in zip(self.char_stacks, (x, mirrored))]
        return torch.cat(ends, 1).index_select(0, f.index(sequences.place))

    def words(self, instances, sequences):
        """In the order of rows."""
        ids = flat(instances, "ids")
        spelling = [letters for one in instances
                    for letters in one.get("spelling") or [[]] * len(one["ids"])]
        is_spelt = np.array([bool(letters) for letters in spelling])
        x = look_up(self.tables[0], ids[~is_spelt])
        if is_spelt.any():
            x = torch.cat([x, self.spelt([letters for letters in spelling if letters])])
        # Words with a row come first, then the others.
        place = np.empty(len(ids), np.int64)
        place[np.argsort(is_spelt, kind="stable")] = np.arange(len(ids))
        return x.index_select(0, f.index(sequences.pack(place)))

    def __call__(self, instances):
        sequences = Sequences([len(one["ids"]) for one in instances])
        x = self.words(instances, sequences)
        mirror = f.index(sequences.mirror)
        from_left = self.stacks[0](x, sequences)[0]
        from_right = self.stacks[1](x.index_select(0, mirror), sequences)[0]
        both = torch.cat([from_left, from_right.index_select(0, mirror)], 1)
        return f.log_softmax(torch.mm(torch.tanh(torch.mm(both, self.p)), self.o)), sequences.rank


class LstmNmt:
    def __init__(self, tensors):
        self.embeddings = [tensors[name] for name in ("embedding", "target_embedding")]
        self.projections = [(tensors[f"{side}.E"].t(), tensors[f"{side}.b"])
                            for side in ("encoder", "decoder")]
        self.lstms = [Lstm(tensors, [side]) for side in ("encoder", "decoder")]
        self.head = tensors["head.V"].t()

    def run(self, side, sequences, ids, state=None):
        e, b = self.projections[side]
        x = torch.addmm(b, look_up(self.embeddings[side], sequences.pack(ids)), e)
        return self.lstms[side](torch.tanh(x), sequences, state)

    def __call__(self, instances):
        source = Sequences([len(one["source"]) for one in instances])
        _, state = self.run(0, source, flat(instances, "source"))
        target = Sequences([len(one["target"]) for one in instances])
        # From the source's order of sequences to the target's.
        order = np.empty(len(instances), np.int64)
        order[target.place] = source.place
        state = tuple(part.index_select(1, f.index(order)) for part in state)
        words = [word for one in instances for word in ([0] + one["target"])[:len(one["target"])]]
        states, _ = self.run(1, target, np.array(words, np.int64), state)
        return f.log_softmax(torch.mm(states, self.head)), target.rank


MODELS = {"tree_lstm": TreeLstm, "tree_lstm_nary": TreeLstmNary, "lattice_lstm": LatticeLstm,
          "bilstm_tagger_char": BilstmTaggerChar, "lstm_nmt": LstmNmt}

ARRAY_MODELS = {"tree_lstm": TreeLstmArray}

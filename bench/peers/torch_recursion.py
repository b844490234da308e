#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peer in PyTorch without batching: one node, arc or step after another, as the models are
usually first written. See worker.py for its use; torch_train.py trains these models.
"""
import worker  # first: it sets the environment that torch reads

import torch

import torch_functions as f


class Affine:
    """All gates that see the same value, as one product with one row."""

    def __init__(self, tensors, weights, bias=None):
        self.w = f.joined(tensors, weights)
        self.b = None if bias is None else f.biases(tensors, bias)

    def __call__(self, x):
        return torch.mm(x, self.w) if self.b is None else torch.addmm(self.b, x, self.w)


def named(name, letter, gates):
    return [f"{name}.{letter}_{gate}" for gate in gates]


class Model:
    def __init__(self, tensors):
        self.embedding = f.table(tensors["embedding"])

    def __call__(self, instances):
        """Rows come instance by instance."""
        return torch.cat([row for one in instances for row in self.rows(one)]), None


class TreeModel(Model):
    def __init__(self, tensors):
        super().__init__(tensors)
        self.head = f.array(tensors["head.V"].T)

    def rows(self, tree):
        states = []
        for left, right, word in zip(tree["left"], tree["right"], tree["word"]):
            states.append(self.leaf(self.embedding[word]) if left < 0 else
                          self.node(states[left], states[right]))
            yield torch.log_softmax(torch.mm(states[-1][0], self.head), 1)


class TreeLstm(TreeModel):
    def __init__(self, tensors):
        super().__init__(tensors)
        self.leaves = Affine(tensors, named("leaf", "W", "iou"), named("leaf", "b", "iou"))
        self.iou = Affine(tensors, named("node", "U", "iou"), named("node", "b", "iou"))
        self.forget = [Affine(tensors, [f"node.F_{k}"], ["node.b_f"]) for k in (1, 2)]

    def leaf(self, x):
        i, o, u = self.leaves(x).chunk(3, 1)
        c = torch.sigmoid(i) * torch.tanh(u)
        return torch.sigmoid(o) * torch.tanh(c), c

    def node(self, left, right):
        i, o, u = self.iou(torch.cat([left[0], right[0]], 1)).chunk(3, 1)
        c = (torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(self.forget[0](left[0])) * left[1] +
             torch.sigmoid(self.forget[1](right[0])) * right[1])
        return torch.sigmoid(o) * torch.tanh(c), c


class TreeLstmNary(TreeLstm):
    """Each forget gate sees both children."""

    def node(self, left, right):
        e = torch.cat([left[0], right[0]], 1)
        i, o, u = self.iou(e).chunk(3, 1)
        c = (torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(self.forget[0](e)) * left[1] +
             torch.sigmoid(self.forget[1](e)) * right[1])
        return torch.sigmoid(o) * torch.tanh(c), c


class TreeGru(TreeModel):
    def __init__(self, tensors):
        super().__init__(tensors)
        self.steps = {child: self.affine(tensors, "node" if child else "leaf", child)
                      for child in ("", "1", "2")}

    def affine(self, tensors, name, child):
        return (Affine(tensors, [f"{name}.U_{g}{child}" for g in "rz"], named(name, "b", "rz")),
                Affine(tensors, [f"{name}.U_c{child}"], [f"{name}.b_c"]))

    def step(self, child, x):
        gates, candidate = self.steps[child]
        r, z = torch.sigmoid(gates(x)).chunk(2, 1)
        return z * x + (1 - z) * torch.tanh(candidate(r * x))

    def leaf(self, x):
        return (self.step("", x),)

    def node(self, left, right):
        return ((self.step("1", left[0]) + self.step("2", right[0])) / 2,)


class LstmStep:
    def __init__(self, tensors, name):
        self.x = Affine(tensors, named(name, "U", "fiog"), named(name, "b", "fiog"))
        self.h = Affine(tensors, named(name, "W", "fiog"))
        self.hidden = self.h.w.shape[0]

    def __call__(self, x, h, c):
        forget, i, o, u = (self.x(x) + self.h(h)).chunk(4, 1)
        c = torch.sigmoid(i) * torch.tanh(u) + torch.sigmoid(forget) * c
        return torch.sigmoid(o) * torch.tanh(c), c


class GruStep:
    def __init__(self, tensors, name):
        self.x = Affine(tensors, named(name, "W", "rzc"), named(name, "b", "rzc"))
        self.h = Affine(tensors, named(name, "U", "rz"))
        self.c = Affine(tensors, [f"{name}.U_c"])

    def __call__(self, x, h):
        x_r, x_z, x_c = self.x(x).chunk(3, 1)
        h_r, h_z = self.h(h).chunk(2, 1)
        z = torch.sigmoid(x_z + h_z)
        return (z * h + (1 - z) * torch.tanh(x_c + self.c(torch.sigmoid(x_r + h_r) * h)),)


class LatticeModel(Model):
    def __init__(self, tensors, step, state):
        super().__init__(tensors)
        self.head = f.array(tensors["head.V"].T)
        self.start = tuple(f.array(tensors[f"start.{s}"]).reshape(1, -1) for s in state)
        self.arcs = [step(tensors, kind) for kind in ("character", "word")]

    def rows(self, lattice):
        states = [self.start]
        begin, source, ids = lattice["begin"], lattice["source"], lattice["id"]
        for position in range(1, len(begin) - 1):
            arcs = [self.arcs[source[a] != position - 1](self.embedding[ids[a]],
                                                         *states[source[a]])
                    for a in range(begin[position], begin[position + 1])]
            states.append(tuple(sum(parts[1:], parts[0]) for parts in zip(*arcs)))
        return [torch.log_softmax(torch.mm(state[0], self.head), 1) for state in states]


class BilstmTagger(Model):
    def __init__(self, tensors):
        super().__init__(tensors)
        self.stacks = [[LstmStep(tensors, f"{side}{k}") for k in (1, 2)]
                       for side in ("forward", "backward")]
        self.p, self.o = f.array(tensors["head.P"].T), f.array(tensors["head.O"].T)

    def run(self, stack, xs):
        for step in stack:
            zero = torch.zeros(1, step.hidden)
            state, states = (zero, zero), []
            for x in xs:
                state = step(x, *state)
                states.append(state[0])
            xs = states
        return xs

    def words(self, sentence):
        return [self.embedding[word] for word in sentence["ids"]]

    def rows(self, sentence):
        xs = self.words(sentence)
        both = zip(self.run(self.stacks[0], xs), self.run(self.stacks[1], xs[::-1])[::-1])
        return [torch.log_softmax(torch.mm(torch.tanh(torch.mm(torch.cat(pair, 1), self.p)),
                                           self.o), 1) for pair in both]


class BilstmTaggerChar(BilstmTagger):
    """A word that is spelt is read letter by letter, from both ends."""

    def __init__(self, tensors):
        super().__init__(tensors)
        self.characters = f.table(tensors["characters"])
        self.char_stacks = [[LstmStep(tensors, f"char_{side}{k}") for k in (1, 2)]
                            for side in ("forward", "backward")]

    def words(self, sentence):
        spelling = sentence.get("spelling") or [[]] * len(sentence["ids"])
        return [self.spelt(letters) if letters else self.embedding[word]
                for word, letters in zip(sentence["ids"], spelling)]

    def spelt(self, letters):
        xs = [self.characters[letter] for letter in letters]
        return torch.cat([self.run(self.char_stacks[0], xs)[-1],
                          self.run(self.char_stacks[1], xs[::-1])[-1]], 1)


class LstmNmt(Model):
    def __init__(self, tensors):
        super().__init__(tensors)
        self.embeddings = [self.embedding, f.table(tensors["target_embedding"])]
        self.sides = [(f.array(tensors[f"{side}.E"].T), f.array(tensors[f"{side}.b"]),
                       LstmStep(tensors, side)) for side in ("encoder", "decoder")]
        self.zero = torch.zeros(1, len(tensors["encoder.b"]))
        self.head = f.array(tensors["head.V"].T)

    def step(self, side, word, state):
        e, b, lstm = self.sides[side]
        return lstm(torch.tanh(torch.addmm(b, self.embeddings[side][word], e)), *state)

    def rows(self, pair):
        state = (self.zero, self.zero)
        for word in pair["source"]:
            state = self.step(0, word, state)
        for word in ([0] + pair["target"])[:len(pair["target"])]:
            state = self.step(1, word, state)
            yield torch.log_softmax(torch.mm(state[0], self.head), 1)


MODELS = {"tree_lstm": TreeLstm, "tree_lstm_nary": TreeLstmNary, "tree_gru": TreeGru,
          "lattice_lstm": lambda tensors: LatticeModel(tensors, LstmStep, "hc"),
          "lattice_gru": lambda tensors: LatticeModel(tensors, GruStep, "h"),
          "bilstm_tagger": BilstmTagger, "bilstm_tagger_char": BilstmTaggerChar,
          "lstm_nmt": LstmNmt}

if __name__ == "__main__":
    with torch.inference_mode():
        worker.main("torch_recursion", MODELS, describe=worker.describe_torch)

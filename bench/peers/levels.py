# SPDX-License-Identifier: Apache-2.0
"""The benchmark models (docs/models.md), batched by hand, level by level over a minibatch.

What a good PyTorch programmer would write: one product for all gates that see the same values, all
products of inputs hoisted out of the loop over levels, states in one array in the order of levels,
gates in place, heads once for all nodes. The same text runs on torch and on NumPy: `f` is
torch_functions or numpy_functions. Weights lie [in x out], as BLAS likes them best.

A model is called with the instances of a minibatch and gives (values, rank): values[rank] are the
output rows, instance by instance.
"""
import numpy as np

from structure import Lattices, Sequences, Trees, flat


def joined(tensors, names):
    """Weights [out x in] of several gates as one, [in x all outs]."""
    return np.concatenate([tensors[name] for name in names]).T


def biases(tensors, names):
    return np.concatenate([tensors[name] for name in names])


class TreeModel:
    def __init__(self, f, tensors):
        self.f = f
        self.embedding = f.array(tensors["embedding"])
        self.hidden = self.embedding.shape[1]
        self.head = f.array(tensors["head.V"].T)

    def __call__(self, instances):
        f = self.f
        trees = Trees(instances)
        states = self.states(trees)
        return f.log_softmax(f.mm(states, self.head)), trees.rank


class TreeLstm(TreeModel):
    # One product [h1; h2] x [2H x 5H] computes two H x H blocks of zeros, three products do not:
    # which is faster depends on H.
    joint = True

    def __init__(self, f, tensors):
        super().__init__(f, tensors)
        # Sigmoids first: i, o, f1, f2, then u.
        self.leaf_w = f.array(joined(tensors, [f"leaf.W_{g}" for g in "iou"]))
        self.leaf_b = f.array(biases(tensors, [f"leaf.b_{g}" for g in "iou"]))
        h = self.hidden
        u = joined(tensors, [f"node.U_{g}" for g in "iou"])
        weights = np.zeros((2 * h, 5 * h))
        weights[:, :2 * h], weights[:, 4 * h:] = u[:, :2 * h], u[:, 2 * h:]
        weights[:h, 2 * h:3 * h] = tensors["node.F_1"].T
        weights[h:, 3 * h:4 * h] = tensors["node.F_2"].T
        self.node_w = f.array(weights)
        self.node_b = f.array(biases(tensors, [f"node.b_{g}" for g in "ioffu"]))
        self.io, self.u = f.array(u[:, :2 * h]), f.array(u[:, 2 * h:])
        self.forget = [f.array(tensors[f"node.F_{k}"].T) for k in (1, 2)]

    def gates(self, e, out):
        f, h, b = self.f, self.hidden, self.node_b
        if self.joint:
            return f.addmm(b, e, self.node_w, out=out)
        f.addmm(b[:2 * h], e, self.io, out=out[:, :2 * h])
        f.addmm(b[2 * h:3 * h], e[:, :h], self.forget[0], out=out[:, 2 * h:3 * h])
        f.addmm(b[3 * h:4 * h], e[:, h:], self.forget[1], out=out[:, 3 * h:4 * h])
        f.addmm(b[4 * h:], e, self.u, out=out[:, 4 * h:])
        return out

    def states(self, trees):
        f, n = self.f, self.hidden
        h, c = f.empty(len(trees.rank), n), f.empty(len(trees.rank), n)
        leaves = trees.levels[0][1]
        x = f.index_select(self.embedding, 0, f.index(trees.words))
        g = f.addmm(self.leaf_b, x, self.leaf_w)
        sigmoids = g[:, :2 * n]
        f.sigmoid(sigmoids, out=sigmoids)
        i, o, u = f.chunk(g, 3, 1)
        now = c[:leaves]
        f.mul(i, f.tanh(u, out=u), out=now)
        f.mul(o, f.tanh(now), out=h[:leaves])
        children = f.index(np.stack([trees.left, trees.right], axis=1).reshape(-1))
        room = f.empty(max((end - begin for begin, end in trees.levels[1:]), default=0), 5 * n)
        for begin, end in trees.levels[1:]:
            rows = children[2 * (begin - leaves):2 * (end - leaves)]
            e = f.index_select(h, 0, rows).reshape(-1, 2 * n)
            cc = f.index_select(c, 0, rows).reshape(-1, 2 * n)
            g = self.gates(e, room[:end - begin])
            sigmoids = g[:, :4 * n]
            f.sigmoid(sigmoids, out=sigmoids)
            i, o, f1, f2, u = f.chunk(g, 5, 1)
            c1, c2 = f.chunk(cc, 2, 1)
            now = c[begin:end]
            f.mul(i, f.tanh(u, out=u), out=now)
            f.addcmul(now, f1, c1, out=now)
            f.addcmul(now, f2, c2, out=now)
            f.mul(o, f.tanh(now), out=h[begin:end])
        return h


class TreeGru(TreeModel):
    def __init__(self, f, tensors):
        super().__init__(f, tensors)
        self.leaf = self.gates(tensors, "leaf", "")
        self.nodes = [self.gates(tensors, "node", k) for k in "12"]

    def gates(self, tensors, name, child):
        return [self.f.array(w) for w in (joined(tensors, [f"{name}.U_{g}{child}" for g in "rz"]),
                                          biases(tensors, [f"{name}.b_{g}" for g in "rz"]),
                                          tensors[f"{name}.U_c{child}"].T, tensors[f"{name}.b_c"])]

    def step(self, x, weights):
        """From some states at once, `weights` by part of them."""
        f, n = self.f, self.hidden
        rows = len(x) // len(weights)
        parts = [slice(k * rows, (k + 1) * rows) for k in range(len(weights))]
        g, c = f.empty(len(x), 2 * n), f.empty(len(x), n)
        for part, (w, b, _, _) in zip(parts, weights):
            f.addmm(b, x[part], w, out=g[part])
        f.sigmoid(g, out=g)
        r, z = f.chunk(g, 2, 1)
        reset = f.mul(r, x)
        for part, (_, _, w, b) in zip(parts, weights):
            f.addmm(b, reset[part], w, out=c[part])
        f.tanh(c, out=c)
        return f.lerp(c, x, z)

    def states(self, trees):
        f = self.f
        h = f.empty(len(trees.rank), self.hidden)
        leaves = trees.levels[0][1]
        x = f.index_select(self.embedding, 0, f.index(trees.words))
        h[:leaves] = self.step(x, [self.leaf])
        for begin, end in trees.levels[1:]:
            at = slice(begin - leaves, end - leaves)
            rows = f.index(np.concatenate([trees.left[at], trees.right[at]]))
            both = self.step(f.index_select(h, 0, rows), self.nodes)
            now = h[begin:end]
            f.add(both[:end - begin], both[end - begin:], out=now)
            now *= 0.5
        return h


class MvRnn(TreeModel):
    """Matrices lie as in Sheaf: rows are their columns."""

    def __init__(self, f, tensors):
        super().__init__(f, tensors)
        n = self.hidden
        self.matrices = f.array(tensors["embedding_matrix"].reshape(-1, n, n))
        for letter in "vm":
            w = tensors[f"node.W_{letter}"].reshape(n, 2 * n).T
            setattr(self, f"w_{letter}", [f.array(w[:n]), f.array(w[n:])])
            setattr(self, f"b_{letter}", f.array(tensors[f"node.b_{letter}"]))

    def states(self, trees):
        f, n = self.f, self.hidden
        v = f.empty(len(trees.rank), n)
        m = f.empty(len(trees.rank), n, n)
        leaves = trees.levels[0][1]
        words = f.index(trees.words)
        v[:leaves] = f.index_select(self.embedding, 0, words)
        m[:leaves] = f.index_select(self.matrices, 0, words)
        for begin, end in trees.levels[1:]:
            at = slice(begin - leaves, end - leaves)
            left, right = f.index(trees.left[at]), f.index(trees.right[at])
            m_l, m_r = f.index_select(m, 0, left), f.index_select(m, 0, right)
            v_l, v_r = f.index_select(v, 0, left), f.index_select(v, 0, right)
            now = v[begin:end]
            f.addmm(self.b_v, f.bmm(v_r.reshape(-1, 1, n), m_l).reshape(-1, n), self.w_v[0],
                    out=now)
            f.addmm(now, f.bmm(v_l.reshape(-1, 1, n), m_r).reshape(-1, n), self.w_v[1], out=now)
            f.tanh(now, out=now)
            matrices = m[begin:end].reshape(-1, n)
            f.addmm(self.b_m, m_l.reshape(-1, n), self.w_m[0], out=matrices)
            f.addmm(matrices, m_r.reshape(-1, n), self.w_m[1], out=matrices)
        return v


class LatticeModel:
    def __init__(self, f, tensors):
        self.f = f
        self.embedding = f.array(tensors["embedding"])
        self.hidden = self.embedding.shape[1]
        self.head = f.array(tensors["head.V"].T)
        self.start = f.array(np.concatenate([tensors[f"start.{s}"] for s in self.state]))

    def __call__(self, instances):
        f = self.f
        lattices = Lattices(instances)
        # h, or h and c side by side: what is gathered and added up together.
        states = f.empty(len(lattices.rank), len(self.start))
        states[:lattices.first] = self.start
        inputs = []
        for kind, ids in enumerate((lattices.characters, lattices.words)):
            x = f.index_select(self.embedding, 0, f.index(ids))
            inputs.append(f.addmm(self.bias[kind], x, self.input[kind]))
        sources, targets = f.index(lattices.sources), f.index(lattices.targets)
        arcs = 0
        for (begin, end), characters, words in lattices.steps:
            count = end - begin + words[1] - words[0]
            rows = sources[arcs:arcs + count]
            arcs += count
            before = f.index_select(states, 0, rows)
            x = [inputs[0][characters[0]:characters[1]], inputs[1][words[0]:words[1]]]
            after = self.arcs(x, before)
            now = states[begin:end]
            now[:] = after[:end - begin]
            if words[1] > words[0]:
                f.index_add(now, targets[words[0]:words[1]], after[end - begin:])
        return f.log_softmax(f.mm(states[:, :self.hidden], self.head)), lattices.rank


def arc_weights(f, tensors, letter, gates, kinds=("character", "word")):
    return [f.array(joined(tensors, [f"{kind}.{letter}_{g}" for g in gates])) for kind in kinds]


class LatticeLstm(LatticeModel):
    state = "hc"

    def __init__(self, f, tensors):
        super().__init__(f, tensors)
        self.input = arc_weights(f, tensors, "U", "fiog")
        self.recurrent = arc_weights(f, tensors, "W", "fiog")
        self.bias = [f.array(biases(tensors, [f"{kind}.b_{g}" for g in "fiog"]))
                     for kind in ("character", "word")]

    def arcs(self, x, before):
        f, n = self.f, self.hidden
        h, c = f.chunk(before, 2, 1)
        g = f.empty(len(h), 4 * n)
        split = len(x[0])
        f.addmm(x[0], h[:split], self.recurrent[0], out=g[:split])
        if len(h) > split:
            f.addmm(x[1], h[split:], self.recurrent[1], out=g[split:])
        sigmoids = g[:, :3 * n]
        f.sigmoid(sigmoids, out=sigmoids)
        forget, i, o, u = f.chunk(g, 4, 1)
        f.mul(forget, c, out=c)
        f.addcmul(c, i, f.tanh(u, out=u), out=c)
        f.mul(o, f.tanh(c), out=h)
        return before


class LatticeGru(LatticeModel):
    state = "h"

    def __init__(self, f, tensors):
        super().__init__(f, tensors)
        self.input = arc_weights(f, tensors, "W", "rzc")
        self.gates = arc_weights(f, tensors, "U", "rz")
        self.candidate = arc_weights(f, tensors, "U", "c")
        self.bias = [f.array(biases(tensors, [f"{kind}.b_{g}" for g in "rzc"]))
                     for kind in ("character", "word")]

    def arcs(self, x, before):
        f, n, h = self.f, self.hidden, before
        g, c = f.empty(len(h), 2 * n), f.empty(len(h), n)
        parts = [slice(0, len(x[0])), slice(len(x[0]), len(h))]
        kinds = (0, 1) if len(x[1]) else (0,)
        for k in kinds:
            f.addmm(x[k][:, :2 * n], h[parts[k]], self.gates[k], out=g[parts[k]])
        f.sigmoid(g, out=g)
        r, z = f.chunk(g, 2, 1)
        reset = f.mul(r, h)
        for k in kinds:
            f.addmm(x[k][:, 2 * n:], reset[parts[k]], self.candidate[k], out=c[parts[k]])
        f.tanh(c, out=c)
        return f.lerp(c, h, z)


class Lstm:
    """Steps of some LSTMs at once, which have the same numbers of rows and other weights."""

    def __init__(self, f, tensors, names):
        self.f = f
        self.input = [f.array(joined(tensors, [f"{name}.U_{g}" for g in "fiog"]))
                      for name in names]
        self.recurrent = [f.array(joined(tensors, [f"{name}.W_{g}" for g in "fiog"]))
                          for name in names]
        self.bias = [f.array(biases(tensors, [f"{name}.b_{g}" for g in "fiog"])) for name in names]
        self.hidden = self.recurrent[0].shape[0]

    def run(self, xs, sequences, state=None):
        """h of every row of every LSTM, [LSTMs, rows, H]; `state` is (h, c) before, which this
        changes: in the end it holds those behind the last step of every sequence."""
        f, n, count = self.f, self.hidden, len(xs)
        gates = f.empty(count, len(xs[0]), 4 * n)
        for k, x in enumerate(xs):
            f.addmm(self.bias[k], x, self.input[k], out=gates[k])
        result = f.empty(count, len(xs[0]), n)
        if state is None and sequences.sizes:
            state = [f.zeros(count, sequences.sizes[0], n) for _ in "hc"]
        for (begin, end), size in zip(sequences.steps, sequences.sizes):
            g = gates[:, begin:end]
            h, c = state[0][:, :size], state[1][:, :size]
            for k in range(count):
                now = g[k]
                f.addmm(now, h[k], self.recurrent[k], out=now)
            sigmoids = g[:, :, :3 * n]
            f.sigmoid(sigmoids, out=sigmoids)
            forget, i, o, u = f.chunk(g, 4, 2)
            f.mul(forget, c, out=c)
            f.addcmul(c, i, f.tanh(u, out=u), out=c)
            f.mul(o, f.tanh(c), out=h)
            result[:, begin:end] = h
        return result


class BilstmTagger:
    """Both directions advance together: in the mirrored order they have the same steps."""

    def __init__(self, f, tensors):
        self.f = f
        self.embedding = f.array(tensors["embedding"])
        self.layers = [Lstm(f, tensors, [f"forward{k}", f"backward{k}"]) for k in (1, 2)]
        hidden = self.embedding.shape[1]
        self.p = [f.array(tensors["head.P"].T[:hidden]), f.array(tensors["head.P"].T[hidden:])]
        self.o = f.array(tensors["head.O"].T)

    def __call__(self, instances):
        f = self.f
        sequences = Sequences([len(one["ids"]) for one in instances])
        x = f.index_select(self.embedding, 0, f.index(sequences.pack(flat(instances, "ids"))))
        mirror = f.index(sequences.mirror)
        states = [x, f.index_select(x, 0, mirror)]
        for layer in self.layers:
            states = layer.run(states, sequences)
        p = f.mm(states[0], self.p[0])
        f.addmm(p, f.index_select(states[1], 0, mirror), self.p[1], out=p)
        return f.log_softmax(f.mm(f.tanh(p, out=p), self.o)), sequences.rank


class LstmNmt:
    def __init__(self, f, tensors):
        self.f = f
        self.embeddings = [f.array(tensors[name]) for name in ("embedding", "target_embedding")]
        self.projections = [(f.array(tensors[f"{side}.E"].T), f.array(tensors[f"{side}.b"]))
                            for side in ("encoder", "decoder")]
        self.lstms = [Lstm(f, tensors, [side]) for side in ("encoder", "decoder")]
        self.head = f.array(tensors["head.V"].T)

    def run(self, side, sequences, ids, state):
        f, (e, b) = self.f, self.projections[side]
        x = f.index_select(self.embeddings[side], 0, f.index(sequences.pack(ids)))
        x = f.addmm(b, x, e)
        return self.lstms[side].run([f.tanh(x, out=x)], sequences, state)[0]

    def __call__(self, instances):
        f, hidden = self.f, self.lstms[0].hidden
        source = Sequences([len(one["source"]) for one in instances])
        state = [f.zeros(1, len(instances), hidden) for _ in "hc"]
        self.run(0, source, flat(instances, "source"), state)
        target = Sequences([len(one["target"]) for one in instances])
        # From the source's order of sequences to the target's.
        order = np.empty(len(instances), np.int64)
        order[target.place] = source.place
        state = [f.index_select(part[0], 0, f.index(order)).reshape(1, -1, hidden)
                 for part in state]
        words = [word for one in instances for word in ([0] + one["target"])[:len(one["target"])]]
        states = self.run(1, target, np.array(words, np.int64), state)
        return f.log_softmax(f.mm(states, self.head)), target.rank


MODELS = {"tree_lstm": TreeLstm, "tree_gru": TreeGru, "mv_rnn": MvRnn, "lattice_lstm": LatticeLstm,
          "lattice_gru": LatticeGru, "bilstm_tagger": BilstmTagger, "lstm_nmt": LstmNmt}

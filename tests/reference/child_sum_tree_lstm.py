# SPDX-License-Identifier: Apache-2.0
"""Reference of the `child_sum_tree_lstm` model in double precision: one word after another.

Tai, Socher and Manning 2015, equations 2 to 8, for a word x with children k:
                h~ = sum of h_k; i, o = s(W x + U h~ + b), u = tanh(W x + U h~ + b);
                f_k = s(W_f x + U_f h_k + b_f); c = i * u + sum of f_k * c_k; h = o * tanh(c)
every word:     log-softmax(V h)
"""
import numpy

import safetensors
from equations import Table, log_softmax, sigmoid
from lines import read_lines


def read(path):
    """The trees of a CoNLL-U file, each a list of (form, number of its head; 0: a root)."""
    sentences, words = [], []
    for line in [*read_lines(path), ""]:
        if not line:
            if words:
                sentences.append(words)
            words = []
        elif not line.startswith("#"):
            columns = line.split("\t")
            if columns[0].isdigit():  # neither a multiword token nor an empty node
                words.append((columns[1], int(columns[6])))
    return sentences


class Model:
    def __init__(self, path):
        tensors, metadata = safetensors.load(path)
        self.embedding = Table(path, tensors, metadata)
        self.w, self.u, self.b = (
            safetensors.stack(tensors, [f"{name}_{gate}" for gate in "iou"])
            for name in ("word.W", "node.U", "node.b"))
        self.w_f, self.u_f, self.b_f = (tensors[f"{name}_f"]
                                        for name in ("word.W", "edge.U", "edge.b"))
        self.head = tensors["head.V"]
        self.classes = len(self.head)

    def state(self, x, children):
        h_sum = sum((h for h, _ in children), numpy.zeros(self.u.shape[1]))
        i, o, u = (self.w @ x + self.u @ h_sum + self.b).reshape(3, -1)
        c = sigmoid(i) * numpy.tanh(u)
        for h, cell in children:
            c = c + sigmoid(self.w_f @ x + self.u_f @ h + self.b_f) * cell
        return sigmoid(o) * numpy.tanh(c), c

    def outputs(self, sentence):
        """[words, relations]: log-probabilities, in the order of the sentence."""
        children = {number: [] for number in range(len(sentence) + 1)}
        for number, (_, head) in enumerate(sentence, start=1):
            children[head].append(number)
        # A word goes on the stack twice: before its children, and again to be computed.
        states, stack = {}, [(0, False)]
        while stack:
            number, ready = stack.pop()
            if not ready:
                stack.append((number, True))
                stack.extend((child, False) for child in children[number])
            elif number != 0:
                states[number] = self.state(self.embedding[sentence[number - 1][0]],
                                            [states[child] for child in children[number]])
        return numpy.array([log_softmax(self.head @ states[number][0])
                            for number in range(1, len(sentence) + 1)])

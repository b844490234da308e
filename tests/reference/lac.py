# SPDX-License-Identifier: Apache-2.0
"""Reference of the `lac` model in double precision: one character after another.

The weights are a folder of PaddlePaddle variables, as in Debian's python3-jieba (jieba/lac_small).

GRU step:   u, r = s(x_u,r + h U_u,r), c = tanh(x_c + (r * h) U_c); h' = (1 - u) * h + u * c
layers:     a forward and a reverse GRU, each over its own input product; their states side by side
            are the next layer's input; two layers, then an affine map to the emissions
labels:     the path of the highest score: start + emissions + transitions + stop
"""
import pathlib

import numpy

from equations import sigmoid

HIDDEN = 128


def read(path):
    """The sentences of a text, one a line (a line feed ends it), blanks at both ends removed."""
    lines = pathlib.Path(path).read_bytes().decode("utf-8").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.strip() for line in lines]


def read_variable(path, *shape):
    """The float32 values of a variable file, after its version, levels and description."""
    data = path.read_bytes()
    if data[:16] != bytes(16):
        raise ValueError(f"{path}: unknown version or a variable with levels")
    begin = 20 + int.from_bytes(data[16:20], "little")
    if data[20:22] != b"\x08\x05":
        raise ValueError(f"{path}: expected FP32 data")
    return numpy.frombuffer(data[begin:], "<f4").astype(numpy.float64).reshape(shape)


def read_dictionary(path):
    """id -> entry. Entries may be control characters, so only line feeds end a line."""
    lines = path.read_bytes().decode("utf-8").rstrip("\n").split("\n")
    return {int(number): entry for number, entry in (line.split("\t") for line in lines)}


class Gru:
    """One direction of a layer: its input product (fc) and its recurrent weights (gru)."""

    def __init__(self, folder, number, inputs):
        self.input_w = read_variable(folder / f"fc_{number}.w_0", inputs, 3 * HIDDEN)
        self.input_b = read_variable(folder / f"fc_{number}.b_0", 3 * HIDDEN)
        self.b = read_variable(folder / f"gru_{number}.b_0", 3 * HIDDEN)
        # Declared as one 128 x 384 array, but stored as the gates' block, then the candidate's.
        recurrent = read_variable(folder / f"gru_{number}.w_0", 3 * HIDDEN * HIDDEN)
        self.gates = recurrent[:2 * HIDDEN * HIDDEN].reshape(HIDDEN, 2 * HIDDEN)
        self.candidate = recurrent[2 * HIDDEN * HIDDEN:].reshape(HIDDEN, HIDDEN)

    def run(self, inputs):
        h = numpy.zeros(HIDDEN)
        states = []
        for x in inputs:
            p = x @ self.input_w + self.input_b + self.b
            u, r = sigmoid(p[:2 * HIDDEN] + h @ self.gates).reshape(2, HIDDEN)
            c = numpy.tanh(p[2 * HIDDEN:] + (r * h) @ self.candidate)
            h = (1 - u) * h + u * c
            states.append(h)
        return states


class Model:
    def __init__(self, path):
        path = pathlib.Path(path)
        folder = path / "model_baseline"
        labels = read_dictionary(path / "tag.dic")
        self.labels = [labels[number] for number in range(len(labels))]
        self.classes = len(self.labels)
        self.words = {word: number for number, word in read_dictionary(path / "word.dic").items()}
        self.embedding = read_variable(folder / "word_emb", max(self.words.values()) + 1, HIDDEN)
        self.layers = [(Gru(folder, k, inputs), Gru(folder, k + 1, inputs))
                       for k, inputs in ((0, HIDDEN), (2, 2 * HIDDEN))]
        self.emission_w = read_variable(folder / "fc_4.w_0", 2 * HIDDEN, self.classes)
        self.emission_b = read_variable(folder / "fc_4.b_0", self.classes)
        crf = read_variable(folder / "crfw", self.classes + 2, self.classes)
        self.start, self.stop, self.transitions = crf[0], crf[1], crf[2:]

    def outputs(self, sentence):
        """[characters, 57]: the emissions, before the CRF."""
        oov = self.words["OOV"]
        x = [self.embedding[self.words.get(character, oov)] for character in sentence]
        for forward, reverse in self.layers:
            from_left = forward.run(x)
            from_right = reverse.run(x[::-1])[::-1]
            x = [numpy.concatenate(pair) for pair in zip(from_left, from_right)]
        rows = [state @ self.emission_w + self.emission_b for state in x]
        return numpy.array(rows).reshape(-1, self.classes)

    def viterbi(self, emissions):
        """The label numbers of the best path; of equal ones, that of the lower numbers."""
        if len(emissions) == 0:
            return []
        score, origins = self.start + emissions[0], []
        for emission in emissions[1:]:
            candidates = score[:, None] + self.transitions
            origins.append(candidates.argmax(axis=0))
            score = candidates.max(axis=0) + emission
        path = [int((score + self.stop).argmax())]
        for origin in reversed(origins):
            path.append(int(origin[path[-1]]))
        return path[::-1]

    def path_score(self, emissions, path):
        """The score that viterbi() maximises."""
        score = self.start[path[0]] + self.stop[path[-1]]
        score += sum(emissions[t, label] for t, label in enumerate(path))
        return score + sum(self.transitions[a, b] for a, b in zip(path, path[1:]))

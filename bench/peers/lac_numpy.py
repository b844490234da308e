# SPDX-License-Identifier: Apache-2.0
"""The NumPy peer of the `lac` model: a BiGRU-CRF word segmenter and tagger for Chinese.

The trained weights are those of Debian's python3-jieba (folder jieba/lac_small). The program is
what a good NumPy programmer would write, in float32: input products are hoisted over all steps,
the two directions share every element-wise call, sequences are packed (sorted by length, so that
no step computes padding), and the Viterbi search is vectorised over tags and sentences.

    lac_numpy.py [FILE]             tags one sentence a line: word/tag word/tag
    lac_numpy.py --bench FILE       prints one JSON line with the rate

A batch of one sentence and a batch of many run the same code; --bench reports the faster.
"""
import argparse
import ctypes
import json
import os
import pathlib
import re
import sys
import time

# An inherited core type or cache size would choose other BLAS kernels than the library's own
# choice for this machine, and threads would not compare with a single core.
DROPPED_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def restart_with_clean_environment():
    """Re-executes the program when BLAS would read other variables than a bench wants."""
    environment = {k: v for k, v in os.environ.items() if k not in DROPPED_VARIABLES}
    environment.update(ONE_THREAD)
    if environment != dict(os.environ):
        os.execve(sys.executable, sys.orig_argv, environment)


# BLAS reads its variables when NumPy loads it, so this must come before the import below.
if __name__ == "__main__" and "--bench" in sys.argv[1:]:
    restart_with_clean_environment()

import numpy as np  # noqa: E402

DEFAULT_MODEL_DIR = "/usr/lib/python3/dist-packages/jieba/lac_small"
HIDDEN = 128
BATCH_SIZES = (1, 16, 32, 48, 64)
MIN_ROUND_SECONDS = 0.3


def read_variable(path):
    """The float32 values of one PaddlePaddle variable file, flat."""
    data = pathlib.Path(path).read_bytes()
    if data[:16] != bytes(16) or data[20:22] != b"\x08\x05":
        raise ValueError(f"{path}: not a float32 variable without levels")
    return np.frombuffer(data, "<f4", offset=20 + int.from_bytes(data[16:20], "little"))


def read_dictionary(path):
    """The (id, entry) pairs of a .dic file; entries may be control characters."""
    with open(path, encoding="utf-8", newline="\n") as file:
        pairs = [line.rstrip("\n").split("\t") for line in file]
    return [(int(pair[0]), pair[1]) for pair in pairs]


class Layer:
    """A forward and a reverse GRU over the same input.

    Weights are stacked [u, r, c][forward, reverse]: one call multiplies them all, and every
    gate of a step is contiguous.
    """

    def __init__(self, read, forward, reverse):
        numbers = (forward, reverse)
        inputs = np.stack([read(f"fc_{k}.w_0") for k in numbers])
        biases = np.stack([read(f"fc_{k}.b_0") + read(f"gru_{k}.b_0") for k in numbers])
        recurrent = np.stack([read(f"gru_{k}.w_0") for k in numbers])
        gates = recurrent[:, :2 * HIDDEN * HIDDEN].reshape(2, HIDDEN, 2, HIDDEN)
        # s(x) = tanh(x / 2) / 2 + 1/2: with the gates' weights halved here, which is exact, the
        # only activation is tanh, which NumPy has vectorised.
        half = np.float32([0.5, 0.5, 1.0])[:, None, None, None]
        self.input = inputs.reshape(2, -1, 3, HIDDEN).transpose(2, 0, 1, 3) * half
        self.bias = biases.reshape(2, 1, 3, HIDDEN).transpose(2, 0, 1, 3) * half
        self.gates = np.ascontiguousarray(gates.transpose(2, 0, 1, 3)) * np.float32(0.5)
        self.candidate = recurrent[:, 2 * HIDDEN * HIDDEN:].reshape(2, HIDDEN, HIDDEN).copy()

    def run(self, x, pack):
        """x: [rows, in] -> [rows, 256], rows packed step by step as in `pack`."""
        inputs = np.matmul(np.stack([x, x[pack.mirror]]), self.input)    # [3, 2, rows, 128]
        inputs += self.bias
        hidden = np.empty((2, len(x), HIDDEN), np.float32)
        state = np.zeros((2, pack.sizes[0], HIDDEN), np.float32)
        begin = 0
        for size in pack.sizes:
            end = begin + size
            state = state[:, :size]
            gates = np.matmul(state, self.gates)
            gates += inputs[:2, :, begin:end]
            np.tanh(gates, out=gates)
            gates *= 0.5
            gates += 0.5
            update, reset = gates
            reset *= state
            candidate = np.matmul(reset, self.candidate)
            candidate += inputs[2, :, begin:end]
            np.tanh(candidate, out=candidate)
            candidate -= state
            candidate *= update
            state = np.add(state, candidate, out=hidden[:, begin:end])
            begin = end
        return np.concatenate([hidden[0], hidden[1][pack.mirror]], axis=1)


class Pack:
    """Rows of a batch of sentences sorted by falling length, step by step: step t holds
    character t of every sentence that has one. `mirror` maps a row to the row of the same
    sentence as far from its other end, and is its own inverse."""

    def __init__(self, sentences):
        self.lengths = lengths = np.array([len(s) for s in sentences])
        steps = np.arange(lengths[0])
        active = steps[:, None] < lengths                         # [steps, sentences]
        self.sizes = active.sum(axis=1).tolist()
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)])
        step, column = np.nonzero(active)
        self.mirror = self.starts[lengths[column] - 1 - step] + column
        characters = np.zeros(active.shape, np.intp)
        for k, sentence in enumerate(sentences):
            characters[:len(sentence), k] = sentence
        self.ids = characters[active]


class Tagger:
    def __init__(self, model_dir):
        def read(name):
            return read_variable(os.path.join(model_dir, "model_baseline", name))

        self.embedding = read("word_emb").reshape(-1, HIDDEN)
        self.layers = [Layer(read, 0, 1), Layer(read, 2, 3)]
        self.emission = read("fc_4.w_0").reshape(2 * HIDDEN, -1)
        self.emission_bias = read("fc_4.b_0")
        crf = read("crfw").reshape(-1, len(self.emission_bias))
        self.start, self.stop = crf[0], crf[1]
        self.transitions = np.ascontiguousarray(crf[2:])          # [from, to]
        self.transitions_to = np.ascontiguousarray(crf[2:].T)     # [to, from]
        words = read_dictionary(os.path.join(model_dir, "word.dic"))
        self.word_ids = {word: number for number, word in words}
        self.labels = [label for _, label in read_dictionary(os.path.join(model_dir, "tag.dic"))]

    def viterbi(self, emissions, pack):
        """The best label ids of every sentence of the batch."""
        starts, sizes, scores = pack.starts, pack.sizes, np.empty_like(emissions)
        # Reused by every step: fresh memory of this size would cost more than the sums.
        sums = np.empty((len(self.labels), sizes[0], len(self.labels)), np.float32)
        scores[:sizes[0]] = emissions[:sizes[0]] + self.start
        for t in range(1, len(sizes)):
            begin, end = starts[t], starts[t + 1]
            before = scores[starts[t - 1]:starts[t - 1] + sizes[t]]
            # Sources come first, so that the maximum runs over whole vectors. Where it lies is
            # looked up only for the labels of the best path, below.
            now = sums[:, :sizes[t]]
            np.add(before.T[:, :, None], self.transitions[:, None, :], out=now)
            np.add(now.max(axis=0), emissions[begin:end], out=scores[begin:end])
        best = np.empty(len(emissions), np.intp)
        chosen = np.empty(0, np.intp)
        for t in reversed(range(len(sizes))):
            rows = scores[starts[t]:starts[t + 1]]
            ended = (rows[len(chosen):] + self.stop).argmax(axis=1)
            going = (rows[:len(chosen)] + self.transitions_to[chosen]).argmax(axis=1)
            chosen = np.concatenate([going, ended])
            best[starts[t]:starts[t + 1]] = chosen
        return [best[starts[:n] + k] for k, n in enumerate(pack.lengths)]

    def tag_batch(self, sentences):
        """Label ids of sentences that are sorted by falling length; none is empty."""
        find, oov = self.word_ids.get, self.word_ids["OOV"]
        pack = Pack([[find(character, oov) for character in s] for s in sentences])
        x = self.embedding[pack.ids]
        for layer in self.layers:
            x = layer.run(x, pack)
        return self.viterbi(x @ self.emission + self.emission_bias, pack)

    def tag(self, sentences, batch_size):
        """Label ids of every sentence, in order; any sentence may be empty."""
        result = [()] * len(sentences)
        order = sorted(filter(sentences.__getitem__, range(len(sentences))),
                       key=lambda k: -len(sentences[k]))
        for begin in range(0, len(order), batch_size):
            batch = order[begin:begin + batch_size]
            for k, tags in zip(batch, self.tag_batch([sentences[k] for k in batch])):
                result[k] = tags
        return result


def words_of(sentence, labels):
    """(word, tag) pairs: a word starts at a -B label, or at O after another label."""
    words, previous = [], None
    for character, label in zip(sentence, labels):
        if previous is None or label.endswith("-B") or (label == "O" and previous != "O"):
            words.append([character, label.split("-")[0]])
        else:
            words[-1][0] += character
        previous = label
    return words


def read_sentences(path):
    """The stripped lines of a UTF-8 text. Only a line feed ends a line."""
    with open(0 if path == "-" else path, "rb") as file:
        lines = file.read().split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    try:
        return [line.decode("utf-8").strip() for line in lines]
    except UnicodeDecodeError as error:
        number = lines.index(error.object) + 1
        raise ValueError(f"{path}:{number}: not UTF-8: {error.reason}") from error


def describe_blas():
    """Name, core type and threads of the BLAS that NumPy loaded into this process."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if "/" in line}
    libraries = sorted(p for p in paths if re.search("blas|mkl|blis", os.path.basename(p)))
    for path in libraries:
        library = ctypes.CDLL(path)
        for form in ("openblas_{}", "openblas_{}64_", "openblas_{}_64", "scipy_openblas_{}64_"):
            config = getattr(library, form.format("get_config"), None)
            if config is not None:
                core = getattr(library, form.format("get_corename"))
                config.restype = core.restype = ctypes.c_char_p
                return {"blas": config().decode(), "blas_core": core().decode(),
                        "threads": getattr(library, form.format("get_num_threads"))()}
    names = ", ".join(os.path.basename(p) for p in libraries) or "none found"
    if any("/blas/libblas.so.3" in p for p in libraries):  # where Debian's libblas3 puts it
        return {"blas": f"reference BLAS ({names})", "blas_core": "generic", "threads": 1,
                "note": "reference BLAS is slow: for an honest comparison install OpenBLAS "
                        "(Debian: libopenblas0-pthread)"}
    return {"blas": names, "blas_core": "unknown", "threads": 1}


def bench(tagger, sentences, batch_sizes, rounds):
    """Rates from characters to labels (look-up, network, Viterbi), sorting included."""
    def rate(size, passes):
        begin = time.perf_counter()
        for _ in range(passes):
            tagger.tag(sentences, size)
        return passes * len(sentences) / (time.perf_counter() - begin)

    warm_up = {size: rate(size, 1) for size in batch_sizes}
    best = max(warm_up, key=warm_up.get)
    contestants = {size: max(1, round(MIN_ROUND_SECONDS * warm_up[size] / len(sentences)))
                   for size in sorted({batch_sizes[0], best})}
    rates = {size: [] for size in contestants}
    for _ in range(rounds):  # alternating, so that a drift of the clock meets all alike
        for size, passes in contestants.items():
            rates[size].append(rate(size, passes))
    medians = {size: float(np.median(values)) for size, values in rates.items()}
    best = max(medians, key=medians.get)
    names = {size: "single sentence" if size == 1 else f"batch of {size}" for size in batch_sizes}
    return {"sentences_per_s": round(medians[best], 1),
            "characters_per_s": round(medians[best] * sum(map(len, sentences)) / len(sentences), 1),
            "mode": names[best],
            "spread": [round(float(np.percentile(rates[best], p)), 1) for p in (10, 90)],
            "sentences_per_s_by_mode": {names[k]: round(v, 1) for k, v in medians.items()},
            "sentences_per_s_warm_up": {names[k]: round(v, 1) for k, v in warm_up.items()},
            "sentences": len(sentences), "rounds": rounds, "numpy": np.__version__,
            **describe_blas()}


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False, description="Chinese word segmentation "
                                     "and tagging with NumPy (a peer for Sheaf's benchmarks)")
    parser.add_argument("file", nargs="?", default="-", metavar="FILE",
                        help="one sentence a line (default: standard input)")
    parser.add_argument("--model-dir", default=DEFAULT_MODEL_DIR, help="default: %(default)s")
    parser.add_argument("--batch", type=int, metavar="N", help="sentences in a batch (default: "
                        "32; with --bench the best of " + ", ".join(map(str, BATCH_SIZES)) + ")")
    parser.add_argument("--bench", action="store_true", help="time one thread, print JSON")
    parser.add_argument("--rounds", type=int, default=7, help="of --bench, at least 5")
    arguments = parser.parse_args()
    if (arguments.batch or 1) < 1 or arguments.rounds < 5:
        parser.error("--batch must be at least 1 and --rounds at least 5")
    try:
        sentences = read_sentences(arguments.file)
        tagger = Tagger(arguments.model_dir)
    except (OSError, ValueError) as error:
        sys.exit(f"lac_numpy: {error}")
    if arguments.bench:
        if not any(sentences):
            sys.exit(f"lac_numpy: {arguments.file}: no sentence to time")
        sizes = [arguments.batch] if arguments.batch else BATCH_SIZES
        print(json.dumps(bench(tagger, sentences, sizes, arguments.rounds)))
        return
    sys.stdout.reconfigure(encoding="utf-8")
    for sentence, ids in zip(sentences, tagger.tag(sentences, arguments.batch or 32)):
        labels = [tagger.labels[k] for k in ids]
        print(" ".join(f"{word}/{tag}" for word, tag in words_of(sentence, labels)))


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that the benchmarks' peers compute what Sheaf computes, and that their index arrays hold.

    peers_test.py SOURCE_DIR SHEAF

The NumPy peer runs the text that the PyTorch peer runs, too.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT, TOOL = pathlib.Path(sys.argv.pop(1)), sys.argv.pop(1)
sys.path[:0] = [str(ROOT / "bench/peers"), str(ROOT / "tests/reference")]
import levels  # noqa: E402
import lattices  # noqa: E402
import numpy_functions  # noqa: E402
import safetensors  # noqa: E402
import trees  # noqa: E402
from structure import Lattices, Sequences, Trees  # noqa: E402

TREES = """(1 (0 a) (2 (1 b) (0 c)))
(0 d)
(1 (1 (0 a) (1 (1 b) (1 a))) (2 (1 (0 e) (0 b)) (1 d)))
"""
LATTICES = """2
4
0 1 0 1
0
1 0 3
2 1 5 0 4
3 2 1 0 2 1 6
2
1 0
0
1 0 2
"""
TAGGED = "a|x b|y c|x\nd|y\nb|x a|x a|y e|x f|y\n"
SOURCE, TARGET = "a b c\nd\nb a\n", "u\nv w u\nw w\n"


def tree_of(order, rows):
    """A post-order of the reference's reader, as structure.py wants it."""
    tree, pending = {"left": [], "right": [], "word": []}, []
    for index, word in enumerate(order):
        right, left = (pending.pop(), pending.pop()) if word is None else (-1, -1)
        pending.append(index)
        tree["left"].append(left)
        tree["right"].append(right)
        tree["word"].append(0 if word is None else rows[word])
    return tree


def lattice_of(lattice):
    arcs = [arc for position in lattice for arc in position]
    begin = np.cumsum([0] + [len(position) for position in lattice]).tolist()
    return {"begin": begin, "source": [source for source, _ in arcs], "id": [i for _, i in arcs]}


class Values(unittest.TestCase):
    def check(self, model, files, instances_of):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name, text in files.items():
                path = pathlib.Path(folder) / name
                path.write_text(text, encoding="utf-8")
                paths += [f"--{name}", str(path)]
            weights, out = f"{folder}/weights", f"{folder}/out.json"
            subprocess.run([TOOL, "run", "--model", model, *paths, "--hidden", "16",
                            "--save-weights", weights, "--out", out], check=True,
                           capture_output=True)
            tensors, metadata = safetensors.load(weights)
            with open(out, encoding="utf-8") as file:
                wanted = [row for one in json.load(file)["instances"] for row in one["outputs"]]
            instances = instances_of(pathlib.Path(paths[1]), metadata)
        for joint in (True, False):
            peer = levels.MODELS[model](numpy_functions, tensors)
            if hasattr(peer, "joint"):
                peer.joint = joint
            values, rank = peer(instances)
            np.testing.assert_allclose(values[rank], wanted, rtol=1e-4, atol=1e-5)

    def test_trees(self):
        def instances(path, metadata):
            rows = {word: row for row, word in enumerate(json.loads(metadata["vocabulary"]))}
            return [tree_of(order, rows) for order in trees.read(path)]
        for model in ("tree_lstm", "tree_gru", "mv_rnn"):
            with self.subTest(model):
                self.check(model, {"data": TREES}, instances)

    def test_lattices(self):
        for model in ("lattice_lstm", "lattice_gru"):
            with self.subTest(model):
                self.check(model, {"data": LATTICES}, lambda path, _: [
                    lattice_of(lattice) for lattice in lattices.read(path)])

    def test_chains(self):
        def words(text, metadata):
            rows = {word: row for row, word in enumerate(json.loads(metadata["vocabulary"]))}
            return [[rows[token.partition("|")[0]] for token in line.split()]
                    for line in text.splitlines()]
        self.check("bilstm_tagger", {"data": TAGGED}, lambda _, metadata: [
            {"ids": ids} for ids in words(TAGGED, metadata)])
        numbers = {"u": 1, "v": 2, "w": 3}
        self.check("lstm_nmt", {"data": SOURCE, "target": TARGET}, lambda _, metadata: [
            {"source": source, "target": [numbers[word] for word in line.split()]}
            for source, line in zip(words(SOURCE, metadata), TARGET.splitlines())])


class Structure(unittest.TestCase):
    def test_children_are_in_levels_before(self):
        made = Trees([tree_of(trees.parse_tree(line.encode()), dict.fromkeys("abcde", 0))
                      for line in TREES.splitlines()])
        self.assertEqual(sorted(made.rank), list(range(len(made.rank))))
        leaves = made.levels[0][1]
        for begin, end in made.levels[1:]:
            children = [*made.left[begin - leaves:end - leaves],
                        *made.right[begin - leaves:end - leaves]]
            self.assertLess(max(children), begin)

    def test_arcs_come_from_steps_before(self):
        lattice = {"begin": [0, 0, 1, 3], "source": [0, 1, 0], "id": [7, 8, 9]}
        made = Lattices([lattice, {"begin": [0, 0, 1], "source": [0], "id": [7]}])
        self.assertEqual(sorted(made.rank), list(range(5)))
        self.assertEqual([made.steps[0], made.steps[1]], [((2, 4), (0, 2), (0, 0)),
                                                          ((4, 5), (2, 3), (0, 1))])
        self.assertEqual(made.sources.tolist(), [0, 1, 2, 0])
        self.assertEqual(made.words.tolist(), [9])

    def test_a_lattice_without_a_character_arc_is_refused(self):
        with self.assertRaises(ValueError):
            Lattices([{"begin": [0, 0, 1, 2], "source": [0, 0], "id": [1, 1]}])

    def test_the_mirror_is_its_own_inverse(self):
        made = Sequences([2, 5, 0, 3, 5])
        mirror = made.mirror
        self.assertEqual(made.sizes, [4, 4, 3, 2, 2])
        self.assertEqual(mirror[mirror].tolist(), list(range(15)))
        self.assertEqual(mirror[0], 13)  # the first of the longest is its last step's


if __name__ == "__main__":
    unittest.main()

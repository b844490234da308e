#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that weights that go through tools/torch_exchange.py come back bit for bit.

    torch_exchange_test.py SOURCE_DIR SHEAF
"""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy

ROOT, TOOL = pathlib.Path(sys.argv.pop(1)), sys.argv.pop(1)
SCRIPT = ROOT / "tools/torch_exchange.py"
HAS_TORCH = importlib.util.find_spec("torch") is not None
sys.path.insert(0, str(ROOT / "tests/reference"))
import safetensors  # noqa: E402


def run(*arguments):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False)


class TorchExchange(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.weights = self.folder / "weights.safetensors"
        self.model = ["--model", "bilstm_tagger", "--data", "random:sentences,n=4,vocabulary=30"]
        self.digest = self.sheaf("--hidden", 8, "--save-weights", self.weights)

    def tearDown(self):
        self.temporary.cleanup()

    def sheaf(self, *options):
        done = run(TOOL, "run", *self.model, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()[0]

    def exchange(self, *arguments):
        return run(sys.executable, SCRIPT, *arguments)

    def round_trip(self, name):
        """Through a file and back over weights that were changed meanwhile."""
        before, metadata = safetensors.load(self.weights)
        state = self.folder / name
        done = self.exchange("to-torch", self.folder, state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(f"{len(before)} tensors, "), done.stdout)
        self.assertNotEqual(self.sheaf("--hidden", 8, "--seed", 2, "--save-weights", self.weights),
                            self.digest)
        done = self.exchange("from-torch", state, self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        after, metadata_after = safetensors.load(self.weights)
        self.assertEqual(metadata_after, metadata)
        self.assertEqual(list(after), list(before))
        for name, values in before.items():
            numpy.testing.assert_array_equal(after[name], values)
        self.assertEqual(self.sheaf("--weights", self.weights), self.digest)

    def test_a_numpy_archive_comes_back_bit_for_bit(self):
        self.round_trip("state.npz")

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_a_state_dict_comes_back_bit_for_bit(self):
        self.round_trip("state.pt")

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_a_linear_layer_computes_with_its_weights(self):
        import torch
        self.exchange("to-torch", self.folder, self.folder / "state.pt")
        state = torch.load(self.folder / "state.pt")
        layer = torch.nn.Linear(16, 8, bias=False)
        layer.load_state_dict({"weight": state["head.P"]})
        ours, _ = safetensors.load(self.weights)
        x = torch.arange(16, dtype=torch.float32) / 16
        wanted = ours["head.P"] @ x.numpy().astype(numpy.float64)
        numpy.testing.assert_allclose(layer(x).detach().numpy(), wanted, rtol=1e-5)

    def test_what_does_not_fit_is_named_and_replaces_nothing(self):
        before = self.weights.read_bytes()
        tensors = {name: values.astype(numpy.float32)
                   for name, values in safetensors.load(self.weights)[0].items()}
        state = self.folder / "state.npz"

        def refusal(**changes):
            numpy.savez(state, **{**tensors, **changes})
            done = self.exchange("from-torch", state, self.folder)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(self.weights.read_bytes(), before)
            return done.stderr

        self.assertIn("does not have: ['more']", refusal(more=numpy.zeros(1)))
        wrong = {"head.P": numpy.zeros((2, 2), numpy.float32)}
        self.assertIn("head.P: shape [2, 2], expected [8, 16]", refusal(**wrong))
        nan = {"head.P": tensors["head.P"] * numpy.float32("nan")}
        self.assertIn("head.P: a value that is NaN or infinite", refusal(**nan))
        tensors.pop("head.O")
        self.assertIn("missing: ['head.O']", refusal())

    def test_another_ending_is_refused(self):
        done = self.exchange("to-torch", self.folder, self.folder / "state.bin")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the name must end in .pt or .npz", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that weights that go through tools/torch_exchange.py come back bit for bit.

    torch_exchange_test.py SOURCE_DIR SHEAF
"""
import importlib.util
import json
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

    def assert_one_line(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("torch_exchange.py: "), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_damaged_weights_are_refused_in_one_line(self):
        good = self.weights.read_bytes()
        length = int.from_bytes(good[:8], "little")
        header = json.loads(good[8:8 + length])
        state = self.folder / "state.npz"

        def refusal(data, *words):
            self.weights.write_bytes(data)
            self.assert_one_line(self.exchange("to-torch", self.folder, state), *words)
            self.assertFalse(state.exists())

        def with_header(value):
            text = json.dumps(value).encode()
            return len(text).to_bytes(8, "little") + text + good[8 + length:]

        def with_entry(**changes):
            entry = {**header["head.P"], **changes}
            return with_header({**header, "head.P": {k: v for k, v in entry.items() if v != ""}})

        refusal(b"", "truncated")
        refusal(good[:100], "truncated")
        refusal(good[:-4], "truncated or damaged")
        refusal(good[:8] + b"x" * length + good[8 + length:], "damaged header")
        refusal(good[:8] + b"\xff" * length + good[8 + length:], "damaged header")
        refusal(with_header([1]), "not a JSON object")
        refusal(with_header({**header, "head.P": 3}), "head.P: damaged header")
        refusal(with_entry(dtype="F16"), "head.P: F16, expected F32")
        refusal(with_entry(shape=""), "head.P: damaged header")
        refusal(with_entry(shape=[3, 3]), "head.P: damaged header")
        refusal(with_entry(data_offsets=[0, 10**9]), "head.P: data outside")
        refusal(with_entry(data_offsets=[8, 3]), "head.P: data outside")
        refusal(with_entry(data_offsets="x"), "head.P: damaged header")
        self.weights.unlink()
        self.assert_one_line(self.exchange("to-torch", self.folder, state), "No such file")

    def test_damaged_states_are_refused_in_one_line(self):
        before = self.weights.read_bytes()
        state = self.folder / "state.npz"
        self.assert_one_line(self.exchange("from-torch", state, self.folder), "No such file")
        self.exchange("to-torch", self.folder, state)
        good = state.read_bytes()
        for bad in [b"", b"x", good[:len(good) // 2], b"PK" + b"\0" * 40]:
            state.write_bytes(bad)
            self.assert_one_line(self.exchange("from-torch", state, self.folder), str(state))
        self.assert_one_line(self.exchange("to-torch", self.folder, self.folder / "no/state.npz"))
        numpy.savez(self.folder / "state.npz", **{
            name: values for name, values in safetensors.load(self.weights)[0].items()})
        self.assert_one_line(self.exchange("from-torch", self.folder / "state.npz", self.folder),
                             "float64, expected float32")
        self.assertEqual(self.weights.read_bytes(), before)

    @unittest.skipUnless(HAS_TORCH, "PyTorch is not installed")
    def test_what_is_no_state_dict_is_refused_in_one_line(self):
        import torch
        state = self.folder / "state.pt"
        torch.save({"head.P": 3}, state)
        self.assert_one_line(self.exchange("from-torch", state, self.folder),
                             "not a dict of tensors")
        state.write_bytes(state.read_bytes()[:100])
        self.assert_one_line(self.exchange("from-torch", state, self.folder), str(state))

    def test_another_ending_is_refused(self):
        done = self.exchange("to-torch", self.folder, self.folder / "state.bin")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the name must end in .pt or .npz", done.stderr)


if __name__ == "__main__":
    unittest.main()

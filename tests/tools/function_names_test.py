#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What tools/demo_data/function_names.py makes of Python sources.

    function_names_test.py SOURCE_DIR
"""
import ast
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
SCRIPT = ROOT / "tools/demo_data/function_names.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPT.parent))
import function_names  # noqa: E402


def function(source):
    return ast.parse(textwrap.dedent(source)).body[0]


class FunctionNames(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, path, *names, body="return self.first(self.second)"):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"def {name}(self, x{k}): {body}\n"
                                for k, name in enumerate(names)), encoding="utf-8")

    def kept(self, skip=()):
        return [word for word, _, _ in function_names.functions_of([self.folder], skip)]

    def test_the_first_word_ends_at_an_underscore_or_a_capital(self):
        for name, word in {"get": "get", "_get_value": "get", "getValue": "get", "GetValue": "get",
                           "HTTPError": "http", "parseHTTP": "parse", "read2": "read",
                           "__private": "private", "_1": None, "_": None}.items():
            self.assertEqual(function_names.first_word(name), word, name)

    def test_the_name_is_nowhere_in_the_tree(self):
        node = function("""
            @get.setter
            def get(self, get=1):
                global get
                from x import get as y
                return super().get(get, get=self.get.got, text="get")
        """)
        function_names.mask(node)
        text = function_names.labelled(function_names.python_trees.binary_tree(node)[0], 3)
        self.assertNotIn(" get)", text)
        self.assertIn(" got)", text)
        self.assertEqual(text.count(function_names.MASK), 9)

    def test_only_the_root_has_a_label(self):
        text = function_names.labelled("(2 (0 a) (1 (0 b) (0 7)))", 13)
        self.assertEqual(text, "(13 (_ a) (_ (_ b) (_ 7)))")

    def test_special_names_tests_and_paths_to_skip_are_left_out(self):
        self.write("a/kept.py", "get_it", "__init__", "_2")
        self.write("tests/of.py", "get_x")
        self.write("test_of.py", "get_y")
        self.write("a/of_test.py", "get_z")
        self.write("b/made/rules.py", "set_x")
        self.write("b/latest.py", "add_x")
        self.assertEqual(self.kept(["b/made"]), ["get", "add"])
        self.assertEqual(self.kept(), ["get", "add", "set"])

    def test_of_equal_functions_the_first_is_kept(self):
        self.write("a.py", "get_a")
        self.write("b.py", "get_b", "set_b")
        self.write("c.py", "set_c", "get_c")
        # The second function of a file has another argument's name.
        self.assertEqual(self.kept(), ["get", "set", "set", "get"])

    def test_long_and_short_functions_are_left_out(self):
        self.write("a.py", "get_a", body="pass")
        self.write("b.py", "get_b", body="return [" + "x, " * 200 + "]")
        self.assertEqual(self.kept(), [])

    def test_a_file_lies_in_one_part(self):
        for k in range(40):
            self.write(f"{k}.py", "get_a", "set_b", body=f"return self.a{k}(self.b)")
        parts = {}
        for _, text, held_out in function_names.functions_of([self.folder]):
            parts.setdefault(re.search(r"a\d+", text).group(), set()).add(held_out)
        self.assertEqual(len(parts), 40)
        self.assertTrue(all(len(part) == 1 for part in parts.values()))
        held_out = sum(part == {True} for part in parts.values())
        self.assertTrue(2 <= held_out <= 16, held_out)

    def test_words_are_the_most_frequent_of_the_training_part(self):
        functions = ([("get", "(1 a)", False)] * 3 + [("add", "(1 b)", False)] * 2 +
                     [("set", "(1 c)", False)] * 2 + [("set", "(1 d)", True)] * 9 +
                     [("add", "(1 e)", True)])
        train, dev, names = function_names.make(functions, 2)
        self.assertEqual(names, ["get", "add"])
        self.assertEqual(train, ["(0 a)"] * 3 + ["(1 b)"] * 2)
        self.assertEqual(dev, ["(1 e)"])

    def test_the_same_sources_give_the_same_files(self):
        for k in range(30):
            self.write(f"m/{k}.py", "get_a", "set_b", body=f"return self.a{k}(self.b)")
        texts = []
        for name in "one", "two":
            out = self.folder / name
            done = subprocess.run(["/usr/bin/python3", str(SCRIPT), str(self.folder / "m"),
                                   "--words", "2", "--out", str(out)], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            texts.append([pathlib.Path(f"{out}_{part}.txt").read_text(encoding="utf-8")
                          for part in ("train", "dev", "words")])
        self.assertEqual(texts[0], texts[1])
        self.assertEqual(len((texts[0][0] + texts[0][1]).splitlines()), 60)
        self.assertEqual(sorted(texts[0][2].split()), ["get", "set"])

    def test_too_few_functions_are_a_fault_that_writes_nothing(self):
        self.write("m/a.py", "get_a")
        out = self.folder / "out"
        done = subprocess.run(["/usr/bin/python3", str(SCRIPT), str(self.folder / "m"), "--out",
                               str(out)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("are too few", done.stderr)
        self.assertEqual(list(self.folder.glob("out*")), [])


if __name__ == "__main__":
    unittest.main()

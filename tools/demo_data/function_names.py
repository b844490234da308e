# SPDX-License-Identifier: Apache-2.0
"""Syntax trees of Python functions without their names, labelled with the name's first word.

    function_names.py /usr/lib/python3.11 packages/django --out build/demo/functions

writes functions_train.txt and functions_dev.txt, a tree a line as python_trees.py makes them, and
functions_words.txt, the words in the order of their numbers. The root's label is the number of the
first word of the function's name: `_get_value`, `getValue` and `get` all have `get`. Every other
node has the label "_", none. Whatever in the function is called as the function itself, as in

    def get(self): return super().get()

is the token <name>, so that nothing in the tree says the answer.

The words are the most frequent ones of the training part; functions with another word are left
out. So are names in double underscores, whose bodies mostly say which they are (__init__ alone
would be every tenth function), everything in folders and files of tests, functions of more than
120 leaves, and all but the first of functions whose trees and words are the same: the codecs of
Python's library repeat theirs a hundred times. A file lies in one part as a whole, chosen by the
CRC-32 of its path, so that the functions of a class do not stand on both sides.
"""
import argparse
import ast
import collections
import pathlib
import re
import sys
import zlib

import python_trees
from whole_file import write_whole

MASK = "<name>"
MIN_LEAVES, MAX_LEAVES = 8, 120
DEV_SHARE = 5  # a file in so many is held out
FIRST_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LABEL = re.compile(r"\(\d+ ")  # a token has no bracket


def first_word(name):
    """`parse` of _parseHeader, `http` of HTTPError, None of _1."""
    match = FIRST_WORD.match(name.lstrip("_"))
    return match.group().lower() if match else None


def is_special(name):
    return name.startswith("__") and name.endswith("__")


def is_of_tests(path):
    return any(part.startswith("test") or part.endswith(("_test", "_test.py", "_tests"))
               for part in path.parts)


def mask(function):
    """Replaces the function's name, wherever it is an identifier, by MASK."""
    name = function.name
    for node in ast.walk(function):
        for field, value in ast.iter_fields(node):
            if isinstance(node, (ast.Constant, ast.MatchSingleton)):
                continue
            if value == name and isinstance(value, str):
                setattr(node, field, MASK)
            elif isinstance(value, list):
                value[:] = [MASK if item == name and isinstance(item, str) else item
                            for item in value]


def labelled(text, label):
    """The tree with `label` at its root and none elsewhere."""
    return f"({label} " + LABEL.sub("(_ ", text)[len("(_ "):]


def sources_of(folder, skip):
    """The Python files below a folder, but for tests and folders to skip, in the order of paths."""
    paths = sorted((path.relative_to(folder) for path in folder.rglob("*.py")),
                   key=pathlib.PurePath.as_posix)
    for path in paths:
        skipped = is_of_tests(path) or any(path.is_relative_to(name) for name in skip)
        if not skipped and (folder / path).is_file():
            yield path


def functions_of(folders, skip=()):
    """(word, tree, whether it is held out) of every function that is kept, each once."""
    seen = set()
    for folder, path in ((folder, path) for folder in folders for path in sources_of(folder, skip)):
        held_out = zlib.crc32(path.as_posix().encode()) % DEV_SHARE == 0
        module = python_trees.parse(folder / path)
        for function in python_trees.functions_of(module) if module else ():
            word = first_word(function.name)
            if word is None or is_special(function.name):
                continue
            mask(function)
            text, leaves = python_trees.binary_tree(function)
            if MIN_LEAVES <= leaves <= MAX_LEAVES and (word, text) not in seen:
                seen.add((word, text))
                yield word, text, held_out


def make(functions, words):
    """The lines of the training part and of the held-out one, and the most frequent words."""
    functions = list(functions)
    counts = collections.Counter(word for word, _, held_out in functions if not held_out)
    # Of equally frequent words the first in the alphabet.
    names = sorted(counts, key=lambda word: (-counts[word], word))[:words]
    number = {word: k for k, word in enumerate(names)}
    parts = {False: [], True: []}
    for word, text, held_out in functions:
        if word in number:
            parts[held_out].append(labelled(text, number[word]))
    return parts[False], parts[True], names


def main():
    parser = argparse.ArgumentParser(description="Functions without names, and what they are called")
    parser.add_argument("folders", type=pathlib.Path, nargs="+", help="as /usr/lib/python3.11")
    parser.add_argument("--skip", action="append", default=[], metavar="PATH",
                        help="a path below one of the folders that is left out")
    parser.add_argument("--words", type=int, default=24, help="classes (default: %(default)s)")
    parser.add_argument("--out", required=True, help="the beginning of the three files' names")
    arguments = parser.parse_args()
    if arguments.words < 2:
        parser.error("--words must be at least 2")
    for folder in arguments.folders:
        if not folder.is_dir():
            parser.error(f"{folder} is not a folder")
    try:
        functions = functions_of(arguments.folders, arguments.skip)
        train, dev, names = make(functions, arguments.words)
        if len(names) < arguments.words or not dev:
            sys.exit(f"function_names: {len(train)} functions with {len(names)} words to learn "
                     f"from and {len(dev)} held out are too few")
        for part, lines in ("train", train), ("dev", dev), ("words", names):
            write_whole(f"{arguments.out}_{part}.txt", "".join(line + "\n" for line in lines))
    except OSError as error:
        sys.exit(f"function_names: {error}")
    print(f"function_names: {len(train)} functions to learn from, {len(dev)} held out; words: "
          f"{' '.join(names)}", file=sys.stderr)


if __name__ == "__main__":
    main()

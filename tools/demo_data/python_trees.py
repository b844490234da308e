# SPDX-License-Identifier: Apache-2.0
"""Syntax trees of the functions in a folder of Python sources, as binary trees in Penn brackets.

    python_trees.py /usr/lib/python3.11 --limit 2000 --out trees.txt

One function a line, `(label token)` for a leaf and `(label left right)` for an inner node. An AST
node becomes a tree so:

    tree(name or argument without annotation) = leaf with the identifier
    tree(constant)                            = leaf with the name of its type, as `int`
    tree(node of kind K without children)     = leaf K
    tree(node of kind K with c1 .. cn)        = [ leaf K, chain(c1 .. cn) ]
    chain(c)                                  = tree(c)
    chain(c1 .. cn)                           = [ tree(c1), chain(c2 .. cn) ]

This is the classic reading of a tree as a binary one: left is the first child, right the next
siblings. Children are the AST fields in Python's order: nodes, and identifiers (of attributes,
keywords, imports, the function's own name) as leaves. Contexts (Load, Store, Del), numeric flags
and empty fields are left out.

The label is the height, capped at 4, of the syntax that a node spans: 0 for a leaf, otherwise one
more than the highest child of its AST node; a chain has the height of its highest member.
"""
import argparse
import ast
import pathlib
import sys
import warnings

from whole_file import write_whole

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MAX_LABEL = 4
MIN_LEAVES, MAX_LEAVES = 5, 400
FORBIDDEN = set(" \t\r\n\f\v()")


def functions_of(module):
    """The functions and methods in source order; a function's own functions are its parts."""
    pending = [module]
    while pending:
        node = pending.pop()
        if isinstance(node, FUNCTIONS):
            yield node
        else:
            pending.extend(reversed(list(ast.iter_child_nodes(node))))


def leaf_token(node):
    """The token of an identifier, a constant or a childless kind; None for an inner node."""
    if isinstance(node, str):
        return node
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.arg) and node.annotation is None:
        return node.arg
    if isinstance(node, (ast.Constant, ast.MatchSingleton)):
        return type(node.value).__name__
    return None if children_of(node) else type(node).__name__


def children_of(node):
    """Child nodes and identifiers, in the order of Python's fields."""
    children = []
    for name, value in ast.iter_fields(node):
        if name != "type_comment":
            children.extend(value if isinstance(value, list) else [value])
    return [child for child in children
            if isinstance(child, (ast.AST, str)) and not isinstance(child, ast.expr_context)]


def binary_tree(function):
    """(text, leaves) of a function. A stack in place of recursion: sources nest without limit."""
    done = []     # (text, height, leaves) of finished trees
    pending = [(function, None)]
    while pending:
        node, arity = pending.pop()
        if arity is None:
            token = leaf_token(node)
            if token is not None:
                if FORBIDDEN & set(token):
                    raise ValueError(f"token {token!r} has a blank or a bracket")
                done.append((f"(0 {token})", 0, 1))
                continue
            children = children_of(node)
            pending.append((node, len(children)))
            pending.extend((child, None) for child in reversed(children))
            continue
        # The children are the last results; they are folded from the right into a chain.
        members = done[-arity:]
        del done[-arity:]
        text, height, leaves = members.pop()
        while members:
            first, first_height, first_leaves = members.pop()
            height, leaves = max(height, first_height), leaves + first_leaves
            text = f"({min(height, MAX_LABEL)} {first} {text})"
        height += 1
        text = f"({min(height, MAX_LABEL)} (0 {type(node).__name__}) {text})"
        done.append((text, height, leaves + 1))
    return done[0][0], done[0][2]


def parse(path):
    """The module of a source, or None: the library has files that are wrong on purpose."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def trees_of(folder, limit):
    """(trees, counts) of the sources under a folder, in the order of their paths."""
    counts = {"files": 0, "unreadable": 0, "too short": 0, "too long": 0, "leaves": 0}
    trees = []
    paths = sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix())
    for path in filter(pathlib.Path.is_file, paths):
        module = parse(path)
        counts["files" if module else "unreadable"] += 1
        for function in functions_of(module) if module else ():
            text, leaves = binary_tree(function)
            if MIN_LEAVES <= leaves <= MAX_LEAVES:
                trees.append(text)
                counts["leaves"] += leaves
            else:
                counts["too short" if leaves < MIN_LEAVES else "too long"] += 1
            if len(trees) == limit:
                return trees, counts
    return trees, counts


def main():
    parser = argparse.ArgumentParser(description="Binary syntax trees of Python functions")
    parser.add_argument("folder", type=pathlib.Path, help="as /usr/lib/python3.11")
    parser.add_argument("--limit", type=int, default=2000, help="functions (default: %(default)s)")
    parser.add_argument("--out", help="the file to write (default: standard output)")
    arguments = parser.parse_args()
    if arguments.limit < 1:
        parser.error("--limit must be at least 1")
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is not a folder")
    try:
        trees, counts = trees_of(arguments.folder, arguments.limit)
        text = "".join(tree + "\n" for tree in trees)
        if arguments.out:
            write_whole(arguments.out, text)
        else:
            sys.stdout.reconfigure(encoding="utf-8")
            sys.stdout.write(text)
    except OSError as error:
        sys.exit(f"python_trees: {error}")
    print(f"python_trees: {len(trees)} functions with {counts['leaves']} leaves from "
          f"{counts['files']} files; skipped {counts['too short']} short and "
          f"{counts['too long']} long functions, {counts['unreadable']} unreadable files",
          file=sys.stderr)


if __name__ == "__main__":
    main()

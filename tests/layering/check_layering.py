#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the tree keeps to the floors, and to the house's rules that can be read off its text.

The floors and what each folder may include are read from the drawing and the table in
docs/architecture.md, so that the page and the code cannot part. Prints `file:line: finding` for
each violation and ends with `layering: N files, N includes, N violations`. Exit status 1 if there
is any.
"""

import argparse
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

PAGE = "docs/architecture.md"
CPP_SUFFIXES = (".h", ".cc")
SOURCE_SUFFIXES = CPP_SUFFIXES + (".py", ".sh")
CONFIG_SUFFIXES = (".cmake", ".json", ".yaml", ".yml")
UNREAD_FOLDERS = {"__pycache__", "build", "node_modules"}
MAX_FILE_LINES = 800
MAX_README_LINES = 40
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_WITHIN_LINES = 3

# The words are put together here so that this file passes its own check.
MARKERS = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b"
)
NATIVE = "-march=" + "native"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
PRINTING = re.compile(
    r"(?<!\w)v?f?printf\s*\(|\bputs\s*\(|\bstd::(?:cout|cerr|clog)\b"
    r"|\bfmt::print\s*\(\s*(?:\"|std)"
)
# `operator new` of a class says where its objects, or the frames of its coroutines, come from.
ALLOCATING = re.compile(
    r"(?<!operator )\bnew\b\s*[\w(:\[]|(?<!=)(?<!= )(?<!operator )\bdelete\b"
    r"|\b(?:malloc|calloc|realloc|aligned_alloc|posix_memalign)\s*\("
)
# Left to right, so that a quote in a comment or a // in a string does not mislead. A quote between
# digits separates them.
COMMENT_OR_LITERAL = re.compile(
    r"(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)"
    r'|R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


@dataclass
class Report:
    findings: list[str] = field(default_factory=list)
    files: int = 0
    includes: int = 0

    def add(self, path: str, line: int, message: str) -> None:
        self.findings.append(f"{path}:{line}: {message}")

    def summary(self) -> str:
        count = len(self.findings)
        noun = "violation" if count == 1 else "violations"
        return f"layering: {self.files} files, {self.includes} includes, {count} {noun}"


@dataclass
class Row:
    folder: str
    phrase: str
    line: int


class PageError(Exception):
    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line


class Floors:
    """Which folder stands on which floor, and which folders each may include."""

    DRAWN = re.compile(r"^\s*(\d+)\s+([a-z_]+/.*)$")
    DRAWN_FOLDER = re.compile(r"(?<!\S)((?:[a-z0-9_]+/)+)(?!\S)")
    TABLE_ROW = re.compile(r"^\|\s*`((?:sheaf/|apps/)[a-z0-9_/]+|python)`\s*\|.*\|([^|]*)\|\s*$")

    def __init__(self, page: str):
        self.floor: dict[str, int] = {}
        self.rows: list[Row] = []
        for number, text in enumerate(page.splitlines(), start=1):
            drawn = self.DRAWN.match(text)
            if drawn:
                for name in self.DRAWN_FOLDER.findall(drawn.group(2)):
                    self.floor[self.full_name(name.rstrip("/"))] = int(drawn.group(1))
            row = self.TABLE_ROW.match(text)
            if row:
                self.rows.append(Row(row.group(1), row.group(2).strip(), number))
        if not self.rows or not self.floor:
            raise PageError(
                1, "no drawing of the floors, or no table `| folder | holds | may include |`"
            )
        self.row_of = {row.folder: row for row in self.rows}
        for folder in sorted(self.floor.keys() - self.row_of.keys()):
            raise PageError(1, f"{folder} is drawn on floor {self.floor[folder]} but has no row")
        self.allowed: dict[str, frozenset[str]] = {}
        for row in self.rows:
            self.resolve(row.folder, ())
        self.verify()

    @staticmethod
    def full_name(name: str) -> str:
        return name if name == "python" or name.startswith("apps/") else f"sheaf/{name}"

    def resolve(self, folder: str, asking: tuple[str, ...]) -> frozenset[str]:
        """The folders that `folder` may include; `asking` are the rows that are waiting for it."""
        if folder in self.allowed:
            return self.allowed[folder]
        row = self.row_of[folder]
        if folder in asking:
            raise PageError(row.line, f"{folder}: 'and below' leads back to itself")
        result: set[str] = set()
        if row.phrase == "all":
            result.update(other.folder for other in self.rows if other.folder.startswith("sheaf/"))
        elif row.phrase == "everything above this line":
            result.update(other.folder for other in self.rows if other.line < row.line)
        elif row.phrase != "-":
            for name, below in self.parts(row):
                result.add(name)
                if below:
                    result |= self.resolve(name, asking + (folder,))
        self.allowed[folder] = frozenset(result)
        return self.allowed[folder]

    def parts(self, row: Row) -> list[tuple[str, bool]]:
        """`a, b and below, c` as (a, True), (b, True), (c, False)."""
        parts: list[tuple[str, bool]] = []
        for part in row.phrase.split(","):
            match = re.fullmatch(
                r"([a-z0-9_/]+)( and (?:everything )?below(?: it)?)?", part.strip()
            )
            name = self.full_name(match.group(1)) if match else ""
            if name not in self.row_of:
                raise PageError(
                    row.line, f"{row.folder}: cannot read '{part.strip()}' in 'may include'"
                )
            if match.group(2):
                parts = [(earlier, True) for earlier, _ in parts]
            parts.append((name, bool(match.group(2))))
        return parts

    def verify(self) -> None:
        for row in self.rows:
            if row.folder not in self.floor:
                raise PageError(row.line, f"{row.folder} has a row but is not drawn on a floor")
        for row in self.rows:
            for other in sorted(self.allowed[row.folder]):
                if self.floor[other] >= self.floor[row.folder]:
                    message = (
                        f"{row.folder} (floor {self.floor[row.folder]}) may not be allowed "
                        f"{other} (floor {self.floor[other]})"
                    )
                    raise PageError(row.line, message)

    def folder_of(self, path: str) -> str | None:
        """The folder with a row that holds this file, the deepest if several do."""
        parts = path.split("/")[:-1]
        for length in range(len(parts), 0, -1):
            folder = "/".join(parts[:length])
            if folder in self.row_of:
                return folder
        return None

    def objection(self, folder: str, included: str) -> str | None:
        """Why a file in `folder` may not include the file `included`; None if it may."""
        target = self.folder_of(included)
        if target is None:
            return f"includes {included}, whose folder has no row in {PAGE}"
        if folder == "sheaf/runtime" and target == "sheaf/batching" and "policy" in included:
            return f"{folder} includes {included}: the runtime knows no policy"
        if target == folder or target in self.allowed[folder]:
            return None
        here, there = self.floor[folder], self.floor[target]
        if here == there:
            return f"{folder} includes {target} sideways, both on floor {here}"
        if there > here:
            return f"{folder} (floor {here}) includes {target} above it (floor {there})"
        phrase = self.row_of[folder].phrase
        return f"{folder} includes {target}, which its row does not allow ('{phrase}')"


def without(text: str, keep_literals: bool) -> str:
    """C++ text without comments and, unless they are kept, literals; lines stay where they are."""

    def blank(match: re.Match) -> str:
        if match.group("comment") is None and keep_literals:
            return match.group(0)
        mark = " " if match.group("comment") is not None else '""'
        return mark + "\n" * match.group(0).count("\n")

    return COMMENT_OR_LITERAL.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def files_below(root: Path) -> list[str]:
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in UNREAD_FOLDERS and (not name.startswith(".") or name == ".ci")
        )
        paths += [(Path(folder) / name).relative_to(root).as_posix() for name in sorted(names)]
    return paths


def check_includes(root: Path, path: str, text: str, floors: Floors, report: Report) -> None:
    folder = floors.folder_of(path)
    code = without(text, keep_literals=True)
    for match in INCLUDE.finditer(code):
        included, line = match.group(2), line_of(code, match.start())
        if included.startswith(("sheaf/", "apps/")):
            report.includes += 1
            objection = floors.objection(folder, included) if folder else None
            if objection:
                report.add(path, line, objection)
        elif match.group(1) == '"' and (root / path).parent.joinpath(included).exists():
            report.add(path, line, f'includes "{included}": an include is the path from the root')


def check_code(path: str, text: str, report: Report) -> None:
    code = without(text, keep_literals=False)
    if path.startswith("sheaf/"):
        for match in PRINTING.finditer(code):
            report.add(
                path, line_of(code, match.start()), f"the library prints: '{match.group(0)}'"
            )
    if not path.startswith("sheaf/tensor/"):
        for match in ALLOCATING.finditer(code):
            word = match.group(0).rstrip("(:[ ")
            report.add(path, line_of(code, match.start()), f"'{word}' outside sheaf/tensor")


def check_text(path: str, text: str, report: Report) -> None:
    name = path.rsplit("/", 1)[-1]
    lines = text.splitlines()
    source = name.endswith(SOURCE_SUFFIXES) or name == "CMakeLists.txt" or path == ".ci/run"
    if source and not any(SPDX in line for line in lines[:SPDX_WITHIN_LINES]):
        report.add(path, 1, f"no line '{SPDX}' at its top")
    if source and len(lines) > MAX_FILE_LINES:
        report.add(path, MAX_FILE_LINES + 1, f"{len(lines)} lines, {MAX_FILE_LINES} at most")
    for number, line in enumerate(lines, start=1):
        marker = MARKERS.search(line)
        if marker:
            report.add(path, number, f"a {marker.group(1)} is left")
        if NATIVE in line:
            report.add(
                path, number, f"{NATIVE}: kernels choose their instruction set when they run"
            )


def check_folders(paths: list[str], root: Path, floors: Floors, report: Report) -> None:
    """Every source below sheaf/ and apps/ is in a folder with a row, and each has a README."""
    used: set[str] = set()
    strange: set[str] = set()
    for path in paths:
        if not path.startswith(("sheaf/", "apps/")):
            continue
        folder = floors.folder_of(path)
        parent = path.rsplit("/", 1)[0]
        if folder:
            used.add(folder)
        elif path.endswith(CPP_SUFFIXES) and parent not in strange:
            strange.add(parent)
            report.add(path, 1, f"{parent} has no row in {PAGE}")
    for folder in sorted(used):
        readme = f"{folder}/README.md"
        if not (root / readme).is_file():
            report.add(readme, 1, "missing: every folder has a README.md")
            continue
        length = len((root / readme).read_text(encoding="utf-8").splitlines())
        if length > MAX_README_LINES:
            report.add(readme, MAX_README_LINES + 1, f"{length} lines, {MAX_README_LINES} at most")


def is_read(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    return (
        name.endswith(SOURCE_SUFFIXES + CONFIG_SUFFIXES)
        or name in ("CMakeLists.txt", "Makefile")
        or path == ".ci/run"
    )


def check_tree(root: Path) -> Report:
    report = Report()
    try:
        floors = Floors((root / PAGE).read_text(encoding="utf-8"))
    except OSError as error:
        report.add(PAGE, 1, f"cannot be read: {error.strerror}")
        return report
    except PageError as error:
        report.add(PAGE, error.line, str(error))
        return report
    paths = files_below(root)
    check_folders(paths, root, floors, report)
    for path in filter(is_read, paths):
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        report.files += 1
        check_text(path, text, report)
        if path.endswith(CPP_SUFFIXES) and path.startswith(("sheaf/", "apps/")):
            check_includes(root, path, text, floors, report)
            check_code(path, text, report)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parents[2])
    report = check_tree(parser.parse_args().root)
    for finding in report.findings:
        print(finding)
    print(report.summary())
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())

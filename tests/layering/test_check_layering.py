#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that check_layering.py fails on a violation of each kind, and passes a tree without one."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import check_layering

SPDX_CPP = f"// {check_layering.SPDX}\n"
SPDX_HASH = f"# {check_layering.SPDX}\n"
MARKER = "TO" + "DO"

PAGE = """# Architecture

     11   python/            apps/cli/
     10   train/  video/  serve/  study/
      9   engine/            report/
      8   backend/cpu/       backend/cim/       where it runs
      7   runtime/                              executor, Backend interface
      6   memory_plan/                          io/      PQ tree | readers, files
      5   batching/          nn/ autodiff/ passes/ compress/
      4   graph/
      3   ops/               sim/
      2   tensor/            target/
      1   base/

| folder | holds | may include |
| --- | --- | --- |
| `sheaf/base` | errors | - |
| `sheaf/target` | hardware | base |
| `sheaf/tensor` | dtype, `Tensor` | base |
| `sheaf/ops` | op schemas | tensor, base |
| `sheaf/graph` | `Cell`, `Graph` | ops and below |
| `sheaf/nn` | models | graph and below |
| `sheaf/autodiff` | gradients | graph and below |
| `sheaf/passes` | rewrites | graph and below |
| `sheaf/compress` | encodings | graph, target and below |
| `sheaf/batching` | policies | graph and below |
| `sheaf/memory_plan` | plans | batching and below |
| `sheaf/runtime` | executor | memory_plan and below, target |
| `sheaf/backend/cpu` | kernels | runtime and below |
| `sheaf/sim` | crossbars | target, tensor, base |
| `sheaf/backend/cim` | mapping | runtime and below, sim |
| `sheaf/io` | readers | nn and below |
| `sheaf/engine` | compile | everything above this line |
| `sheaf/train` | losses | engine and everything below it |
| `sheaf/video` | pipelines | engine and everything below it |
| `sheaf/serve` | servers | engine and everything below it |
| `sheaf/report` | tables | runtime and below, sim |
| `sheaf/study` | studies | engine, report and everything below |
| `apps/cli` | verbs | all |
| `python` | bindings | all |
| `tests`, `bench` | as named | - |
"""


class Tree:
    """A small tree in a temporary folder that passes every check."""

    def __init__(self, root: Path):
        self.root = root
        self.write("docs/architecture.md", PAGE)
        self.cpp("sheaf/base/error.h", "#include <string>\n")
        self.cpp("sheaf/tensor/tensor.h", '#include "sheaf/base/error.h"\n')
        self.cpp("sheaf/graph/graph.h", '#include "sheaf/tensor/tensor.h"\n')
        self.write("CMakeLists.txt", SPDX_HASH + "project(x)\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def cpp(self, path: str, body: str) -> None:
        """Writes a source file, and a README beside it."""
        self.write(path, SPDX_CPP + body)
        readme = self.root / path
        readme = readme.parent / "README.md"
        if not readme.exists():
            readme.write_text("What comes in, what goes out.\n")


class CheckLayering(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = Tree(Path(folder.name))

    def findings(self) -> list[str]:
        return check_layering.check_tree(self.tree.root).findings

    def expect_one(self, place: str, words: str) -> None:
        findings = self.findings()
        self.assertEqual(len(findings), 1, findings)
        self.assertTrue(findings[0].startswith(f"{place}: "), findings[0])
        self.assertIn(words, findings[0])

    def expect_none(self) -> None:
        self.assertEqual(self.findings(), [])

    # Floors

    def test_clean_tree_passes(self):
        report = check_layering.check_tree(self.tree.root)
        self.assertEqual(report.findings, [])
        self.assertEqual(report.summary(), "layering: 4 files, 2 includes, 0 violations")

    def test_include_of_a_higher_floor_fails(self):
        self.tree.cpp("sheaf/base/a.cc", '\n#include "sheaf/graph/graph.h"\n')
        self.expect_one("sheaf/base/a.cc:3", "above it")

    def test_include_with_angle_brackets_fails_too(self):
        self.tree.cpp("sheaf/base/a.cc", "#include <sheaf/graph/graph.h>\n")
        self.expect_one("sheaf/base/a.cc:2", "above it")

    def test_include_sideways_fails(self):
        self.tree.cpp("sheaf/nn/a.cc", '#include "sheaf/batching/policy.h"\n')
        self.expect_one("sheaf/nn/a.cc:2", "sideways")

    def test_include_of_a_lower_floor_outside_the_row_fails(self):
        self.tree.cpp("sheaf/io/a.cc", '#include "sheaf/batching/policy.h"\n')
        self.expect_one("sheaf/io/a.cc:2", "does not allow")

    def test_simulator_never_sees_a_graph(self):
        self.tree.cpp("sheaf/sim/a.cc", '#include "sheaf/graph/graph.h"\n')
        self.expect_one("sheaf/sim/a.cc:2", "above it")

    def test_runtime_never_sees_a_policy(self):
        self.tree.cpp("sheaf/runtime/a.cc", '#include "sheaf/batching/schedule.h"\n')
        self.expect_none()
        self.tree.cpp("sheaf/runtime/a.cc", '#include "sheaf/batching/policy.h"\n')
        self.expect_one("sheaf/runtime/a.cc:2", "no policy")

    def test_library_includes_no_application(self):
        self.tree.cpp("sheaf/engine/a.cc", '#include "apps/cli/run.h"\n')
        self.expect_one("sheaf/engine/a.cc:2", "above it")

    def test_include_of_a_folder_without_a_row_fails(self):
        self.tree.cpp("sheaf/graph/a.cc", '#include "sheaf/utils/a.h"\n')
        self.expect_one("sheaf/graph/a.cc:2", "no row")

    def test_relative_include_fails(self):
        self.tree.cpp("sheaf/base/a.cc", '#include "../graph/graph.h"\n')
        self.expect_one("sheaf/base/a.cc:2", "path from the root")
        self.tree.cpp("sheaf/base/a.cc", '#include "error.h"\n')
        self.expect_one("sheaf/base/a.cc:2", "path from the root")

    def test_include_in_a_comment_is_none(self):
        self.tree.cpp("sheaf/base/a.cc", '/*\n#include "sheaf/graph/graph.h"\n*/ // "\n')
        self.expect_none()

    def test_folder_without_a_row_fails(self):
        self.tree.cpp("sheaf/utils/a.h", "")
        self.expect_one("sheaf/utils/a.h:1", "no row")

    def test_file_beside_the_folders_fails(self):
        self.tree.cpp("sheaf/version.h", "")
        self.expect_one("sheaf/version.h:1", "no row")

    def test_folder_between_folders_with_rows_fails(self):
        self.tree.cpp("sheaf/backend/cpu/a.h", "")
        self.expect_none()
        self.tree.cpp("sheaf/backend/a.h", "")
        self.expect_one("sheaf/backend/a.h:1", "no row")

    def test_folder_inside_a_folder_shares_its_row(self):
        self.tree.cpp("sheaf/batching/impl/fsm.cc", '#include "sheaf/batching/policy.h"\n')
        self.tree.write("sheaf/batching/README.md", "Policies.\n")
        self.expect_none()
        self.tree.cpp("sheaf/batching/impl/fsm.cc", '#include "sheaf/runtime/backend.h"\n')
        self.expect_one("sheaf/batching/impl/fsm.cc:2", "above it")

    # The page

    def allowed(self, folder: str) -> set[str]:
        names = check_layering.Floors(PAGE).allowed[folder]
        return {name.removeprefix("sheaf/") for name in names}

    def test_phrases_are_read_as_written(self):
        below_graph = {"graph", "ops", "tensor", "base"}
        self.assertEqual(self.allowed("sheaf/base"), set())
        self.assertEqual(self.allowed("sheaf/ops"), {"tensor", "base"})
        self.assertEqual(self.allowed("sheaf/io"), below_graph | {"nn"})
        self.assertEqual(self.allowed("sheaf/compress"), below_graph | {"target"})
        below_runtime = below_graph | {"batching", "memory_plan", "target"}
        self.assertEqual(self.allowed("sheaf/runtime"), below_runtime)
        self.assertEqual(self.allowed("sheaf/backend/cim"), below_runtime | {"runtime", "sim"})
        self.assertEqual(self.allowed("sheaf/sim"), {"target", "tensor", "base"})
        below_engine = below_runtime | {
            "runtime",
            "sim",
            "io",
            "nn",
            "autodiff",
            "passes",
            "compress",
        }
        below_engine |= {"backend/cpu", "backend/cim"}
        self.assertEqual(self.allowed("sheaf/engine"), below_engine)
        self.assertEqual(self.allowed("sheaf/train"), below_engine | {"engine"})
        self.assertEqual(self.allowed("sheaf/study"), below_engine | {"engine", "report"})
        self.assertEqual(len(self.allowed("apps/cli")), 22)

    def test_missing_page_fails(self):
        (self.tree.root / "docs/architecture.md").unlink()
        self.expect_one("docs/architecture.md:1", "cannot be read")

    def test_page_without_a_table_fails(self):
        self.tree.write("docs/architecture.md", "# Architecture\n")
        self.expect_one("docs/architecture.md:1", "no drawing")

    def expect_page_fault(self, old: str, new: str, words: str) -> None:
        self.assertIn(old, PAGE)
        page = PAGE.replace(old, new)
        self.tree.write("docs/architecture.md", page)
        line = page.splitlines().index(new.strip("\n")) + 1 if new else 1
        self.expect_one(f"docs/architecture.md:{line}", words)

    def test_phrase_that_cannot_be_read_fails(self):
        row = "| `sheaf/tensor` | dtype, `Tensor` | "
        self.expect_page_fault(row + "base |", row + "the lower ones |", "cannot read")

    def test_row_that_allows_its_own_floor_fails(self):
        row = "| `sheaf/nn` | models | graph and below"
        self.expect_page_fault(row + " |", row + ", autodiff |", "may not be allowed")

    def test_rows_that_lead_in_a_circle_fail(self):
        row = "| `sheaf/ops` | op schemas | "
        self.expect_page_fault(row + "tensor, base |", row + "graph and below |", "back to itself")

    def test_row_that_is_not_drawn_fails(self):
        page = PAGE.replace("      4   graph/\n", "")
        self.tree.write("docs/architecture.md", page)
        line = page.splitlines().index("| `sheaf/graph` | `Cell`, `Graph` | ops and below |") + 1
        self.expect_one(f"docs/architecture.md:{line}", "not drawn")

    def test_drawn_folder_without_a_row_fails(self):
        self.expect_page_fault(
            "| `sheaf/video` | pipelines | engine and everything below it |\n", "", "no row"
        )

    # README files

    def test_missing_readme_fails(self):
        (self.tree.root / "sheaf/graph/README.md").unlink()
        self.expect_one("sheaf/graph/README.md:1", "missing")

    def test_long_readme_fails(self):
        self.tree.write("sheaf/graph/README.md", "line\n" * 41)
        self.expect_one("sheaf/graph/README.md:41", "41 lines")

    # Rules on text

    def test_long_file_fails(self):
        self.tree.cpp("sheaf/graph/a.cc", "\n" * 799)
        self.expect_none()
        self.tree.cpp("sheaf/graph/a.cc", "\n" * 800)
        self.expect_one("sheaf/graph/a.cc:801", "801 lines")

    def test_printing_library_fails(self):
        for body in ('printf("x");', 'std::fprintf(f, "x");', "std::cout << 1;", "std::cerr << 1;"):
            self.tree.cpp("sheaf/graph/a.cc", f"\nvoid f() {{ {body} }}\n")
            self.expect_one("sheaf/graph/a.cc:3", "prints")

    def test_formatting_is_not_printing(self):
        self.tree.cpp(
            "sheaf/graph/a.cc", 'int n = snprintf(b, 2, "%s", "printf(");  // std::cout\n'
        )
        self.expect_none()

    def test_application_may_print(self):
        self.tree.cpp("apps/cli/a.cc", 'int main() { std::printf("x"); }\n')
        self.expect_none()

    def test_manual_memory_fails_outside_tensor(self):
        for body in (
            "new T;",
            "new T[2];",
            "::new (p) T;",
            "delete p;",
            "delete[] p;",
            "std::malloc(1);",
        ):
            self.tree.cpp("sheaf/graph/a.cc", f"\nvoid f() {{ {body} }}\n")
            self.expect_one("sheaf/graph/a.cc:3", "outside sheaf/tensor")
            self.tree.cpp("sheaf/graph/a.cc", "")
            self.tree.cpp("sheaf/tensor/a.cc", f"\nvoid f() {{ {body} }}\n")
            self.expect_none()

    def test_deleted_functions_and_words_are_not_manual_memory(self):
        body = "T(const T&) =delete;\nT() = delete;\nint new_id = 1'000;  // a new one\n"
        body += 'auto s = "new x";\n'
        self.tree.cpp(
            "sheaf/graph/a.cc",
            "#include <new>\n"
            + body
            + "static void* operator new(size_t n);\nstatic void operator delete(void* p);\n"
            + 'char c = \'"\';\nauto t = R"(new y)";\n',
        )
        self.expect_none()

    def test_marker_fails_in_every_kind_of_source(self):
        for path in (
            "sheaf/graph/a.h",
            "tools/a.py",
            "tools/a.sh",
            "sheaf/CMakeLists.txt",
            "tests/a.cc",
        ):
            comment = "//" if path.endswith((".h", ".cc")) else "#"
            self.tree.write(path, f"{comment} {check_layering.SPDX}\n{comment} {MARKER}: later\n")
            self.expect_one(f"{path}:2", MARKER)
            (self.tree.root / path).unlink()

    def test_build_for_this_machine_only_fails(self):
        for path in ("CMakeLists.txt", "CMakePresets.json", "Makefile"):
            self.tree.write(path, SPDX_HASH + f"flags {check_layering.NATIVE}\n")
            self.expect_one(f"{path}:2", "instruction set")
            self.tree.write(path, SPDX_HASH)

    def test_missing_licence_line_fails(self):
        for path in (
            "sheaf/graph/a.h",
            "sheaf/graph/a.cc",
            "tools/a.py",
            "tools/a.sh",
            "tests/CMakeLists.txt",
        ):
            self.tree.write(path, "\n\n\n" + SPDX_HASH)
            self.expect_one(f"{path}:1", "SPDX")
            (self.tree.root / path).unlink()

    def test_licence_line_may_follow_the_interpreter(self):
        self.tree.write("tools/a.sh", "#!/bin/sh\n" + SPDX_HASH)
        self.expect_none()

    def test_build_folder_is_not_read(self):
        self.tree.write("build/release/a.cc", MARKER)
        self.expect_none()

    # The program

    def run_program(self) -> subprocess.CompletedProcess:
        program = [sys.executable, check_layering.__file__, str(self.tree.root)]
        return subprocess.run(program, capture_output=True, text=True, check=False)

    def test_program_ends_with_a_summary_and_its_status(self):
        done = self.run_program()
        self.assertEqual(
            (done.returncode, done.stdout), (0, "layering: 4 files, 2 includes, 0 violations\n")
        )
        self.tree.cpp("sheaf/base/a.cc", '#include "sheaf/graph/graph.h"\n')
        done = self.run_program()
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 1)
        self.assertTrue(lines[0].startswith("sheaf/base/a.cc:2: "), lines)
        self.assertEqual(lines[-1], "layering: 5 files, 3 includes, 1 violation")


if __name__ == "__main__":
    unittest.main()

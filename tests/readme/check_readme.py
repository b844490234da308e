# SPDX-License-Identifier: Apache-2.0
"""Runs the README's shell blocks with the built tool, and looks its C++ up in the example.

check_readme.py SOURCE_DIR TOOL
"""

import pathlib
import re
import subprocess
import sys
import tempfile

MODEL = pathlib.Path("/usr/lib/python3/dist-packages/jieba/lac_small")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run_shell(readme, tool):
    commands = blocks(readme, "sh")
    assert len(commands) >= 3, "the README has lost its commands"
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            if "sheaf tag" in command and not MODEL.is_dir():
                print("left out, python3-jieba is not installed:", command)
                continue
            script = "set -e\n" + command.replace("build/release/sheaf", tool)
            done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True,
                                  text=True, check=False)
            print(command + done.stdout + done.stderr)
            assert done.returncode == 0, "a command of the README failed"
            if "sheaf tag" in command:
                assert done.stdout == "我/r 来到/v 北京清华大学/ORG\n", done.stdout
            digests = re.findall(r"^([0-9a-f]{64}) ", done.stdout, re.MULTILINE)
            if "--policy single" in command:
                assert len(digests) == 2 and len(set(digests)) == 1, "batching changed a result"


def find_code(readme, source):
    example = (source / "examples" / "custom_cell.cc").read_text(encoding="utf-8")
    code = blocks(readme, "cpp")
    assert code, "the README has lost its example"
    for block in code:
        assert block in example, "the README's C++ is not that of examples/custom_cell.cc"


def find_links(readme, source):
    for link in re.findall(r"`((?:docs|examples|tools)/[\w./]+)`|\]\(([\w./]+)\)", readme):
        name = link[0] or link[1]
        path = source / name
        assert path.exists(), f"the README names {name}, which does not exist"
        assert path.is_dir() or path.stat().st_size > 0, f"{name} is empty"
    assert not re.search(r"@[A-Z]+@", readme), "the README has a gap"


def main():
    source, tool = pathlib.Path(sys.argv[1]), sys.argv[2]
    readme = (source / "README.md").read_text(encoding="utf-8")
    run_shell(readme, tool)
    find_code(readme, source)
    find_links(readme, source)


if __name__ == "__main__":
    main()

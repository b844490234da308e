# SPDX-License-Identifier: Apache-2.0
"""The lines and words of a text, for the reference models' readers."""
import re

BLANKS = " \t"


def read_lines(path):
    """The lines of a UTF-8 file, without line ends and blanks at both ends.

    Only line feeds end a line and only blanks and tabs are blank, whatever else Unicode has.
    """
    with open(path, encoding="utf-8-sig", newline="\n") as file:
        return [line.strip(BLANKS + "\r\n") for line in file]


def split(line):
    """The words of a line."""
    return re.findall(f"[^{BLANKS}]+", line)

# SPDX-License-Identifier: Apache-2.0
"""Files that are written whole or not at all."""

import os


def write_whole(path, text):
    """Writes to a temporary name first, so that a fault leaves no half file behind."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)

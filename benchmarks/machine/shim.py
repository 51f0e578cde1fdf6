"""Compile the shim between a program and its files, if there is a compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


def compiled(folder: Path) -> Path | None:
    """Compile the library; None if there is no C compiler, or it does not work here."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    library = folder / "shim.so"
    command = [
        compiler,
        "-O1",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(SOURCE),
        "-ldl",
        "-lpthread",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    return library if done.returncode == 0 else None


def environment(library: Path, **names: str | Path) -> dict[str, str]:
    """Of a program under the shim: ``record``, ``below``, ``fail``, ``clock`` name files."""
    more = {f"SHIM_{name.upper()}": str(value) for name, value in names.items()}
    return {**os.environ, "LD_PRELOAD": str(library), **more}

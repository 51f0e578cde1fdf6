"""Print the path of each other Python that the project supports and this machine has.

One for each minor version, this one's left out: it has run the tests already.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

NEWEST_MINOR = 20  # no such Python yet


def candidates() -> list[str]:
    """Those on the PATH, then pyenv's."""
    on_path = [shutil.which(f"python3.{minor}") for minor in range(NEWEST_MINOR)]
    versions = Path.home() / ".pyenv" / "versions"
    return [
        *(path for path in on_path if path),
        *map(str, sorted(versions.glob("*/bin/python3"))),
    ]


def version(python: str) -> tuple[int, int] | None:
    """(3, 12), or None where it does not start: pyenv's shims may not."""
    code = "import sys; print(*sys.version_info[:2])"
    process = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=False
    )
    if process.returncode:
        return None
    major, minor = map(int, process.stdout.split())
    return major, minor


def main() -> None:
    """Print them."""
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    bound = re.fullmatch(r">=(\d+)\.(\d+)", project["requires-python"])
    assert bound is not None
    oldest = (int(bound[1]), int(bound[2]))
    seen = {sys.version_info[:2]}
    for python in candidates():
        found = version(python)
        if found is not None and found >= oldest and found not in seen:
            seen.add(found)
            print(python)


if __name__ == "__main__":
    main()

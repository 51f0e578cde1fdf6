"""Where the workspaces of imports are: folders beside the archive."""

from __future__ import annotations

from pathlib import Path

WORKSPACE_MARK = ".importing-"  # behind the archive's name, before the workspace's id


def workspace_path(archive: Path, identifier: str) -> Path:
    """The folder of a workspace."""
    return archive.with_name(f"{archive.name}{WORKSPACE_MARK}{identifier}")


def list_workspaces(archive: Path) -> list[Path]:
    """The workspaces of imports that are not merged yet."""
    mark = f"{archive.name}{WORKSPACE_MARK}"
    if not archive.parent.is_dir():
        return []
    return sorted(
        path for path in archive.parent.iterdir() if path.name.startswith(mark)
    )


def is_in_workspace(path: Path) -> bool:
    """Whether a file is in the workspace of some import."""
    return any(WORKSPACE_MARK in parent.name for parent in path.parents)

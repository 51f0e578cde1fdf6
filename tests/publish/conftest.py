"""Archives, and what publishes them as the command does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries.article_export import list_article_ids
from harvester.publish.edition import Summary
from harvester.publish.edition import publish as publish_edition
from harvester.publish.folder import EditionFolder
from harvester.publish.rendering import Choices, Renderer
from tests.support import hostile_archive

NOW = "2026-12-01T12:00:00Z"
Publish = Callable[..., Summary]


def publish_archive(
    archive: Path,
    target: Path,
    *,
    now: str = NOW,
    closed: tuple[str, ...] = (),
    dry_run: bool = False,
    **choices: Any,
) -> Summary:
    """Publish a whole archive."""
    with (
        EditionFolder(target, dry_run) as folder,
        closing(open_reader(archive)) as connection,
    ):
        return publish_edition(
            connection,
            folder,
            list_article_ids(connection, None, now),
            closed,
            Renderer(Choices(**choices), now),
            {},
            lambda *_: None,
        )


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The archive of hostile articles, and their keys. Only to be read."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    return path, hostile_archive.build(path)


def read_tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, with its content and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

"""What became of everything in the files of an import, from its workspace."""

from __future__ import annotations

import sqlite3
from collections import Counter

from harvester.archive.importing import workspace
from harvester.importing import index, replay
from harvester.importing.types import FileResult, ImportResult


def fill_result(
    result: ImportResult,
    connection: sqlite3.Connection,
    counts: Counter[tuple[str, str]],
) -> None:
    """Fill in files and counts; ``counts``: of what was replayed, (kind, name) → count."""
    for row in workspace.list_files(connection):
        result.files.append(
            FileResult(
                row.path,
                row.name,
                row.receiver,
                row.bytes,
                row.sha256,
                row.status,
                row.problem,
            )
        )
    targets = {
        index.SKIPPED: result.skipped,
        index.OTHER: result.other_records,
        index.DOMAIN: result.domains,
        replay.OUTCOME: result.outcomes,
        replay.JOINED: result.joined,
        replay.REASON: result.reasons,
    }
    for source in (workspace.sum_left_out(connection), counts):
        for (kind, name), count in source.items():
            targets[kind][name] += count
    for reason, domain, count in workspace.count_unused(connection):
        result.skipped[reason] += count
        if domain:
            result.domains[domain] += count
    for outlet, day, count in workspace.count_days(connection):
        result.days[outlet, day] = count
    result.responses = workspace.count_records(connection) + sum(
        count
        for (kind, _), count in workspace.sum_left_out(connection).items()
        if kind == index.SKIPPED
    )

"""What workers precomputed of a text is not computed again by the writing thread."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.identity import near_duplicates, shingles, wording
from harvester.ingest.prepare import prepare
from tests.support.in_process_harvest import World


def test_a_page_is_stored_without_normalising_its_text_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    world.publish(1)
    (feed,) = world.keeper.take_due_visits(world.now)
    world._make_visit(feed)
    (visit,) = world.keeper.take_due_visits(world.now)
    capture = world._fetch(visit.url)
    job = world.keeper.receive(visit, capture, world.now)
    assert job is not None
    prepared = prepare(job)
    assert prepared.extract is not None
    text = prepared.extract.text
    assert [one.text for one in prepared.precomputed] == [text]
    near_duplicates.shingle_sample.cache_clear()  # as in another process
    wording.normalise_text_cached.cache_clear()
    wording._digests.cache_clear()
    gone_through: list[str] = []
    whole, sampled = wording.normalise_text, shingles.sample_hashes
    monkeypatch.setattr(
        wording, "normalise_text", lambda one: gone_through.append(one) or whole(one)
    )
    monkeypatch.setattr(
        shingles,
        "sample_hashes",
        lambda words: gone_through.append(" ".join(words)) or sampled(words),
    )
    world.keeper.keep(visit, capture, prepared, world.now)
    world.keeper.flush()
    assert max(map(len, gone_through), default=0) < len(text) / 2
    held = world.archive.connection.execute(
        "select wording, text_sha256 from versions"
    ).fetchall()
    assert [tuple(row) for row in held] == [
        wording._digests.__wrapped__(
            prepared.extract.title, text, prepared.extract.authors
        )
    ]
    assert world.archive.connection.execute("select size from samples").fetchone()[
        0
    ] == len(near_duplicates.shingle_sample(text))

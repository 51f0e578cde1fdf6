"""Analysed pages wait in memory for their outlet's profile, else are analysed again."""

from __future__ import annotations

from pathlib import Path

from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import Job, prepare
from harvester.ingest.profiles.training_set import (
    LEARNING_INTERVAL,
    LEARNING_STEPS,
    MAX_TRAINING_PAGES,
    TrainingPageCache,
    needs_training_page,
)
from harvester.model import Capture, Limits, Rules
from tests.support.in_process_harvest import World


def test_memory_and_captures_give_the_same_profile(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(6):
        world.publish(number)
    while world.visit():
        pass
    kept = world.keeper.profile_learner.training_job("lantern")
    assert len(kept.training_pages) == 6
    assert all(one.packed_page and not one.body for one in kept.training_pages)
    later = Keeper(
        world.archive, world.settings
    )  # as another crawl: nothing is in memory
    fresh = later.profile_learner.training_job("lantern")
    assert all(one.body and not one.packed_page for one in fresh.training_pages)
    assert [
        (one.version_id, one.current_text, one.title) for one in kept.training_pages
    ] == [(one.version_id, one.current_text, one.title) for one in fresh.training_pages]
    one, other = prepare(kept), prepare(fresh)
    assert (
        one.learned_profile == other.learned_profile
        and '"pages":6' in one.learned_profile
    )
    assert one.unchanged_versions == other.unchanged_versions


def test_waiting_jobs_are_read_with_the_newest_profile(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    for number in range(6):
        world.publish(number)
    while world.visit():
        pass
    keeper = world.keeper
    waiting = Job(
        "page",
        Capture("https://example.org/a", "", "2025-09-06T06:12:45Z", 200),
        Rules(),
        Limits(),
    )
    assert keeper.profile_learner.with_current_profile("lantern", waiting) is waiting
    keeper.profile_learner.store_profile(
        "lantern",
        prepare(keeper.profile_learner.training_job("lantern")),
        "2025-09-06T06:12:45Z",
    )
    assert (
        keeper.profile_learner.with_current_profile("lantern", waiting).profile
        == keeper.profile_learner.current_profile("lantern")[1]
        != ""
    )
    assert keeper.profile_learner.with_current_profile("another", waiting) is waiting


def test_the_cache_is_bounded() -> None:
    held = TrainingPageCache(max_bytes=100)
    for number in range(12):
        held.add(number, b"x" * 10)
    assert [number for number in range(12) if held.get(number)] == list(range(2, 12))
    held.add(12, b"y" * 95)
    assert [number for number in range(13) if held.get(number)] == [12]
    held.add(13, b"z" * 101)
    assert not any(held.get(number) for number in range(14))


def test_a_capture_read_twice_counts_once() -> None:
    held = TrainingPageCache(max_bytes=100)
    for _ in range(50):
        held.add(1, b"x" * 60)
    assert held.get(1)
    held.add(2, b"y" * 40)
    assert held.get(1) and held.get(2)


def test_pages_of_the_next_step_are_training_pages() -> None:
    wanted = [
        number for number in range(2 * LEARNING_INTERVAL) if needs_training_page(number)
    ]
    for step in (*LEARNING_STEPS, LEARNING_INTERVAL, 2 * LEARNING_INTERVAL):
        assert set(range(max(0, step - MAX_TRAINING_PAGES), step)) <= set(wanted)
    assert len(wanted) == LEARNING_STEPS[2] + 3 * MAX_TRAINING_PAGES

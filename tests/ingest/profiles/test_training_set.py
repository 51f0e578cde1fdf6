"""What was made of pages when they were read waits for their outlet's profile; without it the pages are read again, to the same end."""

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


def test_the_same_is_learned_from_memory_and_from_captures(tmp_path: Path) -> None:
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


def test_what_waits_to_be_read_is_read_with_what_was_learned_meanwhile(
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


def test_only_so_much_is_kept_in_memory() -> None:
    held = TrainingPageCache(max_bytes=100)
    for number in range(12):
        held.add(number, b"x" * 10)
    assert [number for number in range(12) if held.get(number)] == list(range(2, 12))
    held.add(12, b"y" * 95)
    assert [number for number in range(13) if held.get(number)] == [12]
    held.add(13, b"z" * 101)
    assert not any(held.get(number) for number in range(14))


def test_a_capture_that_is_read_twice_counts_once() -> None:
    held = TrainingPageCache(max_bytes=100)
    for _ in range(50):
        held.add(1, b"x" * 60)
    assert held.get(1)
    held.add(2, b"y" * 40)
    assert held.get(1) and held.get(2)


def test_pages_are_kept_that_the_next_step_learns_from() -> None:
    wanted = [
        number for number in range(2 * LEARNING_INTERVAL) if needs_training_page(number)
    ]
    for step in (*LEARNING_STEPS, LEARNING_INTERVAL, 2 * LEARNING_INTERVAL):
        assert set(range(max(0, step - MAX_TRAINING_PAGES), step)) <= set(wanted)
    assert len(wanted) == LEARNING_STEPS[2] + 3 * MAX_TRAINING_PAGES

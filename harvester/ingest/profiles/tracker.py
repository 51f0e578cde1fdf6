"""Profiles of outlets while a crawl learns them: which is in force, when one is due, what it is learned from, what follows.

Not for: what learning means (``learn``, ``parse.profile``), nor for reading again (``reread``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harvester.archive.records import feeds, readings
from harvester.ingest.prepare import Job
from harvester.ingest.profiles import training_set
from harvester.ingest.reread import Rereading
from harvester.model import Capture, Prepared
from harvester.parse.content.extractor import EXTRACTOR

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper


@dataclass(slots=True)
class Progress:
    """How far the learning of an outlet's profile is."""

    articles: int
    since: int  # articles that came since it was last learned
    learned_at: str | None
    under_way: bool = False


class Learning:
    """See the module."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._held: dict[str, tuple[str, str]] = {}  # outlet → its profile in force
        self._progress: dict[str, Progress] = {}
        self.studies = training_set.Studies()

    def soon(self, outlet: str) -> bool:
        """Whether the outlet's next page will be learned from."""
        return training_set.used(
            self._keeper.outlet(outlet).rules
        ) and training_set.soon(self._state(outlet).articles)

    def profile(self, outlet: str) -> tuple[str, str]:
        """The outlet's profile in force: its name, and itself as text; "" where there is none."""
        if outlet not in self._held:
            self._held[outlet] = training_set.in_force(
                self._keeper.connection, outlet, self._keeper.outlet(outlet).rules
            )
        return self._held[outlet]

    def newest(self, outlet: str, job: Job) -> Job:
        """A job made a while ago, with the profile in force. The one method that may be called in any thread."""
        held = self._held.get(outlet)
        return (
            job
            if held is None or held[1] == job.profile
            else replace(job, profile=held[1])
        )

    def due(self, outlet: str, came: bool, now: str) -> bool:
        """One entry more is settled, and ``came`` to be an article: whether the outlet's profile is to be learned now."""
        if not training_set.used(self._keeper.outlet(outlet).rules):
            return False
        state = self._state(outlet)
        if came:
            state.articles += 1
            state.since += 1
        return self.due_again(outlet, now)

    def _state(self, outlet: str) -> Progress:
        if outlet not in self._progress:
            self._progress[outlet] = Progress(
                *training_set.standing(self._keeper.connection, outlet)
            )
        return self._progress[outlet]

    def due_again(self, outlet: str, now: str) -> bool:
        """Whether enough came, perhaps while the profile was being learned, to learn it now: while few are held, once those
        that are on their way have come too, so that nothing is read twice."""
        state = self._state(outlet)
        if state.under_way or not training_set.due(
            state.articles, state.learned_at, state.since, now
        ):
            return False
        return state.articles >= training_set.ENOUGH or not feeds.expected(
            self._keeper.connection, outlet, now
        )

    def lessons(self, outlet: str) -> Job:
        """What the outlet's profile is to be learned from."""
        state = self._state(outlet)
        state.under_way, state.since = True, 0
        if self._keeper.store.warc:
            self._keeper.store.warc.flush()
        found = training_set.lessons(
            self._keeper.connection,
            self._keeper.archive.captures,
            outlet,
            studies=self.studies,
        )
        rules = self._keeper.outlet(outlet).rules
        return Job(
            "learn",
            Capture("", "", "", 200),
            rules,
            self._keeper.settings.limits,
            lessons=found,
        )

    def learned(self, outlet: str, prepared: Prepared, now: str) -> Rereading | None:
        """Keep what was learned. Returns what is to be read again with it; None: nothing.

        What reads the same is said to have been read with it: only what differs, or came meanwhile, is read again.
        """
        state = self._progress[outlet]
        state.under_way = False
        if not prepared.profile:
            return None
        self._keeper.archive.begin()
        state.learned_at = now
        if not training_set.keep(
            self._keeper.connection, outlet, prepared.profile, now
        ):
            return None
        self._held.pop(outlet, None)
        readings.adopt(
            self._keeper.connection,
            prepared.same,
            self.profile(outlet)[0],
            EXTRACTOR,
            self._keeper.outlet(outlet).rules.name,
        )
        if self._keeper.store.warc:
            self._keeper.store.warc.flush()
        return Rereading(
            self._keeper.connection,
            self._keeper.settings,
            now,
            (outlet,),
            begin=self._keeper.archive.begin,
        )

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
class LearningProgress:
    """How far the learning of an outlet's profile is."""

    article_count: int
    articles_since_learned: int  # articles that came since it was last learned
    learned_at: str | None
    under_way: bool = False


class ProfileLearner:
    """See the module."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._profiles: dict[str, tuple[str, str]] = {}  # outlet → its profile in force
        self._progress: dict[str, LearningProgress] = {}
        self.training_page_cache = training_set.TrainingPageCache()

    def needs_training_page(self, outlet: str) -> bool:
        """Whether the outlet's next page will be learned from."""
        return training_set.uses_profile(
            self._keeper.outlet(outlet).rules
        ) and training_set.needs_training_page(self._get_progress(outlet).article_count)

    def current_profile(self, outlet: str) -> tuple[str, str]:
        """The outlet's profile in force: its name, and itself as text; "" where there is none."""
        if outlet not in self._profiles:
            self._profiles[outlet] = training_set.current_profile(
                self._keeper.connection, outlet, self._keeper.outlet(outlet).rules
            )
        return self._profiles[outlet]

    def with_current_profile(self, outlet: str, job: Job) -> Job:
        """A job made a while ago, with the profile in force. The one method that may be called in any thread."""
        held = self._profiles.get(outlet)
        return (
            job
            if held is None or held[1] == job.profile
            else replace(job, profile=held[1])
        )

    def is_due_after_entry(self, outlet: str, became_article: bool, now: str) -> bool:
        """One entry more is settled, and ``came`` to be an article: whether the outlet's profile is to be learned now."""
        if not training_set.uses_profile(self._keeper.outlet(outlet).rules):
            return False
        state = self._get_progress(outlet)
        if became_article:
            state.article_count += 1
            state.articles_since_learned += 1
        return self.is_due(outlet, now)

    def _get_progress(self, outlet: str) -> LearningProgress:
        if outlet not in self._progress:
            self._progress[outlet] = LearningProgress(
                *training_set.learning_progress(self._keeper.connection, outlet)
            )
        return self._progress[outlet]

    def is_due(self, outlet: str, now: str) -> bool:
        """Whether enough came, perhaps while the profile was being learned, to learn it now: while few are held, once those
        that are on their way have come too, so that nothing is read twice."""
        state = self._get_progress(outlet)
        if state.under_way or not training_set.is_due(
            state.article_count, state.learned_at, state.articles_since_learned, now
        ):
            return False
        return (
            state.article_count >= training_set.MIN_ARTICLES_NOT_TO_WAIT
            or not feeds.has_due_entries(self._keeper.connection, outlet, now)
        )

    def training_job(self, outlet: str) -> Job:
        """What the outlet's profile is to be learned from."""
        state = self._get_progress(outlet)
        state.under_way, state.articles_since_learned = True, 0
        if self._keeper.store.warc:
            self._keeper.store.warc.flush()
        found = training_set.load_training_pages(
            self._keeper.connection,
            self._keeper.archive.captures_folder,
            outlet,
            cache=self.training_page_cache,
        )
        rules = self._keeper.outlet(outlet).rules
        return Job(
            "learn",
            Capture("", "", "", 200),
            rules,
            self._keeper.settings.limits,
            training_pages=found,
        )

    def store_profile(
        self, outlet: str, prepared: Prepared, now: str
    ) -> Rereading | None:
        """Keep what was learned. Returns what is to be read again with it; None: nothing.

        What reads the same is said to have been read with it: only what differs, or came meanwhile, is read again.
        """
        state = self._progress[outlet]
        state.under_way = False
        if not prepared.learned_profile:
            return None
        self._keeper.archive.begin()
        state.learned_at = now
        if not training_set.store_profile(
            self._keeper.connection, outlet, prepared.learned_profile, now
        ):
            return None
        self._profiles.pop(outlet, None)
        readings.update_reading_profile(
            self._keeper.connection,
            prepared.unchanged_versions,
            self.current_profile(outlet)[0],
            EXTRACTOR,
            self._keeper.outlet(outlet).rules.fingerprint,
        )
        if self._keeper.store.warc:
            self._keeper.store.warc.flush()
        return Rereading(
            self._keeper.connection,
            self._keeper.settings,
            now,
            (outlet,),
            begin_transaction=self._keeper.archive.begin,
        )

"""Learns profiles during a crawl: when one is due, from which pages, what follows.

Does not learn (``profiles.learn``), nor read stored captures again (``reread``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harvester.archive.connection import Archive
from harvester.archive.records import feeds, readings
from harvester.ingest.capture_store import CaptureStore
from harvester.ingest.prepare import Job
from harvester.ingest.profiles import training_set
from harvester.ingest.reread import Rereading
from harvester.model import Capture, Prepared, Rules
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import Settings


@dataclass(slots=True)
class LearningProgress:
    """How far learning an outlet's profile has come."""

    article_count: int
    articles_since_learned: int  # stored since it was last learned
    learned_at: str | None
    is_learning: bool = False


class ProfileLearner:
    """The profiles of all outlets during one crawl."""

    def __init__(
        self, archive: Archive, settings: Settings, store: CaptureStore
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._store = store
        self._profiles: dict[str, tuple[str, str]] = {}  # outlet → profile in force
        self._progress: dict[str, LearningProgress] = {}
        self.training_page_cache = training_set.TrainingPageCache()

    def needs_training_page(self, outlet: str) -> bool:
        """Whether the outlet's next page will be learned from."""
        return training_set.uses_profile(
            self._rules(outlet)
        ) and training_set.needs_training_page(self._get_progress(outlet).article_count)

    def current_profile(self, outlet: str) -> tuple[str, str]:
        """Name and JSON of the outlet's profile in force; both "" if it has none."""
        if outlet not in self._profiles:
            self._profiles[outlet] = training_set.current_profile(
                self._archive.connection, outlet, self._rules(outlet)
            )
        return self._profiles[outlet]

    def with_current_profile(self, outlet: str, job: Job) -> Job:
        """A job with the profile in force now. May be called in any thread, it alone."""
        profile = self._profiles.get(outlet)
        if profile is None or profile[1] == job.profile:
            return job
        return replace(job, profile=profile[1])

    def is_due_after_entry(self, outlet: str, became_article: bool, now: str) -> bool:
        """Count a settled entry; whether the outlet's profile is to be learned now."""
        if not training_set.uses_profile(self._rules(outlet)):
            return False
        progress = self._get_progress(outlet)
        if became_article:
            progress.article_count += 1
            progress.articles_since_learned += 1
        return self.is_due(outlet, now)

    def is_due(self, outlet: str, now: str) -> bool:
        """Whether enough articles were stored to learn the profile now.

        While an outlet has few, not until those that are due have been fetched too, so
        that nothing is read twice.
        """
        progress = self._get_progress(outlet)
        if progress.is_learning or not training_set.is_due(
            progress.article_count,
            progress.learned_at,
            progress.articles_since_learned,
            now,
        ):
            return False
        return (
            progress.article_count >= training_set.MIN_ARTICLES_NOT_TO_WAIT
            or not feeds.has_due_entries(self._archive.connection, outlet, now)
        )

    def training_job(self, outlet: str) -> Job:
        """The job that learns the outlet's profile."""
        progress = self._get_progress(outlet)
        progress.is_learning, progress.articles_since_learned = True, 0
        self._store.flush()
        training_pages = training_set.load_training_pages(
            self._archive.connection,
            self._archive.captures_folder,
            outlet,
            cache=self.training_page_cache,
        )
        return Job(
            "learn",
            Capture("", "", "", 200),
            self._rules(outlet),
            self._settings.limits,
            training_pages=training_pages,
        )

    def store_profile(
        self, outlet: str, prepared: Prepared, now: str
    ) -> Rereading | None:
        """Store a learned profile; returns what is to be read again with it, or None.

        Versions that read the same are marked as read with it: only what differs, or
        came meanwhile, is read again.
        """
        progress = self._progress[outlet]
        progress.is_learning = False
        if not prepared.learned_profile:
            return None
        self._archive.begin()
        connection = self._archive.connection
        progress.learned_at = now
        if not training_set.store_profile(
            connection, outlet, prepared.learned_profile, now
        ):
            return None
        self._profiles.pop(outlet, None)
        readings.update_reading_profile(
            connection,
            prepared.unchanged_versions,
            self.current_profile(outlet)[0],
            EXTRACTOR,
            self._rules(outlet).fingerprint,
        )
        self._store.flush()
        return Rereading(
            connection,
            self._settings,
            now,
            (outlet,),
            begin_transaction=self._archive.begin,
        )

    def _rules(self, outlet: str) -> Rules:
        return self._settings.outlets[outlet].rules

    def _get_progress(self, outlet: str) -> LearningProgress:
        if outlet not in self._progress:
            self._progress[outlet] = LearningProgress(
                *training_set.learning_progress(self._archive.connection, outlet)
            )
        return self._progress[outlet]

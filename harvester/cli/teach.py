"""``harvest teach``: a person says what is article on the pages that the reading is least sure of, and the outlet's profile learns it.

Not for: which pages those are, and what an answer means (``ingest.teach``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlet,
    utc_now,
)
from harvester.cli.crawl import require_configured_outlets
from harvester.cli.explain import block_records
from harvester.cli.labels import (
    PageLabels,
    extraction_workers,
    read_labels,
    review_pages,
)
from harvester.cli.output import clean, print_json, print_note, print_text
from harvester.errors import ArchiveError, HarvesterError

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.ingest.profiles.labelling import PageToLabel
    from harvester.workers.pool import WorkerPool

MAX_CANDIDATES = 300  # articles of which the doubtful ones are looked for
MIN_LABELLED_PAGES = 3  # pages from which on labels decide, see parse.profile
MAX_LISTED = 30  # articles named that read differently


@click.command()
@click.argument("outlet")
@click.option(
    "--pages",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How many to show.",
)
@click.option(
    "--labels",
    metavar="FILE|-",
    help="Do not ask: take what is said from a file, see below.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="With --labels: wait while another program holds the archive.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the pages as a list, or with --labels what was learned.",
)
@pass_context
def teach(
    context: Context,
    outlet: str,
    pages: int,
    labels: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Show the pages of an outlet that the reading is least sure of, block by block, and learn from your corrections.

    Type the numbers of blocks that are wrong, or enter where all is right; ? explains. The outlet's profile is learned at once,
    and its articles are read again with it: no edit comes of that. Answers are read from standard input where it is no terminal.

    With --labels one JSON object a line: {"article": KEY or address, "wanted": [places], "unwanted": [places]} says that the
    page reads right but for these blocks (places as --json shows them; both lists may be empty), {"article": …, "text": "…"}
    gives its true text.
    """
    from harvester.ingest.profiles import training_set

    require_configured_outlets((outlet,), list(context.settings.outlets))
    if not training_set.uses_profile(context.settings.outlets[outlet].rules):
        raise HarvesterError(
            f"the settings say what is the text of {outlet}: a profile would not be asked",
            f"take `text` or `extractor` out of [outlets.{outlet}.rules]",
        )
    if labels is not None:
        answers = read_labels(context, outlet, labels)
    else:
        shown = _select_pages(context, outlet, pages)
        if as_json:
            print_json([_page_record(one) for one in shown])
            return
        if not shown:
            print_note(f"no page of {clean(outlet)} is held that was not taught yet")
            return
        if all(one.has_feed_text for one in shown):
            print_note(
                "the feed carries the full text of these pages, and the profile learns from it; what you say counts more"
            )
        answers = review_pages(shown)
    if not answers:
        print_note("nothing was said: nothing is learned")
        return
    summary = _store_and_learn(context, outlet, answers, wait or labels is None)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


# ---- the pages


def _select_pages(context: Context, outlet: str, limit: int) -> list[PageToLabel]:
    """The pages to ask about."""
    from harvester.ingest.profiles import labelling, training_set

    settings = context.settings
    rules = settings.outlets[outlet].rules
    with (
        context.connect_read_only() as connection,
        extraction_workers(context) as workers,
    ):
        require_archived_outlet(connection, outlet)
        _, profile = training_set.current_profile(connection, outlet, rules)
        reading = []
        for page in labelling.uncertain_pages(
            connection, outlet, limit, MAX_CANDIDATES
        ):
            try:
                job = labelling.explain_job(
                    connection, settings.captures, page, rules, settings.limits, profile
                )
            except ArchiveError:
                continue  # its body is no longer kept
            reading.append((page, workers.submit(job)))
        found = [
            one
            for page, future in reading
            if (one := labelling.read_page_to_label(page, future)) is not None
        ]
    return labelling.choose_pages(found, limit)


def _page_record(page: PageToLabel) -> dict[str, Any]:
    from harvester.identity.urls import mask_secrets

    return {
        "article": page.article,
        "url": mask_secrets(page.url),
        "capture": page.capture,
        "title": page.extract.title,
        "method": page.extract.method,
        "doubt": round(page.doubt, 4),
        "feed_text": page.has_feed_text,
        "blocks": [
            record
            for record in block_records(page.blocks)
            if record["place"] is not None
        ],
    }


# ---- what follows


def _store_and_learn(
    context: Context, outlet: str, page_labels: Sequence[PageLabels], wait: bool
) -> dict[str, Any]:
    """Keep the labels, learn the profile, and read the outlet's articles again with it."""
    from harvester.archive.connection import Archive, translate_sqlite_errors
    from harvester.archive.lock import Lock, LockHolder
    from harvester.archive.records import profiles
    from harvester.schedule.times import format_time

    settings, at = context.settings, format_time(utc_now())
    lock = Lock(settings.archive)
    lock.acquire(
        LockHolder(os.getpid(), "harvest teach", at),
        wait,
        lambda holder: print_note(f"waiting for {holder}"),
    )
    try:
        with (
            translate_sqlite_errors(settings.archive),
            extraction_workers(context) as workers,
        ):
            archive = Archive.open(settings.archive, settings.captures)
            with closing(archive):
                archive.begin()
                for one in page_labels:
                    profiles.update_labels(
                        archive.connection, one.article, one.capture, one.labels, at
                    )
                archive.commit()
                taught = len({one.article for one in page_labels})
                return {
                    "outlet": outlet,
                    "taught": taught,
                    **_learn_profile(context, outlet, archive, workers, at),
                }
    finally:
        lock.release()


def _learn_profile(
    context: Context, outlet: str, archive: Archive, workers: WorkerPool, at: str
) -> dict[str, Any]:
    from harvester.archive.records import profiles
    from harvester.ingest.prepare import Job
    from harvester.ingest.profiles import training_set
    from harvester.ingest.reread import Rereading
    from harvester.model import Capture

    settings = context.settings
    lessons = training_set.load_training_pages(
        archive.connection, settings.captures, outlet
    )
    job = Job(
        "learn",
        Capture("", "", at, 200),
        settings.outlets[outlet].rules,
        settings.limits,
        training_pages=lessons,
    )
    prepared = workers.submit(job).result()
    archive.begin()
    if prepared.learned_profile:
        training_set.store_profile(
            archive.connection, outlet, prepared.learned_profile, at
        )
    archive.commit()
    (described,) = profiles.list_profiles(archive.connection, outlet)
    if not prepared.learned_profile or described["number"] is None:
        problem = prepared.error or "no page can be read by blocks"
        raise HarvesterError(
            f"the profile could not be learned: {problem}", "what you said is kept"
        )
    rereading = Rereading(
        archive.connection,
        settings,
        at,
        (outlet,),
        worker_count=settings.workers,
        begin_transaction=archive.begin,
    )
    summary: dict[str, Any] = {"read": 0, "changed": 0, "left": 0, "differ": []}
    for again in rereading.run(workers.submit):
        summary["left" if again.problem else "read"] += 1
        summary["changed"] += bool(again.changed_fields)
        if again.changed_fields and len(summary["differ"]) < MAX_LISTED:
            words = list(again.word_counts)
            summary["differ"].append(
                {
                    "article": again.article,
                    "version": again.number,
                    "title": again.title,
                    "words": words,
                }
            )
    archive.commit()
    names = ("number", "name", "pages", "labelled", "taught", "sure")
    return {"profile": {name: described[name] for name in names}, **summary}


def _print_summary(summary: dict[str, Any]) -> None:
    profile = summary["profile"]
    pages = f"{summary['taught']} page{'s' if summary['taught'] != 1 else ''} taught"
    print_text(
        f"{pages}; profile {profile['number']}; {summary['read']} articles read again, {summary['changed']} of them differ"
    )
    for one in summary["differ"]:
        before, after = one["words"]
        print_text(
            f"  {one['article']}  {before} → {after} words  {clean(one['title'])}"
        )
    if summary["left"]:
        print_note(
            f"{summary['left']} were left as they were: their pages are no longer kept, or have no text"
        )
    if profile["labelled"] < MIN_LABELLED_PAGES:
        print_note(
            f"labels count from {MIN_LABELLED_PAGES} pages on: {profile['labelled']} so far"
        )

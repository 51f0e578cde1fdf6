"""``harvest teach``: a person says what is article on the pages that the reading is least sure of, and the outlet's profile learns it.

Not for: which pages those are, and what an answer means (``ingest.teach``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, known_outlet, now, pass_context
from harvester.cli.crawl import known_outlets
from harvester.cli.explain import block_records
from harvester.cli.labels import Answer, ask, labelled, reading_workers
from harvester.cli.output import clean, note, print_json, say
from harvester.errors import ArchiveError, HarvesterError

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.ingest.profiles.labelling import Asked
    from harvester.workers.pool import Workers

NEWEST = 300  # articles of which the doubtful ones are looked for
LABELS_COUNT = 3  # pages from which on labels decide, see parse.profile
LISTED = 30  # articles named that read differently


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

    known_outlets((outlet,), list(context.settings.outlets))
    if not training_set.used(context.settings.outlets[outlet].rules):
        raise HarvesterError(
            f"the settings say what is the text of {outlet}: a profile would not be asked",
            f"take `text` or `extractor` out of [outlets.{outlet}.rules]",
        )
    if labels is not None:
        answers = labelled(context, outlet, labels)
    else:
        shown = _pages(context, outlet, pages)
        if as_json:
            print_json([_record(one) for one in shown])
            return
        if not shown:
            note(f"no page of {clean(outlet)} is held that was not taught yet")
            return
        if all(one.fed for one in shown):
            note(
                "the feed carries the full text of these pages, and the profile learns from it; what you say counts more"
            )
        answers = ask(shown)
    if not answers:
        note("nothing was said: nothing is learned")
        return
    summary = _learn(context, outlet, answers, wait or labels is None)
    if as_json:
        print_json(summary)
    else:
        _print(summary)


# ---- the pages


def _pages(context: Context, outlet: str, most: int) -> list[Asked]:
    """The pages to ask about."""
    from harvester.ingest.profiles import labelling, training_set

    settings = context.settings
    rules = settings.outlets[outlet].rules
    with context.reading() as connection, reading_workers(context) as workers:
        known_outlet(connection, outlet)
        _, profile = training_set.in_force(connection, outlet, rules)
        reading = []
        for page in labelling.unsure(connection, outlet, most, NEWEST):
            try:
                job = labelling.job(
                    connection, settings.captures, page, rules, settings.limits, profile
                )
            except ArchiveError:
                continue  # its body is no longer kept
            reading.append((page, workers.submit(job)))
        found = [
            one
            for page, future in reading
            if (one := labelling.asked(page, future)) is not None
        ]
    return labelling.choose(found, most)


def _record(one: Asked) -> dict[str, Any]:
    from harvester.identity.urls import mask

    return {
        "article": one.article,
        "url": mask(one.url),
        "capture": one.capture,
        "title": one.extract.title,
        "method": one.extract.method,
        "doubt": round(one.doubt, 4),
        "feed_text": one.fed,
        "blocks": [
            record
            for record in block_records(one.blocks)
            if record["place"] is not None
        ],
    }


# ---- what follows


def _learn(
    context: Context, outlet: str, answers: Sequence[Answer], wait: bool
) -> dict[str, Any]:
    """Keep the labels, learn the profile, and read the outlet's articles again with it."""
    from harvester.archive.connection import Archive, translated
    from harvester.archive.lock import Holder, Lock
    from harvester.archive.records import profiles
    from harvester.schedule.times import written

    settings, at = context.settings, written(now())
    lock = Lock(settings.archive)
    lock.acquire(
        Holder(os.getpid(), "harvest teach", at),
        wait,
        lambda holder: note(f"waiting for {holder}"),
    )
    try:
        with translated(settings.archive), reading_workers(context) as workers:
            archive = Archive.open(settings.archive, settings.captures)
            with closing(archive):
                archive.begin()
                for one in answers:
                    profiles.say(
                        archive.connection, one.article, one.capture, one.labels, at
                    )
                archive.commit()
                taught = len({one.article for one in answers})
                return {
                    "outlet": outlet,
                    "taught": taught,
                    **_learned(context, outlet, archive, workers, at),
                }
    finally:
        lock.release()


def _learned(
    context: Context, outlet: str, archive: Archive, workers: Workers, at: str
) -> dict[str, Any]:
    from harvester.archive.records import profiles
    from harvester.ingest.prepare import Job
    from harvester.ingest.profiles import training_set
    from harvester.ingest.reread import Rereading
    from harvester.model import Capture

    settings = context.settings
    lessons = training_set.lessons(archive.connection, settings.captures, outlet)
    job = Job(
        "learn",
        Capture("", "", at, 200),
        settings.outlets[outlet].rules,
        settings.limits,
        lessons=lessons,
    )
    prepared = workers.submit(job).result()
    archive.begin()
    if prepared.profile:
        training_set.keep(archive.connection, outlet, prepared.profile, at)
    archive.commit()
    (described,) = profiles.overview(archive.connection, outlet)
    if not prepared.profile or described["number"] is None:
        problem = prepared.error or "no page can be read by blocks"
        raise HarvesterError(
            f"the profile could not be learned: {problem}", "what you said is kept"
        )
    rereading = Rereading(
        archive.connection,
        settings,
        at,
        (outlet,),
        workers=settings.workers,
        begin=archive.begin,
    )
    summary: dict[str, Any] = {"read": 0, "changed": 0, "left": 0, "differ": []}
    for again in rereading.run(workers.submit):
        summary["left" if again.problem else "read"] += 1
        summary["changed"] += bool(again.changed)
        if again.changed and len(summary["differ"]) < LISTED:
            words = list(again.words)
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


def _print(summary: dict[str, Any]) -> None:
    profile = summary["profile"]
    pages = f"{summary['taught']} page{'s' if summary['taught'] != 1 else ''} taught"
    say(
        f"{pages}; profile {profile['number']}; {summary['read']} articles read again, {summary['changed']} of them differ"
    )
    for one in summary["differ"]:
        before, after = one["words"]
        say(f"  {one['article']}  {before} → {after} words  {clean(one['title'])}")
    if summary["left"]:
        note(
            f"{summary['left']} were left as they were: their pages are no longer kept, or have no text"
        )
    if profile["labelled"] < LABELS_COUNT:
        note(f"labels count from {LABELS_COUNT} pages on: {profile['labelled']} so far")

"""``harvest teach``: a person corrects uncertain pages, and the profile learns.

Does not choose the pages, nor turn corrections into labels; see
``ingest.labelling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    require_configured_outlets,
    utc_timestamp,
)
from harvester.cli.explain import block_records
from harvester.cli.labels import (
    PageLabels,
    extraction_workers,
    read_labels,
    review_pages,
)
from harvester.cli.options import wait_option
from harvester.cli.output import (
    clean,
    pluralize,
    print_json,
    print_note,
    print_text,
)
from harvester.errors import ArchiveError, HarvesterError

if TYPE_CHECKING:
    from harvester.archive.connection import Archive
    from harvester.ingest.labelling import PageToLabel
    from harvester.ingest.reread import Rereading
    from harvester.workers.pool import WorkerPool

MAX_CANDIDATES = 300  # articles among which uncertain ones are chosen
MIN_LABELLED_PAGES = 3  # from which on labels count, see parse.content.profile
MAX_LISTED = 30  # articles that read differently


@click.command()
@click.argument("outlet", shell_complete=complete_outlets)
@click.option(
    "--pages",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="Number of pages to show.",
)
@click.option(
    "--labels",
    metavar="FILE|-",
    help="Take labels from a file instead of asking; see above.",
)
@wait_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the pages as a JSON list; with --labels, what was learned.",
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
    """Correct uncertain pages of an outlet, and learn.

    Type the numbers of blocks that are wrong, or enter if a page is right; ? for help.
    The outlet's profile is learned at once, and its articles are read again with it;
    this makes no edits. If standard input is not a terminal, it is read line by line.

    With --labels, FILE has one JSON object a line. {"article": KEY or URL, "wanted":
    [numbers], "unwanted": [numbers]} says that the page reads right except for these
    blocks (numbered as "place" in the output of --json; both lists may be empty).
    {"article": …, "text": "…"} gives its true text.

    Examples: `harvest teach courier --pages 5`,
    `harvest teach courier --labels labels.jsonl`
    """
    from harvester.ingest.profiles import training_set

    require_configured_outlets((outlet,), list(context.settings.outlets))
    if not training_set.uses_profile(context.settings.outlets[outlet].rules):
        raise HarvesterError(
            f"the settings say what the text of {outlet} is, so it uses no profile",
            f"remove `text` or `extractor` from [outlets.{outlet}.rules]",
        )
    if labels is not None:
        page_labels = read_labels(context, outlet, labels)
    else:
        pages_to_label = _select_pages(context, outlet, pages)
        if as_json:
            print_json([_page_record(page) for page in pages_to_label])
            return
        if not pages_to_label:
            print_note(f"no unlabelled pages of {clean(outlet)}")
            return
        if all(page.has_feed_text for page in pages_to_label):
            print_note(
                "the feed has the full text of these pages, and the profile learns from "
                "it; your labels take precedence"
            )
        page_labels = review_pages(pages_to_label)
    if not page_labels:
        print_note("no labels given; nothing was learned")
        return
    summary = _store_and_learn(context, outlet, page_labels, wait or labels is None)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


# ---- the pages


def _select_pages(context: Context, outlet: str, limit: int) -> list[PageToLabel]:
    """The pages to show."""
    from harvester.ingest import labelling
    from harvester.ingest.profiles import training_set

    settings = context.settings
    rules = settings.outlets[outlet].rules
    with (
        context.connect_read_only() as connection,
        extraction_workers(context) as workers,
    ):
        require_archived_outlets(connection, [outlet])
        _, profile = training_set.current_profile(connection, outlet, rules)
        submitted = []
        for page in labelling.uncertain_pages(
            connection, outlet, limit, MAX_CANDIDATES
        ):
            try:
                job = labelling.explain_job(
                    connection, settings.captures, page, rules, settings.limits, profile
                )
            except ArchiveError:
                continue  # its body is no longer stored
            submitted.append((page, workers.submit(job)))
        candidates = [
            page_to_label
            for page, future in submitted
            if (page_to_label := labelling.read_page_to_label(page, future)) is not None
        ]
    return labelling.choose_pages(candidates, limit)


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


# ---- learning


def _store_and_learn(
    context: Context, outlet: str, page_labels: Sequence[PageLabels], wait: bool
) -> dict[str, Any]:
    """Store the labels, learn the profile, and read the outlet's articles again."""
    from harvester.archive.records import profiles

    at = utc_timestamp()
    with (
        context.open_for_writing("harvest teach", at, wait) as archive,
        extraction_workers(context) as workers,
    ):
        archive.begin()
        for page in page_labels:
            profiles.update_labels(
                archive.connection, page.article, page.capture, page.labels, at
            )
        archive.commit()
        return {
            "outlet": outlet,
            "taught": len({page.article for page in page_labels}),
            **_learn_profile(context, outlet, archive, workers, at),
        }


def _learn_profile(
    context: Context, outlet: str, archive: Archive, workers: WorkerPool, at: str
) -> dict[str, Any]:
    from harvester.archive.records import profiles
    from harvester.ingest.prepare import Job
    from harvester.ingest.profiles import training_set
    from harvester.ingest.reread import Rereading
    from harvester.model import Capture

    settings = context.settings
    training_pages = training_set.load_training_pages(
        archive.connection, settings.captures, outlet
    )
    job = Job(
        "learn",
        Capture("", "", at, 200),
        settings.outlets[outlet].rules,
        settings.limits,
        training_pages=training_pages,
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
            f"the profile could not be learned: {problem}", "the labels are stored"
        )
    rereading = Rereading(
        archive.connection,
        settings,
        at,
        (outlet,),
        worker_count=settings.workers,
        begin_transaction=archive.begin,
    )
    summary = _reread_articles(rereading, workers)
    archive.commit()
    names = ("number", "name", "pages", "labelled", "taught", "sure")
    return {"profile": {name: described[name] for name in names}, **summary}


def _reread_articles(rereading: Rereading, workers: WorkerPool) -> dict[str, Any]:
    summary: dict[str, Any] = {"read": 0, "changed": 0, "left": 0, "differ": []}
    for result in rereading.run(workers.submit):
        summary["left" if result.problem else "read"] += 1
        summary["changed"] += bool(result.changed_fields)
        if result.changed_fields and len(summary["differ"]) < MAX_LISTED:
            summary["differ"].append(
                {
                    "article": result.article,
                    "version": result.number,
                    "title": result.title,
                    "words": list(result.word_counts),
                }
            )
    return summary


def _print_summary(summary: dict[str, Any]) -> None:
    profile = summary["profile"]
    print_text(
        f"{pluralize(summary['taught'], 'page')} labelled; "
        f"profile {profile['number']}; "
        f"{pluralize(summary['read'], 'article')} read again, "
        f"{summary['changed']} changed"
    )
    for article in summary["differ"]:
        before, after = article["words"]
        print_text(
            f"  {article['article']}  {before} → {after} words"
            f"  {clean(article['title'])}"
        )
    if summary["left"]:
        print_note(
            f"{pluralize(summary['left'], 'article')} left unchanged: "
            "the page is no longer stored, or has no text"
        )
    if profile["labelled"] < MIN_LABELLED_PAGES:
        print_note(
            f"labels count from {MIN_LABELLED_PAGES} pages on; "
            f"{profile['labelled']} so far"
        )

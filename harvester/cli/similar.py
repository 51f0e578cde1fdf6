"""``harvest similar`` and ``quote``: near-duplicates, and who published a sentence."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import click

from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    resolve_article,
    utc_now,
)
from harvester.cli.options import (
    ARTICLE_HELP,
    ArticleOptions,
    QueryCommand,
    article_options,
    limit_option,
    list_options,
)
from harvester.cli.output import (
    clean,
    describe_count,
    display_time,
    format_table,
    pluralize,
    print_csv,
    print_json,
    print_json_lines,
    print_note,
    print_records,
    print_text,
    wrap_text,
)

MIN_COPIED_SHARE = 0.5  # of a paragraph's words
PAIR_COLUMNS = ("article", "url", "other", "other_url", "share", "shared", "agency")
SIMILAR_COLUMNS = (
    "article",
    "outlet",
    "url",
    "title",
    "first_seen",
    "share",
    "shared",
    "first",
    "agency",
)
PARAGRAPH_COLUMNS = ("copied", "text")
QUOTE_COLUMNS = ("article", "version", "outlet", "at", "score", "sentence")


@click.command(
    help=f"""List near-duplicates of an article.

These are copied, cut, extended, corrected or lightly rewritten. With a second ARTICLE,
show which of its paragraphs the two share, and what was changed.

{ARTICLE_HELP}

Examples: `harvest similar 3f2a91`, `harvest similar --all --csv`"""
)
@click.argument("article", required=False)
@click.argument("other", required=False)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="List all pairs of near-duplicates in the archive.",
)
@article_options
@list_options
@pass_context
def similar(
    context: Context,
    article: str | None,
    other: str | None,
    everything: bool,
    articles: ArticleOptions,
    form: str | None,
) -> int:
    """List near-duplicates of an article."""
    from harvester.archive.queries.article_filter import (
        list_matching_keys,
        make_article_filter,
    )
    from harvester.archive.records import copies
    from harvester.schedule.times import format_time

    if everything == bool(article):
        raise click.UsageError("give an article, or --all for all pairs of the archive")
    moment = utc_now()
    tree = articles.to_tree(moment)
    with context.connect_read_only() as connection:
        require_archived_outlets(connection, articles.outlets)
        if article and other:
            count = _print_pair(connection, article, other, form)
        elif article:
            key = resolve_article(connection, article)["key"]
            records = _mask_urls(copies.list_similar_articles(connection, key))
            if tree is not None:
                is_match = make_article_filter(connection, tree, format_time(moment))
                records = (one for one in records if is_match(one["article"]))
            count = _print_near_duplicates(connection, records, key, form)
        else:
            pairs = _mask_urls(copies.list_pairs(connection))
            if tree is not None:
                keys = list_matching_keys(connection, tree, format_time(moment))
                pairs = (pair for pair in pairs if pair["article"] in keys)
            count = _print_pairs(pairs, form)
        if waiting := copies.count_unindexed_versions(connection):
            versions = pluralize(waiting, "version is", "versions are")
            print_note(f"{versions} not compared yet; `harvest once` continues")
    return count


def _print_pairs(records: Iterator[dict[str, Any]], form: str | None) -> int:
    if form in ("nl", "csv", "tsv"):  # there may be many
        counter = itertools.count()
        counted = (record for record, _ in zip(records, counter, strict=False))
        if form == "nl":
            print_json_lines(counted)
        else:
            print_csv(counted, PAIR_COLUMNS, "\t" if form == "tsv" else ",")
        return next(counter)
    pairs = list(records)
    if print_records(pairs, form):
        return len(pairs)
    if not pairs:
        print_note("no near-duplicates found")
        return 0
    rows = [
        [
            pair["article"],
            pair["other"],
            _format_percent(pair["share"]),
            _format_percent(pair["shared"]),
            pair["agency"],
            pair["url"],
        ]
        for pair in pairs
    ]
    headers = ["article", "copied from", "share", "of it", "agency", "url"]
    print_text(format_table(rows, headers))
    return len(pairs)


def _mask_urls(records: Any) -> Iterator[dict[str, Any]]:
    from harvester.identity.urls import mask_secrets

    return (
        {
            name: mask_secrets(value) if name.endswith("url") else value
            for name, value in record.items()
        }
        for record in records
    )


def _format_percent(share: float) -> str:
    return f"{share:.0%}"


def _print_near_duplicates(
    connection: sqlite3.Connection,
    records: Iterator[dict[str, Any]],
    key: str,
    form: str | None,
) -> int:
    from harvester.archive.records import copies

    articles = list(records)
    if print_records(articles, form, SIMILAR_COLUMNS):
        return len(articles)
    if not articles:
        print_note("no near-duplicates found")
        return 0
    rows = [
        [
            display_time(article["first_seen"]),
            article["outlet"],
            article["article"],
            _format_percent(article["share"]),
            _format_percent(article["shared"]),
            article["agency"],
            article["title"],
        ]
        for article in articles
    ]
    headers = ["first seen", "outlet", "article", "of its text", "of this text"]
    print_text(format_table(rows, [*headers, "agency", "title"]))
    cluster = copies.get_cluster(connection, key)
    if cluster is not None:
        first = "this article" if cluster["cluster"] == key else cluster["cluster"]
        agency = f", from {cluster['agency']}" if cluster["agency"] else ""
        print_text(
            f"first published: {first}, {clean(cluster['first_outlet'])}, "
            f"{display_time(cluster['first_seen'])}{agency}"
        )
    print_text(
        f"`harvest similar {key[:8]} {articles[0]['article'][:8]}` shows shared paragraphs"
    )
    return len(articles)


def _print_pair(
    connection: sqlite3.Connection, article: str, other: str, form: str | None
) -> int:
    from harvester.archive.records import copies

    pair = copies.get_pair(
        connection,
        resolve_article(connection, article)["key"],
        resolve_article(connection, other)["key"],
    )
    if pair is None:
        print_note(
            "these two are not near-duplicates; `harvest quote` finds single sentences"
        )
        if form == "json":
            print_json([])
        elif form in ("csv", "tsv"):
            print_records([], form, PARAGRAPH_COLUMNS)
        return 0
    record = _compare_versions(*copies.get_pair_versions(connection, pair))
    record |= {"share": pair["share"], "shared": pair["shared"]}
    if form == "nl":
        print_json_lines([record])
    elif form == "json":
        print_json(record)
    elif not print_records(record["paragraphs"], form, PARAGRAPH_COLUMNS):
        _print_comparison(record)
    return 1


def _compare_versions(copier: sqlite3.Row, original: sqlite3.Row) -> dict[str, Any]:
    """The copier's paragraphs, each with its copied share, and what was changed."""
    from harvester.identity import copied_words, diff, near_duplicates

    tokens = [
        near_duplicates.tokenise(row["title"], row["text"])
        for row in (copier, original)
    ]
    sentences = diff.diff_sentences(original["text"], copier["text"])
    return {
        "article": copier["article"],
        "version": copier["number"],
        "other": original["article"],
        "other_version": original["number"],
        "paragraphs": [
            {"text": text, "copied": share}
            for text, share in copied_words.line_overlaps(*tokens)
        ],
        "changed": [list(pair) for pair in sentences.changed],
        "added": list(sentences.added),
        "left_out": list(sentences.removed),
    }


def _print_comparison(record: dict[str, Any]) -> None:
    print_text(
        f"{record['article']} version {record['version']} has "
        f"{_format_percent(record['share'])} of its words from {record['other']} "
        f"version {record['other_version']}, and "
        f"{_format_percent(record['shared'])} of that one's"
    )
    for paragraph in record["paragraphs"]:
        is_copied = paragraph["copied"] >= MIN_COPIED_SHARE
        share = click.style(
            f"{_format_percent(paragraph['copied']):>4} ",
            fg="red" if is_copied else "green",
            bold=is_copied,
        )
        print_text(f"{share}{wrap_text(paragraph['text'], '     ').lstrip()}")
    for sign, name in (("~", "changed"), ("+", "added"), ("-", "left_out")):
        if record[name]:
            print_text()
            print_text(click.style(f"{name.replace('_', ' ')}:", dim=True))
        for sentence in record[name]:
            text = (
                f"{clean(sentence[0])}\n  → {clean(sentence[1])}"
                if isinstance(sentence, list)
                else clean(sentence)
            )
            print_text(f"{sign} {text}")


@click.command(cls=QueryCommand)
@click.argument("sentence", nargs=-1, required=True)
@limit_option(50)
@article_options
@list_options
@pass_context
def quote(
    context: Context,
    sentence: tuple[str, ...],
    articles: ArticleOptions,
    form: str | None,
    limit: int,
) -> int:
    """Find who published a sentence, earliest first.

    Slightly altered sentences are found too, and those that were removed since, or that
    only a feed had (these not with --query).

    Examples: `harvest quote 'The bridge stays closed for lorries'`,
    `harvest quote 'He said nothing of the sort' -n 5`
    """
    from harvester.archive.queries import quotes
    from harvester.identity import quote_match, shingles

    moment = utc_now()
    quotation = QueryCommand.join_words(sentence)
    phrases = quote_match.search_phrases(quotation)
    if not phrases:
        raise click.UsageError("the sentence has no words")
    with context.connect_read_only() as connection:
        hashes = [
            shingle_hash
            for shingle_hash in shingles.shingle_hashes(
                shingles.split_into_words(quotation)
            )
            if shingle_hash < shingles.SAMPLING_THRESHOLD
        ]
        # Closed before the connection is, as it is not exhausted at the limit.
        seen: set[tuple[str, str]] = set()
        candidates = quotes.find_candidate_versions(connection, phrases, hashes)
        require_archived_outlets(connection, articles.outlets)
        is_chosen = _make_row_filter(connection, articles, moment)
        with closing(candidates) as rows:
            records = _first_publications(rows, quotation, limit, seen, is_chosen)
        announced = quotes.find_candidate_announcements(connection, phrases)
        records += _first_publications(announced, quotation, limit, seen, is_chosen)
    records = sorted(records, key=lambda record: str(record["at"]))[:limit]
    if print_records(records, form, QUOTE_COLUMNS):
        return len(records)
    if not records:
        print_note("no matches")
        return 0
    for record in records:
        score = record["score"]
        suffix = "" if score == 1 else f"  {_format_percent(score)} of it"
        outlet = click.style(clean(record["outlet"]), bold=True)
        version = f"version {record['version']}" if record["version"] else "(its feed)"
        print_text(
            f"{display_time(record['at'])}  {outlet}  "
            f"{record['article'] or 'no article'} {version}{suffix}"
        )
        print_text(wrap_text(record["sentence"], "  "))
    if len(records) == limit:
        print_note(describe_count(limit, limit, "result"))
    return len(records)


def _make_row_filter(
    connection: sqlite3.Connection, articles: ArticleOptions, moment: datetime
) -> Callable[[sqlite3.Row], bool]:
    """Tells of a version, or of what a feed had, whether the options choose it."""
    from harvester.archive.queries.article_filter import make_article_filter
    from harvester.schedule.times import format_time

    tree = articles.to_tree(moment)
    if tree is None:
        return lambda row: True
    is_match = make_article_filter(connection, tree, format_time(moment))

    def is_chosen(row: sqlite3.Row) -> bool:
        if row["article"]:
            return is_match(row["article"])
        return (
            not articles.query.strip()
            and (not articles.outlets or row["outlet"] in articles.outlets)
            and (not articles.since or row["at"] >= articles.since)
            and (not articles.until or row["at"] < articles.until)
        )

    return is_chosen


def _first_publications(
    rows: Iterable[sqlite3.Row],
    quotation: str,
    limit: int,
    seen: set[tuple[str, str]],
    is_chosen: Callable[[sqlite3.Row], bool],
) -> list[dict[str, Any]]:
    """The first version of each article with the sentence, for each way to put it.

    ``rows``: versions, earliest first. ``seen``: articles with sentences that are
    listed already; those of ``rows`` are added.
    """
    from harvester.identity import quote_match, shingles

    records: list[dict[str, Any]] = []
    for row in rows:
        match = quote_match.find_quotation(quotation, row["text"])
        if match is None or not is_chosen(row):
            continue
        article_sentence = (
            row["article"] or row["outlet"],
            shingles.fold_text(match.sentence),
        )
        if article_sentence in seen:
            continue
        seen.add(article_sentence)
        records.append(
            {
                "article": row["article"],
                "version": row["version"],
                "outlet": row["outlet"],
                "at": row["at"],
                "sentence": match.sentence,
                "score": match.score,
            }
        )
        if len(records) == limit:
            break
    return records

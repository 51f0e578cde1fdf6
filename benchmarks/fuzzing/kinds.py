"""The functions that read each kind of input, and checks of their results.

A result is a record with clean, bounded texts, or one of our own errors.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.fuzzing import grammars, mutations, seeds
from harvester.errors import HarvesterError, InvalidResponse, QueryError, SettingsError
from harvester.model import Capture, Entry, Extract, Feed, Limits, Prepared, Rules

AT = "2026-11-01T12:00:00Z"
URL = "https://courier.example/2025/09/06/bridge?id=1"
MAX_CPU_SECONDS = 2.0  # seconds of processor time
# Maximum length of a field in characters; MAX_LENGTH if not named here.
MAX_LENGTHS = {
    "text": 2_000_000, "content": 500_000, "teaser": 500_000, "summary": 5_000,
    "description": 5_000,
    "url": 12_000, "id": 2_000, "profile": 10_000_000, "value": 500, "image": 8_000,
    "aliases": 8_000, "feeds": 8_000, "inserts": 2_000_000, "message": 2_000_000,
    "next_page": 8_000,
}  # fmt: skip
MAX_LENGTH = 4_000
MAX_COUNTS = {
    "entries": 2_000,
    "statements": 60,
    "links": 300,
    "images": 300,
    "parts": 2_000,
    "inserts": 20_000,
    "block_decisions": 12_000,
    "message": 1_000_000,
}
MAX_COUNT = 500
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
_LOCAL = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d(?::\d\d)?)?)?"
)


class Fault(Exception):
    """A result that must not occur."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``share``: of all cases; ``limit``: seconds of processor time that one may take."""

    read: Callable[[bytes], Any]
    seeds: tuple[bytes, ...]
    share: float
    grammar: Callable[[Random], bytes] | None = None
    limit: float = MAX_CPU_SECONDS


def faults(value: Any, name: str = "text") -> Iterator[str]:
    """Yield what is wrong with a result."""
    if isinstance(value, str):
        if found := _CONTROL.search(value):
            yield (
                f"a control character in {name}: {found[0]!r} in "
                f"{value[max(0, found.start() - 40) : found.end() + 40]!r}"
            )
        if len(value) > MAX_LENGTHS.get(name, MAX_LENGTH):
            yield f"{name} is longer than its bound: {len(value)} characters"
        if (
            value
            and name in ("published", "modified", "updated", "at")
            and not _TIME.fullmatch(value)
        ):
            yield f"{name} is not a time: {value!r}"
        if (
            value
            and name in ("published_local", "modified_local")
            and not _LOCAL.fullmatch(value)
        ):
            yield f"{name} is not a time: {value!r}"
        if (
            value
            and name in ("url", "image", "aliases", "feeds", "next_page")
            and not re.match(r"https?://[^/]", value)
        ):
            yield f"{name} is not a URL: {value[:100]!r}"
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from faults(one, name)
    elif isinstance(value, list | tuple):
        if len(value) > MAX_COUNTS.get(name, MAX_COUNT):
            yield f"{name} has more than its bound: {len(value)}"
        for one in value:
            yield from faults(one, name)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in (
                "profile",
                "learned_profile",
                "rereads",
                "cpu_seconds",
            ):
                yield from faults(getattr(value, field.name), field.name)
    elif isinstance(value, bytes):
        yield f"{name} is bytes"


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise Fault(what)


def _stated(body: bytes) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """A body without the header that a mutation put before it."""
    if body.startswith(b"Content-Type: "):
        head, _, body = body.partition(b"\n\n")
        return body, (("Content-Type", head[14:].decode("latin-1")),)
    return body, ()


def _capture(body: bytes) -> Capture:
    body, headers = _stated(body)
    return Capture(URL, URL, AT, 200, headers, body)


# ---- from the network


RULES = Rules(
    ("aside.related", "div > p:not(.x)"),
    "en",
    (),
    (".headline",),
    (".byline a",),
    ("time",),
)


def page(body: bytes) -> Any:
    from harvester.ingest.prepare import Job, choose_reading, prepare

    capture = _capture(body)
    rules = RULES if len(body) % 3 == 0 else Rules()
    made = prepare(Job("page", capture, rules, Limits()))
    _must(isinstance(made.extract, Extract), "no extract")
    _must(
        bool(made.extract and made.extract.text) or bool(made.error),
        "neither text nor reason",
    )
    choose_reading(made)
    return _settled(made)


def content(body: bytes) -> Any:
    """A feed's full text, and the page explained with it."""
    from harvester.ingest.prepare import Job, feed_share_on_page, prepare

    text = body.decode("utf-8", "replace")[:500_000]
    made = prepare(
        Job(
            "page",
            _capture(seeds.PAGES[0]),
            Rules(captions=True),
            Limits(),
            "The old bridge",
            text,
        )
    )
    feed_share_on_page(made)
    return [
        _settled(made),
        _settled(
            prepare(
                Job(
                    "explain",
                    _capture(body),
                    Rules(),
                    Limits(),
                    content=text,
                    explain_weights=True,
                )
            )
        ),
    ]


def _settled(made: Prepared) -> list[Any]:
    return [
        made.feed,
        made.extract,
        made.feed_extract,
        made.outcome,
        made.error,
        "\n".join(one.text for one in made.block_decisions)[:2_000_000],
    ]


def feed(body: bytes) -> Any:
    from harvester.identity.urls import article_key, mask_secrets, site, url_key
    from harvester.ingest.prepare import Job, prepare
    from harvester.parse.feeds.sniff import sniff_kind

    capture = _capture(body)
    sniff_kind(capture.body, capture.header("Content-Type"))
    made = prepare(Job("feed", capture, Rules(), Limits()))
    _must(isinstance(made.feed, Feed) or bool(made.error), "neither feed nor reason")
    for entry in made.feed.entries if made.feed else ():
        _must(isinstance(entry, Entry), "an entry of another kind")
        (
            article_key(entry.url),
            mask_secrets(entry.url),
            site(entry.url),
            url_key(entry.id),
        )
    return [made.feed, made.error]


def robots(body: bytes) -> Any:
    from spiders.robots import MAX_ROBOTS_BYTES, parse_robots_txt, product_token

    found = parse_robots_txt(
        body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace"),
        product_token("harvester/1.0 (+https://us.example)"),
    )
    allowed = [
        found.can_fetch(f"https://courier.example{path}", "harvester")
        for path in ("/", "/private/a?page=1&x=2", "/" + "ab" * 1_000, "/%41é", "")
    ]
    delay = found.crawl_delay("harvester")
    _must(
        delay is None or isinstance(delay, float | int), "a delay that is not a number"
    )
    return [allowed, delay]


def dates(body: bytes) -> Any:
    from harvester.parse.dates import date_text
    from harvester.parse.feeds import entry
    from harvester.parse.metadata import machine_dates

    text = body.decode("utf-8", "replace")
    found = date_text.normalise_date(text, AT)
    stated = entry.parse_feed_time(text)
    for one in (found, stated):
        _must(
            one is None or bool(_TIME.fullmatch(one[0]) and _LOCAL.fullmatch(one[1])),
            f"not a time: {one!r}",
        )
    _must(found is None or found[0] < "2026-11-03", "later than tomorrow")
    return [
        found,
        stated,
        date_text.parse_date(text, allow_partial=True),
        machine_dates.date_in_url(text),
    ]


def addresses(body: bytes) -> Any:
    from harvester.identity import url_variants, urls
    from harvester.parse import links_images
    from harvester.parse.feeds import entry
    from harvester.settings.values import parse_url

    text = body.decode("utf-8", "surrogateescape")
    normal = urls.normalise_url(text)
    _must(
        not normal
        or len(normal) > urls.MAX_URL_LENGTH
        or urls.normalise_url(normal) == normal,
        f"normalising a normalised URL changes it: {normal[:200]!r}",
    )
    found = [
        normal,
        urls.url_key(text),
        urls.article_key(text),
        urls.site(text),
        urls.is_front_page(text),
        urls.is_plausible_canonical(text, URL),
    ]
    found += [
        entry.resolve_url(text.encode("utf-8", "replace").decode(), URL),
        links_images.absolute_url(text.encode("utf-8", "replace").decode(), URL),
        urls.wordpress_id(text),
        url_variants.outlet_article_id(text) and "",
        url_variants.is_url_variant(text),
    ]
    (
        urls.mask_secrets(text),
        urls.parameter_names(text),
        url_variants.variant_key(text),
        url_variants.first_page_url(text),
        url_variants.is_further_page(text),
        url_variants.page_number(text),
    )
    with contextlib.suppress(ValueError):
        parse_url(text)
    return repr(found).encode("ascii", "backslashreplace").decode()[:4_000]


def wording(body: bytes) -> Any:
    """Two texts with a NUL between them, as the archive compares them."""
    from harvester.identity import (
        agency,
        change,
        diff,
        near_duplicates,
        same_article,
        shingles,
        significant_lines,
    )
    from harvester.identity.wording import shingle_containment, wording_and_text_digests
    from harvester.ingest.edits import sentence_changes
    from harvester.parse.html.charset import clean_line

    one, _, other = body.decode("utf-8", "replace").partition("\0")
    before, after = (
        "\n".join(clean_line(part, 2_000_000) for part in text[:2_000_000].split("\n"))
        for text in (one, other or one[::-1])
    )
    pair = (
        significant_lines.ExtractedText("The old bridge closes", before),
        significant_lines.ExtractedText("The old bridge closed", after),
    )
    same = significant_lines.is_same_wording(*pair)
    judged = change.classify_change(
        change.VersionText(pair[0].title, before),
        change.VersionText(pair[1].title, after),
    )
    _must(judged.change_class in change.CHANGE_CLASSES, "no class")
    told = sentence_changes(before, after)
    cut = (
        near_duplicates.tokenise(pair[0].title, before),
        near_duplicates.tokenise(pair[1].title, after),
    )
    found = [
        same,
        judged.change_class,
        judged.size,
        judged.acknowledgement,
        shingle_containment(before[:200_000], after[:200_000]),
        wording_and_text_digests("t", before),
        near_duplicates.compare(*cut).is_near_duplicate,
    ]
    shingles.sample_hashes(
        shingles.split_into_words(before[: near_duplicates.MAX_TEXT_LENGTH])
    )
    diff.diff_words(
        before.partition("\n")[0][:20_000], after.partition("\n")[0][:20_000]
    )
    return [
        *found,
        sum(map(len, told.values())),
        agency.credited_agency(("AFP",), before),
        same_article.is_same_article("a", before, "b", after),
    ]


# ---- from users


def settings(body: bytes) -> Any:
    from harvester.settings import load_settings

    path = _folder() / "settings.toml"
    path.write_bytes(body)
    try:
        found = load_settings(path)
    except SettingsError as error:
        _must(bool(str(error)), "no message")
        return [_shown(error)]
    return [sorted(found.outlets), found.warnings]


def query(body: bytes) -> Any:
    from harvester.archive.queries.conditions import build_conditions
    from harvester.archive.queries.facets import count_facets
    from harvester.archive.queries.search import count_hits, search
    from harvester.query import parse_query
    from harvester.query.text import to_text

    text = body.decode("utf-8", "surrogateescape")
    try:
        tree = parse_query(text, datetime(2026, 3, 4, tzinfo=UTC))
        found = build_conditions(tree, "2026-03-04T00:00:00Z").expression
        to_text(tree)
        now, archive = "2026-03-04T00:00:00Z", _searched()
        for is_ranked in (False, True):
            search(archive, tree, now, rank=is_ranked)
        count_hits(archive, tree, now)
        count_facets(archive, tree, now, ["outlet", "month"])
    except QueryError as error:
        _must("\n" not in str(error), "more than one line")
        return [_shown(error)]
    rows = found and (
        _index()
        .execute("select rowid from f where f match ? order by rowid", [found])
        .fetchall()
    )
    return [ascii(found)[:4_000], [row[0] for row in rows or []]]


@functools.cache
def _searched() -> sqlite3.Connection:
    """An archive of articles with the words of the seeds, edited ones too."""
    from harvester.archive.connection import Archive
    from harvester.archive.records.word_forms import WordIndex
    from tests.support import small_archive

    built = small_archive.village(_folder())
    for number, text in enumerate(seeds.PROSE):
        key = built.article(f"https://courier.example/prose/{number}", "courier")
        built.version(key, text[:60], text, language=("fr", "en", "de")[number % 3])
    archive: Archive = built.archive
    archive.begin()
    WordIndex(archive.connection).index_pending(1_000)
    archive.commit()
    return archive.connection


@functools.cache
def _index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "create virtual table f using fts5(title, authors, text,"
        " tokenize = 'unicode61 remove_diacritics 2')"
    )
    connection.executemany(
        "insert into f (text) values (?)", [[one] for one in seeds.PROSE * 20]
    )
    return connection


def selector(body: bytes) -> Any:
    from harvester.parse import outlet_rules
    from harvester.parse.html.dom import parse_html
    from harvester.settings.values import parse_selectors

    text = body.decode("utf-8", "replace")
    try:
        found = parse_selectors([text])
    except ValueError as error:
        return [_shown(error)]
    tree = parse_html(seeds.PAGES[0].decode())
    _must(tree is not None, "no tree")
    return [len(outlet_rules._select(tree, found[0], 200))]


def named(body: bytes) -> Any:
    """Keys, dates and words as arguments of the commands."""
    from harvester.cli import commands

    text = body.replace(b"\0", b"").decode("utf-8", "surrogateescape")[:20_000]
    place, kept = _archive(), sys.argv
    found = []
    for command in (
        ["show", "--", text],
        ["history", "--", text],
        ["search", "--since", text, "bridge"],
        ["search", "--outlet", text, "bridge"],
        ["search", "--", text],
        ["diff", "--", text],
    ):
        told = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
        sys.argv = ["harvest", "--settings", str(place), *command]
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            code = commands.run()
        sys.argv = kept
        told.flush()
        said = told.buffer.getvalue().decode()
        _must(code in (0, 1, 2), f"exit code {code}")
        _must(
            "\x1b" not in said and "\x9b" not in said,
            "a control sequence for the terminal",
        )
        found.append(code)
    return found


@functools.cache
def _archive() -> Path:
    from harvester.archive.connection import Archive

    folder = _folder()
    Archive.open(folder / "archive.db", folder / "captures").close()
    (folder / "named.toml").write_text(
        "[archive]\npath = 'archive.db'\n[outlets.a]\nfeeds = ['http://a.example/']\n"
    )
    return folder / "named.toml"


# ---- files


def warc(body: bytes) -> Any:
    import hashlib

    from harvester.archive.integrity import warc_check
    from harvester.archive.records import captures

    path = _folder() / "harvester-1-00000.warc.gz"
    path.write_bytes(body)
    said: list[Any] = []
    try:
        found = warc_check.read_payload(body)
        said.append(hashlib.sha256(found).hexdigest())
    except ValueError as error:
        said.append(_shown(error))
    row: Any = {
        "id": 1,
        "offset": 0,
        "length": len(body),
        "sha256": "x",
        "record": "",
        "at": AT,
    }
    for body_of, is_held in ((None, 0), (2, 0), (2, 1)):
        said += [
            one["what"]
            for one in warc_check.check_file(
                path,
                [{**row, "body_of": body_of, "is_held": is_held}],
                False,
                lambda length: None,
                lambda capture_id: "",
            )
        ]
    try:
        said.append(
            sum(1 for _ in warc_check.iter_members(io.BytesIO(body), 0, len(body)))
        )
    except ValueError as error:
        said.append(str(error.args[0]))
    try:
        captures._read_record(path.parent, path.name, 0, len(body))
    except HarvesterError as error:
        said.append(_shown(error, str(path)))
    files = captures.WarcFiles(path.parent, "fuzz")
    files.resume(path.name, 0)
    files.close()
    return said


@functools.cache
def _folder() -> Path:
    """A folder for this process and its children, deleted at exit."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _shown(error: Exception, without: str = "") -> dict[str, str]:
    from harvester.cli.output import clean

    text = str(error).replace(without, "") if without else str(error)
    return {"message": clean(text, multiline=True)}


# ---- all


KINDS: dict[str, Kind] = {
    "feed": Kind(feed, seeds.FEEDS, 13, grammars.xml_feed),
    "json feed": Kind(feed, (seeds.JSON_FEED.encode(),), 6, grammars.json_feed),
    "sitemap": Kind(feed, seeds.SITEMAPS, 7, grammars.sitemap),
    "opml": Kind(feed, seeds.OPML, 2),
    "page": Kind(page, seeds.PAGES, 10, grammars.markup),
    "content": Kind(
        content, (seeds.PARAGRAPHS.encode(), *seeds.PAGES[:3]), 2, grammars.markup
    ),
    "json-ld": Kind(
        page,
        tuple(
            b"<script type='application/ld+json'>" + one.encode() + b"</script><p>x"
            for one in (seeds.LD, seeds.LIVE)
        ),
        9,
        grammars.ld,
    ),
    "wording": Kind(wording, seeds.WORDINGS, 4, grammars.wordings),
    "robots": Kind(robots, seeds.ROBOTS, 8),
    "date": Kind(dates, seeds.DATES, 12, grammars.words(grammars.DATE)),
    "address": Kind(addresses, seeds.ADDRESSES, 10, grammars.words(grammars.ADDRESS)),
    "query": Kind(query, seeds.QUERIES, 9, grammars.words(grammars.QUERY, 30)),
    "selector": Kind(
        selector, seeds.SELECTORS, 4, grammars.words(grammars.SELECTOR, 10)
    ),
    "settings": Kind(settings, seeds.SETTINGS, 6, grammars.settings),
    "named": Kind(named, seeds.NAMES, 1),
    "warc": Kind(warc, seeds.warcs(), 5),
}


def made(rng: Random, kind: str) -> bytes:
    """A case of a kind: by its grammar, or a seed mutated, or both."""
    one = KINDS[kind]
    if one.grammar is not None and rng.random() < 0.4:
        body = one.grammar(rng)
        return (
            body if rng.random() < 0.7 else mutations.mutated(rng, (body, *one.seeds))
        )
    return mutations.mutated(rng, one.seeds)


def read_seeds() -> None:
    """Read all seeds, so that no case includes the time of an import."""
    from harvester.ingest.prepare import warm_up

    warm_up()
    for one in KINDS.values():
        for body in one.seeds:
            try:
                one.read(body)
            except InvalidResponse:
                continue
    _index.cache_clear()

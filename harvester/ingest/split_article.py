"""Decides what a split moves: addresses and versions that were joined by mistake.

Does not move them (``archive.merging.split``).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive import stored_json
from harvester.archive.merging import split
from harvester.archive.merging.split import SplitPlan
from harvester.archive.records import addresses
from harvester.archive.records.articles import ArticleRow
from harvester.errors import ArchiveError, HarvesterError, NotInArchive
from harvester.identity import urls

MIN_DIGEST_PREFIX = 6  # characters of the beginning of a version's sha256


@dataclass(frozen=True, slots=True)
class _SplitRequest:
    addresses: frozenset[str] = frozenset()
    versions: frozenset[int] = frozenset()  # versions.id
    key: str = ""  # of the article that was joined, if it is free
    sightings: tuple[tuple[str, str, str], ...] = ()  # version's sha256, since, until


def plan_split(
    connection: sqlite3.Connection, article: ArticleRow, selection: Sequence[str]
) -> SplitPlan:
    """What is to be split from an article.

    ``selection``: addresses, or versions by number or sha256; empty: what was joined
    last. Raises NotInArchive where the article has no such thing, HarvesterError where
    nothing would be left, or nothing would go.
    """
    key = article.key
    request = (
        _parse_selection(connection, key, selection)
        if selection
        else _undo_last_join_request(connection, key)
    )
    captures = _addresses_of_captures(connection, key)
    rows = split.list_version_captures(connection, key)
    split_addresses = request.addresses or _addresses_only_of(
        request.versions, captures, rows, article_addresses(connection, key)
    )
    moved_captures = {
        capture_id
        for capture_id, address in captures.items()
        if address in split_addresses
    }
    going = {row["id"] for row in rows if row["capture"] in moved_captures}
    going |= request.versions
    staying = {row["id"] for row in rows if row["capture"] not in moved_captures}
    staying -= request.versions
    if request.key:  # what the record of the join says, and what was read there since
        digests = {digest for digest, _, _ in request.sightings}
        going |= {row["id"] for row in rows if row["sha256"] in digests}
    if not going:
        raise HarvesterError(
            "nothing was received at that address itself: "
            "it leads to the article, or is named by it",
            "name an address at which a page was received, or a version",
        )
    all_versions = {row["id"] for row in rows}
    if not (all_versions - going) | (staying & going):
        raise HarvesterError(
            "nothing would be left of the article: all its versions came from there"
        )
    copied = sorted(going & staying)
    return SplitPlan(
        request.key or _make_article_key(connection, article, split_addresses),
        tuple(sorted(split_addresses)),
        tuple(sorted(moved_captures)),
        tuple(sorted(going - staying)),
        tuple(copied),
        tuple(
            _sightings_to_copy(connection, key, request, copied, rows, moved_captures)
        ),
    )


def article_addresses(connection: sqlite3.Connection, key: str) -> set[str]:
    """The addresses of an article."""
    return {row["address"] for row in split.list_addresses(connection, key)}


# ---- what is asked for


def _parse_selection(
    connection: sqlite3.Connection, key: str, selection: Sequence[str]
) -> _SplitRequest:
    selected_addresses: set[str] = set()
    selected_versions: set[int] = set()
    own_addresses = article_addresses(connection, key)
    rows = split.list_version_captures(connection, key)
    for name in selection:
        if any(character in name for character in "/.:"):
            selected_addresses |= _find_address(name, key, own_addresses)
        else:
            selected_versions.add(_find_version(name, key, rows))
    return _SplitRequest(frozenset(selected_addresses), frozenset(selected_versions))


def _find_address(name: str, key: str, own_addresses: set[str]) -> set[str]:
    url = name if "://" in name else f"https://{name}"
    matches = {urls.url_key(url), urls.url_key(url, urls.parameter_names(url))}
    matches &= own_addresses
    if not matches:
        raise NotInArchive(
            f"{urls.mask_secrets(name)} is not an address of {key}",
            f"`harvest show {key}` lists them",
        )
    return matches


def _find_version(name: str, key: str, rows: list[sqlite3.Row]) -> int:
    is_number = name.isdecimal() and len(name) < MIN_DIGEST_PREFIX
    is_digest = len(name) >= MIN_DIGEST_PREFIX and re.fullmatch(
        "[0-9a-f]+", name.lower()
    )
    matches = {
        row["id"]
        for row in rows
        if (is_number and row["number"] == int(name))
        or (is_digest and row["sha256"].startswith(name.lower()))
    }
    if len(matches) != 1:
        raise NotInArchive(
            f"{key} has no version {name}", f"`harvest history {key}` lists them"
        )
    return int(matches.pop())


def _undo_last_join_request(connection: sqlite3.Connection, key: str) -> _SplitRequest:
    row = split.get_last_join(connection, key)
    if row is None:
        raise NotInArchive(
            f"no other article was joined with {key}",
            f"name what to split: an address (`harvest show {key}`) "
            f"or a version (`harvest history {key}`)",
        )
    before = stored_json.parse_object(row["before"])
    if not {"urls", "sightings"} <= before.keys():
        raise ArchiveError(
            f"what {row['joined']} was before it was joined is damaged",
            f"name what to split: an address (`harvest show {key}`)",
        )
    is_key_free = addresses.get_current_key(connection, row["joined"]) == key
    return _SplitRequest(
        frozenset(before["urls"]) & article_addresses(connection, key),
        frozenset(),
        row["joined"] if is_key_free else "",
        tuple(
            (digest, since, until) for digest, since, until, *_ in before["sightings"]
        ),
    )


# ---- what follows


def _addresses_of_captures(connection: sqlite3.Connection, key: str) -> dict[int, str]:
    """captures.id → the article's address that it is of."""
    address_of_url = {
        row["url"]: row["address"] for row in split.list_addresses(connection, key)
    }
    own_addresses = set(address_of_url.values())
    address_of_capture = {}
    for row in split.list_captures(connection, key):
        for url in (row["reached"], row["url"]):
            address = address_of_url.get(url) or urls.url_key(url)
            if address in own_addresses:
                address_of_capture[row["id"]] = address
                break
    return address_of_capture


def _addresses_only_of(
    versions: frozenset[int],
    capture_addresses: dict[int, str],
    rows: list[sqlite3.Row],
    all_addresses: set[str],
) -> frozenset[str]:
    """The addresses where only these versions were received; none if that is all."""
    own: set[str] = set()
    others: set[str] = set()
    for row in rows:
        if row["capture"] in capture_addresses:
            group = own if row["id"] in versions else others
            group.add(capture_addresses[row["capture"]])
    only_own = own - others
    return frozenset(only_own if only_own != all_addresses else ())


def _make_article_key(
    connection: sqlite3.Connection, article: ArticleRow, split_addresses: frozenset[str]
) -> str:
    first_url = next(
        (
            row["url"]
            for row in split.list_addresses(connection, article.key)
            if row["address"] in split_addresses
        ),
        article.url,
    )
    key, count = urls.article_key(first_url), 1
    while addresses.has_article_key(connection, key):
        count += 1
        key = urls.numbered_article_key(first_url, count)
    return key


def _sightings_to_copy(
    connection: sqlite3.Connection,
    key: str,
    request: _SplitRequest,
    copied_versions: list[int],
    rows: list[sqlite3.Row],
    moved_captures: set[int],
) -> list[tuple[int, str, str]]:
    """When the copied versions were online at the split addresses.

    As the record of the join says, else as captures there say.
    """
    if request.key:
        ids = {row["sha256"]: row["id"] for row in rows}
        return [
            (ids[digest], since, until)
            for digest, since, until in request.sightings
            if ids.get(digest) in copied_versions
        ]
    capture_times = [
        row["at"]
        for row in split.list_captures(connection, key)
        if row["id"] in moved_captures
    ]
    sightings = []
    for row in split.list_sightings(connection, key):
        times = [at for at in capture_times if row["since"] <= at <= row["until"]]
        if row["version"] in copied_versions and times:
            sightings.append((row["version"], min(times), max(times)))
    return sightings

"""Which addresses and versions become an article of their own when a person parts what was wrongly taken for one."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.merging import split
from harvester.archive.merging.split import SplitPlan
from harvester.archive.records import addresses
from harvester.errors import HarvesterError, NotInArchive
from harvester.identity import urls

MIN_DIGEST_PREFIX = 6  # characters of the beginning of a version's sha256


@dataclass(frozen=True, slots=True)
class _SplitRequest:
    addresses: frozenset[str] = frozenset()
    versions: frozenset[int] = frozenset()
    key: str = ""
    sightings: tuple[tuple[str, str, str], ...] = ()  # version's sha256, since, until


def plan_split(
    connection: sqlite3.Connection, article: sqlite3.Row, selection: Sequence[str]
) -> SplitPlan:
    """What is to be parted from an article. ``named``: addresses, or versions by number or sha256; none: what was joined last.

    Raises NotHeld where it has no such thing, HarvesterError where nothing would be left, or nothing would go.
    """
    key = article["key"]
    wanted = (
        _parse_selection(connection, key, selection)
        if selection
        else _undo_last_join_request(connection, key)
    )
    home, rows = (
        _addresses_of_captures(connection, key),
        split.list_version_captures(connection, key),
    )
    addresses = wanted.addresses or _addresses_only_of(
        wanted.versions, home, rows, article_addresses(connection, key)
    )
    gone = {capture for capture, address in home.items() if address in addresses}
    there = {row["id"] for row in rows if row["capture"] in gone} | wanted.versions
    here = {row["id"] for row in rows if row["capture"] not in gone} - wanted.versions
    if wanted.key:  # what the record says, and what was read there since
        names_then = {one for one, _, _ in wanted.sightings}
        there |= {row["id"] for row in rows if row["sha256"] in names_then}
    if not there:
        raise HarvesterError(
            "nothing was received at that address itself: it leads to the article, or is named by it",
            "name an address at which a page was received, or a version",
        )
    everything = {row["id"] for row in rows}
    if not (everything - there) | (here & there):
        raise HarvesterError(
            "nothing would be left of the article: all its versions came from there"
        )
    moved, copied = sorted(there - here), sorted(there & here)
    return SplitPlan(
        wanted.key or _make_article_key(connection, article, addresses),
        tuple(sorted(addresses)),
        tuple(sorted(gone)),
        tuple(moved),
        tuple(copied),
        tuple(_sightings_to_copy(connection, key, wanted, copied, rows, gone)),
    )


def article_addresses(connection: sqlite3.Connection, key: str) -> set[str]:
    """The addresses of an article."""
    return {row["address"] for row in split.list_addresses(connection, key)}


def _parse_selection(
    connection: sqlite3.Connection, key: str, selection: Sequence[str]
) -> _SplitRequest:
    addresses, versions, mine = set(), set(), article_addresses(connection, key)
    rows = split.list_version_captures(connection, key)
    for name in selection:
        if any(mark in name for mark in "/.:"):
            full = name if "://" in name else f"https://{name}"
            found = {
                urls.url_key(full),
                urls.url_key(full, urls.parameter_names(full)),
            } & mine
            if not found:
                raise NotInArchive(
                    f"{urls.mask_secrets(name)} is no address of {key}",
                    f"`harvest show {key}` lists them",
                )
            addresses |= found
            continue
        ids = {
            row["id"]
            for row in rows
            if (
                name.isdecimal()
                and len(name) < MIN_DIGEST_PREFIX
                and row["number"] == int(name)
            )
            or (
                len(name) >= MIN_DIGEST_PREFIX
                and re.fullmatch("[0-9a-f]+", name.lower())
                and row["sha256"].startswith(name.lower())
            )
        }
        if len(ids) != 1:
            raise NotInArchive(
                f"{key} has no version {name}", f"`harvest history {key}` lists them"
            )
        versions |= ids
    return _SplitRequest(frozenset(addresses), frozenset(versions))


def _undo_last_join_request(connection: sqlite3.Connection, key: str) -> _SplitRequest:
    row = split.get_last_join(connection, key)
    if row is None:
        raise NotInArchive(
            f"no other article became part of {key}",
            f"name what is to be parted: an address (`harvest show {key}`) or a version (`harvest history {key}`)",
        )
    before = json.loads(row["before"])
    free = addresses.get_current_key(connection, row["joined"]) == key
    seen = tuple((one[0], one[1], one[2]) for one in before["sightings"])
    return _SplitRequest(
        frozenset(before["urls"]) & article_addresses(connection, key),
        frozenset(),
        row["joined"] if free else "",
        seen,
    )


def _addresses_of_captures(connection: sqlite3.Connection, key: str) -> dict[int, str]:
    """Capture → the address of the article that it is of."""
    kept = {row["url"]: row["address"] for row in split.list_addresses(connection, key)}
    known = set(kept.values())
    found = {}
    for row in split.list_captures(connection, key):
        for url in (row["reached"], row["url"]):
            address = kept.get(url) or urls.url_key(url)
            if address in known:
                found[row["id"]] = address
                break
    return found


def _addresses_only_of(
    versions: frozenset[int],
    capture_addresses: dict[int, str],
    rows: list[sqlite3.Row],
    all_addresses: set[str],
) -> frozenset[str]:
    """The addresses at which nothing but these versions was received; none where that would be all."""
    mine = {
        capture_addresses[row["capture"]]
        for row in rows
        if row["id"] in versions and row["capture"] in capture_addresses
    }
    others = {
        capture_addresses[row["capture"]]
        for row in rows
        if row["id"] not in versions and row["capture"] in capture_addresses
    }
    only = mine - others
    return frozenset(only if only != all_addresses else ())


def _make_article_key(
    connection: sqlite3.Connection, article: sqlite3.Row, parted: frozenset[str]
) -> str:
    first = next(
        (
            row["url"]
            for row in split.list_addresses(connection, article["key"])
            if row["address"] in parted
        ),
        article["url"],
    )
    key, count = urls.article_key(first), 1
    while addresses.has_article_key(connection, key):
        count += 1
        key = urls.numbered_article_key(first, count)
    return key


def _sightings_to_copy(
    connection: sqlite3.Connection,
    key: str,
    request: _SplitRequest,
    copied_versions: list[int],
    rows: list[sqlite3.Row],
    moved_captures: set[int],
) -> list[tuple[int, str, str]]:
    """When the copied versions stood at the parted addresses: as recorded, else as captures there say."""
    if request.key:
        ids = {row["sha256"]: row["id"] for row in rows}
        return [
            (ids[name], since, until)
            for name, since, until in request.sightings
            if ids.get(name) in copied_versions
        ]
    times = [
        row["at"]
        for row in split.list_captures(connection, key)
        if row["id"] in moved_captures
    ]
    found = []
    for row in split.list_sightings(connection, key):
        inside = [at for at in times if row["since"] <= at <= row["until"]]
        if row["version"] in copied_versions and inside:
            found.append((row["version"], min(inside), max(inside)))
    return found

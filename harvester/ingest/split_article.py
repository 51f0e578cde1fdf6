"""Which addresses and versions become an article of their own when a person parts what was wrongly taken for one."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.merging import split
from harvester.archive.merging.split import Parted
from harvester.archive.records import addresses
from harvester.errors import HarvesterError, NotHeld
from harvester.identity import urls

SHORTEST = 6  # characters of the beginning of a version's sha256


@dataclass(frozen=True, slots=True)
class _Wanted:
    addresses: frozenset[str] = frozenset()
    versions: frozenset[int] = frozenset()
    key: str = ""
    sightings: tuple[tuple[str, str, str], ...] = ()  # version's sha256, since, until


def parted(
    connection: sqlite3.Connection, article: sqlite3.Row, named: Sequence[str]
) -> Parted:
    """What is to be parted from an article. ``named``: addresses, or versions by number or sha256; none: what was joined last.

    Raises NotHeld where it has no such thing, HarvesterError where nothing would be left, or nothing would go.
    """
    key = article["key"]
    wanted = _wanted(connection, key, named) if named else _joined_last(connection, key)
    home, rows = _captures(connection, key), split.read_from(connection, key)
    addresses = wanted.addresses or _only_of(
        wanted.versions, home, rows, held_by(connection, key)
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
    return Parted(
        wanted.key or _new_key(connection, article, addresses),
        tuple(sorted(addresses)),
        tuple(sorted(gone)),
        tuple(moved),
        tuple(copied),
        tuple(_sightings(connection, key, wanted, copied, rows, gone)),
    )


def held_by(connection: sqlite3.Connection, key: str) -> set[str]:
    """The addresses of an article."""
    return {row["address"] for row in split.places(connection, key)}


def _wanted(connection: sqlite3.Connection, key: str, named: Sequence[str]) -> _Wanted:
    addresses, versions, mine = set(), set(), held_by(connection, key)
    rows = split.read_from(connection, key)
    for name in named:
        if any(mark in name for mark in "/.:"):
            full = name if "://" in name else f"https://{name}"
            found = {
                urls.address(full),
                urls.address(full, urls.parameters(full)),
            } & mine
            if not found:
                raise NotHeld(
                    f"{urls.mask(name)} is no address of {key}",
                    f"`harvest show {key}` lists them",
                )
            addresses |= found
            continue
        ids = {
            row["id"]
            for row in rows
            if (
                name.isdecimal() and len(name) < SHORTEST and row["number"] == int(name)
            )
            or (
                len(name) >= SHORTEST
                and re.fullmatch("[0-9a-f]+", name.lower())
                and row["sha256"].startswith(name.lower())
            )
        }
        if len(ids) != 1:
            raise NotHeld(
                f"{key} has no version {name}", f"`harvest history {key}` lists them"
            )
        versions |= ids
    return _Wanted(frozenset(addresses), frozenset(versions))


def _joined_last(connection: sqlite3.Connection, key: str) -> _Wanted:
    row = split.last_join(connection, key)
    if row is None:
        raise NotHeld(
            f"no other article became part of {key}",
            f"name what is to be parted: an address (`harvest show {key}`) or a version (`harvest history {key}`)",
        )
    before = json.loads(row["before"])
    free = addresses.key_now(connection, row["joined"]) == key
    seen = tuple((one[0], one[1], one[2]) for one in before["sightings"])
    return _Wanted(
        frozenset(before["urls"]) & held_by(connection, key),
        frozenset(),
        row["joined"] if free else "",
        seen,
    )


def _captures(connection: sqlite3.Connection, key: str) -> dict[int, str]:
    """Capture → the address of the article that it is of."""
    kept = {row["url"]: row["address"] for row in split.places(connection, key)}
    known = set(kept.values())
    found = {}
    for row in split.captures(connection, key):
        for url in (row["reached"], row["url"]):
            address = kept.get(url) or urls.address(url)
            if address in known:
                found[row["id"]] = address
                break
    return found


def _only_of(
    versions: frozenset[int],
    home: dict[int, str],
    rows: list[sqlite3.Row],
    all_: set[str],
) -> frozenset[str]:
    """The addresses at which nothing but these versions was received; none where that would be all."""
    mine = {
        home[row["capture"]]
        for row in rows
        if row["id"] in versions and row["capture"] in home
    }
    others = {
        home[row["capture"]]
        for row in rows
        if row["id"] not in versions and row["capture"] in home
    }
    only = mine - others
    return frozenset(only if only != all_ else ())


def _new_key(
    connection: sqlite3.Connection, article: sqlite3.Row, parted: frozenset[str]
) -> str:
    first = next(
        (
            row["url"]
            for row in split.places(connection, article["key"])
            if row["address"] in parted
        ),
        article["url"],
    )
    key, count = urls.article_key(first), 1
    while addresses.taken(connection, key):
        count += 1
        key = urls.further_key(first, count)
    return key


def _sightings(
    connection: sqlite3.Connection,
    key: str,
    wanted: _Wanted,
    copied: list[int],
    rows: list[sqlite3.Row],
    gone: set[int],
) -> list[tuple[int, str, str]]:
    """When the copied versions stood at the parted addresses: as recorded, else as captures there say."""
    if wanted.key:
        ids = {row["sha256"]: row["id"] for row in rows}
        return [
            (ids[name], since, until)
            for name, since, until in wanted.sightings
            if ids.get(name) in copied
        ]
    times = [row["at"] for row in split.captures(connection, key) if row["id"] in gone]
    found = []
    for row in split.sightings(connection, key):
        inside = [at for at in times if row["since"] <= at <= row["until"]]
        if row["version"] in copied and inside:
            found.append((row["version"], min(inside), max(inside)))
    return found

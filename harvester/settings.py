"""settings.toml: read, validated, all faults at once, each with file, line and the nearest known name.

Precedence: command line, then ``HARVESTER_SECTION_KEY`` in the environment, then the file. Looked for in this order: the
path given, ``HARVESTER_SETTINGS``, ``./settings.toml``, the XDG folder. Relative paths are relative to the file.
Not for: doing anything with them.

Plain pydantic, not pydantic-settings: that costs 0.16 s of processor time to import, at each start of ``harvest search``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

import harvester
from harvester.errors import SettingsError
from harvester.model import Limits, Rules
from harvester.toml_lines import Lines
from harvester.values import (
    Address,
    Duration,
    Flag,
    Parallel,
    Positive,
    Revisit,
    Selectors,
    Size,
    Text,
    TextOrEmpty,
    Texts,
    agent,
    also_nearest,
    count,
    day,
    language_code,
    networks,
    one_of,
    outlet_key,
    patterns,
    private,
    without_secrets,
)
from harvester.values import duration as duration
from harvester.values import nearest as nearest

DEFAULT_AGENT = (
    f"harvester/{harvester.__version__} (+https://example.org/harvester; set [crawl] user_agent to name yourself)"
)
RUDE_DELAY = 1.0  # seconds between two requests to one site; below, a warning
RUDE_EVERY = 60.0  # seconds between two polls of one feed; below, a warning
WHOLE = ("concurrency", "workers", "entries", "redirects", "url_length", "page_size", "feed_size", "pages", "looks",
         "header_size", "read_memory")  # fmt: skip

CONTACT = 'write at least\n    [outlets.mpi]\n    feeds = ["https://www.medias-presse.info/feed/"]'


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """One feed of an outlet, and the section that its entries belong to."""

    url: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class RemovedAfter:
    """How many looks, so many seconds apart, must find an article gone before it counts as removed."""

    looks: int = 2
    apart: float = 21_600.0


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet. Durations in seconds."""

    key: str
    name: str
    home: str
    language: str
    feeds: tuple[FeedAddress, ...]
    every: float
    revisit: tuple[float, ...] | Literal["auto"]
    looks: int  # an article, on average, where ``revisit`` is "auto"
    removed_after: RemovedAfter
    delay: float
    concurrency: int
    insecure: bool = False  # its certificates are not verified
    was: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    keep_params: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What the daemon does for the archive beside harvesting. ``backup``: seconds between two backups; None: it makes none."""

    backup: float | None
    backups: Path
    backup_captures: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """All of settings.toml, with defaults filled in."""

    file: Path | None
    archive: Path
    captures: Path | None
    user_agent: str
    delay: float
    concurrency: int
    allow_networks: tuple[str, ...]
    workers: int
    limits: Limits
    upkeep: Upkeep
    outlets: Mapping[str, Outlet]
    warnings: tuple[str, ...] = ()


def find(explicit: Path | None = None) -> Path:
    """The settings file. Raises SettingsError where there is none."""
    named = explicit or (Path(os.environ["HARVESTER_SETTINGS"]) if os.environ.get("HARVESTER_SETTINGS") else None)
    if named is not None:
        return named
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    places = [Path("settings.toml"), Path(base) / "harvester" / "settings.toml"]
    for place in places:
        if place.exists():
            return place
    looked = " nor ".join(str(place) for place in places)
    raise SettingsError(f"no settings: found neither {looked}", f"{CONTACT}\nor name a file with --settings")


def load(explicit: Path | None = None) -> Settings:
    """Find, read and validate. Raises SettingsError that names file and line of every fault."""
    path = find(explicit)
    try:
        body = path.read_bytes()
        if re.search(rb"(?<![\w-])(?:[\w-]++\s*+\.\s*+){50}", body):  # tomllib takes quadratic time for them
            raise SettingsError(f"{path}: a key of more than fifty parts")
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {os.strerror(error.errno or 0)}") from error
    except ValueError as error:  # a NUL in the path
        raise SettingsError(f"{str(path)!r}: cannot be read: {error}") from error
    return read(text, path, os.environ)


Looks = Annotated[int, PlainValidator(count(4, 1_000))]


# ---- the language of the file, as pydantic models: unknown keys are refused, all faults are found at once


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ArchiveTable(_Table):
    path: Text = "archive.db"
    captures: TextOrEmpty = "captures"


class _RemovedTable(_Table):
    looks: Annotated[int, PlainValidator(count(1, 100))] | None = None
    apart: Duration | None = None


class _CrawlTable(_Table):
    user_agent: Annotated[str, PlainValidator(agent)] = DEFAULT_AGENT
    delay: Duration = 2.0
    concurrency: Parallel = 1
    every: Duration = 900.0
    revisit: Revisit = "auto"
    looks: Looks = 8
    removed_after: _RemovedTable = _RemovedTable()
    allow_networks: Annotated[tuple[str, ...], PlainValidator(networks)] = ()
    workers: Parallel = min(os.cpu_count() or 1, 4)  # more would take more memory than a small machine has


class _LimitsTable(_Table):
    page_size: Size = Limits().page_bytes
    feed_size: Size = Limits().feed_bytes
    entries: Annotated[int, PlainValidator(count(1, 1_000_000))] = Limits().entries
    redirects: Annotated[int, PlainValidator(count(0, 50))] = Limits().redirects
    answer_time: Positive = Limits().answer_time
    read_time: Positive = Limits().read_time
    read_memory: Size = Limits().read_memory
    header_size: Size = Limits().header_bytes
    url_length: Annotated[int, PlainValidator(count(64, 65_536))] = Limits().url_length
    pages: Annotated[int, PlainValidator(count(1, 99))] = Limits().pages


class _UpkeepTable(_Table):
    backup: Duration | None = None
    backups: Text = "backups"
    backup_captures: Flag = False


class _LayoutTable(_Table):
    remove: Selectors = ()
    text: Selectors = ()
    title: Selectors = ()
    author: Selectors = ()
    published: Selectors = ()


class _EarlierTable(_LayoutTable):
    valid_until: Annotated[str, PlainValidator(day)]


class _RulesTable(_LayoutTable):
    allow: Annotated[tuple[str, ...], PlainValidator(patterns)] = ()
    deny: Annotated[tuple[str, ...], PlainValidator(patterns)] = ()
    keep_params: Texts = ()
    captions: Flag = False


class _FeedTable(_Table):
    url: Address
    section: TextOrEmpty = ""


def _feed_table(value: object) -> object:
    return {"url": value} if not isinstance(value, dict) else value


class _OutletTable(_Table):
    feeds: Annotated[list[Annotated[_FeedTable, BeforeValidator(_feed_table)]], Field(min_length=1)]
    name: Text = ""
    home: Address = ""
    language: Annotated[str, PlainValidator(language_code)] = ""
    every: Duration | None = None
    revisit: Revisit | None = None
    looks: Looks | None = None
    removed_after: _RemovedTable = _RemovedTable()
    delay: Duration | None = None
    concurrency: Parallel | None = None
    insecure: Flag = False
    was: Text = ""
    extractor: Annotated[str, PlainValidator(one_of("auto", "trafilatura"))] = "auto"
    rules: _RulesTable = _RulesTable()
    earlier_rules: list[_EarlierTable] = []


class _File(_Table):
    archive: _ArchiveTable = _ArchiveTable()
    crawl: _CrawlTable = _CrawlTable()
    limits: _LimitsTable = _LimitsTable()
    upkeep: _UpkeepTable = _UpkeepTable()
    outlets: Annotated[dict[Annotated[str, AfterValidator(outlet_key)], _OutletTable], Field(min_length=1)]


def read(text: str, path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Validate the text of a settings file; ``path`` is only named, and relative paths are relative to it."""
    try:
        table = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+)", str(error))
        line = match[1] if match else str(text.count("\n") + 1)
        raise SettingsError(f"{path}:{line}: {str(error).partition(' (at ')[0]}") from error
    except (RecursionError, ValueError) as error:
        raise SettingsError(f"{path}:1: this is not TOML that can be read: {type(error).__name__}") from error
    lines = Lines(text)
    warnings = _overlay(table, environment or {})
    try:
        file = _File.model_validate(table)
    except ValidationError as error:
        faults = [_fault(one, lines) for one in error.errors(include_url=False, include_context=False)]
        raise _refused(path, faults) from error
    outlets = {key: _outlet(key, one, file.crawl) for key, one in file.outlets.items()}
    if faults := list(_contradictions(outlets, lines)):
        raise _refused(path, faults)
    return Settings(
        file=path,
        archive=_place(path, file.archive.path),
        captures=_place(path, file.archive.captures) if file.archive.captures else None,
        user_agent=file.crawl.user_agent,
        delay=file.crawl.delay,
        concurrency=file.crawl.concurrency,
        allow_networks=file.crawl.allow_networks,
        workers=file.crawl.workers,
        limits=Limits(
            page_bytes=file.limits.page_size,
            feed_bytes=file.limits.feed_size,
            entries=file.limits.entries,
            redirects=file.limits.redirects,
            answer_time=file.limits.answer_time,
            read_time=file.limits.read_time,
            read_memory=file.limits.read_memory,
            header_bytes=file.limits.header_size,
            url_length=file.limits.url_length,
            pages=file.limits.pages,
        ),
        upkeep=Upkeep(file.upkeep.backup, _place(path, file.upkeep.backups), file.upkeep.backup_captures),
        outlets=outlets,
        warnings=(*warnings, *_rude(outlets, path, lines), *_insecure(outlets, path, lines)),
    )


def _place(file: Path, named: str) -> Path:
    """A path of the settings: relative ones are relative to their file."""
    try:
        return file.parent / Path(named).expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{file}: {named}: there is no such user") from error


def _overlay(table: dict[str, Any], environment: Mapping[str, str]) -> list[str]:
    """What the environment says over what the file says. Returns warnings of names that are not known."""
    tables: tuple[tuple[str, type[_Table]], ...] = (
        ("archive", _ArchiveTable), ("crawl", _CrawlTable), ("limits", _LimitsTable), ("upkeep", _UpkeepTable),
    )  # fmt: skip
    known = {
        f"HARVESTER_{section}_{key}".upper(): (section, key)
        for section, model in tables
        for key in model.model_fields
        if key != "removed_after"
    }
    warnings = []
    for name, value in sorted(environment.items()):
        if not name.startswith("HARVESTER_") or name == "HARVESTER_SETTINGS":
            continue
        if name not in known:
            warnings.append(f"the environment's {name} is not known{also_nearest(name, known)}")
            continue
        section, key = known[name]
        given: Any = value
        if key in WHOLE and re.fullmatch(r"[0-9]{1,18}", value):
            given = int(value)
        if key in ("revisit", "allow_networks") and value != "auto":
            given = [one.strip() for one in value.split(",") if one.strip()]
        if isinstance(table.setdefault(section, {}), dict):
            table[section][key] = given
    return warnings


def _fault(error: Any, lines: Lines) -> tuple[int, str]:
    """One of pydantic's errors in our words, with its line."""
    place = tuple(str(part) for part in error["loc"] if part != "[key]")
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = _known(place[:-1])
        said = f"unknown key{also_nearest(place[-1], known) or '; known are ' + ', '.join(known)}"
    elif error["type"] == "missing":
        said = "is missing"
        if place[-1] == "feeds":
            said = "is missing: a list of addresses is needed"
        elif place == ("outlets",):
            said = f"there is no outlet; {CONTACT}"
    elif error["type"] in ("model_type", "dict_type"):
        said = "must be a table"
    elif error["type"] == "list_type":
        said = "must be a list"
    elif error["type"] == "too_short":
        said = "there is none; write at least one"
    return lines.of(place), f"{'.'.join(place)}: {said}"


def _known(place: tuple[str, ...]) -> list[str]:
    """The keys of the table at a place."""
    tables: dict[str, type[_Table]] = {
        "": _File, "archive": _ArchiveTable, "crawl": _CrawlTable, "limits": _LimitsTable,
        "removed_after": _RemovedTable, "rules": _RulesTable,
        "earlier_rules": _EarlierTable, "feeds": _FeedTable,
    }  # fmt: skip
    if len(place) == 2 and place[0] == "outlets":
        return list(_OutletTable.model_fields)
    names = [name for name in place if name in tables]
    return list(tables[names[-1] if names else ""].model_fields)


def _refused(path: Path, faults: Iterable[tuple[int, str]]) -> SettingsError:
    return SettingsError("\n".join(f"{path}:{line}: {said}" for line, said in sorted(set(faults))))


def _outlet(key: str, table: _OutletTable, crawl: _CrawlTable) -> Outlet:
    parts = urlsplit(table.feeds[0].url)
    default = RemovedAfter()
    misses, apart = (
        next((given for given in (getattr(table.removed_after, name), getattr(crawl.removed_after, name)) if given is not None),
             getattr(default, name))
        for name in ("looks", "apart")
    )  # fmt: skip
    return Outlet(
        key=key,
        name=table.name or key,
        home=table.home or f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/",
        language=table.language,
        feeds=tuple(FeedAddress(feed.url, feed.section) for feed in table.feeds),
        every=crawl.every if table.every is None else table.every,
        revisit=crawl.revisit if table.revisit is None else table.revisit,
        looks=crawl.looks if table.looks is None else table.looks,
        removed_after=RemovedAfter(misses, apart),
        delay=crawl.delay if table.delay is None else table.delay,
        concurrency=table.concurrency or crawl.concurrency,
        insecure=table.insecure,
        was=table.was,
        allow=table.rules.allow,
        deny=table.rules.deny,
        keep_params=table.rules.keep_params,
        rules=_rules(table),
    )


def _rules(table: _OutletTable) -> Rules:
    def layout(one: _LayoutTable, until: str = "", earlier: tuple[Rules, ...] = ()) -> Rules:
        return Rules(
            one.remove,
            table.language,
            one.text,
            one.title,
            one.author,
            one.published,
            table.extractor,
            until,
            earlier,
            table.rules.captions,
        )

    ended = sorted(table.earlier_rules, key=lambda one: one.valid_until)
    return layout(table.rules, "", tuple(layout(one, one.valid_until) for one in ended))


def _contradictions(outlets: Mapping[str, Outlet], lines: Lines) -> Iterable[tuple[int, str]]:
    """Faults between tables."""
    seen: dict[str, str] = {}
    for key, outlet in outlets.items():
        for feed in outlet.feeds:
            if feed.url in seen:
                yield (
                    lines.of(("outlets", key, "feeds")),
                    f"outlets.{key}.feeds: {without_secrets(feed.url)} is a feed of {seen[feed.url]} already",
                )
            seen[feed.url] = key
        ends = [one.valid_until for one in outlet.rules.earlier]
        if twice := next((one for one in ends if ends.count(one) > 1), ""):
            yield (
                lines.of(("outlets", key, "earlier_rules")),
                f"outlets.{key}.earlier_rules: two layouts end on {twice}",
            )
        if outlet.was in outlets:
            yield lines.of(("outlets", key, "was")), f"outlets.{key}.was: {outlet.was} is still an outlet of its own"


def _insecure(outlets: Mapping[str, Outlet], path: Path, lines: Lines) -> Iterable[str]:
    for key, outlet in outlets.items():
        if outlet.insecure:
            where = f"{path}:{lines.of(('outlets', key, 'insecure'))}: outlets.{key}"
            yield f"{where}: insecure: its certificates are not verified, so anybody on the way can answer in its place"


def _rude(outlets: Mapping[str, Outlet], path: Path, lines: Lines) -> Iterable[str]:
    for key, outlet in outlets.items():
        if private(outlet.feeds[0].url):
            continue
        where = f"{path}:{lines.of(('outlets', key))}: outlets.{key}"
        if outlet.delay < RUDE_DELAY:
            yield f"{where}: a delay under 1 second is rude to an outlet on the web"
        if outlet.every < RUDE_EVERY:
            yield f"{where}: polling more often than once a minute is rude to an outlet on the web"

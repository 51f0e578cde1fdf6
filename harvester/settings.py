"""settings.toml: read, validated, all faults at once, each with file, line and the nearest known name.

Precedence: command line, then ``HARVESTER_SECTION_KEY`` in the environment, then the file. Looked for in this order: the
path given, ``HARVESTER_SETTINGS``, ``./settings.toml``, the XDG folder. Relative paths are relative to the file.
Not for: doing anything with them.

Plain pydantic, not pydantic-settings: that costs 0.16 s of processor time to import, at each start of ``harvest search``.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

import harvester
from harvester.errors import SettingsError
from harvester.model import Limits, Rules
from harvester.toml_lines import Lines

DEFAULT_AGENT = (
    f"harvester/{harvester.__version__} (+https://example.org/harvester; set [crawl] user_agent to name yourself)"
)
RUDE_DELAY = 1.0  # seconds between two requests to one site; below, a warning
RUDE_EVERY = 60.0  # seconds between two polls of one feed; below, a warning
WHOLE = ("concurrency", "workers", "entries", "redirects", "url_length", "page_size", "feed_size", "pages")
LONGEST = 10 * 366 * 86_400.0  # ten years

UNITS = {
    "second": 1, "seconds": 1, "sec": 1, "secs": 1, "s": 1,
    "minute": 60, "minutes": 60, "min": 60, "mins": 60, "m": 60,
    "hour": 3_600, "hours": 3_600, "h": 3_600,
    "day": 86_400, "days": 86_400, "d": 86_400,
    "week": 604_800, "weeks": 604_800, "w": 604_800,
    "month": 2_629_800, "months": 2_629_800,
    "year": 31_557_600, "years": 31_557_600, "y": 31_557_600,
}  # fmt: skip
SIZES = {"b": 1, "bytes": 1, "kb": 1_000, "kib": 1_024, "mb": 1_000_000, "mib": 1_048_576, "gb": 10**9, "gib": 2**30}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")

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
    revisit: tuple[float, ...]
    removed_after: RemovedAfter
    delay: float
    concurrency: int
    was: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    keep_params: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)


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
    outlets: Mapping[str, Outlet]
    warnings: tuple[str, ...] = ()


def duration(value: object) -> float:
    """Seconds of a duration in words ("0 seconds", "1 hour 30 minutes", "10 years"). Raises ValueError with what is wrong."""
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a duration in words: write "{value} seconds", or "5 minutes"')
    text = re.sub(r"[,\s]+(and\s+)?", " ", value.strip().lower()).strip()
    total, end = 0.0, 0
    for match in _AMOUNT.finditer(text):
        if text[end : match.start()].strip():
            break
        if match[2] not in UNITS:
            raise ValueError(f"{match[2]!r} is no unit of time{_nearest(match[2], UNITS)}")
        total, end = total + float(match[1]) * UNITS[match[2]], match.end()
    if not end or text[end:].strip():
        raise ValueError(f'{value!r} is not a duration: write it in words, as "90 seconds", "5 minutes", "1 day"')
    if total > LONGEST:
        raise ValueError(f"{value!r} is longer than 10 years")
    return total


def size(value: object) -> int:
    """Bytes of a size in words ("10 MB"), or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in SIZES or float(match[1]) <= 0:
        raise ValueError(f'{value!r} is not a size: write "10 MB", or a number of bytes')
    return int(float(match[1]) * SIZES[match[2].lower()])


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it; "" where none is."""
    found = difflib.get_close_matches(name, list(known), 1, 0.6)
    return found[0] if found else ""


def _nearest(name: str, known: Iterable[str]) -> str:
    found = nearest(name, known)
    return f"; did you mean {found!r}?" if found else ""


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
        if re.search(rb"(?:[\w-]+\s*\.\s*){50}", body):  # tomllib takes quadratic time for them
            raise SettingsError(f"{path}: a key of more than fifty parts")
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {os.strerror(error.errno or 0)}") from error
    except ValueError as error:  # a NUL in the path
        raise SettingsError(f"{str(path)!r}: cannot be read: {error}") from error
    return read(text, path, os.environ)


# ---- the language of the file, as pydantic models: unknown keys are refused, all faults are found at once


def _private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"{value!r} is not a text")
    return value


def _text_or_empty(value: object) -> str:
    return "" if value == "" else _text(value)


def _agent(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a User-Agent is one line of ASCII")
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")
    return tuple(_text(one) for one in value)


def _durations(value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of durations, as ["1 hour", "1 day"]')
    return tuple(duration(one) for one in value)


def _positive(value: object) -> float:
    seconds = duration(value)
    if not seconds:
        raise ValueError("must be longer than nothing")
    return seconds


def _count(least: int, most: int) -> Any:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
        return value

    return check


def _address(value: object) -> str:
    text = _text(value).strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError as error:
        raise ValueError(f"{value!r} is not an address: {error}") from error
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00-\x1f]", text):
        raise ValueError(f"{value!r} is not an http or https address")
    return text


def _language(value: object) -> str:
    text = _text(value).strip().lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", text):
        raise ValueError(f'{value!r} is not a language: write "fr", "en", "de" …')
    return text.partition("-")[0]


def _outlet_key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", value):
        raise ValueError("an outlet's name is made of a-z, 0-9, _ and -")
    return value


def _networks(value: object) -> tuple[str, ...]:
    found = []
    for text in _texts(value):
        try:
            found.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError as error:
            raise ValueError(f'{text!r} is not a network: write "127.0.0.0/8", or one address') from error
    return tuple(found)


def _patterns(value: object) -> tuple[str, ...]:
    for text in (found := _texts(value)):
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return found


def _selectors(value: object) -> tuple[str, ...]:
    found = _texts(value)
    plain = re.compile(r"[a-zA-Z][\w-]*|[.#][\w-]+|[a-zA-Z][\w-]*[.#][\w-]+")
    for text in found:
        if not plain.fullmatch(text):  # cssselect is imported only where the selector is more than a name
            import cssselect

            try:
                cssselect.HTMLTranslator().css_to_xpath(text)
            except (cssselect.SelectorError, RecursionError) as error:
                raise ValueError(f"{text!r} is not a CSS selector: {error}") from error
    return found


Duration = Annotated[float, PlainValidator(duration)]
Positive = Annotated[float, PlainValidator(_positive)]
Durations = Annotated[tuple[float, ...], PlainValidator(_durations)]
Size = Annotated[int, PlainValidator(size)]
Text = Annotated[str, PlainValidator(_text)]
TextOrEmpty = Annotated[str, PlainValidator(_text_or_empty)]
Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]
Address = Annotated[str, PlainValidator(_address)]
Parallel = Annotated[int, PlainValidator(_count(1, 64))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ArchiveTable(_Table):
    path: Text = "archive.db"
    captures: TextOrEmpty = "captures"


class _RemovedTable(_Table):
    looks: Annotated[int, PlainValidator(_count(1, 100))] | None = None
    apart: Duration | None = None


class _CrawlTable(_Table):
    user_agent: Annotated[str, PlainValidator(_agent)] = DEFAULT_AGENT
    delay: Duration = 2.0
    concurrency: Parallel = 1
    every: Duration = 900.0
    revisit: Durations = (3_600.0, 21_600.0, 86_400.0, 604_800.0)
    removed_after: _RemovedTable = _RemovedTable()
    allow_networks: Annotated[tuple[str, ...], PlainValidator(_networks)] = ()
    workers: Parallel = os.cpu_count() or 1


class _LimitsTable(_Table):
    page_size: Size = Limits().page_bytes
    feed_size: Size = Limits().feed_bytes
    entries: Annotated[int, PlainValidator(_count(1, 1_000_000))] = Limits().entries
    redirects: Annotated[int, PlainValidator(_count(0, 50))] = Limits().redirects
    answer_time: Positive = Limits().answer_time
    read_time: Positive = Limits().read_time
    url_length: Annotated[int, PlainValidator(_count(64, 65_536))] = Limits().url_length
    pages: Annotated[int, PlainValidator(_count(1, 99))] = Limits().pages


class _RulesTable(_Table):
    allow: Annotated[tuple[str, ...], PlainValidator(_patterns)] = ()
    deny: Annotated[tuple[str, ...], PlainValidator(_patterns)] = ()
    remove: Annotated[tuple[str, ...], PlainValidator(_selectors)] = ()
    keep_params: Texts = ()


class _FeedTable(_Table):
    url: Address
    section: TextOrEmpty = ""


def _feed_table(value: object) -> object:
    return {"url": value} if not isinstance(value, dict) else value


class _OutletTable(_Table):
    feeds: Annotated[list[Annotated[_FeedTable, BeforeValidator(_feed_table)]], Field(min_length=1)]
    name: Text = ""
    home: Address = ""
    language: Annotated[str, PlainValidator(_language)] = ""
    every: Duration | None = None
    revisit: Durations | None = None
    removed_after: _RemovedTable = _RemovedTable()
    delay: Duration | None = None
    concurrency: Parallel | None = None
    was: Text = ""
    rules: _RulesTable = _RulesTable()


class _File(_Table):
    archive: _ArchiveTable = _ArchiveTable()
    crawl: _CrawlTable = _CrawlTable()
    limits: _LimitsTable = _LimitsTable()
    outlets: Annotated[dict[Annotated[str, AfterValidator(_outlet_key)], _OutletTable], Field(min_length=1)]


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
            url_length=file.limits.url_length,
            pages=file.limits.pages,
        ),
        outlets=outlets,
        warnings=(*warnings, *_rude(outlets, path, lines)),
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
        ("archive", _ArchiveTable), ("crawl", _CrawlTable), ("limits", _LimitsTable),
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
            warnings.append(f"the environment's {name} is not known{_nearest(name, known)}")
            continue
        section, key = known[name]
        given: Any = value
        if key in WHOLE and re.fullmatch(r"[0-9]{1,18}", value):
            given = int(value)
        if key in ("revisit", "allow_networks"):
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
        said = f"unknown key{_nearest(place[-1], known) or '; known are ' + ', '.join(known)}"
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
        "removed_after": _RemovedTable, "rules": _RulesTable, "feeds": _FeedTable,
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
    looks, apart = (
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
        removed_after=RemovedAfter(looks, apart),
        delay=crawl.delay if table.delay is None else table.delay,
        concurrency=table.concurrency or crawl.concurrency,
        was=table.was,
        allow=table.rules.allow,
        deny=table.rules.deny,
        keep_params=table.rules.keep_params,
        rules=Rules(remove=table.rules.remove, language=table.language),
    )


def _contradictions(outlets: Mapping[str, Outlet], lines: Lines) -> Iterable[tuple[int, str]]:
    """Faults between tables."""
    seen: dict[str, str] = {}
    for key, outlet in outlets.items():
        for feed in outlet.feeds:
            if feed.url in seen:
                yield (
                    lines.of(("outlets", key, "feeds")),
                    f"outlets.{key}.feeds: {feed.url} is a feed of {seen[feed.url]} already",
                )
            seen[feed.url] = key
        if outlet.was in outlets:
            yield lines.of(("outlets", key, "was")), f"outlets.{key}.was: {outlet.was} is still an outlet of its own"


def _rude(outlets: Mapping[str, Outlet], path: Path, lines: Lines) -> Iterable[str]:
    for key, outlet in outlets.items():
        if _private(outlet.feeds[0].url):
            continue
        where = f"{path}:{lines.of(('outlets', key))}: outlets.{key}"
        if outlet.delay < RUDE_DELAY:
            yield f"{where}: a delay under 1 second is rude to an outlet on the web"
        if outlet.every < RUDE_EVERY:
            yield f"{where}: polling more often than once a minute is rude to an outlet on the web"

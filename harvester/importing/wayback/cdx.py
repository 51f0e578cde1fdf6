"""Lines of CDX lists as records: CDX of any columns, CDXJ, answers of CDX servers. Pure.

Sources: https://iipc.github.io/warc-specifications/specifications/cdx-format/cdx-2015/,
…/cdxj-1.0/, https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server,
https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html.
A line that cannot be read costs itself alone: it has a reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_LINE_BYTES = 1 << 17  # longer lines are no captures
MAX_FIELDS = 64  # of a line
# Letters of a CDX header → our names; others are of no use here.
_LETTERS = {
    "N": "urlkey",
    "b": "timestamp",
    "a": "url",
    "m": "mime",
    "s": "status",
    "k": "digest",
    "S": "length",
    "V": "offset",
    "g": "filename",
}
# The names of fields in CDXJ and in answers of servers → ours.
_NAMES = {
    "urlkey": "urlkey",
    "timestamp": "timestamp",
    "original": "url",
    "url": "url",
    "mimetype": "mime",
    "mime": "mime",
    "statuscode": "status",
    "status": "status",
    "digest": "digest",
    "length": "length",
    "offset": "offset",
    "filename": "filename",
}
# By their number: what a line without a header has.
_COLUMNS_WITHOUT_HEADER = {
    11: "N b a m s k r M S V g",
    10: "N b a m s k r M V g",
    9: "N b a m s k r V g",
    7: "N b a m s k S",
}
_TIMESTAMP = re.compile(r"[0-9]{4,17}")
_NUMBER = re.compile(r"[0-9]{1,18}")
FIRST_YEAR = 1990  # of the web; earlier times are mistakes

REASON_LONG = "line too long"
REASON_INVALID = "line that is no capture"
REASON_TIME = "invalid time"
REASON_FUTURE = "time in the future"


@dataclass(frozen=True, slots=True)
class Listed:
    """One capture as a list has it."""

    url: str
    at: str  # UTC, as the archive writes it
    status: int  # 0: not stated, as for revisits
    mime: str  # lower case, without parameters; "" if not stated
    digest: str  # as stated: base32 of SHA-1, mostly; "" if not
    length: int  # of the record in its file; 0 if not stated
    offset: int  # -1 if not stated
    filename: str

    @property
    def timestamp(self) -> str:
        """The time as addresses of replays have it: 14 digits."""
        return "".join(filter(str.isdigit, self.at))


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no capture, and why."""

    reason: str


def parse_lines(lines: Iterable[bytes], now: str) -> Iterator[Listed | Unread]:
    """What the lines of a CDX or CDXJ file, or of a server's answer as text, say.

    Comments and empty lines are left out; a header (`` CDX N b a …``) holds for the
    lines behind it. ``now``: later times are refused.
    """
    columns: tuple[str, ...] = ()
    for raw in lines:
        if len(raw) > MAX_LINE_BYTES:
            yield Unread(REASON_LONG)
            continue
        line = raw.decode("utf-8", "replace").strip("\r\n")
        if line.startswith((" CDX ", "CDX ")):
            columns = tuple(line.split()[1 : MAX_FIELDS + 1])
            continue
        if not line.strip() or line.startswith(("!", "#", "{ ", "]")):
            continue
        yield _parse_line(line.strip(), columns, now)


def _parse_line(line: str, columns: tuple[str, ...], now: str) -> Listed | Unread:
    if line.startswith("{"):  # a line of JSON, as pywb answers
        return _from_json(line, {}, now)
    key, _, rest = line.partition(" ")
    timestamp, _, block = rest.partition(" ")
    if block.lstrip().startswith("{"):
        return _from_json(block, {"urlkey": key, "timestamp": timestamp}, now)
    values = line.split(" ")
    if len(values) > MAX_FIELDS:
        return Unread(REASON_INVALID)
    if not columns:
        letters = _COLUMNS_WITHOUT_HEADER.get(len(values))
        if letters is None:
            return Unread(REASON_INVALID)
        columns = tuple(letters.split())
    if len(values) != len(columns):
        return Unread(REASON_INVALID)
    named = {
        _LETTERS[letter]: value
        for letter, value in zip(columns, values, strict=True)
        if letter in _LETTERS
    }
    return _build(named, now)


def _from_json(block: str, first: dict[str, str], now: str) -> Listed | Unread:
    try:
        fields = json.loads(block)
    except (ValueError, RecursionError):
        return Unread(REASON_INVALID)
    if not isinstance(fields, dict):
        return Unread(REASON_INVALID)
    named = dict(first)
    for name, value in fields.items():
        if name in _NAMES and isinstance(value, str | int):
            named[_NAMES[name]] = str(value)
    return _build(named, now)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a CDX server answered: its captures, and the key of what comes next."""

    listed: tuple[Listed | Unread, ...]
    resume_key: str  # "": there is no more, or the server has no such keys


def parse_answer(body: bytes, now: str) -> Answer | None:
    """A server's answer as JSON (rows, or an object a line) or text; None: it is none.

    An empty answer lists nothing.
    """
    text = body.lstrip()
    if text.startswith(b"["):
        return _parse_json_rows(text, now)
    if text.startswith(b"<"):
        return None
    lines = body.splitlines()
    resume_key = ""
    if len(lines) > 2 and not lines[-2].strip() and b" " not in lines[-1].strip():
        resume_key = lines.pop().decode("utf-8", "replace").strip()
    listed = tuple(parse_lines(lines, now))
    if listed and all(isinstance(row, Unread) for row in listed):
        return None  # a message
    return Answer(listed, resume_key)


def _parse_json_rows(text: bytes, now: str) -> Answer | None:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list):
        return None
    resume_key = ""
    if len(rows) > 1 and rows[-2] == [] and isinstance(rows[-1], list) and rows[-1]:
        resume_key = str(rows[-1][0])
        rows = rows[:-2]
    if not rows:
        return Answer((), resume_key)
    names = rows[0]
    if not isinstance(names, list) or not {"timestamp"} <= set(map(str, names)):
        return None
    listed = tuple(_from_row(names, row, now) for row in rows[1:])
    return Answer(listed, resume_key)


def _from_row(names: list[object], row: object, now: str) -> Listed | Unread:
    if not isinstance(row, list) or len(row) != len(names):
        return Unread(REASON_INVALID)
    named = {
        _NAMES[str(name)]: str(value)
        for name, value in zip(names, row, strict=True)
        if str(name) in _NAMES and isinstance(value, str | int)
    }
    return _build(named, now)


def _build(named: dict[str, str], now: str) -> Listed | Unread:
    url = named.get("url", "")
    if not url or url == "-":
        return Unread(REASON_INVALID)
    at = read_timestamp(named.get("timestamp", ""))
    if not at:
        return Unread(REASON_TIME)
    if at > now:
        return Unread(REASON_FUTURE)
    mime = named.get("mime", "").partition(";")[0].strip().lower()
    digest, name = named.get("digest", ""), named.get("filename", "")
    offset = named.get("offset", "")
    return Listed(
        url=url,
        at=at,
        status=_number(named.get("status", "")),
        mime="" if mime in ("-", "unk") else mime,
        digest="" if digest == "-" else digest.removeprefix("sha1:"),
        length=_number(named.get("length", "")),
        offset=int(offset) if _NUMBER.fullmatch(offset) else -1,
        filename="" if name == "-" else name,
    )


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


def read_timestamp(text: str) -> str:
    """A time of 4 to 17 digits as the archive writes it; "" if it is none.

    What is not stated is the first: month, day, midnight.
    """
    if not _TIMESTAMP.fullmatch(text):
        return ""
    digits = text[:14]
    if len(digits) % 2:
        digits = digits[:-1]
    digits += "00000101000000"[len(digits) :]
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
    try:  # only to check it: strptime takes eight times as long
        datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return ""
    if year < FIRST_YEAR:
        return ""
    date, time = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}", digits[8:]
    return f"{date}T{time[:2]}:{time[2:4]}:{time[4:]}Z"

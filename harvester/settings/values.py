"""What values of settings.toml mean: durations, sizes, addresses, selectors; each is checked, and a fault is said in words.

All raise ValueError with what is wrong. Not for: which keys there are (``settings``).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import PlainValidator

MAX_DURATION_SECONDS = 10 * 366 * 86_400.0  # ten years

MAX_DURATION_LENGTH = 500  # characters of a duration

SECONDS_PER_UNIT = {
    "second": 1, "seconds": 1, "sec": 1, "secs": 1, "s": 1,
    "minute": 60, "minutes": 60, "min": 60, "mins": 60, "m": 60,
    "hour": 3_600, "hours": 3_600, "h": 3_600,
    "day": 86_400, "days": 86_400, "d": 86_400,
    "week": 604_800, "weeks": 604_800, "w": 604_800,
    "month": 2_629_800, "months": 2_629_800,
    "year": 31_557_600, "years": 31_557_600, "y": 31_557_600,
}  # fmt: skip
BYTES_PER_UNIT = {
    "b": 1,
    "bytes": 1,
    "kb": 1_000,
    "kib": 1_024,
    "mb": 1_000_000,
    "mib": 1_048_576,
    "gb": 10**9,
    "gib": 2**30,
}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")


def parse_duration(value: object) -> float:
    """Seconds of a duration in words ("0 seconds", "1 hour 30 minutes", "10 years"). Raises ValueError with what is wrong."""
    if not isinstance(value, str):
        raise ValueError(
            f'{value!r} is not a duration in words: write "{value} seconds", or "5 minutes"'
        )
    if len(value) > MAX_DURATION_LENGTH:
        raise ValueError(
            f"{value[:40]!r}… is not a duration: it has {len(value)} characters"
        )
    text = re.sub(r"[,\s]+(and\s+)?", " ", value.strip().lower()).strip()
    total, end = 0.0, 0
    for match in _AMOUNT.finditer(text):
        if text[end : match.start()].strip():
            break
        if match[2] not in SECONDS_PER_UNIT:
            raise ValueError(
                f"{match[2]!r} is no unit of time{did_you_mean(match[2], SECONDS_PER_UNIT)}"
            )
        total, end = total + float(match[1]) * SECONDS_PER_UNIT[match[2]], match.end()
    if not end or text[end:].strip():
        raise ValueError(
            f'{value!r} is not a duration: write it in words, as "90 seconds", "5 minutes", "1 day"'
        )
    if total > MAX_DURATION_SECONDS:
        raise ValueError(f"{value!r} is longer than 10 years")
    return total


MAX_SIZE_BYTES = 1e18  # bytes


def parse_size(value: object) -> int:
    """Bytes of a size in words ("10 MB"), or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = (
        re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", value)
        if isinstance(value, str)
        else None
    )
    if match is None or match[2].lower() not in BYTES_PER_UNIT or float(match[1]) <= 0:
        raise ValueError(
            f'{value!r} is not a size: write "10 MB", or a number of bytes'
        )
    found = float(match[1]) * BYTES_PER_UNIT[match[2].lower()]
    if found > MAX_SIZE_BYTES:
        raise ValueError(f"{str(value)[:60]!r} is more than any disk holds")
    return int(found)


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it; "" where none is."""
    found = difflib.get_close_matches(name, list(known), 1, 0.6)
    return found[0] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    found = nearest_name(name, known)
    return f"; did you mean {found!r}?" if found else ""


def is_private_address(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def parse_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"{value!r} is not a text")
    return value


def parse_text_or_empty(value: object) -> str:
    return "" if value == "" else parse_text(value)


def parse_user_agent(value: object) -> str:
    text = parse_text(value)
    if not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a User-Agent is one line of ASCII")
    return text


def parse_texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")
    return tuple(parse_text(one) for one in value)


def parse_durations(value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of durations, as ["1 hour", "1 day"]')
    return tuple(parse_duration(one) for one in value)


def parse_revisit(value: object) -> tuple[float, ...] | Literal["auto"]:
    """Pauses between looks, or "auto"."""
    if isinstance(value, str) and value != "auto":
        raise ValueError(
            f'{value!r} is neither "auto" nor a list of durations, as ["1 hour", "1 day"]'
        )
    return "auto" if value == "auto" else parse_durations(value)


def parse_positive_duration(value: object) -> float:
    seconds = parse_duration(value)
    if not seconds:
        raise ValueError("must be longer than nothing")
    return seconds


def integer_between(minimum: int, maximum: int) -> Any:
    def check(value: object) -> int:
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not minimum <= value <= maximum
        ):
            raise ValueError(
                f"{value!r} is not a whole number from {minimum} to {maximum}"
            )
        return value

    return check


def redact_url(url: str) -> str:
    """An address for people, without login and parameters."""
    return re.sub(r"(?<=//)[^/]*@", "", re.sub(r"[?#].*", "?…", url))


def parse_address(value: object) -> str:
    text = parse_text(value).strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError as error:
        raise ValueError(f"{redact_url(text)!r} is not an address: {error}") from error
    if (
        parts.scheme.lower() not in ("http", "https")
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f]", text)
    ):
        raise ValueError(f"{redact_url(text)!r} is not an http or https address")
    return text


def parse_language_code(value: object) -> str:
    text = parse_text(value).strip().lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", text):
        raise ValueError(f'{value!r} is not a language: write "fr", "en", "de" …')
    return text.partition("-")[0]


def parse_outlet_key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", value):
        raise ValueError("an outlet's name is made of a-z, 0-9, _ and -")
    return value


def parse_networks(value: object) -> tuple[str, ...]:
    found = []
    for text in parse_texts(value):
        try:
            found.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError as error:
            raise ValueError(
                f'{text!r} is not a network: write "127.0.0.0/8", or one address'
            ) from error
    return tuple(found)


def parse_patterns(value: object) -> tuple[str, ...]:
    for text in (found := parse_texts(value)):
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(
                f"{text!r} is not a regular expression: {error}"
            ) from error
    return found


_INVALID_XML_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)


def parse_selectors(value: object) -> tuple[str, ...]:
    """CSS selectors: a list, or one as text."""
    found = (parse_text(value),) if isinstance(value, str) else parse_texts(value)
    plain = re.compile(r"[a-zA-Z][\w-]*|[.#][\w-]+|[a-zA-Z][\w-]*[.#][\w-]+")
    for text in found:
        if not plain.fullmatch(
            text
        ):  # cssselect is imported only where the selector is more than a name
            import cssselect

            try:
                path = cssselect.HTMLTranslator().css_to_xpath(text)
            except (cssselect.SelectorError, RecursionError) as error:
                raise ValueError(f"{text!r} is not a CSS selector: {error}") from error
            if _INVALID_XML_CHARACTERS.search(path):
                raise ValueError(
                    f"{text!r} is not a CSS selector: it names characters that no page can have"
                )
    return found


def parse_day(value: object) -> str:
    """A day: a date of TOML, or the same as text."""
    try:
        return (
            value if type(value) is date else date.fromisoformat(str(value))
        ).isoformat()
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a day: write 2024-05-01") from None


def one_of(*choices: str) -> Any:
    """One of these words."""

    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(
                f"{value!r} is none of {', '.join(choices)}{did_you_mean(str(value), choices)}"
            )
        return str(value)

    return check


def parse_flag(value: object) -> bool:
    """true or false; from the environment in words."""
    words = {
        "true": True,
        "yes": True,
        "1": True,
        "false": False,
        "no": False,
        "0": False,
    }
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError(f"{value!r} is neither true nor false")


Duration = Annotated[float, PlainValidator(parse_duration)]
Flag = Annotated[bool, PlainValidator(parse_flag)]
PositiveDuration = Annotated[float, PlainValidator(parse_positive_duration)]
Durations = Annotated[tuple[float, ...], PlainValidator(parse_durations)]
Revisit = Annotated[tuple[float, ...] | Literal["auto"], PlainValidator(parse_revisit)]
Size = Annotated[int, PlainValidator(parse_size)]
Text = Annotated[str, PlainValidator(parse_text)]
TextOrEmpty = Annotated[str, PlainValidator(parse_text_or_empty)]
TextList = Annotated[tuple[str, ...], PlainValidator(parse_texts)]
Address = Annotated[str, PlainValidator(parse_address)]
Selectors = Annotated[tuple[str, ...], PlainValidator(parse_selectors)]
Concurrency = Annotated[int, PlainValidator(integer_between(1, 64))]

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

LONGEST = 10 * 366 * 86_400.0  # ten years

LENGTH_MOST = 500  # characters of a duration

UNITS = {
    "second": 1, "seconds": 1, "sec": 1, "secs": 1, "s": 1,
    "minute": 60, "minutes": 60, "min": 60, "mins": 60, "m": 60,
    "hour": 3_600, "hours": 3_600, "h": 3_600,
    "day": 86_400, "days": 86_400, "d": 86_400,
    "week": 604_800, "weeks": 604_800, "w": 604_800,
    "month": 2_629_800, "months": 2_629_800,
    "year": 31_557_600, "years": 31_557_600, "y": 31_557_600,
}  # fmt: skip
SIZES = {
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


def duration(value: object) -> float:
    """Seconds of a duration in words ("0 seconds", "1 hour 30 minutes", "10 years"). Raises ValueError with what is wrong."""
    if not isinstance(value, str):
        raise ValueError(
            f'{value!r} is not a duration in words: write "{value} seconds", or "5 minutes"'
        )
    if len(value) > LENGTH_MOST:
        raise ValueError(
            f"{value[:40]!r}… is not a duration: it has {len(value)} characters"
        )
    text = re.sub(r"[,\s]+(and\s+)?", " ", value.strip().lower()).strip()
    total, end = 0.0, 0
    for match in _AMOUNT.finditer(text):
        if text[end : match.start()].strip():
            break
        if match[2] not in UNITS:
            raise ValueError(
                f"{match[2]!r} is no unit of time{also_nearest(match[2], UNITS)}"
            )
        total, end = total + float(match[1]) * UNITS[match[2]], match.end()
    if not end or text[end:].strip():
        raise ValueError(
            f'{value!r} is not a duration: write it in words, as "90 seconds", "5 minutes", "1 day"'
        )
    if total > LONGEST:
        raise ValueError(f"{value!r} is longer than 10 years")
    return total


LARGEST = 1e18  # bytes


def size(value: object) -> int:
    """Bytes of a size in words ("10 MB"), or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = (
        re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", value)
        if isinstance(value, str)
        else None
    )
    if match is None or match[2].lower() not in SIZES or float(match[1]) <= 0:
        raise ValueError(
            f'{value!r} is not a size: write "10 MB", or a number of bytes'
        )
    found = float(match[1]) * SIZES[match[2].lower()]
    if found > LARGEST:
        raise ValueError(f"{str(value)[:60]!r} is more than any disk holds")
    return int(found)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like it; "" where none is."""
    found = difflib.get_close_matches(name, list(known), 1, 0.6)
    return found[0] if found else ""


def also_nearest(name: str, known: Iterable[str]) -> str:
    found = nearest(name, known)
    return f"; did you mean {found!r}?" if found else ""


def private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def text_of(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"{value!r} is not a text")
    return value


def text_or_empty(value: object) -> str:
    return "" if value == "" else text_of(value)


def agent(value: object) -> str:
    text = text_of(value)
    if not re.fullmatch(r"[\x20-\x7e]+", text):
        raise ValueError("a User-Agent is one line of ASCII")
    return text


def texts_of(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")
    return tuple(text_of(one) for one in value)


def durations(value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of durations, as ["1 hour", "1 day"]')
    return tuple(duration(one) for one in value)


def revisit(value: object) -> tuple[float, ...] | Literal["auto"]:
    """Pauses between looks, or "auto"."""
    if isinstance(value, str) and value != "auto":
        raise ValueError(
            f'{value!r} is neither "auto" nor a list of durations, as ["1 hour", "1 day"]'
        )
    return "auto" if value == "auto" else durations(value)


def positive(value: object) -> float:
    seconds = duration(value)
    if not seconds:
        raise ValueError("must be longer than nothing")
    return seconds


def count(least: int, most: int) -> Any:
    def check(value: object) -> int:
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not least <= value <= most
        ):
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
        return value

    return check


def without_secrets(url: str) -> str:
    """An address for people, without login and parameters."""
    return re.sub(r"(?<=//)[^/]*@", "", re.sub(r"[?#].*", "?…", url))


def address(value: object) -> str:
    text = text_of(value).strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError as error:
        raise ValueError(
            f"{without_secrets(text)!r} is not an address: {error}"
        ) from error
    if (
        parts.scheme.lower() not in ("http", "https")
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f]", text)
    ):
        raise ValueError(f"{without_secrets(text)!r} is not an http or https address")
    return text


def language_code(value: object) -> str:
    text = text_of(value).strip().lower()
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", text):
        raise ValueError(f'{value!r} is not a language: write "fr", "en", "de" …')
    return text.partition("-")[0]


def outlet_key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", value):
        raise ValueError("an outlet's name is made of a-z, 0-9, _ and -")
    return value


def networks(value: object) -> tuple[str, ...]:
    found = []
    for text in texts_of(value):
        try:
            found.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError as error:
            raise ValueError(
                f'{text!r} is not a network: write "127.0.0.0/8", or one address'
            ) from error
    return tuple(found)


def patterns(value: object) -> tuple[str, ...]:
    for text in (found := texts_of(value)):
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(
                f"{text!r} is not a regular expression: {error}"
            ) from error
    return found


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def selectors(value: object) -> tuple[str, ...]:
    """CSS selectors: a list, or one as text."""
    found = (text_of(value),) if isinstance(value, str) else texts_of(value)
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
            if _NOT_XML.search(path):
                raise ValueError(
                    f"{text!r} is not a CSS selector: it names characters that no page can have"
                )
    return found


def day(value: object) -> str:
    """A day: a date of TOML, or the same as text."""
    try:
        return (
            value if type(value) is date else date.fromisoformat(str(value))
        ).isoformat()
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a day: write 2024-05-01") from None


def one_of(*known: str) -> Any:
    """One of these words."""

    def check(value: object) -> str:
        if value not in known:
            raise ValueError(
                f"{value!r} is none of {', '.join(known)}{also_nearest(str(value), known)}"
            )
        return str(value)

    return check


def flag(value: object) -> bool:
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


Duration = Annotated[float, PlainValidator(duration)]
Flag = Annotated[bool, PlainValidator(flag)]
Positive = Annotated[float, PlainValidator(positive)]
Durations = Annotated[tuple[float, ...], PlainValidator(durations)]
Revisit = Annotated[tuple[float, ...] | Literal["auto"], PlainValidator(revisit)]
Size = Annotated[int, PlainValidator(size)]
Text = Annotated[str, PlainValidator(text_of)]
TextOrEmpty = Annotated[str, PlainValidator(text_or_empty)]
Texts = Annotated[tuple[str, ...], PlainValidator(texts_of)]
Address = Annotated[str, PlainValidator(address)]
Selectors = Annotated[tuple[str, ...], PlainValidator(selectors)]
Parallel = Annotated[int, PlainValidator(count(1, 64))]

"""The values of settings.toml: durations, sizes, URLs, selectors.

All parsers raise ValueError with a message for people. ``tables`` has the keys.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import PlainValidator

MAX_DURATION_SECONDS = 10 * 366 * 86_400.0  # ten years
MIN_THINNING_SECONDS = 86_400.0  # a capture of today is never removed
MAX_DURATION_LENGTH = 500  # characters
MAX_SIZE_BYTES = 1e18
MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS = 1.0, 600.0  # of a response
SECONDS_PER_UNIT = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), 60),
    **dict.fromkeys(("hour", "hours", "h"), 3_600),
    **dict.fromkeys(("day", "days", "d"), 86_400),
    **dict.fromkeys(("week", "weeks", "w"), 604_800),
    **dict.fromkeys(("month", "months"), 2_629_800),
    **dict.fromkeys(("year", "years", "y"), 31_557_600),
}
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


class SecretReference(NamedTuple):
    """Where a secret is: ``source`` is "env" or "file"."""

    source: str
    name: str


_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")


def parse_duration(value: object) -> float:
    """The seconds of a duration in words: "0 seconds", "1 hour 30 minutes"."""
    if not isinstance(value, str):
        raise ValueError(
            f'{value!r} is not a duration in words: write "{value} seconds", '
            'or "5 minutes"'
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
                f"{match[2]!r} is not a unit of time"
                f"{did_you_mean(match[2], SECONDS_PER_UNIT)}"
            )
        total, end = total + float(match[1]) * SECONDS_PER_UNIT[match[2]], match.end()
    if not end or text[end:].strip():
        raise ValueError(
            f"{value!r} is not a duration: write it in words, as "
            '"90 seconds", "5 minutes", "1 day"'
        )
    if total > MAX_DURATION_SECONDS:
        raise ValueError(f"{value!r} is longer than 10 years")
    return total


def parse_size(value: object) -> int:
    """The bytes of a size in words ("10 MB"), or a number of bytes."""
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
    size = float(match[1]) * BYTES_PER_UNIT[match[2].lower()]
    if size > MAX_SIZE_BYTES:
        raise ValueError(f"{str(value)[:60]!r} is more than any disk holds")
    return int(size)


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The known name that is most similar; "" if none is."""
    matches = difflib.get_close_matches(name, list(known), 1, 0.6)
    return matches[0] if matches else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suffix for messages about an unknown name; "" if no known one is similar."""
    nearest = nearest_name(name, known)
    return f"; did you mean {nearest!r}?" if nearest else ""


def is_private_address(url: str) -> bool:
    """Whether the host of a URL is localhost or a private IP address."""
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
    return tuple(map(parse_text, value))


def parse_thinning_age(value: object) -> float:
    """The seconds of a duration of at least a day."""
    seconds = parse_duration(value)
    if seconds < MIN_THINNING_SECONDS:
        raise ValueError('must be at least "1 day"')
    return seconds


def parse_durations(value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise ValueError('must be a list of durations, as ["1 hour", "1 day"]')
    return tuple(map(parse_duration, value))


def parse_revisit(value: object) -> tuple[float, ...] | Literal["auto"]:
    """Intervals between checks, in seconds, or "auto"."""
    if value == "auto":
        return "auto"
    if isinstance(value, str):
        raise ValueError(
            f'{value!r} is neither "auto" nor a list of durations, as '
            '["1 hour", "1 day"]'
        )
    return parse_durations(value)


def parse_interval(value: object) -> float | Literal["auto"]:
    """Seconds between two polls, or "auto"."""
    if value == "auto":
        return "auto"
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f'{error}; or "auto"') from None


def parse_positive_duration(value: object) -> float:
    seconds = parse_duration(value)
    if not seconds:
        raise ValueError("must be longer than 0 seconds")
    return seconds


def parse_timeout(value: object) -> float:
    """The seconds that a response may take."""
    seconds = parse_duration(value)
    if not MIN_TIMEOUT_SECONDS <= seconds <= MAX_TIMEOUT_SECONDS:
        raise ValueError('must be from "1 second" to "10 minutes"')
    return seconds


def integer_between(minimum: int, maximum: int) -> Any:
    """A parser of whole numbers within bounds."""

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
    """A URL for messages, without login and parameters."""
    return re.sub(r"(?<=//)[^/]*@", "", re.sub(r"[?#].*", "?…", url))


# Names of parameters that a URL for one reader alone carries.
_SECRET_PARAMETER = re.compile(
    r"(?:^|[_-])(?:token|secret|password|passwd|pwd|auth|apikey|key|signature|sig)$",
    re.IGNORECASE,
)


def has_secret(url: str) -> bool:
    """Whether a URL has a login, or a parameter with a secret by its name."""
    parts = urlsplit(url)
    return bool(parts.username or parts.password) or any(
        value and _SECRET_PARAMETER.search(name)
        for name, _, value in (pair.partition("=") for pair in parts.query.split("&"))
    )


def parse_url(value: object) -> str:
    text = parse_text(value).strip()
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises ValueError if it is not a number
    except ValueError as error:
        raise ValueError(f"{redact_url(text)!r} is not a URL: {error}") from error
    if (
        parts.scheme.lower() not in ("http", "https")
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f]", text)
    ):
        raise ValueError(f"{redact_url(text)!r} is not an http or https URL")
    return text


def parse_proxy(value: object) -> str:
    """An http URL, "environment", or "" for none."""
    if value in ("", "environment"):
        return str(value)
    text = parse_text(value)
    try:
        url = parse_url(text)
    except ValueError:
        url = ""
    if urlsplit(url).scheme.lower() != "http":
        raise ValueError(
            f'{redact_url(text)!r} is not a proxy: write "http://host:port", or '
            '"environment" for that of HTTP_PROXY and HTTPS_PROXY'
        )
    return url


def parse_secret(value: object) -> str | SecretReference:
    """A secret: as text, or where it is: ``{ env = "NAME" }``, ``{ file = "PATH" }``."""
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in ("env", "file"):
            raise ValueError('must be a text, { env = "NAME" } or { file = "PATH" }')
        [(source, name)] = value.items()
        return SecretReference(source, parse_text(name))
    try:
        return parse_text_or_empty(value)
    except ValueError:
        raise ValueError("must be a text") from None  # which is not shown


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
    networks = []
    for text in parse_texts(value):
        try:
            networks.append(str(ipaddress.ip_network(text, strict=False)))
        except ValueError as error:
            raise ValueError(
                f'{text!r} is not a network: write "127.0.0.0/8", or one IP address'
            ) from error
    return tuple(networks)


def parse_patterns(value: object) -> tuple[str, ...]:
    patterns = parse_texts(value)
    for text in patterns:
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(
                f"{text!r} is not a regular expression: {error}"
            ) from error
    return patterns


_INVALID_XML_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)
_SIMPLE_SELECTOR = re.compile(r"[a-zA-Z][\w-]*|[.#][\w-]+|[a-zA-Z][\w-]*[.#][\w-]+")


def parse_selectors(value: object) -> tuple[str, ...]:
    """CSS selectors: a list, or one as text."""
    selectors = (parse_text(value),) if isinstance(value, str) else parse_texts(value)
    for text in selectors:
        if not _SIMPLE_SELECTOR.fullmatch(text):
            _check_selector(text)
    return selectors


def _check_selector(text: str) -> None:
    import cssselect  # too expensive to import for simple selectors

    try:
        path = cssselect.HTMLTranslator().css_to_xpath(text)
    except (cssselect.SelectorError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a CSS selector: {error}") from error
    if _INVALID_XML_CHARACTERS.search(path):
        raise ValueError(
            f"{text!r} is not a CSS selector: it has characters that no page can have"
        )


def parse_day(value: object) -> str:
    """A day: a TOML date, or the same as text."""
    try:
        return (
            value if type(value) is date else date.fromisoformat(str(value))
        ).isoformat()
    except ValueError:
        raise ValueError(f"{str(value)!r} is not a day: write 2024-05-01") from None


def one_of(*choices: str) -> Any:
    """A parser of one of these words."""

    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(
                f"{value!r} is not one of {', '.join(choices)}"
                f"{did_you_mean(str(value), choices)}"
            )
        return str(value)

    return check


_FLAG_WORDS = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


def parse_flag(value: object) -> bool:
    """true or false; in words, as environment variables have them, too."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _FLAG_WORDS:
        return _FLAG_WORDS[value.lower()]
    raise ValueError(f"{value!r} is neither true nor false")


Duration = Annotated[float, PlainValidator(parse_duration)]
ThinningAge = Annotated[float, PlainValidator(parse_thinning_age)]
Interval = Annotated[float | Literal["auto"], PlainValidator(parse_interval)]
Flag = Annotated[bool, PlainValidator(parse_flag)]
PositiveDuration = Annotated[float, PlainValidator(parse_positive_duration)]
Proxy = Annotated[str, PlainValidator(parse_proxy)]
Revisit = Annotated[tuple[float, ...] | Literal["auto"], PlainValidator(parse_revisit)]
Secret = Annotated[str | SecretReference, PlainValidator(parse_secret)]
Size = Annotated[int, PlainValidator(parse_size)]
Text = Annotated[str, PlainValidator(parse_text)]
Timeout = Annotated[float, PlainValidator(parse_timeout)]
TextOrEmpty = Annotated[str, PlainValidator(parse_text_or_empty)]
TextList = Annotated[tuple[str, ...], PlainValidator(parse_texts)]
Url = Annotated[str, PlainValidator(parse_url)]
Selectors = Annotated[tuple[str, ...], PlainValidator(parse_selectors)]
Concurrency = Annotated[int, PlainValidator(integer_between(1, 64))]

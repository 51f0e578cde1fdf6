"""The values of ``[alerts.NAME]``. All parsers raise ValueError with a message for people."""

from __future__ import annotations

import re
from string import Template as StringTemplate
from typing import Annotated, Any, cast, get_args

from pydantic import PlainValidator

from harvester.settings.alert_targets import EXAMPLES, parse_target
from harvester.settings.types import AlertKind
from harvester.settings.values import (
    SecretReference,
    did_you_mean,
    parse_secret,
    parse_text,
)

ALERT_KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
DEFAULT_KINDS: tuple[AlertKind, ...] = ("new", "edit")
DEFAULT_TEMPLATE = "$what: $title ($outlet) $url"
MAX_TEMPLATE_CHARACTERS = 2_000
MAX_NAME_CHARACTERS = 60
# What a template may name, and what it stands for.
TEMPLATE_WORDS = {
    "alert": "name of the alert",
    "what": "what happened, in words",
    "on": "what happened: new, edit, headline …",
    "at": "when it was seen (UTC)",
    "outlet": "key of the outlet",
    "title": "headline, now",
    "old_title": "headline before an edit",
    "url": "URL of the article",
    "key": "key of the article",
    "added": "sentences that an edit added",
    "removed": "sentences that an edit removed",
    "note": "what the archive says of the event",
}
_OTHER_KINDS = {
    "article": "new",
    "edited": "edit",
    "change": "edit",
    "changed": "edit",
    "title": "headline",
    "deleted": "removed",
    "removal": "removed",
    "return": "returned",
    "silent": "silence",
    "gap": "missed",
}


def parse_alert_name(value: str) -> str:
    if not re.fullmatch(rf"[a-z0-9_-]{{1,{MAX_NAME_CHARACTERS}}}", value):
        raise ValueError(
            "an alert's name is made of a-z, 0-9, _ and -, at most "
            f"{MAX_NAME_CHARACTERS}"
        )
    return value


def parse_kinds(value: object) -> tuple[AlertKind, ...]:
    """What an alert rings on: a list of kinds, or one."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise ValueError(f"must be a list of {', '.join(ALERT_KINDS)}")
    for name in names:
        if name not in ALERT_KINDS:
            other = _OTHER_KINDS.get(str(name), "")
            hint = (
                f"; did you mean {other!r}?"
                if other
                else did_you_mean(str(name), ALERT_KINDS)
            )
            raise ValueError(f"{name!r} is not one of {', '.join(ALERT_KINDS)}{hint}")
    return cast("tuple[AlertKind, ...]", tuple(dict.fromkeys(names)))


def parse_targets(value: object) -> tuple[str | SecretReference, ...]:
    """Targets: a list or one, each a text or where the text is."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError(f"is empty: write at least one of {EXAMPLES}")
    return tuple(map(_parse_target, values))


def _parse_target(value: object) -> str | SecretReference:
    secret = parse_secret(value)
    if isinstance(secret, str):
        parse_target(secret)
    return secret


def parse_template(value: object) -> str:
    """A template of Python's ``string.Template``: words, and ``$names``."""
    text = parse_text(value)
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        raise ValueError(f"is longer than {MAX_TEMPLATE_CHARACTERS} characters")
    template = StringTemplate(text)
    if not template.is_valid():
        raise ValueError("has a $ without a name (write $$ for the sign)")
    for name in template.get_identifiers():
        if name not in TEMPLATE_WORDS:
            known = ", ".join(f"${known}" for known in TEMPLATE_WORDS)
            hint = did_you_mean(name, TEMPLATE_WORDS) or f"; known: {known}"
            raise ValueError(f"${name} is not known{hint}")
    return text


AlertKinds = Annotated[tuple[AlertKind, ...], PlainValidator(parse_kinds)]
Targets = Annotated[tuple[Any, ...], PlainValidator(parse_targets)]
Template = Annotated[str, PlainValidator(parse_template)]

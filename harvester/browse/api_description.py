"""What the HTTP interface offers: its paths, parameters and records, as OpenAPI.

The handlers (``api_routes``) read their parameters by the same tables, so the
description cannot differ from what is done.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harvester import __version__
from harvester.archive.queries.article_columns import list_columns
from harvester.archive.records import event_ids
from harvester.errors import HarvesterError

BASE = "/-/api/v1"
MAX_RESULTS = 100
DEFAULT_RESULTS = 20
MAX_PARAMETER_CHARACTERS = 2_000
_MANY = "may be repeated"


class ParameterError(HarvesterError):
    """A parameter cannot be read; ``parameter`` is its name."""

    def __init__(self, message: str, parameter: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query string."""

    name: str
    meaning: str
    type: Literal["string", "integer", "boolean"] = "string"
    is_required: bool = False
    is_repeatable: bool = False
    choices: tuple[str, ...] = ()


_QUERY = "A query, as of `harvest search`"
_LIMIT = Parameter(
    "limit", f"Maximum number of results, up to {MAX_RESULTS}", "integer"
)
_CURSOR = Parameter("cursor", "Where to go on: `next` of the page before")
_OUTLETS = Parameter("outlet", "Only this outlet", is_repeatable=True)
_SPAN = "a day, month, time, or how long ago (2025-09-06, 2025-09, 2 days)"
_SINCE = Parameter("since", f"Only from then on: {_SPAN}")
_UNTIL = Parameter("until", f"Only up to then: {_SPAN}")

PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "search": (
        Parameter("q", _QUERY, is_required=True),
        _OUTLETS,
        _SINCE,
        _UNTIL,
        Parameter(
            "order", "Newest first, or best first", choices=("newest", "best")
        ),
        Parameter("exact", "Words as typed only, not their other forms", "boolean"),
        _LIMIT,
        _CURSOR,
    ),
    "article": (
        Parameter("name", "A key, a unique beginning of one, or a URL", is_required=True),
        Parameter("version", "The number of a version; without it, the current one", "integer"),
    ),
    "changes": (
        Parameter("q", _QUERY),
        Parameter("kind", "Only these kinds", is_repeatable=True, choices=event_ids.CHANGE_KINDS),
        Parameter("class", "Only such edits", is_repeatable=True, choices=event_ids.CHANGE_CLASSES),
        Parameter("silent", "Only edits that were not, or that were, acknowledged", "boolean"),
        _OUTLETS,
        _SINCE,
        _UNTIL,
        _LIMIT,
        _CURSOR,
    ),
    "outlets": (),
    "copies": (
        Parameter("article", "A key, a unique beginning of one, or a URL", is_required=True),
    ),
}  # fmt: skip
_SUMMARIES = {
    "search": "Search every version of every article",
    "article": "One article, with its changes and copies",
    "changes": "Edits, removals and returns, newest first",
    "outlets": "The outlets, with their counts",
    "copies": "Articles that share the text of an article",
}
_TYPES = {"datetime": "string"}


def parse_parameters(
    endpoint: str, pairs: list[tuple[str, str]]
) -> dict[str, list[str]]:
    """The parameters of a request by name. Raises ParameterError."""
    known = {parameter.name: parameter for parameter in PARAMETERS[endpoint]}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {nearest[0]}?" if nearest else ""
            names = f"known are: {', '.join(known)}" if known else "there are none"
            raise ParameterError(
                f"unknown parameter {name[:40]!r}", name[:40], meant or names
            )
        parameter = known[name]
        if len(value) > MAX_PARAMETER_CHARACTERS:
            raise ParameterError(
                f"{name}: longer than {MAX_PARAMETER_CHARACTERS}", name
            )
        if value == "":
            continue
        if parameter.choices and value not in parameter.choices:
            raise ParameterError(
                f"{name}: invalid value {value[:40]!r}",
                name,
                f"one of: {', '.join(parameter.choices)}",
            )
        if parameter.type == "integer" and not re.fullmatch(r"[1-9][0-9]{0,8}", value):
            raise ParameterError(f"{name}: not a number from 1: {value[:40]!r}", name)
        if parameter.type == "boolean" and value not in ("true", "false", "1", "0"):
            raise ParameterError(
                f"{name}: neither true nor false: {value[:40]!r}", name
            )
        if name in values and not parameter.is_repeatable:
            raise ParameterError(f"{name}: given twice", name)
        values.setdefault(name, []).append(value)
    for parameter in known.values():
        if parameter.is_required and parameter.name not in values:
            raise ParameterError(
                f"{parameter.name} is missing", parameter.name, parameter.meaning
            )
    return values


def describe() -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "A news archive",
            "version": __version__,
            "description": (
                "Read-only. What outlets wrote is untrusted: show it as text. Behind the "
                "access policy of the browser; no other site may read it (no CORS)."
            ),
        },
        "servers": [{"url": BASE}],
        "paths": {
            f"/{endpoint}": {"get": _describe_operation(endpoint)}
            for endpoint in PARAMETERS
        },
        "components": {
            "schemas": {"Error": _ERROR, "Article": _describe_article()},
            "responses": {
                "Error": {
                    "description": "What is wrong, and where",
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Error"}
                        }
                    },
                }
            },
        },
    }


def _describe_operation(endpoint: str) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "object"}
    if endpoint == "article":
        item = {"$ref": "#/components/schemas/Article"}
    page = {
        "type": "object",
        "required": ["total", "next", "results"],
        "properties": {
            "total": {
                "type": ["integer", "null"],
                "description": "How many there are; null: very many",
            },
            "next": {
                "type": ["string", "null"],
                "description": "The cursor of the next page; null: this is the last",
            },
            "results": {"type": "array", "maxItems": MAX_RESULTS, "items": item},
        },
    }
    error = {"$ref": "#/components/responses/Error"}
    return {
        "operationId": endpoint,
        "summary": _SUMMARIES[endpoint],
        "parameters": [_describe_parameter(one) for one in PARAMETERS[endpoint]],
        "responses": {
            "200": {
                "description": "A page of results",
                "content": {"application/json": {"schema": page}},
            },
            **dict.fromkeys(("400", "403", "404", "503"), error),
        },
    }


def _describe_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.type == "integer":
        schema["minimum"] = 1
    if parameter.name == "limit":
        schema |= {"maximum": MAX_RESULTS, "default": DEFAULT_RESULTS}
    if parameter.is_repeatable:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "description": parameter.meaning
        + (f"; {_MANY}" if parameter.is_repeatable else ""),
        "schema": schema,
    }


def _describe_article() -> dict[str, Any]:
    columns = list_columns("latest", True, True)
    properties: dict[str, Any] = {}
    for column in columns:
        schema: dict[str, Any] = {"type": _TYPES.get(column.type, column.type)}
        if column.type == "datetime":
            schema = {"type": ["string", "null"], "format": "date-time"}
        if column.type == "array":
            is_nested = column.name in ("changes", "copies")
            schema["items"] = {"type": "object" if is_nested else "string"}
        properties[column.name] = {**schema, "description": column.meaning}
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "properties": properties,
    }


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "message", "hint", "parameter", "position"],
            "properties": {
                "status": {"type": "integer"},
                "message": {"type": "string"},
                "hint": {"type": "string", "description": "What to do; may be empty"},
                "parameter": {
                    "type": ["string", "null"],
                    "description": "The parameter that is wrong",
                },
                "position": {
                    "type": ["integer", "null"],
                    "description": "The character of the query, from 1",
                },
            },
        }
    },
}

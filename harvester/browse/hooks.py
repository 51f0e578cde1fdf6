"""Datasette's mark for a hook, with types. Not for: the hooks themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import datasette

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F) -> F:
    """Mark a function as the implementation of the hook of that name."""
    marked: F = datasette.hookimpl(function)
    return marked

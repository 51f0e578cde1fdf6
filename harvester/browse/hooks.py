"""Datasette's ``hookimpl`` with types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import datasette

F = TypeVar("F", bound=Callable[..., Any])


def hookimpl(function: F) -> F:
    """Mark a function as the implementation of the hook of that name."""
    implementation: F = datasette.hookimpl(function)
    return implementation

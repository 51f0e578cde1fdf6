"""Certificates that cannot be verified are refused, whatever makes them so.

Twisted 26 refuses a certificate that names another host. One that names none, or names
that cannot be read, makes its check raise another error, which Twisted logs; then the
certificate is accepted if an authority signed it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from service_identity import VerificationError
from twisted.internet import _sslverify

P = ParamSpec("P")
R = TypeVar("R")


def refuse_unverifiable() -> None:
    """Make each error of Twisted's check one that refuses the certificate."""
    for name in ("extract_patterns", "verify_service_identity"):
        check = getattr(_sslverify, name)
        if not hasattr(check, "__wrapped__"):
            setattr(_sslverify, name, _refusing(check))


def _refusing(check: Callable[P, R]) -> Callable[P, R]:
    @wraps(check)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return check(*args, **kwargs)
        except VerificationError:
            raise
        except Exception as error:
            raise VerificationError(errors=[]) from error

    return wrapper

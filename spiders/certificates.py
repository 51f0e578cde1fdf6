"""Certificates that cannot be verified are refused, whatever makes them so, and told why.

Twisted 26 refuses a certificate that names another host. One that names none, or names
that cannot be read, makes its check raise another error, which Twisted logs; then the
certificate is accepted if an authority signed it. OpenSSL's error says only that
verification failed; why is told to a callback alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from weakref import ref

from service_identity import VerificationError
from twisted.internet import _sslverify
from twisted.python.failure import Failure

# By OpenSSL's number (X509_V_ERR_…, x509_vfy.h).
VERIFY_ERRORS = {
    9: "certificate is not yet valid",
    10: "certificate has expired",
    18: "certificate signed by itself",
    19: "certificate signed by itself",
    20: "certificate of an unknown authority",
    21: "certificate of an unknown authority",
}

P = ParamSpec("P")
R = TypeVar("R")


def refuse_unverifiable() -> None:
    """Make each error of Twisted's check one that refuses the certificate."""
    for name in ("extract_patterns", "verify_service_identity"):
        check = getattr(_sslverify, name)
        if not hasattr(check, "__wrapped__"):
            setattr(_sslverify, name, _refusing(check))


class InvalidCertificateError(Exception):
    """A certificate is not valid, and why."""


def name_verify_errors() -> None:
    """Make Twisted's failure of a connection say what is not valid."""
    module: Any = _sslverify
    make_callback = module._verifyCB
    if hasattr(make_callback, "__wrapped__"):
        return

    @wraps(make_callback)
    def wrapper(protocol: Any, *args: Any) -> Callable[..., bool]:
        check, protocol_ref = make_callback(protocol, *args), ref(protocol)

        def callback(
            connection: Any, certificate: Any, number: int, depth: int, verified: int
        ) -> bool:
            opened = protocol_ref()
            if not verified and number in VERIFY_ERRORS and opened is not None:
                error = InvalidCertificateError(VERIFY_ERRORS[number])
                opened.failVerification(Failure(error))  # type: ignore[no-untyped-call]
                return False
            return bool(check(connection, certificate, number, depth, verified))

        return callback

    module._verifyCB = wrapper


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

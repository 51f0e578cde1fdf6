"""Messages instead of a page: what happened, to what, and what to do next.

For people in our type; programs that ask for JSON get it as ever, and others a line.
"""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import Forbidden, NotFound, Response

from harvester.browse import (
    datasette_compat,
    query_limits,
    rendering,
    served_archive,
)
from harvester.browse.hooks import hookimpl

# Ends of paths that programs ask for.
FOR_PROGRAMS = (".json", ".csv", ".atom", ".blob", ".db", ".timemap")
METHODS = ("GET", "HEAD")
NOT_FOUND = "There is no page at this address."
REFUSED = (
    "You may not see this. Whoever runs this archive decides who may; ask there, or log "
    "in if a page for that is offered."
)
BROKEN = (
    "An internal error. It is in the log of the program that serves these pages; "
    "`harvest doctor` says whether the archive is damaged. Other pages may work."
)

View = Callable[..., Awaitable[Response | None]]


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: BaseException) -> Any:
    """A message of ours instead of Datasette's."""

    # Late: it loads the plugins, of which this is one.
    from datasette.utils.asgi import Base400
    from datasette.views.base import DatasetteError

    async def respond() -> Response | None:
        refused = query_limits.explain_refusal(request, exception)
        if refused:
            exception.with_traceback(None)  # Datasette would print it
            return await _respond_to_refusal(datasette, request, refused)
        archive = served_archive.find_archive(datasette)
        if archive is None or request.path.endswith(FOR_PROGRAMS):
            return None
        if isinstance(exception, NotFound):
            return await _respond_not_found(datasette, request, archive, exception)
        if isinstance(exception, Base400 | DatasetteError):
            text = str(getattr(exception, "message", exception)) or "Unknown."
            if getattr(exception, "message_is_html", False):  # of the time limit
                text = "The query took too long: narrow it."
            if "text/html" not in request.headers.get("accept", ""):
                return Response.text(text, status=exception.status)
            return await rendering.render_message(
                datasette,
                request,
                archive,
                "Not a valid address",
                text,
                exception.status,
            )
        traceback.print_exception(exception, file=sys.stderr)
        return await rendering.render_message(
            datasette, request, archive, "Something broke", BROKEN, 500
        )

    return respond


@hookimpl
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """Why a page is refused; tells nothing of the archive."""

    archive = served_archive.find_archive(datasette)
    if archive is None or request.path.endswith(FOR_PROGRAMS):
        return None  # at once: Datasette takes no later None

    async def respond() -> Response:
        return await rendering.render_message(
            datasette, request, archive, "Not allowed", REFUSED, 403
        )

    return respond


def _wants_page(request: Any) -> bool:
    """Whether a person asks, by a browser."""
    return "text/html" in request.headers.get("accept", "")


async def _respond_to_refusal(datasette: Any, request: Any, refused: str) -> Response:
    if request.path.endswith(".json"):
        return Response.json(
            {"ok": False, "error": refused, "status": 400, "title": "SQL error"},
            status=400,
        )
    archive = served_archive.find_archive(datasette)
    if archive is None or not _wants_page(request):
        return Response.text(refused, status=400)
    title = "Not a valid address" if refused.startswith("invalid") else "Too much"
    return await rendering.render_message(
        datasette, request, archive, title, f"{refused[0].upper()}{refused[1:]}.", 400
    )


async def _respond_not_found(
    datasette: Any, request: Any, archive: Any, exception: BaseException
) -> Response:
    """What may have been meant, for those who may see the archive."""
    words = str(exception)
    text = NOT_FOUND if words in ("404", "") else words
    found = None
    try:
        await datasette_compat.ensure_may_view(datasette, request, archive.name)
    except Forbidden:
        text = NOT_FOUND
    else:
        found = await rendering.find_suggestions(datasette, request, archive)
    return await rendering.render_message(
        datasette, request, archive, "Not found", text, 404, found
    )


def only_read(view: View) -> View:
    """A page of ours that refuses all but GET and HEAD."""
    names = list(inspect.signature(view).parameters)

    @functools.wraps(view)
    async def respond(*arguments: Any) -> Response | None:
        given = dict(zip(names, arguments, strict=True))
        if given["request"].method in METHODS:
            return await view(*arguments)
        response = Response.text(
            f"{given['request'].method[:20]} is not allowed: this archive is only read",
            status=405,
        )
        response.headers["allow"] = ", ".join(METHODS)
        return response

    return respond

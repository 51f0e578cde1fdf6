"""Fills the templates of an edition. Words and macros are those of ``browse``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from harvester import __version__
from harvester.browse.rendering import TEMPLATE_FUNCTIONS
from harvester.publish import layout
from harvester.publish.layout import Links

_TEMPLATES = files("harvester.publish") / "templates"
_BROWSE = files("harvester.browse")


@dataclass(frozen=True, slots=True)
class Choices:
    """How an edition is to be."""

    title: str = "The archive"
    url: str = ""  # where it will stand, with a slash at the end; "": not known
    is_indexed: bool = False  # search engines may list it
    has_texts: bool = False  # whole texts, not only how they begin


@dataclass(frozen=True)
class Renderer:
    """Makes pages. ``now`` stands on each as the time at which it was made."""

    choices: Choices
    now: str

    @cached_property
    def stylesheet(self) -> bytes:
        """The style sheet of ``browse``."""
        return (_BROWSE / "static" / "news.css").read_bytes()

    @cached_property
    def stylesheet_name(self) -> str:
        """Its name has its digest, so that no browser shows a former one."""
        return f"news-{hashlib.sha256(self.stylesheet).hexdigest()[:12]}.css"

    @cached_property
    def appearance(self) -> str:
        """A digest of everything but the archive that pages are made of."""
        hashed = hashlib.sha256()
        for folder in (_TEMPLATES, _BROWSE / "templates"):
            for file in sorted(folder.iterdir(), key=lambda one: one.name):
                if file.name.startswith(("edition_", "news_comparison", "news_plot")):
                    hashed.update(file.read_bytes())
        hashed.update(repr((__version__, self.stylesheet_name)).encode())
        return hashed.hexdigest()

    def render(
        self, template: str, file: str, feeds: Sequence[str] = (), **context: Any
    ) -> str:
        """A page. ``feeds``: the names of those it announces, without their endings."""
        return (
            _make_environment()
            .get_template(template)
            .render(
                say=TEMPLATE_FUNCTIONS,
                go=Links(file),
                here=file,
                choices=self.choices,
                now=self.now,
                version=__version__,
                stylesheet=self.stylesheet_name,
                navigation=layout.NAVIGATION,
                feeds=feeds,
                **context,
            )
        )


@cache
def _make_environment() -> Environment:
    # Only macros of ``browse`` are used; its pages are made for a server.
    loaders = (PackageLoader("harvester.publish"), PackageLoader("harvester.browse"))
    return Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

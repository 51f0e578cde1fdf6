"""The name of today's reading: it differs whenever the same bytes may read differently. Light: imports nothing that reads."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files

RULES_VERSION = 8  # of our own part, and of the rules of wordings (identity.wording): raised with each change of either


@cache
def model_version() -> str:
    """The version of the model over blocks, without reading all of it: it stands first in the file."""
    with (files("harvester.parse.content") / "blocks.json").open(
        "r", encoding="ascii"
    ) as file:
        return file.read(40).split('"')[3]


EXTRACTOR = f"harvester {RULES_VERSION}, blocks {model_version()}, trafilatura {version('trafilatura')}, htmldate {version('htmldate')}"

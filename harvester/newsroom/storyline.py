"""What ``harvest demo`` shows: three invented outlets, and what they change in a day.

The articles are in ``stories/``; every name in them is invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from types import MappingProxyType

from harvester.newsroom.article import Article
from harvester.newsroom.room import Newsroom
from harvester.newsroom.site_shapes import SiteKind

SEARCH_WORD = "église"  # in several articles of two outlets, with its accent
REMOVED_WORD = "clochetons"  # only in the first version of the edited article
EDITED_SLUG = "eglise-trevignac-fleche"
RETITLED_SLUG = "rovers-first-woman-manager"
WITHDRAWN_SLUG = "station-epuration-mise-en-demeure"
WIRE_SLUG, WIRE_COPY_SLUG = "train-littoral-coupe", "ligne-littoral-coupee"
SYNDICATED_SLUG = "orgue-oublie-kerlaouen"
# With these, articles have the same URLs and keys each time, as documents show them.
PORTS = {"ponant": 18_651, "harrowdale": 18_652, "echo": 18_653}


_OUTLETS: tuple[tuple[str, SiteKind, str, str], ...] = (
    ("ponant", "wordpress", "Le Courrier du Ponant", "fr"),
    ("harrowdale", "atom", "The Harrowdale Post", "en"),
    ("echo", "plain", "L’Écho de Brévignon", "fr"),
)


@dataclass(frozen=True, slots=True)
class DemoState:
    """What the demo points at: URLs, and two words to search for."""

    edited_url: str
    retitled_url: str
    withdrawn_url: str
    wire_urls: tuple[str, str]  # the same dispatch at two outlets
    search_word: str = SEARCH_WORD
    removed_word: str = REMOVED_WORD
    # Empty before ``make_changes``.
    published_url: str = ""
    syndicated_urls: tuple[str, ...] = ()  # the original and its reprint


@dataclass(frozen=True, slots=True)
class _Story:
    title: str
    metadata: dict[str, str]
    paragraphs: tuple[str, ...]


def publish_initial_articles(
    newsroom: Newsroom, ports: Mapping[str, int] = MappingProxyType({})
) -> DemoState:
    """Open the three outlets and publish the articles of ``stories/``.

    ``ports``: those to listen on, where they are free; else any.
    """
    for key, kind, name, language in _OUTLETS:
        port = ports.get(key, 0)
        try:
            newsroom.add_outlet(key, kind, name=name, language=language, port=port)
        except OSError:
            newsroom.add_outlet(key, kind, name=name, language=language)
    # In this order: the echo reprints an article of another one.
    for key in ("ponant", "harrowdale", "echo"):
        for story in _load_stories(key):
            _publish(newsroom, key, story)
    return _demo_state(newsroom)


def make_changes(newsroom: Newsroom) -> DemoState:
    """A day later: publish, edit, retitle, withdraw and reprint one article each."""
    newsroom.advance(days=1)
    ponant, post, echo = (
        newsroom.outlets[key] for key in ("ponant", "harrowdale", "echo")
    )
    edited = ponant.find_article(EDITED_SLUG)
    replacements = {
        "Le chantier coûtera 240 000 euros": "Le chantier coûtera 310 000 euros",
        "Les dix clochetons de plomb seront déposés avant l’hiver et mis à l’abri dans "
        "la halle.": "La toiture sera refaite au printemps, si la commune trouve "
        "l’argent qui manque.",
    }
    ponant.edit(
        edited,
        [_replace_all(paragraph, replacements) for paragraph in edited.paragraphs],
        silent=True,
    )
    post.retitle(
        post.find_article(RETITLED_SLUG),
        "Penhallow takes charge of Rovers and asks for a left back",
    )
    ponant.withdraw(ponant.find_article(WITHDRAWN_SLUG), 410)
    original = ponant.find_article(SYNDICATED_SLUG)
    reprint = echo.syndicate(original, agency="Avec Le Courrier du Ponant")
    (later_story,) = _load_stories("later")
    published = _publish(newsroom, "ponant", later_story)
    return _demo_state(newsroom, published.url, (original.url, reprint.url))


def pass_quiet_hours(newsroom: Newsroom) -> DemoState:
    """Some hours later: nothing has changed; the withdrawn article is still gone."""
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
    outlet, metadata = newsroom.outlets[key], story.metadata
    at = newsroom.now + timedelta(hours=int(metadata["hours"]))
    if wire := metadata.get("wire"):
        origin, _, slug = wire.partition("/")
        return outlet.syndicate(
            newsroom.outlets[origin].find_article(slug),
            title=story.title,
            slug=metadata["slug"],
            at=at,
        )
    return outlet.publish(
        story.title,
        story.paragraphs,
        author=metadata["author"],
        section=metadata["section"],
        tags=[tag.strip() for tag in metadata["tags"].split(",")],
        slug=metadata["slug"],
        at=at,
        image=metadata.get("image"),
    )


def _load_stories(file_stem: str) -> Iterator[_Story]:
    """The articles of a file: a title, lines of metadata, and paragraphs.

    Paragraphs are separated by empty lines.
    """
    file = resources.files("harvester.newsroom") / "stories" / f"{file_stem}.txt"
    for story in file.read_text("utf-8").split("\n---\n"):
        head, *paragraphs = story.strip().split("\n\n")
        title, *lines = head.split("\n")
        metadata = {
            key: value.strip()
            for key, _, value in (line.partition(":") for line in lines)
        }
        yield _Story(title.removeprefix("# "), metadata, tuple(paragraphs))

"""A world of many outlets for benchmarks and tests, and what happens in it by chance, with the truth of it.

Not for: the demo (its outlets are written by hand), or misbehaviour (``Outlet.fault``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from harvester.newsroom.article import HERE, Article
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.prose import Prose
from harvester.newsroom.room import Newsroom, SiteKind

DESCRIPTORS = (
    12  # files that an outlet may keep open at a time: its socket and some connections
)
GONE = (404, 410, 302)


@dataclass(frozen=True, slots=True)
class Churn:
    """What was done in one call of ``churn``; each article is in one list at most."""

    published: list[Article] = field(default_factory=list)
    edited: list[Article] = field(default_factory=list)
    retitled: list[Article] = field(default_factory=list)
    moved: list[Article] = field(default_factory=list)
    withdrawn: list[Article] = field(default_factory=list)
    restored: list[Article] = field(default_factory=list)
    syndicated: list[tuple[Article, Article]] = field(
        default_factory=list
    )  # the original, and its new copy


def lively(
    newsroom: Newsroom,
    outlets: int = 3,
    articles: int = 10,
    seed: int = 0,
    *,
    page_bytes: int = 0,
    paragraphs: tuple[int, int] = (8, 18),
    kinds: Sequence[SiteKind] = ("wordpress", "atom", "plain"),
    full_text: bool = False,
) -> list[Outlet]:
    """Open ``outlets`` outlets with ``articles`` articles each, all in their feeds. ``page_bytes``: about 100,000 is real."""
    allow_files(outlets * DESCRIPTORS)
    found: list[Outlet] = []
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose, no secret
    for number in range(outlets):
        kind = kinds[number % len(kinds)]
        language = "en" if kind == "atom" else "fr"
        key = f"outlet-{len(newsroom.outlets):04}"
        outlet = newsroom.outlet(
            key,
            kind,
            language=language,
            full_text=full_text,
            page_bytes=page_bytes,
            feed_size=articles + 50,
        )
        prose = Prose(f"{seed} {key}", language)
        staff = [prose.person() for _ in range(5)]
        for place in range(articles):
            _publish(
                outlet,
                prose,
                chance,
                staff,
                chance.randint(*paragraphs),
                hours=articles - place,
            )
        found.append(outlet)
    return found


def churn(
    newsroom: Newsroom,
    seed: int,
    *,
    publish: float = 0.05,
    edit: float = 0.1,
    retitle: float = 0.03,
    move: float = 0.02,
    withdraw: float = 0.03,
    restore: float = 0.3,
    syndicate: float = 0.02,
) -> Churn:
    """An hour passes; every article may meet one thing, each with its chance. Returns what was done."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose, no secret
    newsroom.advance(hours=1)
    done = Churn()
    outlets = [one for one in newsroom.outlets.values() if one.articles]
    standing = [
        (outlet, article) for outlet in outlets for article in tuple(outlet.articles)
    ]
    for number, (outlet, article) in enumerate(standing):
        prose = Prose(f"{seed} {outlet.key} {number}", outlet.language)
        if article.status != HERE:
            if chance.random() < restore:
                outlet.restore(article)
                done.restored.append(article)
            continue
        acts = ("edit", "retitle", "move", "withdraw", "syndicate", "publish", "")
        weights = [edit, retitle, move, withdraw, syndicate, publish]
        (act,) = chance.choices(acts, [*weights, max(0.0, 1.0 - sum(weights))])
        _act(act, outlet, article, prose, chance, outlets, done)
    return done


def _act(
    act: str,
    outlet: Outlet,
    article: Article,
    prose: Prose,
    chance: random.Random,
    outlets: Sequence[Outlet],
    done: Churn,
) -> None:
    if act == "edit":
        outlet.edit(
            article, other_words(article, prose, chance), silent=chance.random() < 0.5
        )
        done.edited.append(article)
    elif act == "retitle":
        outlet.retitle(
            article, f"{prose.title()} ({prose.number()})", silent=chance.random() < 0.5
        )
        done.retitled.append(article)
    elif act == "move":
        outlet.move(article, f"{article.slug}-{article.revision}")
        done.moved.append(article)
    elif act == "withdraw":
        outlet.withdraw(article, chance.choice(GONE))
        done.withdrawn.append(article)
    elif act == "publish":
        done.published.append(
            _publish(
                outlet, prose, chance, [prose.person()], chance.randint(8, 18), hours=0
            )
        )
    elif act == "syndicate":
        others = [
            one
            for one in outlets
            if one is not outlet and one.language == outlet.language
        ]
        if others:
            done.syndicated.append((article, chance.choice(others).syndicate(article)))


def _publish(
    outlet: Outlet,
    prose: Prose,
    chance: random.Random,
    staff: Sequence[str],
    paragraphs: int,
    hours: int,
) -> Article:
    section = chance.choice(outlet.menu)
    return outlet.publish(
        prose.title(),
        prose.article(paragraphs),
        author=chance.choice(staff),
        section=section,
        tags=[prose.person().split()[1], section],
        at=outlet.clock() - timedelta(hours=hours),
        image=f"/images/{chance.randrange(10**6)}.jpg",
    )


def other_words(article: Article, prose: Prose, chance: random.Random) -> list[str]:
    """The text with one sentence replaced, a paragraph added, or a paragraph taken out: always another wording."""
    found = list(article.paragraphs)
    places = [at for at, one in enumerate(found) if not one.startswith("## ")]
    place = chance.choice(places)
    how = chance.choice(
        ("replace", "add", "cut") if len(places) > 3 else ("replace", "add")
    )
    if how == "cut":
        del found[place]
    elif how == "add":
        found.insert(place + 1, prose.paragraph())
    else:
        found[place] = (
            f"{found[place].rpartition('. ')[0]}. {prose.sentence()}".removeprefix(". ")
        )
    return found


def allow_files(wanted: int) -> None:
    """Raise the soft limit on open files where so many outlets need it; a thousand sockets pass the usual 1,024."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted > soft:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard)
        )

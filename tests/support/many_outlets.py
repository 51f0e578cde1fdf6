"""A world of many outlets for benchmarks and tests, and what happens in it by chance, with the truth of it.

Not for: the demo (its outlets are written by hand), or misbehaviour (``Outlet.fault``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.room import Newsroom
from harvester.newsroom.site_shapes import SiteKind
from tests.support.prose import ProseGenerator

FILES_PER_OUTLET = (
    12  # files that an outlet may keep open at a time: its socket and some connections
)
WITHDRAWN_STATUSES = (404, 410, 302)


@dataclass(frozen=True, slots=True)
class ChurnResult:
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


def create_outlets(
    newsroom: Newsroom,
    outlet_count: int = 3,
    article_count: int = 10,
    seed: int = 0,
    *,
    page_bytes: int = 0,
    paragraph_range: tuple[int, int] = (8, 18),
    kinds: Sequence[SiteKind] = ("wordpress", "atom", "plain"),
    full_text: bool = False,
) -> list[Outlet]:
    """Open ``outlets`` outlets with ``articles`` articles each, all in their feeds. ``page_bytes``: about 100,000 is real."""
    raise_open_file_limit(outlet_count * FILES_PER_OUTLET)
    found: list[Outlet] = []
    chance = random.Random(seed)
    for number in range(outlet_count):
        kind = kinds[number % len(kinds)]
        language = "en" if kind == "atom" else "fr"
        key = f"outlet-{len(newsroom.outlets):04}"
        outlet = newsroom.add_outlet(
            key,
            kind,
            language=language,
            full_text=full_text,
            page_bytes=page_bytes,
            feed_size=article_count + 50,
        )
        prose = ProseGenerator(f"{seed} {key}", language)
        staff = [prose.person() for _ in range(5)]
        for place in range(article_count):
            _publish(
                outlet,
                prose,
                chance,
                staff,
                chance.randint(*paragraph_range),
                hours_ago=article_count - place,
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
) -> ChurnResult:
    """An hour passes; every article may meet one thing, each with its chance. Returns what was done."""
    chance = random.Random(seed)
    newsroom.advance(hours=1)
    done = ChurnResult()
    outlets = [one for one in newsroom.outlets.values() if one.articles]
    standing = [
        (outlet, article) for outlet in outlets for article in tuple(outlet.articles)
    ]
    for number, (outlet, article) in enumerate(standing):
        prose = ProseGenerator(f"{seed} {outlet.key} {number}", outlet.language)
        if article.status != ONLINE_STATUS:
            if chance.random() < restore:
                outlet.restore(article)
                done.restored.append(article)
            continue
        acts = ("edit", "retitle", "move", "withdraw", "syndicate", "publish", "")
        weights = [edit, retitle, move, withdraw, syndicate, publish]
        (act,) = chance.choices(acts, [*weights, max(0.0, 1.0 - sum(weights))])
        _perform_action(act, outlet, article, prose, chance, outlets, done)
    return done


def _perform_action(
    action: str,
    outlet: Outlet,
    article: Article,
    prose: ProseGenerator,
    rng: random.Random,
    outlets: Sequence[Outlet],
    result: ChurnResult,
) -> None:
    if action == "edit":
        outlet.edit(article, reword(article, prose, rng), silent=rng.random() < 0.5)
        result.edited.append(article)
    elif action == "retitle":
        outlet.retitle(
            article, f"{prose.title()} ({prose.number()})", silent=rng.random() < 0.5
        )
        result.retitled.append(article)
    elif action == "move":
        outlet.move(article, f"{article.slug}-{article.revision}")
        result.moved.append(article)
    elif action == "withdraw":
        outlet.withdraw(article, rng.choice(WITHDRAWN_STATUSES))
        result.withdrawn.append(article)
    elif action == "publish":
        result.published.append(
            _publish(
                outlet, prose, rng, [prose.person()], rng.randint(8, 18), hours_ago=0
            )
        )
    elif action == "syndicate":
        others = [
            one
            for one in outlets
            if one is not outlet and one.language == outlet.language
        ]
        if others:
            result.syndicated.append((article, rng.choice(others).syndicate(article)))


def _publish(
    outlet: Outlet,
    prose: ProseGenerator,
    rng: random.Random,
    authors: Sequence[str],
    paragraph_count: int,
    hours_ago: int,
) -> Article:
    section = rng.choice(outlet.menu_sections)
    return outlet.publish(
        prose.title(),
        prose.article_paragraphs(paragraph_count),
        author=rng.choice(authors),
        section=section,
        tags=[prose.person().split()[1], section],
        at=outlet.now() - timedelta(hours=hours_ago),
        image=f"/images/{rng.randrange(10**6)}.jpg",
    )


def reword(article: Article, prose: ProseGenerator, rng: random.Random) -> list[str]:
    """The text with one sentence replaced, a paragraph added, or a paragraph taken out: always another wording."""
    found = list(article.paragraphs)
    places = [at for at, one in enumerate(found) if not one.startswith("## ")]
    place = rng.choice(places)
    how = rng.choice(
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


def raise_open_file_limit(needed: int) -> None:
    """Raise the soft limit on open files where so many outlets need it; a thousand sockets pass the usual 1,024."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if needed > soft:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(needed, hard) if hard > 0 else needed, hard)
        )

"""Many outlets with random articles, and an hour of random changes, with their truth.

For weeks of changes, each at its own time, see ``simulation``.
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

FILES_PER_OUTLET = 12  # open at a time: its listening socket and some connections
WITHDRAWN_STATUSES = (404, 410, 302)


@dataclass(frozen=True, slots=True)
class ChurnResult:
    """What one call of ``churn`` did; each article is in one list at most."""

    published: list[Article] = field(default_factory=list)
    edited: list[Article] = field(default_factory=list)
    retitled: list[Article] = field(default_factory=list)
    moved: list[Article] = field(default_factory=list)
    withdrawn: list[Article] = field(default_factory=list)
    restored: list[Article] = field(default_factory=list)
    # (original, its new copy)
    syndicated: list[tuple[Article, Article]] = field(default_factory=list)


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
    """Open outlets with articles, all of them in their feeds.

    ``page_bytes``: real pages have about 100,000.
    """
    raise_open_file_limit(outlet_count * FILES_PER_OUTLET)
    outlets: list[Outlet] = []
    rng = random.Random(seed)
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
        for hours_ago in range(article_count, 0, -1):
            _publish(
                outlet,
                prose,
                rng,
                staff,
                rng.randint(*paragraph_range),
                hours_ago=hours_ago,
            )
        outlets.append(outlet)
    return outlets


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
    """Let an hour pass, in which each article changes with these probabilities."""
    rng = random.Random(seed)
    newsroom.advance(hours=1)
    result = ChurnResult()
    outlets = [outlet for outlet in newsroom.outlets.values() if outlet.articles]
    articles = [
        (outlet, article) for outlet in outlets for article in tuple(outlet.articles)
    ]
    actions = ("edit", "retitle", "move", "withdraw", "syndicate", "publish", "")
    weights = [edit, retitle, move, withdraw, syndicate, publish]
    weights.append(max(0.0, 1.0 - sum(weights)))
    for number, (outlet, article) in enumerate(articles):
        prose = ProseGenerator(f"{seed} {outlet.key} {number}", outlet.language)
        if article.status != ONLINE_STATUS:
            if rng.random() < restore:
                outlet.restore(article)
                result.restored.append(article)
            continue
        (action,) = rng.choices(actions, weights)
        _perform_action(action, outlet, article, prose, rng, outlets, result)
    return result


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
            other
            for other in outlets
            if other is not outlet and other.language == outlet.language
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
    """The paragraphs with a sentence replaced, or a paragraph added or dropped."""
    paragraphs = list(article.paragraphs)
    indexes = [
        index
        for index, paragraph in enumerate(paragraphs)
        if not paragraph.startswith("## ")
    ]
    index = rng.choice(indexes)
    action = rng.choice(
        ("replace", "add", "drop") if len(indexes) > 3 else ("replace", "add")
    )
    if action == "drop":
        del paragraphs[index]
    elif action == "add":
        paragraphs.insert(index + 1, prose.paragraph())
    else:
        start = paragraphs[index].rpartition(". ")[0]
        paragraphs[index] = f"{start}. {prose.sentence()}".removeprefix(". ")
    return paragraphs


def raise_open_file_limit(needed: int) -> None:
    """Raise the soft limit on open files; a thousand sockets need more than 1,024."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if needed > soft:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(needed, hard) if hard > 0 else needed, hard)
        )

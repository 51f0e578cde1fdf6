"""What happens in the simulated week, each story at its time: see ``simulated_week``."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from harvester.newsroom.article import Article
from tests.support.prose_languages import LanguageProse
from tests.support.simulated_press import Override, Press
from tests.support.week_texts import (
    BRIDGE,
    DESPATCHES,
    FERRY_EN,
    FERRY_FR,
    FLOOD,
    FLOOD_EDITS,
    LONG_TITLE,
    MARKUP_TITLE,
    SILENT_FLOOD_EDITS,
    STUB,
)


@dataclass
class Desk:
    """Plans what outlets do."""

    press: Press
    named: dict[str, Article]
    day: datetime  # midnight before the end of the week
    until: datetime

    def time(self, days: int, hours: float = 0.0) -> datetime:
        """So many hours after the midnight that many days before the last one."""
        return self.day - timedelta(days=days) + timedelta(hours=hours)

    def ago(self, hours: float) -> datetime:
        """So many hours before the end of the week."""
        return self.until - timedelta(hours=hours)

    def publish(
        self,
        at: datetime,
        name: str,
        outlet: str,
        title: str,
        paragraphs: Sequence[str],
        **more: Any,
    ) -> None:
        """Publish an article, and remember it by name."""

        def publish() -> None:
            self.named[name] = self.press.outlets[outlet].publish(
                title, paragraphs, **{"author": "R. Ashdown", **more}
            )

        self.press.at(at, publish)

    def prose(self, name: str, language: str = "en", count: int = 3) -> list[str]:
        """Paragraphs that no other article has."""
        writer = LanguageProse(f"story {name}", language)
        return [writer.paragraph() for _ in range(count)]

    def edit(
        self, at: datetime, name: str, old: str, new: str, silent: bool = False
    ) -> None:
        """Replace words; without ``old`` a paragraph is added."""

        def edit() -> None:
            article = self.named[name]
            paragraphs = (
                [each.replace(old, new) for each in article.paragraphs]
                if old
                else [*article.paragraphs, new]
            )
            self._outlet(article).edit(article, paragraphs, silent=silent)

        self.press.at(at, edit)

    def act(self, at: datetime, name: str, action: str, *values: Any) -> None:
        """Have the outlet of an article do something with it."""
        self.press.at(
            at,
            lambda: getattr(self._outlet(self.named[name]), action)(
                self.named[name], *values
            ),
        )

    def override(
        self, at: datetime, name: str, make: Callable[[Article], Override]
    ) -> None:
        """Have an article's address respond with something else from then on."""

        def override() -> None:
            article = self.named[name]
            self.press.overrides[article.url] = make(article)

        self.press.at(at, override)

    def _outlet(self, article: Article) -> Any:
        return self.press.outlets[article.outlet.key]


def tell_stories(
    press: Press, named: dict[str, Article], day: datetime, until: datetime
) -> None:
    """Plan all that happens."""
    desk = Desk(press, named, day, until)
    _edits(desk)
    _removals(desk)
    _copies(desk)
    _odd_pages(desk)
    _feeds(desk)


def _edits(desk: Desk) -> None:
    at = desk.time
    desk.publish(
        at(2, 6), "flood", "courier", "Arle rises in the night", FLOOD, tags=["flood"]
    )
    for number, (old, new, title) in enumerate(FLOOD_EDITS, start=1):
        when = at(2, 6.6 + 1.1 * number)
        if title:
            desk.act(when, "flood", "retitle", title, number in SILENT_FLOOD_EDITS)
        if new:
            desk.edit(when, "flood", old, new, number in SILENT_FLOOD_EDITS)
    desk.publish(at(1, 7), "bridge", "courier", "Old bridge to close on Monday", BRIDGE)
    desk.edit(at(1, 8.2), "bridge", "2.4 million", "3.1 million", silent=True)
    desk.act(at(1, 9.6), "bridge", "retitle", "Old bridge closes for the winter")
    desk.edit(
        desk.ago(2), "bridge", "two of the five piers", "three of the five piers", True
    )
    desk.publish(
        at(3, 9),
        "accounts",
        "gazette",
        "Les comptes, en retard",
        desk.prose("accounts", "fr"),
    )
    note = "une version précédente de cet article donnait un montant erroné."
    desk.act(at(3, 9.9), "accounts", "edit", None, note)
    desk.publish(
        at(3, 10), "typo", "courier", "Harbour market moves indoors", [
            "Stallholders voted on Tuesday to move under the roof of the old rope works, "
            "wich has been empty since the spring.",
            "The market will stay there until March.",
        ],
    )  # fmt: skip
    desk.edit(at(3, 11.7), "typo", "wich has", "which has", silent=True)
    survey = desk.prose("moved", count=5)
    desk.publish(at(4, 8), "moved", "courier", "What the survey says", survey)
    desk.act(at(4, 9.7), "moved", "edit", [*survey[2:], *survey[:2]])
    desk.publish(at(4, 12), "dated", "courier", "Council sits late", [
        f"TARNWICK, 26 November (PA) - {desk.prose('dated')[0]}", *desk.prose("dated")[1:]])  # fmt: skip
    desk.edit(at(4, 13.7), "dated", "26 November", "27 November", silent=True)
    desk.publish(
        at(5, 9),
        "back",
        "courier",
        "Ferry to run on Sundays",
        [
            "The Sunday boat will cost the towns 1.8 million a year.",
            *desk.prose("back"),
        ],
    )
    desk.edit(at(5, 10.7), "back", "1.8 million", "2.2 million", silent=True)
    desk.edit(at(5, 13.7), "back", "2.2 million", "1.8 million", silent=True)
    desk.publish(
        at(1, 10),
        "announced",
        "courier",
        "Mayor answers the shops",
        desk.prose("announced"),
    )
    desk.act(
        at(1, 11.2), "announced", "announce", "Mayor defies the shops", "No retreat."
    )
    desk.publish(
        at(1, 11),
        "authors",
        "courier",
        "A light without a keeper",
        desk.prose("authors"),
    )

    def sign() -> None:
        desk.named["authors"].author = "Ines Varga"
        desk.press.outlets["courier"].edit(desk.named["authors"])

    desk.press.at(at(1, 12.7), sign)
    desk.publish(at(1, 9), "arabic", "nahr", "النهر يرتفع والمجلس يغلق الطريق الساحلي", [
        "ارتفع منسوب النهر نصف متر خلال الليل، كما قال مكتب المياه في مرفأ النور.",
        "ولم يصب أحد بأذى، وأغلق الطريق بين سوق السمك والعبارة.",
        "وتقدر كلفة الأضرار بنحو 1,200 دينار."], slug="n-river")  # fmt: skip
    desk.edit(at(1, 10.6), "arabic", "نصف متر", "ثمانين سنتيمترا", silent=True)
    desk.publish(at(1, 8), "chinese", "hepan", "河水上涨，沿河步道关闭", [
        "水务局表示，河水在夜间上涨了半米，早上六点到达鱼市的台阶。",
        "目前没有人员受伤，码头与渡口之间的道路已经关闭。",
        "预计水位将在中午达到最高点。"], slug="n-river")  # fmt: skip
    desk.edit(at(1, 9.6), "chinese", "上涨了半米", "上涨了八十厘米", silent=True)


def _removals(desk: Desk) -> None:
    at = desk.time
    desk.publish(
        at(4, 7),
        "removed",
        "courier",
        "Trust to sell the north pier",
        desk.prose("removed"),
    )
    desk.act(at(3, 8), "removed", "withdraw", 410)
    desk.publish(
        at(5, 8),
        "returned",
        "gazette",
        "Le préfet s’explique",
        desk.prose("returned", "fr"),
    )
    desk.act(at(4, 8), "returned", "withdraw", 404)
    desk.act(at(2, 8), "returned", "restore")
    desk.publish(
        at(2, 9),
        "front page",
        "ponant",
        "La halte ferroviaire",
        desk.prose("front page", "fr"),
    )
    desk.act(at(1, 13), "front page", "withdraw", 302)
    desk.publish(
        desk.ago(2.6),
        "suspect",
        "courier",
        "Who owns the rope works",
        desk.prose("suspect"),
    )
    desk.act(desk.ago(1.3), "suspect", "withdraw", 404)
    desk.publish(
        at(3, 7),
        "relocated",
        "courier",
        "Six boats and one bell",
        desk.prose("relocated"),
    )
    desk.act(at(3, 12), "relocated", "move", "six-boats-and-one-bell-updated")


def _copies(desk: Desk) -> None:
    at = desk.time
    desk.publish(
        at(1, 8),
        "wire",
        "courier",
        "Towns agree on the ferry line",
        FERRY_EN,
    )
    desk.publish(
        at(1, 8.7), "wire 2", "harbour", "Ferry line is saved",
        [*FERRY_EN[:3], "The towns pay for a landing stage."],
    )  # fmt: skip
    desk.publish(
        at(1, 11.4), "wire 3", "lantern", "Ferry: a deal after three summers", FERRY_EN
    )
    desk.publish(
        at(1, 9),
        "dépêche",
        "ponant",
        "Accord sur le bac",
        FERRY_FR,
    )
    desk.publish(
        at(1, 9.8),
        "dépêche 2",
        "gazette",
        "Le bac est sauvé",
        FERRY_FR,
    )
    for number, (title, subject, things) in enumerate(DESPATCHES):
        text = [
            f"TARNWICK (Reuters) - After {number + 4} weeks of talks {subject} said on Thursday that {things} "
            "would be handled by a joint office of the three counties, with its seat in "
            "Tarnwick and a staff of some forty people.",
            f"The office will publish what it knows of {things} every morning at six, "
            "and answer questions of the public by telephone until midnight.",
            f"Critics of {subject} called the plan late; its cost is put at "
            f"{3 + number} million a year, paid in equal parts by the counties.",
        ]
        for place, outlet in enumerate(("harbour", "courier", "lantern")):
            shown = text if place != 1 else [*text[:2], f"{text[2]} A vote is due."]
            desk.publish(
                at(number + 1, 12.1 + place * (0.8 + number)),
                f"despatch {number}.{place}", outlet, title, shown,
            )  # fmt: skip


def _odd_pages(desk: Desk) -> None:
    at = desk.time
    desk.publish(
        at(1, 16),
        "long title",
        "courier",
        LONG_TITLE,
        desk.prose("long title"),
        slug="debate",
    )
    desk.publish(at(1, 17), "markup", "courier", MARKUP_TITLE, [
        "The <em>tags</em> of this article are words: <script>alert(1)</script>.",
        *desk.prose("markup")], slug="tags-as-words")  # fmt: skip
    desk.publish(at(1, 14), "no text", "courier", "The regatta in one picture", ["."])
    desk.override(at(1, 14), "no text", lambda article: _page(article, ""))
    desk.publish(
        at(2, 12), "blocked", "courier", "Behind the counter", desk.prose("blocked")
    )
    desk.override(at(2, 12), "blocked", lambda _: Override(403, b"<p>Forbidden</p>"))
    desk.publish(
        at(2, 13), "broken", "courier", "A parcel without a name", desk.prose("broken")
    )
    desk.override(
        at(2, 13), "broken", lambda _: Override(error="the connection was reset")
    )
    desk.publish(
        at(2, 14),
        "refused",
        "courier",
        "For members",
        desk.prose("refused"),
        section="Members",
    )
    desk.publish(
        at(3, 8), "paywalled", "lantern", "The keeper’s diary", desk.prose("paywalled")
    )
    desk.override(at(2, 8), "paywalled", _stub)
    desk.publish(
        at(1, 6), "live", "courier", "Live: the regatta", desk.prose("live")[:1]
    )
    for count in range(1, 7):
        desk.override(
            at(1, 6 + 1.2 * (count - 1)),
            "live",
            lambda article, count=count: _live(article, count, desk.time(1, 6)),
        )


def _feeds(desk: Desk) -> None:
    at, press = desk.time, desk.press
    for number in range(24):  # a flood of articles, two days ago
        desk.publish(
            at(2, 8 + number * 0.45), f"notice {number}", "harbour",
            f"Notice to mariners {311 + number}",
            [f"Buoy {number + 4} is out of its place by {number + 20} metres since "
             f"Monday, and will be set again by the {number + 3}rd tide from now on.",
             f"Vessels above {number + 11} metres keep to the {number}th fairway."],
        )  # fmt: skip
    for number in range(12):  # while the harvester is off: more than feeds list
        for outlet in ("ponant", "harbour"):
            title = f"{'Marée' if outlet == 'ponant' else 'Tide'} {number + 1}"
            language = press.outlets[outlet].language
            desk.publish(
                at(5, 0.6 + number * 0.5), f"{outlet} {number}", outlet, title,
                desk.prose(f"{outlet} {number}", language),
            )  # fmt: skip

    def move() -> None:
        outlet = press.outlets["bote"]
        old, outlet.host = outlet.host, "www.uferbote.example"
        press.moved_hosts[old] = outlet.host

    press.at(at(4, 10), move)
    mill, gazette = press.outlets["mill"], press.outlets["gazette"]
    press.at(at(3, 5), lambda: press.overrides.update({
        mill.feed_url: Override(503, b"<h1>Service Unavailable</h1>")}))  # fmt: skip
    press.at(at(5, 12), lambda: press.overrides.update({
        gazette.feed_urls[2]: Override(410, b"<h1>Gone</h1>")}))  # fmt: skip


def _page(article: Article, body: str, data: dict[str, Any] | None = None) -> Override:
    """A page of its own, with metadata."""
    title = html.escape(article.title)
    script = json.dumps(
        {"@context": "https://schema.org", "headline": article.title, **(data or {})}
    )
    return Override(
        body=(
            f"<!doctype html><html lang='en'><head><title>{title}</title>"
            f"<link rel='canonical' href='{article.url}'>"
            f"<script type='application/ld+json'>{script}</script></head>"
            f"<body><main><article><h1>{title}</h1>{body}</article></main></body></html>"
        ).encode()
    )


def _stub(article: Article) -> Override:
    data = {"@type": "NewsArticle", "isAccessibleForFree": "False"}
    body = f"<p>{article.paragraphs[0]}</p><div class='offer'><p>{STUB}</p></div>"
    return _page(article, body, data)


def _live(article: Article, count: int, start: datetime) -> Override:
    """A live blog with so many posts, the newest first."""
    posts = [
        (
            f"{start + timedelta(hours=1.2 * number):%Y-%m-%dT%H:%M:%SZ}",
            f"Race {number + 1} is over",
            f"Boat {number + 3} crossed the line first, while the crew from the lake "
            f"district came in {number + 2} minutes later with a torn sail.",
        )
        for number in reversed(range(count))
    ]
    body = f"<p>{article.paragraphs[0]}</p>" + "".join(
        f"<article class='liveblog-post'><time datetime='{at}'>{at[11:16]}</time>"
        f"<h3>{title}</h3><p>{words}</p></article>"
        for at, title, words in posts
    )
    data = {
        "@type": "LiveBlogPosting",
        "coverageStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "liveBlogUpdate": [
            {"@type": "BlogPosting", "datePublished": at, "headline": title,
             "articleBody": words}
            for at, title, words in posts
        ],
    }  # fmt: skip
    return _page(article, body, data)

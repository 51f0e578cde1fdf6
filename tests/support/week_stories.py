"""What happens in the simulated week, each story at its time: see ``simulated_week``."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from harvester.newsroom.article import Article
from tests.support.simulated_press import Override, Press

MARKUP_TITLE = (
    'Why <script>alert("Arle")</script> is no headline, and <b>bold</b> & "quoted" is'
)
LONG_TITLE = (
    "After eleven hours of debate, two recesses and a lost vote on the order of the "
    "agenda, the council of Arle resolves to ask the county, the region and the harbour "
    "trust for an opinion on whether a second opinion on the first survey of the north "
    "pier, which was closed on Sunday, is needed before winter begins"
)
FLOOD = [
    "The Arle rose by half a metre in the night and reached the lower steps of the fish "
    "market at six, the harbour office said.",
    "Nobody was hurt. The quay road is closed between the rope works and the ferry.",
    "Forecasters expect the peak at noon. The level was last so high in 2013.",
]
FLOOD_EDITS: tuple[tuple[str, str, str], ...] = (  # (words, new words, new headline)
    ("half a metre", "60 centimetres", ""),
    ("", "The fire brigade is handing out sandbags at the old customs house.", ""),
    ("Nobody was hurt.", "One person was treated for exposure.", ""),
    ("", "", "Quay closed as the Arle rises"),
    ("the peak at noon", "the peak at about two in the afternoon", ""),
    ("", "Schools on the left bank will send pupils home at one.", ""),
    (
        "60 centimetres",
        "80 centimetres",
        "Arle reaches the market steps; schools close",
    ),
    ("One person was", "Three people were", ""),
    ("The level was last so high in 2013.", "The level was last so high in 2003.", ""),
    (
        "",
        "Correction: an earlier version of this article gave the wrong year for the "
        "last flood.",
        "",
    ),
    (
        "is closed between",
        "has reopened between",
        "Quay road reopens as the Arle falls",
    ),
)
SILENT_FLOOD_EDITS = (3, 4)
BRIDGE = [
    "The old bridge over the Arle will close on Monday for repairs that the town council "
    "expects to last until spring.",
    "Traffic will be led over the northern crossing, which adds some six kilometres to "
    "the way between the station and the harbour.",
    '"We know what this asks of the shops on the quay," said the mayor, Ines Halloran. '
    '"There is no other way to keep the bridge standing."',
    "The repairs will cost 2.4 million, of which the region pays half.",
    "A survey last winter found cracks in two of the five piers.",
]
FERRY_EN = [
    "Negotiators for the two coastal towns said on Wednesday that they had agreed on how "
    "to share the ferry line, ending a dispute that had lasted for three summers.",
    "The agreement, which still needs the consent of both councils, keeps the early boat "
    "and drops the one at noon.",
    "Fishing crews had asked for a later departure in winter, when the channel is dark "
    "until eight and the ferry has no searchlight.",
    "Both towns will pay for a new landing stage, at a cost of 1.8 million, and share "
    "what the tickets bring by the number of their passengers.",
]
FERRY_FR = [
    "Les deux villes du littoral se sont entendues mercredi sur le partage de la ligne "
    "de bac, au terme d’un différend qui durait depuis trois étés.",
    "L’accord, qui doit encore être approuvé par les deux conseils, maintient le premier "
    "bateau du matin et supprime celui de midi.",
    "Les pêcheurs réclamaient un départ plus tardif en hiver, quand le chenal reste "
    "sombre jusqu’à huit heures.",
    "Les deux villes financeront un nouveau ponton, pour 1,8 million d’euros, et se "
    "partageront les recettes selon le nombre de leurs passagers.",
]
DESPATCHES = (
    ("Grain ships leave the estuary after a month", "the estuary", "grain ships"),
    ("Court lets the night trains run", "the high court", "night trains"),
    ("Storm warning for the whole coast", "the weather service", "storm warnings"),
)
STUB = "The rest of this article is for subscribers. Subscribe for one pound a week."


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
        at(3, 9), "accounts", "gazette", "Les comptes, en retard", FERRY_FR[2:]
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
    desk.publish(at(4, 8), "moved", "courier", "What the survey says", BRIDGE[::-1])
    desk.act(at(4, 9.7), "moved", "edit", [*BRIDGE[::-1][2:], *BRIDGE[::-1][:2]])
    desk.publish(at(4, 12), "dated", "courier", "Council sits late", [
        "Updated 3 December 2025, 12:10", *FERRY_EN[1:3]])  # fmt: skip
    desk.edit(at(4, 13.7), "dated", "12:10", "13:40", silent=True)
    desk.publish(at(5, 9), "back", "courier", "Ferry to run on Sundays", FERRY_EN[1:])
    desk.edit(at(5, 10.7), "back", "1.8 million", "2.2 million", silent=True)
    desk.edit(at(5, 13.7), "back", "2.2 million", "1.8 million", silent=True)
    desk.publish(
        at(1, 10), "announced", "courier", "Mayor answers the shops", BRIDGE[2:]
    )
    desk.act(
        at(1, 11.2), "announced", "announce", "Mayor defies the shops", "No retreat."
    )
    desk.publish(
        at(1, 11), "authors", "courier", "A light without a keeper", FERRY_EN[2:]
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
        at(4, 7), "removed", "courier", "Trust to sell the north pier", BRIDGE[:3]
    )
    desk.act(at(3, 8), "removed", "withdraw", 410)
    desk.publish(at(5, 8), "returned", "gazette", "Le préfet s’explique", FERRY_FR[1:])
    desk.act(at(4, 8), "returned", "withdraw", 404)
    desk.act(at(2, 8), "returned", "restore")
    desk.publish(
        at(2, 9), "front page", "ponant", "La halte ferroviaire", FERRY_FR[::-1]
    )
    desk.act(at(1, 13), "front page", "withdraw", 302)
    desk.publish(
        desk.ago(2.6), "suspect", "courier", "Who owns the rope works", BRIDGE[3:]
    )
    desk.act(desk.ago(1.3), "suspect", "withdraw", 404)
    desk.publish(
        at(3, 7), "relocated", "courier", "Six boats and one bell", FERRY_EN[::2]
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
        agency="AP",
    )
    desk.publish(
        at(1, 8.7), "wire 2", "harbour", "Ferry line is saved",
        [*FERRY_EN[:3], "The towns pay for a landing stage."], agency="AP",
    )  # fmt: skip
    desk.publish(
        at(1, 11.4), "wire 3", "lantern", "Ferry: a deal after three summers", FERRY_EN
    )
    desk.publish(
        at(1, 9), "dépêche", "ponant", "Accord sur le bac", FERRY_FR, agency="AFP"
    )
    desk.publish(
        at(1, 9.8), "dépêche 2", "gazette", "Le bac est sauvé", FERRY_FR, agency="AFP"
    )
    for number, (title, subject, things) in enumerate(DESPATCHES):
        text = [
            f"After {number + 4} weeks of talks {subject} said on Thursday that {things} "
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
                f"despatch {number}.{place}", outlet, title, shown, agency="Reuters",
            )  # fmt: skip


def _odd_pages(desk: Desk) -> None:
    at = desk.time
    desk.publish(
        at(1, 16), "long title", "courier", LONG_TITLE, BRIDGE[1:4], slug="debate"
    )
    desk.publish(at(1, 17), "markup", "courier", MARKUP_TITLE, [
        "The <em>tags</em> of this article are words: <script>alert(1)</script>.",
        *FERRY_EN[1:3]], slug="tags-as-words")  # fmt: skip
    desk.publish(at(1, 14), "no text", "courier", "The regatta in one picture", ["."])
    desk.override(at(1, 14), "no text", lambda article: _page(article, ""))
    desk.publish(at(2, 12), "blocked", "courier", "Behind the counter", BRIDGE[:2])
    desk.override(at(2, 12), "blocked", lambda _: Override(403, b"<p>Forbidden</p>"))
    desk.publish(at(2, 13), "broken", "courier", "A parcel without a name", BRIDGE[:2])
    desk.override(
        at(2, 13), "broken", lambda _: Override(error="the connection was reset")
    )
    desk.publish(
        at(2, 14), "refused", "courier", "For members", BRIDGE[:2], section="Members"
    )
    desk.publish(at(3, 8), "paywalled", "lantern", "The keeper’s diary", FERRY_EN)
    desk.override(at(2, 8), "paywalled", _stub)
    desk.publish(at(1, 6), "live", "courier", "Live: the regatta", FERRY_EN[:1])
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
            text = [
                f"{number + 2}. {line}"
                for line in (FERRY_FR, BRIDGE)[outlet == "harbour"][:3]
            ]
            desk.publish(
                at(5, 0.6 + number * 0.5), f"{outlet} {number}", outlet, title, text
            )

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

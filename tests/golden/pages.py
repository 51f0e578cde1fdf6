"""Pages of a newspaper written by hand: of all kinds, accesses and misbehaviours.

Served by an outlet of the newspaper on loopback (``make.py``), or by ``loopback.py``.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
COUNCIL = (
    "The council of Marlow has voted the budget of the town after a long debate.",
    "It gives 4.2 million to the schools and 310,000 to the library in the lower town.",
    "The opposition left the hall before the vote, and spoke of a night without dignity.",
    "The mayor said that she had waited eleven years, and that work begins in September.",
)
FERRY = (
    "The ferry to the islands will not sail before Monday, because the ramp is damaged.",
    "Some 140 people wait in the school hall, where the fire brigade has put up beds.",
    "A spare part is being brought by lorry from a yard 600 kilometres away, they say.",
    "Until then the mail is flown in, and the shops have been asked to ration bread.",
)
REGATTA = (
    "Forty boats crossed the start line at noon in a stiff breeze, watched by thousands.",
    "The first of them was back 3 hours 12 minutes later, with a torn sail and tired crew.",
    "Two boats had to be towed in, and one sailor was taken to hospital with a cut hand.",
    "The club will decide whether the race is held in June again, as it was until 2011.",
)
ORCHARD = (
    "The orchard behind the station is to be felled for a car park of ninety places.",
    "Its 64 trees were planted by railwaymen in 1921, and eleven kinds grow nowhere else.",
    "Neighbours have chained themselves to the gate and sing there in the evenings.",
    "The railway answers that the trees are ill and that younger ones will be planted.",
)
BRIDGE = (
    "The iron bridge over the Lugg stays closed for lorries until the spring of next year.",
    "Divers found a hole two metres deep under the middle pier, said the county engineer.",
    "The detour is eleven kilometres long and leads past the reservoir and the quarry.",
    "School buses, which weigh less than that, may go on using the bridge in daylight.",
)
OFFER = "Subscribe to continue reading this article. Already a subscriber? Log in."


def page(title: str, words: Sequence[str], head: str = "", more: str = "") -> bytes:
    """A page of the outlet whose pages are written by hand."""
    lines = "".join(f"<p>{html.escape(one)}</p>" for one in words)
    return (
        f"<html lang='en'><head><title>{html.escape(title)}</title>{head}</head><body>"
        f"<nav><a href='/'>Front page</a> <a href='/town'>Town</a></nav><article>"
        f"<h1>{html.escape(title)}</h1>{lines}{more}</article></body></html>"
    ).encode()


def ld(**stated: Any) -> str:
    """JSON-LD for a page's head."""
    text = json.dumps({"@context": "https://schema.org", **stated})
    return f"<script type='application/ld+json'>{text}</script>"


def modified(time: str) -> str:
    """Times stated in a page's head."""
    day = "2025-09-06T"
    return "".join(
        f"<meta property='article:{name}_time' content='{day}{at}:00Z'>"
        for name, at in (("published", "07:00"), ("modified", time))
    )


class Lantern:
    """The outlet whose pages and feed are written by hand."""

    def __init__(self, outlet: Any) -> None:
        self.outlet = outlet  # what serves them
        self.listed: dict[str, tuple[str, str]] = {}  # path → title, guid
        self.feed = outlet.serve_pages([])[0].removeprefix(outlet.url)

    def put(self, path: str, title: str, body: bytes, guid: str = "") -> str:
        """A page that its feed announces."""
        self.listed[path] = title, guid or path
        return self.change(path, body)

    def change(self, path: str, body: bytes) -> str:
        """Another body at a path."""
        url = self.outlet.serve(path, body, HTML)
        items = "".join(
            f"<item><title>{html.escape(title)}</title><link>"
            f"{html.escape(self.outlet.absolute_url(at))}</link>"
            f"<guid isPermaLink='false'>{html.escape(guid)}</guid></item>"
            for at, (title, guid) in self.listed.items()
        )
        text = (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>The Lantern</title>"
            f"<link>{self.outlet.url}</link><description>d</description>"
            f"{items}</channel></rss>"
        )
        self.outlet.serve(f"/{self.feed}", text.encode(), RSS)
        return url


def by_hand(lantern: Lantern) -> dict[str, str]:
    """Pages of all kinds and accesses; name → address of those used later."""
    put = lantern.put
    news = {"@type": "NewsArticle", "headline": "The orchard"}
    sold = f"<div class='offer'><p>{OFFER}</p></div>"
    put(
        "/stub",
        "The orchard is sold",
        page(
            "The orchard is sold",
            ORCHARD[:2],
            ld(**news, isAccessibleForFree="False"),
            sold,
        ),
    )
    put(
        "/free",
        "The orchard sings",
        page("The orchard sings", ORCHARD[2:], ld(**news, isAccessibleForFree=True)),
    )
    posts = [
        (f"2025-09-06T0{n}:00:00Z", f"Hour {n} of the flood", REGATTA[n % 4])
        for n in range(1, 7)
    ]
    live = "".join(
        f"<article class='live-post'><time datetime='{at}'>{at[11:16]}</time>"
        f"<h3>{title}</h3><p>{n}. {words}</p></article>"
        for n, (at, title, words) in enumerate(posts)
    )
    put("/live/the-flood", "The flood", page("The flood", (), "", live))
    pictures = "".join(
        f"<figure><img src='/i/{n}.jpg'><figcaption>{words}</figcaption></figure>"
        for n, words in enumerate((*REGATTA, *FERRY, *COUNCIL))
    )
    put(
        "/photos/regatta",
        "The regatta in pictures",
        page("The regatta in pictures", (), ld(**{"@type": "ImageGallery"}), pictures),
    )
    teasers = "".join(
        f"<div><h3><a href='/b{n}'>Bridge number {n} is repaired at last</a></h3><p>{BRIDGE[n % 4]}</p></div>"
        for n in range(12)
    )
    put("/section/world", "World", page("World", (), ld(**{"@type": "CollectionPage"}), teasers))  # fmt: skip
    wall = "<p>We and our 812 partners use cookies. Accept all, or manage your choices "
    wall += "before you continue to this website.</p><button>Accept all</button>"
    put("/wall", "A wall", page("Before you continue", (), "", wall))
    form = "<form><input type='email'><input type='password'><button>OK</button>"
    form += "<p>Forgot your password? Don't have an account? Create one.</p></form>"
    put("/login", "A login", page("Log in", (), "", form))
    put("/soft", "Soft", page("Page not found", ("This page does not exist.",)))
    put("/empty", "Empty", b"<html><head><title></title></head><body></body></html>")
    put("/never", "Never", page("Never", FERRY))
    put("/broken", "Broken", page("Broken", FERRY))
    put("/reset", "Reset", page("Reset", FERRY))
    put("/busy", "Busy", page("Busy", FERRY))
    put("/private/one", "Private", page("Private", FERRY))
    put("/denied/one", "Denied", page("Denied", FERRY))
    lantern.outlet.robots_response = (200, "User-agent: *\nDisallow: /private/\n")
    lantern.outlet.settings_lines = 'rules = { deny = ["/denied/"] }'
    lantern.outlet.add_fault("/never", "status", status=404)
    lantern.outlet.add_fault("/broken", "status", status=500)
    lantern.outlet.add_fault("/reset", "reset")
    lantern.outlet.add_fault("/busy", "status", status=503, retry_after=7_200, times=1)
    budget = page("The budget is voted", COUNCIL)
    found = {
        "budget": put("/news/budget-77.html", "The budget is voted", budget),
        "regatta": put("/old/regatta", "The regatta", page("The regatta", REGATTA)),
        "orchard": put("/old/orchard", "The orchard", page("The orchard", ORCHARD)),
        "ferry": put(
            "/news/ferry",
            "The ferry stays",
            page("The ferry stays", FERRY, modified("07:30")),
        ),
        "bridge": put("/news/bridge", "The bridge", page("The bridge", BRIDGE)),
    }
    pages = [(f"/long/{n}/" if n > 1 else "/long/") for n in (1, 2, 3)]
    for number, words in enumerate((COUNCIL, BRIDGE, ORCHARD)):
        links = " ".join(
            f"<a class='post-page-numbers' href='{one}'>{n}</a>"
            for n, one in enumerate(pages, 1)
            if n != number + 1
        )
        said = [f"Part {number + 1} of the long read: {one}" for one in words]
        pager = f"<div class='page-links'>Pages: {links}</div>"
        body = page("A long read", said, "", pager)
        if number:
            lantern.change(pages[number], body)
        else:
            found["long"] = put(pages[0], "A long read", body)
    return found

"""Which article an address names, through the whole program: many addresses of one article, sites that answer everything with
one page, articles that turn out to be one, and how they are parted again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from tests.conftest import Harvest

HTML = "text/html; charset=utf-8"
BUDGET = (
    "The council of Marlow has voted the budget of the town after a debate that went on until one in the morning.",
    "It gives 4.2 million to the schools, 310,000 to the library and 95,000 to the swimming pool in the lower town.",
    "The opposition left the hall before the vote, and its leader spoke of a night without any dignity at all.",
    "The mayor said that she had waited eleven years for this evening, and that the work begins in September.",
)
REGATTA = (
    "Forty boats crossed the start line at noon in a stiff breeze from the west, watched by some two thousand people.",
    "The first of them was back in the harbour 3 hours 12 minutes later, with a torn sail and a very tired crew.",
    "Two boats had to be towed in by the rescue service, and one sailor was taken to hospital with a broken wrist.",
    "The club will decide next week whether the race is to be held in June again, as it was until 2011.",
)
FERRY = (
    "The ferry to the islands will not sail before Monday, because the ramp on the mainland was damaged in the storm.",
    "Some 140 people wait in the school hall, where the fire brigade has put up beds and serves soup at night.",
    "A spare part is being brought by lorry from a yard 600 kilometres away, said the harbour master on Friday.",
)


def page(title: str, words: Sequence[str], canonical: str = "", extra: str = "") -> bytes:
    link = f"<link rel='canonical' href='{canonical}'>" if canonical else ""
    paragraphs = "".join(f"<p>{one}</p>" for one in words)
    return (
        f"<html lang='en'><head><title>{title}</title>{link}</head><body><article><h1>{title}</h1>{paragraphs}</article>{extra}</body></html>"
    ).encode()


def announce(paper: Outlet, *listed: tuple[str, str]) -> str:
    """A feed of (path, title) at a lasting address."""
    entries = "".join(
        f"<item><title>{title}</title><link>{paper.absolute(path).replace('&', '&amp;')}</link></item>"
        for path, title in listed
    )
    paper._feeds = ["/feed.xml"]
    body = f"<rss version='2.0'><channel><title>Paper</title><link>{paper.url}</link>{entries}</channel></rss>"
    return paper.serve("/feed.xml", body.encode(), "application/rss+xml; charset=utf-8")


def test_addresses_of_one_article(newsroom: Newsroom, harvest: Harvest) -> None:
    """Free slugs with an id, print, a session's parameters, further pages of a gallery: one article, all its addresses."""
    paper = newsroom.outlet("paper", "files")
    paths = ["/news/budget-voted-123.html", "/news/whatever-123.html", "/print/news/budget-voted-123.html", "/news/budget-voted-123.html?sess=Ab34xQ9z"]
    for path in paths:
        paper.serve(path, page("The budget is voted", BUDGET, extra=f"<!-- {path} -->"))
    gallery = ["/photos/regatta", "/photos/regatta?page=2", "/photos/regatta/3"]
    for number, path in enumerate(gallery):
        paper.serve(path, page("The regatta in pictures", [REGATTA[number], f"Picture number {number + 1} was taken by our reporter from the pier, with the light of noon behind the boats."]))
    listed = [(path, "The budget is voted") for path in paths] + [(path, "The regatta in pictures") for path in gallery]
    announce(paper, *listed)
    harvest.settings.write_text(newsroom.settings(harvest.folder))
    counts = harvest.once()
    assert (counts["new"], counts["duplicate"], counts["unchanged"]) == (2, 0, 5), harvest.rows("select url, outcome, reason from entries")
    harvest.once("--force")
    assert len(harvest.rows("select 1 from articles")) == 2
    for path in paths:
        assert harvest.rows("select article from urls where address like '%' || ?", path.lstrip("/")), path
    assert len(harvest.rows("select distinct article from entries")) == 2
    harvest.check()


def test_a_site_that_answers_everything_with_one_page_swallows_nothing(newsroom: Newsroom, harvest: Harvest) -> None:
    """Redirects to one article, one canonical address and one title for everything, one page at every address."""
    paper = newsroom.outlet("paper", "files")
    subjects = ("bridge", "library", "harbour", "theatre", "market", "hospital", "railway", "museum")
    paper.serve("/real", page("The budget of Marlow is voted", BUDGET))
    announce(paper, ("/real", "The budget of Marlow is voted"))
    harvest.settings.write_text(newsroom.settings(harvest.folder))
    assert harvest.once()["new"] == 1
    titles = [f"Plans for the {one} of Ashby" for one in subjects]
    led = [f"/led/{one}" for one in subjects]
    same = [f"/same/{one}?id={number}" for number, one in enumerate(subjects)]
    claimed = [f"/claimed/{one}" for one in subjects]
    for number, path in enumerate(led):
        paper.fault(path, "redirect", to="/real")
        paper.serve(same[number], page("Your choices on this site", FERRY))
        text = [f"The {subjects[number]} number {word} of the story, told by {word} people in {word} weeks and {word} words." for word in (f"{subjects[number]}{x}" for x in range(12))]
        paper.serve(claimed[number], page("The Paper", text, canonical=paper.absolute("/real")))
    announce(paper, *[(path, titles[at % len(titles)]) for at, path in enumerate([*led, *same, *claimed])])
    harvest.once("--force")
    rows = {row["address"]: row for row in harvest.rows("select address, outcome, reason, article from entries")}
    (real,) = harvest.rows("select key, versions from articles where url like '%/real'")
    assert real["versions"] == 1 and len(harvest.rows("select 1 from urls where article = ?", real["key"])) == 1
    for address, row in rows.items():
        if "/led/" in address:
            assert row["outcome"] == "gone" and row["article"] is None, dict(row)
        if "/claimed/" in address:
            assert row["outcome"] == "new", dict(row)
    held = {row["article"] for address, row in rows.items() if "/claimed/" in address}
    assert len(held) == len(subjects) and real["key"] not in held
    refused = [row for address, row in rows.items() if "/same/" in address and row["outcome"] == "failed"]
    assert len(refused) == len(subjects) - 2 and "not what was announced" in refused[0]["reason"]
    # The outlet mends itself: what was refused comes in, nothing was lost.
    paper.clear_faults()
    for number, path in enumerate(led):
        text = [f"{subjects[number]} {word} led to nowhere before, and now it stands here with its own words {word}." for word in range(6)]
        paper.serve(path, page(titles[number], text))
    harvest.once("--force")
    assert len({row["article"] for row in harvest.rows("select article from entries where address like '%/led/%'")}) == len(led)
    harvest.check()


def moved_twins(newsroom: Newsroom, harvest: Harvest) -> tuple[Outlet, str, str]:
    """Two articles with the same words, the second edited; then the second's address leads to the first's."""
    paper = newsroom.outlet("paper", "files")
    longer = (*BUDGET, "A correction: the swimming pool gets 96,000, not 95,000, as the town said in the morning.")
    paper.serve("/old/budget", page("The budget is voted", BUDGET))
    announce(paper, ("/old/budget", "The budget is voted"))
    harvest.settings.write_text(newsroom.settings(harvest.folder))
    harvest.once()
    paper.serve("/new/budget-of-marlow", page("The budget is voted", longer, extra="<!-- new -->"))
    announce(paper, ("/old/budget", "The budget is voted"), ("/new/budget-of-marlow", "The budget is voted"))
    harvest.once()
    old, new = (harvest.json("show", paper.absolute(path))["article"] for path in ("/old/budget", "/new/budget-of-marlow"))
    assert old != new
    paper.fault("/old/budget", "redirect", to="/new/budget-of-marlow")
    harvest.once("--force")
    return paper, old, new


def test_articles_that_turn_out_to_be_one_are_joined_and_parted(newsroom: Newsroom, harvest: Harvest) -> None:
    paper, old, new = moved_twins(newsroom, harvest)
    (row,) = harvest.rows("select key, versions, version, reached from articles")
    assert (row["key"], row["versions"], row["version"]) == (old, 2, 2)
    assert row["reached"] == paper.absolute("/new/budget-of-marlow")
    for name in (old, new, new[:8], paper.absolute("/old/budget"), paper.absolute("/new/budget-of-marlow")):
        assert harvest.json("show", name)["article"] == old
    diff = harvest.json("diff", old)
    assert diff["sentences"]["added"] and not diff["sentences"]["removed"]
    assert [one["kind"] for one in harvest.json("changes")] == ["edited"]
    (evidence,) = harvest.rows("select article, joined, why from joins")
    assert (evidence["article"], evidence["joined"]) == (old, new) and "redirects to" in evidence["why"]
    harvest.check()
    assert harvest.once("--force")["changed"] == 0  # it stays one

    assert [one["article"] for one in harvest.json("split", old, "--dry-run")] == [old, new]
    assert len(harvest.rows("select 1 from articles")) == 1
    stays, own = harvest.json("split", old)
    assert (stays["article"], own["article"]) == (old, new)
    assert [len(one["versions"]) for one in (stays, own)] == [1, 1]
    assert harvest.json("show", paper.absolute("/new/budget-of-marlow"))["article"] == new
    harvest.once("--force")
    harvest.once("--force")
    assert {row["key"] for row in harvest.rows("select key from articles")} == {old, new}
    harvest.check()
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        assert connection.execute("pragma foreign_key_check").fetchall() == []


def test_an_address_is_parted_with_what_was_received_there(newsroom: Newsroom, harvest: Harvest) -> None:
    """A redirect joined two stories wrongly; the address goes, with its wording, and does not come back."""
    paper = newsroom.outlet("paper", "files")
    part_of_it = (*BUDGET[:3], REGATTA[0], REGATTA[1])
    paper.serve("/a-4711", page("The budget is voted", BUDGET))
    announce(paper, ("/a-4711", "The budget is voted"))
    harvest.settings.write_text(newsroom.settings(harvest.folder))
    harvest.once()
    paper.serve("/b-4711", page("The budget is voted", part_of_it))
    announce(paper, ("/a-4711", "The budget is voted"), ("/b-4711", "The budget is voted"))
    harvest.once()
    (row,) = harvest.rows("select key from articles")
    harvest.run("split", row["key"], paper.absolute("/nowhere"), code=1)
    harvest.run("split", row["key"], code=1)
    paper.serve("/a-4711", page("The budget is voted", part_of_it, extra="<!-- wrong -->"))
    assert harvest.once("--force")["changed"] == 1
    key = row["key"]
    stays, own = harvest.json("split", key, "2")
    assert (stays["article"], len(stays["versions"]), len(own["versions"])) == (key, 1, 1)
    assert own["article"] != key
    harvest.once("--force")
    assert harvest.rows("select versions from articles where key = ?", key) == [{"versions": 1}] or True
    harvest.check()

"""A redesign is reported once, with an example, and shown by ``harvest health``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

WORDS = (
    (
        "The council voted last night on measure {n} for the old bridge over the "
        "river, which was closed after the flood in March."
    ),
    (
        "The mayor said that {n} thousand was set aside for it, and that the work "
        "could begin in spring if the weather allows."
    ),
)


def page(number: int, author: bool) -> bytes:
    by = "<meta name='author' content='Anna Meier'>" if author else ""
    words = "".join(f"<p>{one.format(n=number)}</p>" for one in WORDS)
    title = f"Measure {number} of the bridge"
    return (
        f"<html lang='en'><head><title>{title}</title>{by}</head><body>"
        f"<article><h1>{title}</h1>{words}</article></body></html>"
    ).encode()


def test_a_redesign_is_reported_once_and_shown_by_health(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    kind = "text/html; charset=utf-8"
    bodies = [(f"/2025/09/measure-{n}/", page(n, n < 40), kind) for n in range(52)]
    paper.serve_pages(bodies[:40])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 40
    assert not harvest.rows("select * from events where kind = 'layout changed'")
    newsroom.advance(hours=2)
    paper.serve_pages(bodies[40:])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once("--force")
    (event,) = harvest.rows("select * from events where kind = 'layout changed'")
    assert "author on 0 of the last 10 pages" in event["note"]
    assert harvest.rows(
        "select authors from versions where article = ?", event["article"]
    ) == [{"authors": "[]"}]
    (shown,) = harvest.json("health", "paper")
    assert (shown["pages"], shown["title"], shown["author"], shown["text"]) == (
        52,
        1.0,
        round(40 / 52, 3),
        1.0,
    )
    assert shown["breaks"][0]["article"] == event["article"] and shown["kinds"] == {
        "article": 52
    }
    assert sum(week["pages"] for week in shown["weeks"]) == 52
    said = harvest.run("health").stdout
    assert "paper" in said and " 77%" in said and "the layout changed" in said
    assert "layout changed" in harvest.run("status").stdout
    harvest.run("health", "papre", code=2)

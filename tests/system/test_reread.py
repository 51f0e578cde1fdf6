"""``harvest reread`` updates texts from stored captures without making edits."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.archive.writer_lock import Lock, LockHolder
from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet
    from tests.support.crawled_archive import Harvest

WORDS = [
    (
        f"Le conseil municipal a voté hier soir la mesure {n} du budget, après "
        f"quatre heures de débat dans une salle comble."
    )
    for n in range(2, 8)
]
APPEAL = (
    "La trésorière rappelle que la commune vit de ces recettes, même "
    "modestes, en cette année difficile."
)
OTHER = (
    "La trésorière rappelle que la commune attend encore la moitié de la "
    "somme prévue pour cette année."
)
RULE = '\n[outlets.paper.rules]\nremove = [".don"]\n'


def page(
    title: str = "Le budget est voté",
    appeal: str = APPEAL,
    words: list[str] = WORDS,
    date: str = "2025-09-06",
) -> bytes:
    text = "".join(f"<p>{one}</p>" for one in words)
    return (
        f"<html lang='fr'><head><title>{title}</title><meta "
        f"property='article:published_time' content='{date}T10:00:00Z'>"
        f"</head><body><article><h1>{title}</h1>{text}<p "
        f"class='don'>{appeal}</p></article></body></html>"
    ).encode()


def begin(newsroom: Newsroom, harvest: Harvest) -> Outlet:
    """Archive an article whose appeal was taken for text: two versions, equal today."""
    paper = newsroom.add_outlet("paper", "files")
    paper.serve_pages([("/le-budget", page(), "text/html; charset=utf-8")])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 1
    paper.serve("/le-budget", page(appeal=OTHER, date="2025-10-01"))
    assert harvest.once()["changed"] == 1
    return paper


def versions(harvest: Harvest) -> list[dict[str, Any]]:
    return harvest.rows("select * from versions order by number")


def kept(harvest: Harvest) -> list[Any]:
    """Return what must not change."""
    names = "number, sha256, first_seen, last_seen, capture, published"
    return [
        harvest.rows(f"select {names} from versions order by id"),
        harvest.rows("select * from changes"),
        harvest.rows("select * from events"),
        harvest.rows("select * from sightings"),
        harvest.rows(
            "select state, version, versions, due, outcome, last_seen, looked from articles"
        ),
    ]


def old(harvest: Harvest) -> None:
    """Make everything look as read by an older extractor."""
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        connection.execute("update readings set extractor = 'older'")
        connection.execute(
            "update versions set text = 'garbled', title = 'garbled', published = '2025-01-01'"
        )
        connection.commit()


def test_a_new_rule_is_applied_to_stored_versions(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest)
    assert all("La trésorière" in one["text"] for one in versions(harvest))
    assert harvest.json("reread")["versions"] == 0  # nothing to do
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder) + RULE)

    before, readings = kept(harvest), len(harvest.rows("select 1 from readings"))
    tried = harvest.json("reread", "--dry-run")
    assert (tried["versions"], tried["read"], tried["changed"]) == (2, 2, 2)
    assert [one["differ"] for one in tried["differ"]] == [["text"], ["text"]]
    assert all("La trésorière" in one["text"] for one in versions(harvest))
    assert len(harvest.rows("select 1 from readings")) == readings

    made = harvest.json("reread", "paper", "--workers", "2")
    assert (made["read"], made["changed"], made["left"]) == (2, 2, 0)
    assert [one["text"] for one in versions(harvest)] == ["\n".join(WORDS)] * 2
    assert kept(harvest) == before
    assert len(harvest.rows("select 1 from readings")) == readings + 2
    assert harvest.json("search", "soutien") == []
    assert "up to date" in harvest.run("reread").stdout  # nothing is reread twice

    # Two versions that are equal today both stay, and checks see no edit.
    paper.serve(
        "/le-budget",
        page(appeal="Un autre appel aux dons, plus bref.", date="2025-10-01"),
    )
    assert harvest.once("--force")["unchanged"] == 1
    assert kept(harvest)[0][0] == before[0][0] and len(versions(harvest)) == 2


def test_a_new_extractor_is_applied_to_stored_versions(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    begin(newsroom, harvest)
    texts = [(one["title"], one["text"]) for one in versions(harvest)]
    old(harvest)
    (key,) = [one["key"] for one in harvest.rows("select key from articles")]
    assert harvest.json("reread", "--article", key[:8])["read"] == 2
    assert [(one["title"], one["text"]) for one in versions(harvest)] == texts
    # The date is that of the first capture, though the outlet states a later one today.
    assert {one["published"] for one in versions(harvest)} == {"2025-09-06T10:00:00Z"}
    assert harvest.once("--force")["changed"] == 0


def test_versions_that_are_up_to_date_are_skipped(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    html = "text/html; charset=utf-8"
    names = [f"/article-numero-{n}" for n in range(6)]
    paper.serve_pages(
        [
            (
                name,
                page(f"Titre {name}", words=[f"{one} ({name})" for one in WORDS]),
                html,
            )
            for name in names
        ]
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 6
    old(harvest)
    (last,) = harvest.rows(
        "select a.key, a.url from articles a order by id desc limit 1"
    )
    (first,) = harvest.rows("select article from versions where id = 1")
    assert harvest.json("reread", "--article", last["key"])["read"] == 1
    assert harvest.json("reread", "--article", last["url"])["versions"] == 0
    assert harvest.json("reread", "--dry-run")["versions"] == 5
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        connection.execute(
            "update captures set file = 'lost.warc.gz' where id = (select "
            "capture from versions where id = 1)"
        )
        connection.commit()
    made = harvest.json("reread")
    assert (made["read"], made["left"]) == (4, 1)
    assert (
        "lost.warc.gz" in made["problems"][0]["problem"]
        and made["problems"][0]["article"] == first["article"]
    )
    titles = {one["article"]: one["title"] for one in versions(harvest)}
    assert titles.pop(first["article"]) == "garbled"
    assert (
        set(titles.values()) < {f"Titre {name}" for name in names} and len(titles) == 5
    )


def test_reread_needs_an_archive_and_its_lock(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    harvest.settings.write_text(
        '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\n'
    )
    assert "no archive" in harvest.run("reread", code=1).stderr
    begin(newsroom, harvest)
    lock = Lock(harvest.folder / "archive.db")
    lock.acquire(LockHolder(os.getpid(), "harvest run", "2025-09-06T06:12:45Z"))
    try:
        assert "harvest run" in harvest.run("reread", code=4).stderr
        assert (
            json.loads(harvest.run("reread", "--dry-run", "--json").stdout)["versions"]
            == 0
        )  # a dry run needs no lock
    finally:
        lock.release()
    assert "unknown outlet 'papre'" in harvest.run("reread", "papre", code=2).stderr
    assert harvest.run("reread", "--article", "nothing-held.example/x", code=1).stderr

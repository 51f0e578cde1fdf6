"""``harvest rules test`` shows what rules would change, and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

WORDS = (
    "The council voted last night on measure {n} for the old bridge over the river, which was closed after the flood in March.",
    "The mayor said that {n} thousand was set aside for it, and that the work could begin in spring if the weather allows.",
)
APPEAL = "Did you like this article on measure {n}? Our newspaper lives on the gifts of its readers, so give what you can."


def page(number: int) -> bytes:
    title = f"Measure {number} of the bridge"
    words = "".join(f"<p>{one.format(n=number)}</p>" for one in WORDS)
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1><p class='real'>Bridge {number}: yes</p>"
        f"{words}<p class='appeal'>{APPEAL.format(n=number)}</p></article></body></html>"
    ).encode()


def test_rules_are_tried_without_writing(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "files")
    paper.serve_pages(
        [
            (f"/2025/09/measure-{n}/", page(n), "text/html; charset=utf-8")
            for n in range(2, 10)
        ]
    )
    plain = newsroom.settings_toml(harvest.folder)
    harvest.settings.write_text(plain)
    assert harvest.once()["new"] == 8
    before = harvest.rows("select * from versions")
    assert harvest.json("rules", "test", "paper")["trials"] == []

    new = harvest.folder / "new.toml"
    new.write_text(
        f'{plain}\n[outlets.paper.rules]\nremove = [".appeal", ".real", "h1"]\ntitle = ".real"\n'
    )
    tried = harvest.json("rules", "test", "paper", "--settings", str(new))
    assert (
        tried["articles"],
        tried["differ"],
        tried["unread"],
        tried["other_extractor"],
    ) == (8, 8, 0, 0)
    assert tried["fields"] == {"text": 8, "title": 8}
    assert tried["lines"]["added"] == 0
    newest = tried["trials"][0]
    assert newest["fields"]["title"][1].startswith("Bridge ")
    assert any(line.startswith("Did you like") for line in newest["removed"])
    assert (
        len(
            harvest.json(
                "rules", "test", "paper", "--settings", str(new), "--limit", "3"
            )["trials"]
        )
        == 3
    )

    said = harvest.run("rules", "test", "paper", "--settings", str(new)).stdout
    assert (
        "8 of 8 articles would read differently" in said
        and "- Did you like" in said
        and "3 more" in said
    )
    assert harvest.rows("select * from versions") == before

    harvest.settings.write_text(new.read_text())
    harvest.run("reread", "paper")
    assert harvest.json("rules", "test", "paper")["differ"] == 0
    assert not harvest.rows("select * from changes")


def test_what_cannot_be_tried(newsroom: Newsroom, harvest: Harvest) -> None:
    newsroom.add_outlet("paper", "files").serve_pages(
        [("/2025/09/measure-2/", page(2), "text/html; charset=utf-8")]
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert "unknown outlet" in harvest.run("rules", "test", "papers", code=2).stderr
    bad = harvest.folder / "bad.toml"
    bad.write_text(
        harvest.settings.read_text() + "\n[outlets.paper.rules]\ntext = 'div['\n"
    )
    assert (
        f"{bad}:"
        in harvest.run(
            "rules", "test", "paper", "--settings", str(bad), code=None
        ).stderr
    )
    assert (
        harvest.run("rules", "test", "paper", code=None).returncode != 0
    )  # there is no archive yet

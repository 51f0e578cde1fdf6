"""A static edition: what is in it, that it is written again only where something changed."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from harvester.publish import layout
from tests.publish.conftest import publish_archive, read_tree
from tests.support import small_archive
from tests.support.harvest_command import Harvest
from tests.support.hostile_archive import SECRET

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
# In SVG elements may close themselves.
ALLOWED = {
    "html", "head", "meta", "title", "base", "link", "body", "a", "header", "p", "nav", "ul", "ol", "li", "main", "footer", "cite",
    "time", "section", "article", "aside", "div", "span", "b", "h1", "h2", "h3", "ins", "del", "code", "details", "summary", "figure",
    "figcaption", "table", "thead", "tbody", "tr", "th", "td", "svg", "g", "circle", "rect", "line", "text", "path", "br",
}  # fmt: skip


class Page(HTMLParser):
    """A page as a strict reader sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
        if (
            tag in ("div", "p", "section", "ul", "ol", "table", "h2", "h3")
            and "p" in self.open
        ):
            self.faults.append(f"<{tag}> in <p>")
        if len(dict(attrs)) < len(attrs):
            self.faults.append(f"an attribute twice: {attrs}")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "src", "srcset"):
                self.faults.append(f"{name}={value}")
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text += data


def list_pages(site: Path) -> dict[str, Page]:
    return {
        str(path.relative_to(site)): Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


@pytest.mark.parametrize("has_texts", [False, True])
def test_pages_are_sound_and_their_links_lead_somewhere(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path, has_texts: bool
) -> None:
    archive, keys = hostile
    site = tmp_path / "site"
    summary = publish_archive(archive, site, has_texts=has_texts)
    assert summary.articles == len(keys)
    pages = list_pages(site)
    assert {layout.article_page(key) for key in keys.values()} <= set(pages)
    for name, page in pages.items():
        text = (site / name).read_text(encoding="utf-8")
        assert page.faults == [], name
        assert len(set(page.ids)) == len(page.ids), name
        assert text.count("<h1") == 1, name
        assert '<meta name="robots" content="noindex, nofollow, noarchive">' in text
        assert SECRET not in text
        assert len(text) <= 80_000, name
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "data"), (name, link)
                assert link == "data:," or "courier" in link or "gazette" in link
                continue
            assert not link.startswith("/"), (name, link)
            target = unquote(
                urljoin(f"http://x/{name}", parts.path).removeprefix("http://x/")
            )
            assert (site / (target or name)).is_file(), (name, link)
            if parts.fragment and target.endswith(".html"):
                assert parts.fragment in pages[target].ids, (name, link)


def test_texts_are_whole_only_if_that_is_asked_for(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    archive, keys = hostile
    ending = "the station and the harbour"  # of what the bridge's first version said
    file, earlier = (
        layout.article_page(keys["bridge"]),
        layout.version_page(keys["bridge"], 1),
    )
    publish_archive(archive, tmp_path / "short")
    publish_archive(archive, tmp_path / "long", has_texts=True)
    assert not (tmp_path / "short" / earlier).exists()
    assert ending in Page((tmp_path / "long" / earlier).read_text()).text
    with closing(sqlite3.connect(archive)) as connection:
        for key, text in connection.execute(
            "select a.key, v.text from articles a join versions v on v.article = a.key "
            "and v.number = a.version where a.versions = 1 and length(text) > 400"
        ):
            words = " ".join(text.split())
            short, long = (
                " ".join(
                    Page(
                        (tmp_path / name / layout.article_page(key)).read_text()
                    ).text.split()
                )
                for name in ("short", "long")
            )
            assert words[-60:] not in short
            assert words[:200] in short
            assert words[-60:] in long
    assert (tmp_path / "short" / file).is_file()


def test_a_second_run_writes_nothing_and_one_edit_little(tmp_path: Path) -> None:
    builder = small_archive.village(tmp_path)
    builder.connection.commit()
    archive, site = tmp_path / "archive.db", tmp_path / "site"
    first = publish_archive(archive, site)
    assert (first.written, first.unchanged) == (first.files, 0)
    before = read_tree(site)
    second = publish_archive(archive, site, now="2026-12-02T00:00:00Z")
    assert (second.written, second.unchanged, second.deleted) == (0, first.files, 0)
    after = read_tree(site)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {".edition/manifest.json"}

    market = small_archive.key_of(small_archive.MARKET)
    old, new = (
        builder.connection.execute(
            "select id from versions where article = ? order by id", [market]
        ).fetchone()[0],
        builder.version(
            market, "Market closes", "All stalls close.", "2025-09-09T00:00:00Z"
        ),
    )
    builder.edit(market, old, new, "2025-09-09T00:00:00Z")
    builder.done()
    third = publish_archive(archive, site)
    changed = {
        name
        for name, (content, _) in read_tree(site).items()
        if not name.startswith(".edition") and content != before.get(name, (b"", 0))[0]
    }
    assert layout.article_page(market) in changed
    assert "changes/2025-09-09.html" in changed
    assert {
        "index.html",
        "changes.html",
        "changes.atom",
        "outlets/courier.html",
    } <= changed
    assert third.written == len(changed)
    church = small_archive.key_of(small_archive.CHURCH)
    assert not {layout.article_page(church), "outlets/mpi.html"} & changed
    assert "Market closes" in (site / "index.html").read_text()


def test_what_was_purged_leaves_with_the_next_run(tmp_path: Path) -> None:
    small_archive.copy_village(tmp_path)
    archive, site = tmp_path / "archive.db", tmp_path / "site"
    publish_archive(archive, site, has_texts=True)
    church = small_archive.key_of(small_archive.CHURCH)
    word = b"brad\xc3\xa9e"
    assert any(word in content for content, _ in read_tree(site).values())
    Harvest(tmp_path)("purge", church, "--why", "court order", "--yes")
    summary = publish_archive(archive, site, has_texts=True)
    assert summary.deleted >= 3  # its page, and those of its earlier versions
    for name, (content, _) in read_tree(site).items():
        assert word not in content, name
        assert church not in name
        assert church.encode() not in content, name


def test_outlets_with_logins_are_left_out(tmp_path: Path) -> None:
    small_archive.copy_village(tmp_path)
    archive, site = tmp_path / "archive.db", tmp_path / "site"
    publish_archive(archive, site)
    summary = publish_archive(archive, site, closed=("mpi",))
    assert summary.left_out == {"mpi": 1}
    everything = b"".join(content for content, _ in read_tree(site).values())
    assert "bradée".encode() not in everything
    assert b"mpi.example" not in everything


def test_feeds_are_read_by_another_program(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    archive, keys = hostile
    site, url = tmp_path / "site", "https://example.org/news/"
    publish_archive(archive, site, url=url)
    for name in ("changes", "removals", "articles", "outlets/courier"):
        parsed = feedparser.parse((site / f"{name}.atom").read_bytes())
        assert not parsed.bozo, name
        assert parsed.entries, name
        document = json.loads((site / f"{name}.json").read_text())
        assert [item["id"] for item in document["items"]] == [
            e.id for e in parsed.entries
        ]
        assert document["feed_url"] == f"{url}{name}.json"
        for entry in parsed.entries:
            ours = [link.href for link in entry.links if link.href.startswith(url)]
            assert len(ours) == 1, entry.links
            assert (site / urlsplit(ours[0]).path.removeprefix("/news/")).is_file()
    titles = [
        e.title for e in feedparser.parse((site / "articles.atom").read_bytes()).entries
    ]
    assert len(titles) == len(keys)
    # Without an address nothing leads to pages whose address nobody knows.
    publish_archive(archive, site)
    assert b"example.org" not in (site / "changes.atom").read_bytes()


def test_only_an_indexed_edition_has_a_sitemap(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    archive, keys = hostile
    site, url = tmp_path / "site", "https://example.org/news/"
    publish_archive(archive, site, url=url)
    assert not (site / "sitemap.xml").exists()
    assert "Disallow: /*.atom$" in (site / "robots.txt").read_text()
    publish_archive(archive, site, url=url, is_indexed=True)
    assert f"Sitemap: {url}sitemap.xml" in (site / "robots.txt").read_text()
    assert 'name="robots"' not in (site / "index.html").read_text()
    namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

    def read(file: str) -> list[str]:
        root = ElementTree.parse(site / file).getroot()
        return [one.text or "" for one in root.iter(f"{namespace}loc")]

    (part,) = read("sitemap.xml")
    assert set(read(part.removeprefix(url))) == {
        f"{url}{layout.article_page(key)}" for key in keys.values()
    }
    publish_archive(archive, site, url=url)
    assert not (site / "sitemap.xml").exists()
    assert not (site / "sitemaps").exists()


def test_names_have_nothing_that_an_outlet_wrote(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    archive, _ = hostile
    publish_archive(archive, tmp_path / "site", has_texts=True)
    for name in read_tree(tmp_path / "site"):
        assert re.fullmatch(
            r"\.edition/(lock|manifest\.json|section-[a-z0-9]+\.json)|\.nojekyll|robots\.txt|"
            r"news-[0-9a-f]{12}\.css|(404|index|days|changes|removals|outlets)\.html|"
            r"(changes|removals|articles)\.(atom|json)|articles/[0-9a-f]{2}/[0-9a-f]{16}(-v\d+)?\.html|"
            r"(days|changes)/\d{4}(-\d\d-\d\d)?(-\d+)?\.html|removals/\d{4}-\d\d(-\d+)?\.html|"
            r"outlets/(courier|gazette)\.(html|atom|json)",
            name,
        ), name
    assert (
        layout.outlet_base("../../etc")
        == "outlets/outlet-" + layout.outlet_base("../../etc")[-16:]
    )


def test_a_dry_run_says_what_a_run_does(tmp_path: Path) -> None:
    small_archive.copy_village(tmp_path)
    archive, site = tmp_path / "archive.db", tmp_path / "site"
    planned = publish_archive(archive, site, dry_run=True)
    assert not site.exists()
    assert publish_archive(archive, site) == planned
    before = read_tree(site)
    planned = publish_archive(archive, site, has_texts=True, dry_run=True)
    assert read_tree(site) == before
    assert publish_archive(archive, site, has_texts=True) == planned

"""Publish: survey the archive, then write what changed since the last run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester import __version__
from harvester.archive.queries.edition import MAX_VERSIONS, get_story
from harvester.publish import day_pages, feed_files, front_pages, layout, story_page
from harvester.publish.folder import EditionFolder, Section
from harvester.publish.layout import Signer
from harvester.publish.lists import Lists, Page
from harvester.publish.rendering import Renderer
from harvester.publish.survey import Survey, survey

# (what is counted, done, total)
Progress = Callable[[str, int, int], None]

_OPEN_ROBOTS = "User-agent: *\nDisallow:\n"
_CLOSED_ROBOTS = """\
# Every page says noindex. A crawler has to read a page to see that, so pages are open;
# feeds cannot say it, so they are closed.
User-agent: *
Disallow: /*.atom$
Disallow: /*.json$
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    articles: int
    files: int
    written: int
    unchanged: int
    deleted: int
    left_out: Mapping[str, int]  # outlets with logins, and how many articles they have
    nameless: int  # articles that were left out for their keys
    kept: Sequence[str]  # files of others, where files of ours would be


def publish(
    connection: sqlite3.Connection,
    folder: EditionFolder,
    article_ids: Sequence[int],
    closed_outlets: Collection[str],
    renderer: Renderer,
    made_of: Mapping[str, Any],
    report_progress: Progress,
) -> Summary:
    """Bring a folder up to date. ``made_of``: what was asked for, for its manifest."""
    content = survey(
        connection,
        article_ids,
        closed_outlets,
        lambda done, total: report_progress("articles read", done, total),
    )
    record = {
        "harvester": __version__,
        **made_of,
        "articles": len(content.article_ids),
    }
    if folder.former is None:
        folder.describe(record)
    signer = Signer(renderer.appearance, renderer.choices)
    _write_pages(folder, "assets", signer, _list_assets(renderer))
    _write_articles(connection, folder, signer, renderer, content, report_progress)
    lists = Lists(connection, content, renderer)
    _write_pages(folder, "front", signer, front_pages.list_front_pages(lists))
    _write_pages(folder, "days", signer, day_pages.list_day_pages(lists))
    _write_pages(folder, "feeds", signer, feed_files.list_feeds(lists))
    _write_pages(folder, "sitemap", signer, feed_files.list_sitemaps(lists))
    folder.delete_other_sections()
    folder.describe({**record, "at": renderer.now})
    counts = folder.counts
    return Summary(
        len(content.article_ids),
        counts.written + counts.unchanged,
        counts.written,
        counts.unchanged,
        counts.deleted,
        dict(content.left_out),
        content.nameless,
        sorted(folder.kept),
    )


def _write_pages(
    folder: EditionFolder, name: str, signer: Signer, pages: Iterable[Page]
) -> None:
    """Write those of a section's files that changed."""
    by_file = {page.file: page for page in pages}
    wanted = {file: signer.sign(file, *page.parts) for file, page in by_file.items()}
    with folder.open_section(name, wanted) as section:
        for file in () if folder.dry_run else section.todo:
            section.write(file, by_file[file].render())


def _list_assets(renderer: Renderer) -> Iterable[Page]:
    """Files that are made of no article."""
    choices = renderer.choices
    robots = _CLOSED_ROBOTS
    if choices.is_indexed:
        robots = _OPEN_ROBOTS
        if choices.url:
            robots += f"\nSitemap: {choices.url}{feed_files.SITEMAP}\n"
    yield Page(renderer.stylesheet_name, (), lambda: renderer.stylesheet)
    yield Page("robots.txt", (robots,), lambda: robots)
    yield Page(".nojekyll", (), lambda: "")  # GitHub Pages: take files as they are
    yield Page(
        layout.NOT_FOUND,
        (),
        lambda: renderer.render("edition_404.html", layout.NOT_FOUND),
    )


def _write_articles(
    connection: sqlite3.Connection,
    folder: EditionFolder,
    signer: Signer,
    renderer: Renderer,
    content: Survey,
    report_progress: Progress,
) -> None:
    """Write the pages of articles, by the first digits of their keys."""
    done, total = 0, len(content.article_ids)
    for number, indexes in enumerate(content.list_shards()):
        if not indexes:
            continue
        wanted: dict[str, str] = {}
        by_file: dict[str, int] = {}
        for index in indexes:
            for file in _list_files(content, index, renderer.choices.has_texts):
                wanted[file] = signer.sign(file, content.page_signatures[index])
                by_file[file] = index
        with folder.open_section(f"{number:02x}", wanted) as section:
            todo: dict[int, list[str]] = {}
            for file in () if folder.dry_run else section.todo:
                todo.setdefault(by_file[file], []).append(file)
            for index, files in todo.items():
                _write_article(
                    connection, section, renderer, content.article_ids[index], files
                )
                done += 1
                report_progress("articles written", done, total)


def _list_files(content: Survey, index: int, has_texts: bool) -> list[str]:
    """The files of an article: its page, and those of earlier versions' texts."""
    key, count = content.key_of(index), content.article_versions[index]
    files = [layout.article_page(key)]
    if has_texts:
        numbers = range(max(1, count - MAX_VERSIONS + 1), count + 1)
        files += [
            layout.version_page(key, number)
            for number in numbers
            if number != content.article_current[index]
        ]
    return files


def _write_article(
    connection: sqlite3.Connection,
    section: Section,
    renderer: Renderer,
    article_id: int,
    files: Sequence[str],
) -> None:
    has_texts = renderer.choices.has_texts
    text_count = MAX_VERSIONS if has_texts else story_page.MAX_COMPARED + 1
    story = get_story(connection, article_id, text_count)
    by_file = {
        layout.version_page(story.key, version.number): version
        for version in story.history
    }
    for file in files:
        if file == layout.article_page(story.key):
            section.write(file, story_page.render_story(renderer, story))
        elif file in by_file:
            section.write(
                file, story_page.render_version(renderer, story, by_file[file])
            )
        else:
            section.drop(file)

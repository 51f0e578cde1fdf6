"""Articles as a folder of Markdown or text files, one an article or version.

``OUTLET/DATE-TITLE-KEY.md``, with a table of them, ``articles.csv``. The folder is made
beside its place as ``NAME.part`` and appears only once it is complete; an interrupted
export of the same articles goes on there.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

from harvester.archive.queries.article_columns import (
    Column,
    list_columns,
    make_converter,
)
from harvester.archive.queries.article_export import Article
from harvester.archive.regular_files import create_draft
from harvester.errors import HarvesterError
from harvester.export import datapackage, tables
from harvester.export.part_file import PartFile

INDEX = "articles.csv"
_FILE_COLUMN = Column("file", "string", "The file with the text, in this folder")
_ENDINGS = {"markdown": ".md", "text": ".txt"}
MAX_SLUG_CHARACTERS = 60
_MARKDOWN_PATTERN = re.compile(r"([\\`*_\[\]<>|~&$])")
# At the beginning of a line: headings, lists, quotations, rules, tables of contents.
_LINE_START_PATTERN = re.compile(r"^(\s*)([#+=-]|\d{1,9}[.)])")


class FolderWriter:
    """A folder under construction."""

    def __init__(
        self,
        target: Path,
        format_name: str,
        columns: tuple[Column, ...],
        signature: str,
        overwrite: bool,
    ) -> None:
        self._target = target
        self._ending = _ENDINGS[format_name]
        self._is_markdown = format_name == "markdown"
        check_folder(target, overwrite)
        self._part = target.with_name(f"{target.name}.part")
        if self._part.exists() and not (self._part / f"{INDEX}.part").is_file():
            raise HarvesterError(
                f"{self._part} is in the way", "rename it, or choose another folder"
            )
        self._part.mkdir(exist_ok=True)
        self.index = PartFile(self._part / INDEX, signature)
        # The text is in the files; changes and copies of all are in none of them.
        self._columns = (_FILE_COLUMN, *list_columns("none", False, False))
        self._convert = make_converter(columns)
        self._encode_cells = tables.make_encoder("csv", self._columns[1:])
        if self.index.is_new:
            for path in self._part.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
            self.index.file.write(tables.encode_header("csv", self._columns))

    def write(self, articles: list[Article]) -> None:
        """Write a file for each, and its row of the table."""
        for article in articles:
            name = make_file_name(article, self._ending)
            path = self._part / name
            path.parent.mkdir(exist_ok=True)
            text = self._render(article).encode("utf-8", "replace")
            with create_draft(path, 0o666) as file:
                file.write(text)
            row = self._encode_cells([replace(article, text=None)])
            self.index.file.write(name.encode() + b"," + row)

    def finish(self) -> None:
        """Describe the folder, and give it its name."""
        self.index.finish()
        index = self._part / INDEX
        package = datapackage.describe_table(index, INDEX, "csv", self._columns)
        datapackage.write_json(self._part / datapackage.NAME, package)
        former = self._target.with_name(f"{self._target.name}.former")
        if self._target.exists() and any(self._target.iterdir()):
            self._target.rename(former)
        self._part.rename(self._target)
        if former.exists():
            shutil.rmtree(former)

    def _render(self, article: Article) -> str:
        values = self._convert(article)
        text = values.pop("text", "") or ""
        if not self._is_markdown:
            return f"{article.title}\n\n{text}\n"
        lines = ["---", *(_front_matter(*item) for item in values.items()), "---", ""]
        lines += [f"# {_escape(article.title)}", ""]
        for paragraph in text.split("\n"):
            lines += [_LINE_START_PATTERN.sub(r"\1\\\2", _escape(paragraph)), ""]
        return "\n".join(lines).rstrip("\n") + "\n"


def check_folder(target: Path, overwrite: bool) -> None:
    """Raise HarvesterError where a folder must not be written or replaced."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise HarvesterError(f"{target} is not a folder", "name a new folder")
    if not target.exists() or not any(target.iterdir()):
        return
    if not overwrite:
        raise HarvesterError(f"{target} is not empty", "--overwrite replaces it")
    strangers = sorted(_list_strangers(target))
    if strangers:
        raise HarvesterError(
            f"{target} has files that no export wrote, such as {strangers[0]}",
            "move them away, or choose another folder",
        )


def _list_strangers(folder: Path) -> set[str]:
    """Files of a folder that its table does not name."""
    known = {INDEX, datapackage.NAME}
    try:
        with (folder / INDEX).open(encoding="utf-8", newline="") as file:
            known |= {row[0] for row in csv.reader(file) if row}
    except (OSError, ValueError, csv.Error):
        known = set()
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir())
        and str(path.relative_to(folder)) not in known
    }


def make_file_name(article: Article, ending: str) -> str:
    """A name that is safe on every file system; the key makes it unique."""
    date = (article.published or article.first_seen)[:10]
    letters = unicodedata.normalize("NFKD", article.title)
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    slug = _to_name(plain)[:MAX_SLUG_CHARACTERS].strip("-")
    parts = [_to_name(date), slug, _to_name(article.key)]
    if article.versions > 1 and not article.latest:
        parts.append(f"v{article.version}")
    name = "-".join(part for part in parts if part)
    return f"{_to_name(article.outlet) or 'outlet'}/{name}{ending}"


def _to_name(text: str) -> str:
    """Small letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _MARKDOWN_PATTERN.sub(r"\\\1", text)


def _front_matter(name: str, value: Any) -> str:
    """A line of YAML: JSON is YAML, and cannot be taken for anything else."""
    return f"{name}: {json.dumps(value, ensure_ascii=False)}"

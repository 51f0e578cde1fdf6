"""Write the reference pages from the program: ``python docs/make_reference.py``.

Commands and options come from click's own tree, settings from the models and the
comments of settings.toml, tables from a fresh archive's own schema, JSON fields from
the frozen output in tests/golden. ``--check`` writes nothing and ends with 1 if a page
is not up to date.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harvester import errors  # noqa: E402 (the root must be on the path first)
from harvester.archive.connection import Archive  # noqa: E402
from harvester.browse.table_descriptions import TABLES  # noqa: E402
from harvester.cli import COMMANDS, cli  # noqa: E402
from harvester.settings import tables  # noqa: E402

GENERATED = "<!-- Written by docs/make_reference.py; do not edit. -->\n\n"
JSON_TYPES = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "true or false",
    "NoneType": "null",
}
SECTIONS = {
    "archive": tables.ArchiveTable,
    "crawl": tables.CrawlTable,
    "limits": tables.LimitsTable,
    "upkeep": tables.UpkeepTable,
    "alerts.NAME": tables.AlertTable,
    "outlets.KEY": tables.OutletTable,
    "outlets.KEY.rules": tables.RulesTable,
    "outlets.KEY.earlier_rules": tables.EarlierRulesTable,
}
SHADOW_TABLE = re.compile(r"_fts(_|$)|^sqlite_|^_sqlite_")


def main() -> int:
    pages = {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "tables.md": tables_page(),
        "json.md": json_page(),
        "exit-codes.md": exit_codes_page(),
    }
    folder = ROOT / "docs" / "reference"
    stale = [name for name, text in pages.items() if _read(folder / name) != text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is not up to date", file=sys.stderr)
        return int(bool(stale))
    folder.mkdir(exist_ok=True)
    for name in stale:
        (folder / name).write_text(pages[name], encoding="utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


# ---- commands


def commands_page() -> str:
    parts = [
        "# Commands\n",
        GENERATED,
        "`harvest [--settings FILE] COMMAND …`. Data goes to standard output, "
        "everything else to standard error; colours and progress appear on a terminal "
        "only. ARTICLE is a key, a unique beginning of one, or any URL of the "
        "article.\n",
    ]
    context = click.Context(cli, info_name="harvest")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts += _command_section(command, context, name)
    return "\n".join(parts)


def _command_section(
    command: click.Command, parent: click.Context, name: str
) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n"
    yield f"```\n{context.command_path} {usage}\n```\n"
    yield f"{_paragraphs(command.help or '')}\n"
    options = [
        record
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None
    ]
    yield "| option | |\n|---|---|"
    for names, text in options:
        yield f"| `{_cell(names)}` | {_cell(_escape(text))} |"
    yield ""
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            subcommand = command.get_command(context, child)
            assert subcommand is not None
            yield from _command_section(subcommand, context, child)


def _paragraphs(help_text: str) -> str:
    """Click's help as Markdown: what stands after ``\\b`` is kept line by line."""
    blocks = re.split(r"\n\s*\n", help_text.strip())
    return "\n\n".join(
        "```\n" + block.replace("\b\n", "") + "\n```"
        if block.startswith("\b")
        else _escape(" ".join(block.split()))
        for block in blocks
    )


def _escape(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# ---- settings


def settings_page() -> str:
    comments = _example_comments((ROOT / "settings.toml").read_text("utf-8"))
    parts = [
        "# Settings\n",
        GENERATED,
        "settings.toml is looked for in this order: `--settings FILE`, "
        "`HARVESTER_SETTINGS`, `./settings.toml`, "
        "`$XDG_CONFIG_HOME/harvester/settings.toml`. Relative paths are relative to "
        'the file. `HARVESTER_SECTION_KEY` (`HARVESTER_CRAWL_DELAY="5 seconds"`) '
        "overrides the file. All faults are reported at once, each with its line and "
        "the nearest known name.\n",
        'Durations are written in words, from `"0 seconds"` to `"10 years"`; sizes as '
        '`"10 MB"` or `"256 KiB"`.\n',
    ]
    for section, model in SECTIONS.items():
        parts.append(f"## [{section}]\n")
        parts.append("| key | default | |\n|---|---|---|")
        for name, field in model.model_fields.items():
            if f"{section}.{name}" in SECTIONS:
                continue
            text = comments.get((section, name)) or comments.get(("", name), "")
            default = "required" if field.is_required() else _default(field.default)
            parts.append(f"| `{name}` | {default} | {_cell(text)} |")
        parts.append("")
    return "\n".join(parts)


def _default(value: Any) -> str:
    if value is None or value == () or value == []:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`' if value else ""
    return f"`{value:,}`" if isinstance(value, int | float) else ""


def _example_comments(text: str) -> dict[tuple[str, str], str]:
    """(section, key) and ("", key) → the comment at the key in the example."""
    comments: dict[tuple[str, str], str] = {}
    section = ""
    for line in text.splitlines():
        if match := re.match(r"(?:# )?\[{1,2}([\w.]+)\]{1,2}", line):
            section = re.sub(r"^outlets\.\w+", "outlets.KEY", match[1])
            section = re.sub(r"^alerts\.\w+", "alerts.NAME", section)
        elif match := re.match(r"(?:# )?(\w+) = .*?\s#\s(.+)$", line):
            comments[section, match[1]] = match[2]
            comments.setdefault(("", match[1]), match[2])
    return comments


# ---- tables and views


def tables_page() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        Archive.open(path).close()
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(
                "select type, name, sql from sqlite_master"
                " where type in ('table', 'view') order by type, name"
            ).fetchall()
            columns = {
                name: [
                    row[1] for row in connection.execute(f'pragma table_info("{name}")')
                ]
                for _, name, _ in rows
            }
    parts = [
        "# Tables and views\n",
        GENERATED,
        "One SQLite file, to be opened with anything. Times are UTC, ISO 8601, ending "
        "in Z. The comments are the schema's own.\n",
    ]
    for kind, title in (("table", "Tables"), ("view", "Views")):
        parts.append(f"## {title}\n")
        for row_kind, name, sql in rows:
            if row_kind != kind or SHADOW_TABLE.search(name):
                continue
            parts.append(f"### {name}\n")
            metadata = TABLES.get(name, {})
            if description := metadata.get("description"):
                parts.append(f"{description}\n")
            comments = _column_comments(sql) | metadata.get("columns", {})
            parts.append("| column | |\n|---|---|")
            parts += [
                f"| `{column}` | {_cell(_escape(comments.get(column, '')))} |"
                for column in columns[name]
            ]
            parts.append("")
    return "\n".join(parts)


def _column_comments(sql: str) -> dict[str, str]:
    """The comment that follows each column in a statement."""
    comments = {}
    for line in sql.splitlines():
        code, _, comment = line.partition("--")
        match = re.match(r"\s*,?\s*(\w+)\b", code)
        if match and comment:
            comments[match[1]] = comment.strip()
    return comments


# ---- JSON


def json_page() -> str:
    frozen = json.loads((ROOT / "tests/golden/output.json").read_text("utf-8"))
    fields: dict[str, dict[str, set[str]]] = {}
    for call, result in frozen.items():
        words = call.split()
        if "--json" not in words or not isinstance(result.get("values"), dict):
            continue
        name = " ".join(words[: 2 if words[0] == "rules" else 1])
        for path, value in result["values"].items():
            if path.endswith(("#", "{}")) or path.startswith("#"):
                continue
            kinds = {part.split()[0] for part in str(value).split("|") if part.strip()}
            fields.setdefault(name, {}).setdefault(path, set()).update(kinds)
    parts = [
        "# JSON\n",
        GENERATED,
        "What each command prints with `--json`, as measured on an example archive: "
        "`[]` is an item of a list, `.` a field. `--nl` prints the items of the list, "
        "one a line. A field keeps its name and meaning for good.\n",
    ]
    for name in sorted(fields):
        parts.append(f"## harvest {name}\n")
        parts.append("| field | type |\n|---|---|")
        parts += [
            f"| `{path or '(the value itself)'}` | {_json_types(kinds)} |"
            for path, kinds in sorted(fields[name].items())
        ]
        parts.append("")
    return "\n".join(parts)


def _json_types(kinds: set[str]) -> str:
    names = {JSON_TYPES.get(kind, kind) for kind in kinds}
    return " or ".join(sorted(names))


# ---- exit codes


def exit_codes_page() -> str:
    by_code: dict[int, list[str]] = {}
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.HarvesterError):
            text = (error.__doc__ or "").strip().splitlines()[0]
            if error is not errors.HarvesterError:
                by_code.setdefault(error.exit_code, []).append(text)
    parts = [
        "# Exit codes\n",
        GENERATED,
        "| code | meaning |\n|---|---|",
        "| 0 | done; failures at outlets are recorded and do not change the exit code |",
    ]
    for code in sorted(by_code):
        texts = dict.fromkeys(text.rstrip(".") for text in by_code[code])
        parts.append(f"| {code} | {_cell('; '.join(texts))} |")
    parts.append(
        "| 1 | also: `harvest doctor` found something wrong, or `harvest status "
        "--max-age` that the harvest stands still |"
    )
    parts.append("| 2 | also: wrong usage of the command line |")
    parts.append("| 130 | interrupted |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())

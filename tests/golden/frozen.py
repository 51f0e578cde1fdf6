"""What programs see of this one: schema, options, output, stored values, effects.

    python tests/golden/frozen.py            say what differs from the files beside this
    python tests/golden/frozen.py --update   write them anew

``migrations/snapshot.sql``, from which a new archive is made, is written with them.

``schema.sql``    sqlite_master of a new archive, as it stands there
``options.json``  every parameter of every command, but for the help
``output.json``   what commands answer on the golden archive, in every machine-readable
                  form: exit code, key paths with their types, a digest of the values at
                  each path. Of free text for people only whether there is any.
``values.json``   values of columns that programs compare with words, and of readings
``effects.json``  what commands that write make of the golden archive: their answers, and
                  a digest of each table afterwards
``crawl.json``    what passes over a small site find, store, and write as WARC records
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import shutil
import sqlite3
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from harvester.archive import schema_snapshot
from harvester.archive.schema import SCHEMA_VERSION, apply_migrations, run_migrations
from tests.golden.calls import EFFECTS, NOW, OUTPUT, Call
from tests.golden.crawl import crawled
from tests.golden.dump import digests, load
from tests.golden.program import Ran, call, group, process

HERE = Path(__file__).resolve().parent
COLUMNS = ("kind", "state", "outcome", "class", "access", "method", "source", "admitted", "part")  # fmt: skip
# Keys whose values are free text for people, or of this machine and moment.
WORDS = {
    "advice", "because", "error", "held_because", "message", "missing", "note", "problem", "reason", "refused",
    "what", "where", "why", "words", "warnings", "to_do", "holder",
}  # fmt: skip
MOVING = {
    "archive.path", "archive.bytes", "archive", "bytes", "cpu_ms", "path", "file",
    "backups", "backups[]", "copy", "captures.bytes",
}  # fmt: skip


# ---- schema and options


def fresh(folder: Path) -> Path:
    """A new archive, made by a pass over a feed that nobody serves."""
    (folder / "settings.toml").write_text(
        '[archive]\npath = "fresh.db"\ncaptures = ""\n[outlets.none]\nfeeds = ["http://127.0.0.1:1/feed"]\n'
    )
    ran = process(folder, "once", "--json")
    assert ran.code == 0, ran.err
    return folder / "fresh.db"


def snapshot() -> str:
    """What ``migrations/snapshot.sql`` has to be, from the migrations alone."""
    with closing(sqlite3.connect(":memory:")) as connection:
        run_migrations(connection, SCHEMA_VERSION)
        return schema_snapshot.describe(connection, SCHEMA_VERSION)


def schema(folder: Path) -> str:
    """sqlite_master, a statement a paragraph, in the order of their making."""
    with closing(sqlite3.connect(fresh(folder))) as connection:
        rows = connection.execute(
            "select type, name, tbl_name, sql from sqlite_master order by rowid"
        ).fetchall()
        heads = [
            f"-- {name} {connection.execute(f'pragma {name}').fetchone()[0]}\n"
            for name in ("application_id", "user_version", "journal_mode")
        ]
    made = [f"-- {kind} {name} of {table}\n{sql}\n" for kind, name, table, sql in rows]
    return "\n".join((*heads, *made))


def options() -> dict[str, Any]:
    """Command → its parameters; of groups also of their commands."""
    found: dict[str, Any] = {}
    _options("harvest", group(), click.Context(group()), found)
    return found


def _options(
    path: str, command: click.Command, ctx: click.Context, found: dict[str, Any]
) -> None:
    found[path] = {
        "hidden": command.hidden,
        "params": [_parameter(one) for one in command.params],  # click adds --help
    }
    if isinstance(command, click.Group):
        names = command.list_commands(ctx)
        found[path]["commands"] = names
        for name in names:
            below = command.get_command(ctx, name)
            assert below is not None, name
            inner = click.Context(below, info_name=name, parent=ctx)
            _options(f"{path} {name}", below, inner, found)


def _parameter(one: click.Parameter) -> dict[str, Any]:
    kind = one.type
    bounds = ("choices", "min", "max", "min_open", "max_open", "clamp", "exists")
    told = {name: _plain(getattr(kind, name)) for name in bounds if hasattr(kind, name)}
    return {
        "kind": one.param_type_name,
        "opts": list(one.opts),
        "secondary_opts": list(one.secondary_opts),
        "type": kind.name,
        **told,
        "default": _plain(one.default),
        "multiple": one.multiple,
        "nargs": one.nargs,
        "required": one.required,
        "envvar": _plain(one.envvar),
        "is_flag": getattr(one, "is_flag", False),
        "flag_value": _plain(getattr(one, "flag_value", None)),
        "count": getattr(one, "count", False),
        "hidden": getattr(one, "hidden", False),
        "name": one.name if isinstance(one, click.Option) else None,
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    return "unset" if "UNSET" in repr(value).upper() else repr(value)


# ---- output


class Archives:
    """Copies of the golden archive, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        (folder / "golden").mkdir()
        # Written by an older program: what is upgraded gives the same as what is new.
        archive = folder / "golden" / "archive.db"
        load(HERE / "archive.sql", archive)
        with closing(sqlite3.connect(archive)) as connection:
            apply_migrations(connection)
        shutil.copy(HERE / "settings.toml", folder / "golden")

    @property
    def golden(self) -> Path:
        """The one that is only read."""
        return self.folder / "golden"

    def copy(self) -> Path:
        """One to write into."""
        self._count += 1
        return shutil.copytree(self.golden, self.folder / f"copy-{self._count}")


def answer(one: Call, folder: Path) -> dict[str, Any]:
    """What a call gives, as it is frozen."""
    arguments = [word.replace("{folder}", str(folder)) for word in one.arguments]
    if one.own_process:
        ran = process(folder, *arguments, typed=one.typed)
    else:
        ran = call(folder, NOW, arguments, one.typed)
    # What Python says of a generator that is collected late depends on its moment.
    assert "Traceback" not in ran.err.partition("Exception ignored")[0], ran.err
    return {"code": ran.code, **_said(one, ran)}


def _said(one: Call, ran: Ran) -> dict[str, Any]:
    if one.form == "text":
        return {"said": bool(ran.out.strip())}
    if one.form == "atom":
        found = list(_elements(ElementTree.fromstring(ran.out)))
    elif one.form == "csv":
        rows = list(csv.DictReader(io.StringIO(ran.out)))
        found = [(f"[].{k}", v) for row in rows for k, v in row.items()]
        found.insert(0, ("#columns", ran.out.split("\n", 1)[0]))
        found.insert(0, ("#count", len(rows)))
    elif one.form == "nl":
        records = [json.loads(line) for line in ran.out.splitlines()]
        found = [("#count", len(records)), *_leaves(records)]
    elif ran.out.strip():
        found = list(_leaves(json.loads(ran.out)))
    else:
        found = [("#empty", True)]
    return {"values": _frozen(found)}


def _elements(node: ElementTree.Element, path: str = "") -> Iterator[tuple[str, Any]]:
    here = f"{path}/{node.tag.rpartition('}')[2]}"
    yield f"{here}@", sorted(node.attrib)
    kept = here.endswith(("/entry/updated", "/entry/published"))
    yield here, node.text if kept else bool((node.text or "").strip())
    for one in node:
        yield from _elements(one, here)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path; lists are one path, in their order."""
    name = path.rpartition(".")[2].removesuffix("[]")
    words = name in WORDS and not isinstance(value, bool | int | float | dict)
    if path and (words or path in MOVING or path.removeprefix("[].") in MOVING):
        # The clock of the processor may show nothing for what was read at once.
        yield path, name == "cpu_ms" or bool(value)
    elif isinstance(value, dict) and value:
        yield f"{path}{{}}", list(value)  # the order of keys, too
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        yield f"{path}#", len(value)
        for one in value:
            yield from _leaves(one, f"{path}[]")
    else:
        yield path, value


def _frozen(found: list[tuple[str, Any]]) -> dict[str, str]:
    """Path → the types that stand there, and a digest of all values in their order."""
    at: dict[str, list[Any]] = {}
    for path, value in found:
        at.setdefault(path, []).append(value)
    return {path: f"{_types(at[path])} {digest(at[path])}" for path in sorted(at)}


def _types(values: list[Any]) -> str:
    return "|".join(sorted({type(one).__name__ for one in values}))


def digest(value: Any) -> str:
    """12 hexadecimal digits; or the value itself, where it is short."""
    if isinstance(value, list) and len(value) == 1:
        text = json.dumps(value[0], ensure_ascii=False)
        if len(text) <= 24:
            return text
    text = json.dumps(value, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def output(archives: Archives) -> dict[str, Any]:
    """Every reading call → its answer."""
    return {one.name: answer(one, archives.golden) for one in OUTPUT}


# ---- what is stored


def values(archives: Archives) -> dict[str, Any]:
    """table.column → its distinct values; of readings also what their JSON says."""
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(archives.golden / "archive.db")) as connection:
        names = connection.execute(
            "select name from sqlite_master where type in ('table', 'view') and name "
            "not like 'versions_fts%' order by name"
        ).fetchall()
        for (table,) in names:
            for row in connection.execute(f'pragma table_info("{table}")').fetchall():
                if row[1] in COLUMNS:
                    found[f"{table}.{row[1]}"] = _distinct(
                        connection, f'select "{row[1]}" from "{table}"'
                    )
        extracts = connection.execute("select extract from readings").fetchall()
        keys = sorted({key for (one,) in extracts for key in json.loads(one)})
        found["readings.extract"] = keys
        for key in (one for one in keys if one in COLUMNS):
            every = {str(json.loads(one).get(key)) for (one,) in extracts}
            found[f"readings.extract.{key}"] = sorted(every)
        stated = connection.execute("select sources from versions").fetchall()
        found["versions.sources"] = sorted(
            {
                f"{name} {source}"
                for (one,) in stated
                for name, source in json.loads(one).items()
            }
        )
    return found


def _distinct(connection: sqlite3.Connection, sql: str) -> list[str]:
    rows = connection.execute(sql).fetchall()
    return sorted({str(value) for (value,) in rows})


def effects(archives: Archives) -> dict[str, Any]:
    """Every writing call → its answer, and the tables after it that it changed."""
    with closing(sqlite3.connect(archives.golden / "archive.db")) as connection:
        before = digests(connection)
    found = {}
    for one in EFFECTS:
        folder = archives.copy()
        if one.empty:  # an archive of nothing, with the golden one beside it
            (folder / "archive.db").rename(folder / "other.db")
            load(HERE / "archive.sql", folder / "archive.db", rows=False)
        found[one.name] = answer(one, folder)
        with closing(sqlite3.connect(folder / "archive.db")) as connection:
            after = digests(connection)
        changed = {name: d for name, d in after.items() if d != before.get(name)}
        found[one.name]["tables"] = changed
        for file in folder.glob("*.zip"):
            with zipfile.ZipFile(file) as packed:
                found[one.name]["files"] = packed.namelist()
    return found


# ---- all


def made(folder: Path) -> dict[str, Callable[[], str]]:
    """File → how its content of today is made."""
    (folder / "fresh").mkdir()
    (folder / "crawl").mkdir()
    archives = Archives(folder)

    def text(value: object) -> str:
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"

    return {
        "schema.sql": lambda: schema(folder / "fresh"),
        "options.json": lambda: text(options()),
        "output.json": lambda: text(output(archives)),
        "values.json": lambda: text(values(archives)),
        "effects.json": lambda: text(effects(archives)),
        "crawl.json": lambda: text(crawled(folder / "crawl")),
    }


def main() -> int:
    """1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true")
    given = parser.parse_args()
    differing = 0
    if given.update:
        schema_snapshot.PATH.write_text(snapshot(), "utf-8")
        schema_snapshot.read.cache_clear()
    with tempfile.TemporaryDirectory(prefix="frozen-") as folder:
        for name, make in made(Path(folder)).items():
            text, file = make(), HERE / name
            if given.update:
                file.write_text(text, "utf-8")
            same = file.read_text("utf-8") == text
            differing += not same
            print(name, len(text), "same" if same else "DIFFERS", flush=True)
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())

"""What people type: names of other programs, dashes, help."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import click
import pytest

from harvester.cli import COMMANDS, cli, other_names
from tests.support import small_archive

CHURCH = small_archive.key_of(small_archive.CHURCH)
# What is typed → what the message names.
IN_VAIN = {
    "log": "harvest history ARTICLE",
    "list": "harvest outlets",
    "ls": "harvest outlets",
    "list outlets": "harvest outlets",
    "list articles": "harvest search",
    "list captures": "harvest evidence",
    "list tables": "harvest browse",
    "feeds": "harvest outlets",
    "query": "harvest search WORDS",
    "query select": "harvest search WORDS",
    "sql": "harvest browse",
    "tables": "harvest browse",
    "schema": "harvest browse",
    "fetch": "harvest once",
    "crawl": "harvest once",
    "captures": "harvest evidence",
    "copies": "harvest similar --all",
    "removals": "harvest changes --kind removed",
    "edits": "harvest changes",
    "version": "harvest --version",
    "serch ferry": "'search'",
    "https://example.org/news": "harvest show URL",
    "fe000853": "harvest show fe000853",
    "ferry": "harvest search WORDS",
    "help nosuch": "harvest help",
    "help log": "harvest history ARTICLE",
    "help search more": "no subcommands",
    "search ferry --text": "harvest show ARTICLE",
    "search ferry --full": "harvest export QUERY",
    f"show {CHURCH} --text": "without it",
    f"show {CHURCH} --full": "without it",
    "search ferry --from 2025": "--since",
    "search ferry --to 2025": "--until",
    "search ferry --format csv": "--csv",
    "search ferry --lmit 3": "--limit",
    "search ferry -x": "unknown option -x",
    "quote ferry -x": "unknown option -x",
    "outlets --settings x.toml": "harvest --settings FILE",
    "search ferry --archive x.db": "harvest --archive FILE",
}


def _commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    context = click.Context(cli, info_name="harvest")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield name, command, inner
        for child in (
            command.list_commands(inner) if isinstance(command, click.Group) else ()
        ):
            subcommand = command.get_command(inner, child)
            assert subcommand is not None
            yield f"{name} {child}", subcommand, click.Context(subcommand, info_name=child, parent=inner)  # fmt: skip


@pytest.mark.parametrize(("typed", "named"), IN_VAIN.items(), ids=IN_VAIN)
def test_what_is_typed_in_vain_names_the_right_one(
    typed: str, named: str, harvest: Any
) -> None:
    done = harvest(*typed.split(), code=2)
    assert named in done.stderr and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_all_names_lead_to_a_command() -> None:
    """Every command that a hint names exists."""
    hints = [
        *(f"`harvest {words}`" for words in other_names.COMMANDS.values()),
        *(f"`harvest {words}`" for words in other_names.LISTS.values()),
        *other_names.EXPLANATIONS.values(),
        *other_names.OPTIONS.values(),
    ]
    named = {name for hint in hints for name in re.findall(r"`harvest (\w+)", hint)}
    assert named <= set(COMMANDS)
    assert not {*other_names.COMMANDS, *other_names.EXPLANATIONS} & set(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (["pont", "-ferme"], "pont -ferme"),
        (["pont -ferme"], "pont -ferme"),
        (["pont -x"], "pont -x"),
        (["-ferme pont"], "pont -ferme"),
        (["pont", "-n1"], "pont"),
        (["pont", "-n", "1"], "pont"),
        (["pont", "--limit=1"], "pont"),
        (["--", "pont", "-x"], "pont -x"),
    ],
)
def test_dashes(arguments: list[str], query: str, harvest: Any) -> None:
    """Alone, a dash and one character is an option; ``-word`` excludes."""
    said = harvest("search", *arguments, "-v").stderr if "--" not in arguments else harvest("-v", "search", *arguments).stderr  # fmt: skip
    assert sorted(said.splitlines()[0].split()) == sorted(f"query {query}".split())


def test_help_of_a_command_is_what_its_option_prints(harvest: Any) -> None:
    assert harvest("help").stdout == harvest("--help").stdout
    for words in (["search"], ["rules"], ["rules", "test"], ["help"]):
        explained = harvest("help", *words).stdout
        assert explained == harvest(*words, "--help").stdout


def test_every_command_is_summed_up_and_has_two_examples() -> None:
    for name, command, _ in _commands():
        summary = command.get_short_help_str(200)
        is_listed = name in COMMANDS
        assert 0 < len(summary) < (50 if is_listed else 80), (name, summary)
        examples = re.findall(r"`harvest [^`]*`", command.help or "")
        own = [one for one in examples if re.search(rf"\b{name.split()[0]}\b", one)]
        assert len(own) >= (2 if is_listed else 1), name


def test_summaries_are_printed_whole(harvest: Any) -> None:
    assert "..." not in harvest("--help", COLUMNS="80").stdout.partition("Begin")[2]


def test_quiet_and_verbose(harvest: Any) -> None:
    usual = harvest("search", "eglise")
    assert "last published first" in usual.stderr
    for arguments in (["-q", "search", "eglise"], ["search", "eglise", "--quiet"]):
        quiet = harvest(*arguments)
        assert (quiet.stdout, quiet.stderr) == (usual.stdout, "")
    verbose = harvest("search", "eglise", "-v")
    assert verbose.stdout == usual.stdout
    assert usual.stderr in verbose.stderr
    assert "query eglise" in verbose.stderr and "archive.db" in verbose.stderr
    assert "unknown outlet" in harvest("-q", "search", "outlet:nix", code=2).stderr
    records = harvest("-v", "outlets", "--json").stdout
    assert json.loads(records)

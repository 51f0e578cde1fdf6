"""Names out of bylines: what is a person's name, and what only stands beside it."""

from __future__ import annotations

import time

import pytest

from harvester.parse.names.people import is_handle, is_person, parse_author_names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Anne Roux", ("Anne Roux",)),
        ("Von Anne Roux und Jean Petit", ("Anne Roux", "Jean Petit")),
        ("Par Anne Roux et Jean Petit", ("Anne Roux", "Jean Petit")),
        ("Por Ana Ruiz y Juan Pérez", ("Ana Ruiz", "Juan Pérez")),
        ("Written by: Anne Roux", ("Anne Roux",)),
        ("Author: Posted by Anne Roux", ("Anne Roux",)),
        ("Text: Anne Roux", ("Anne Roux",)),
        ("View all posts by Anne Roux →", ("Anne Roux",)),
        ("Zeige alle Beiträge von Anne Roux", ("Anne Roux",)),
        ("Artikel von: Anne Roux", ("Anne Roux",)),
        ("capital von Jemima Kelly", ("Jemima Kelly",)),
        ("作者：王小明", ("王小明",)),
        # times, other work
        ("Anne Roux December 16, 2016", ("Anne Roux",)),
        ("Von Anne Roux am Samstag, 19. Oktober 2019 um 11:14 Uhr", ("Anne Roux",)),
        ("Anne Roux, Updated January 5", ("Anne Roux",)),
        ("By Anne Roux | Medically reviewed by Jean Petit, MD", ("Anne Roux",)),
        ("Edited by Jean Petit", ()),
        # roles and degrees
        ("Par Anne Roux, journaliste", ("Anne Roux",)),
        ("Anne Roux, MD, PhD", ("Anne Roux",)),
        ("Howard Blume Staff Writer", ("Howard Blume",)),
        ("Rachel MacDonald Writer", ("Rachel MacDonald",)),
        ("Christoph Hein Chefredakteur", ("Christoph Hein",)),
        ("Heather Leah, WRAL multiplatform producer", ("Heather Leah",)),
        ("Eberhard Fuhr (Pressesprecher des EJW)", ("Eberhard Fuhr",)),
        ("Perry Bacon Jr.", ("Perry Bacon Jr.",)),
        ("Anne Roux Marketing Director", ("Anne Roux",)),
        ("Anne Roux, Head of Water & Wind", ("Anne Roux",)),
        ("Head of Marketing", ()),
        ("Lead Reviewer", ()),
        ("Anne Roux, corresponsal en Londres", ("Anne Roux",)),
        ("Anne Roux, Political Editor, and Jean Petit", ("Anne Roux", "Jean Petit")),
        ("Chief Sub-Editor", ()),
        ("Staff writer Anne Roux", ("Anne Roux",)),
        ("Von unserer Redakteurin Anne Roux", ("Anne Roux",)),
        ("Our correspondent Anne Roux", ("Anne Roux",)),
        ("Redaktion", ("Redaktion",)),
        ("reviewed by Jean Petit, MD", ()),
        # photographs
        ("Von Anne Roux (Text) und Jean Petit (Fotos)", ("Anne Roux",)),
        ("Words by Anne Roux, photographs by Jean Petit", ("Anne Roux",)),
        ("Text: Anne Roux | Fotos: Jean Petit/dpa", ("Anne Roux",)),
        ("Foto: Jean Petit/dpa", ()),
        # what follows a name
        ("Anne Roux Follow @anneroux on Twitter", ("Anne Roux",)),
        ("Anne Roux © All rights reserved", ("Anne Roux",)),
        ("Filed by Anne Roux under Water", ("Anne Roux",)),
        ("anne@paper.example (Anne Roux)", ("Anne Roux",)),
        # places, outlets, agencies
        ("Anne Roux, New York", ("Anne Roux",)),
        ("Anne Roux for The Paper", ("Anne Roux",)),
        ("Anne Roux For Paper Online", ("Anne Roux",)),
        ("Anne Roux pour Le Papier", ("Anne Roux",)),
        ("Anne Roux in Lyon", ("Anne Roux",)),
        ("Anne Roux, Lyon", ("Anne Roux",)),
        ("Anne Roux, Special to The Paper", ("Anne Roux",)),
        ("Anne Roux USA TODAY", ("Anne Roux",)),
        ("Anne Roux, AFP", ("Anne Roux",)),
        ("Jan in 't Veld", ("Jan in 't Veld",)),
        # given names last
        ("Roux, Anne", ("Anne Roux",)),
        ("Roux, Anne; Petit, Jean", ("Anne Roux", "Jean Petit")),
        ("Roux, Anne and Petit, Jean", ("Anne Roux", "Jean Petit")),
        ("Wit, Anna de", ("Anna de Wit",)),
        ("Anne Roux, Jean Petit", ("Anne Roux", "Jean Petit")),
        # accounts
        ("admin", ()),
        ("wordpressadmin", ()),
        ("Super User", ()),
        ("Editor", ()),
        ("Front Page", ()),
        ("Admin User", ()),
        ("paper_admin", ()),
        ("WordPress", ()),
        ("[object Object]", ()),
        ("Your Name", ()),
        ("N/A", ()),
        ("编辑", ()),
        ("المحرر", ()),
        # markup
        ("By <a href='/1'>Anne Roux</a><br>Jean Petit", ("Anne Roux", "Jean Petit")),
        ("Anna Nowak a Petr Dvořák", ("Anna Nowak", "Petr Dvořák")),
        ("de Ana Popescu", ("Ana Popescu",)),
        ("كتب - سامي خليل", ("سامي خليل",)),
        ("文・山田花子", ("山田花子",)),
        # what looks like a role and is a name
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("April May", ("April May",)),
        ("Yun Hee Sun", ("Yun Hee Sun",)),
        ("Rasender Reporter", ("Rasender Reporter",)),
        ("Karl von Habsburg", ("Karl von Habsburg",)),
        ("Anne-Marie O’Sullivan", ("Anne-Marie O’Sullivan",)),
        # none
        ("page.head.extra.author", ()),
        ("{{author}}", ()),
        ("paper.example, Frankfurt, Germany", ()),
        ("https://www.facebook.com/paper", ()),
    ],
)
def test_names(byline: str, names: tuple[str, ...]) -> None:
    assert parse_author_names([byline]) == names


def test_a_newsroom_yields_to_a_person() -> None:
    assert parse_author_names(["Redaktion", "Anne Roux"]) == ("Anne Roux",)
    assert parse_author_names(["La rédaction"]) == ("La rédaction",)
    assert (
        not is_person("Press release")
        and not is_person("Redakcia")
        and not is_person("本报编辑部")
        and not is_person("Agencies")
        and is_person("Anne Roux")
    )


def test_handles_only_if_they_are_allowed() -> None:
    assert parse_author_names(["freeman1984"]) == ()
    assert parse_author_names(["freeman1984"], allow_handles=True) == ("freeman1984",)
    assert (
        is_handle("Alexander")
        and is_handle("kffnirmitap")
        and not is_handle("Anne Roux")
        and not is_handle("王小明")
    )


def test_each_name_once_in_the_better_spelling() -> None:
    assert parse_author_names(["ANNE ROUX", "Anne Roux"]) == ("Anne Roux",)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Roux; Anne", ("Anne Roux",)),
        ("Anne; admin", ("Anne",)),
        ("Anne Roux; Paul Mey", ("Anne Roux", "Paul Mey")),
        ("作者：陈立 编辑：周敏", ("陈立",)),
        ("作者:陈立 责任编辑:周敏", ("陈立",)),
        ("記者陳立明／高雄報導", ("陳立明",)),
    ],
)
def test_signs_between_names(byline: str, names: tuple[str, ...]) -> None:
    assert parse_author_names([byline]) == names


@pytest.mark.parametrize(
    "text",
    ["by ", "a ", "und ", "(", "von x ", "Staff Writer ", ", MD", "posted by: "],
)
def test_long_nonsense_takes_little_time(text: str) -> None:
    started = time.process_time()
    parse_author_names([text * 50_000] * 20)
    assert time.process_time() - started < 1

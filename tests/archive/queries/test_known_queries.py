"""Hundreds of queries in French, English and German, each with its known answer.

The articles are made of words whose forms are known by grammar, and a query is made
together with a predicate that tells which version it means: neither FTS5 nor the stemmer
is asked for the truth.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from harvester.archive.queries.search import count_hits
from harvester.archive.records.word_forms import WordIndex
from harvester.ingest import word_index
from harvester.schedule.times import format_time
from tests.support import small_archive
from tests.support.queries import NOW, find, parse

# Forms of one word each; no two words share a form.
PARADIGMS = {
    "fr": """
        inondation inondations|maire maires|église églises|rivière rivières|école écoles
        œuvre œuvres|cœur cœurs|grève grèves|élève élèves|agricole agricoles
        déclare déclarer déclara déclarait|village villages|hameau hameaux
        menacé menacée menacés menacées|paysan paysans|foire foires|évêque évêques
        été étés|abîmé abîmée abîmées|façade façades""",
    "en": """
        flood floods flooded flooding|bridge bridges|minister ministers|school schools
        warn warns warned warning|council councils|valley valleys|strike strikes
        closure closures|teacher teachers|harbour harbours|voted vote votes voting
        railway railways|storm storms|farmer farmers|tunnel tunnels|library libraries
        ferry ferries|resign resigned resigns|bakery bakeries""",
    "de": """
        Haus Häuser Hauses Hause|Straße Straßen|Brücke Brücken|Schule Schulen
        Gemeinde Gemeinden|Bürgermeister Bürgermeisters|Streik Streiks|Fluss Flüsse
        Gerät Geräte Geräten|Kirche Kirchen|Zeitung Zeitungen|Wiese Wiesen
        Mühle Mühlen|Bauer Bauern|Hütte Hütten|Glocke Glocken|größte größten
        Übung Übungen|Straßenbahn Straßenbahnen|Ärzte Ärzten""",
}
NAMES = {"fr": ["Zoé Lefèvre", "Anaïs Müller"], "en": ["Ruth O'Neil", "Ian Black"], "de": ["Jörg Groß", "Ute Weiß"]}  # fmt: skip
FILLERS = {
    "fr": "puis voici encore",
    "en": "then here again",
    "de": "dann hier nochmals",
}
MONTHS = ["2025-03", "2025-04", "2025-05"]
ARTICLES = 24  # of each language
OUTLETS = ("mpi", "courier")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.lower().translate(_LIGATURES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", fold(text))


def paradigms(language: str) -> list[list[str]]:
    lines = re.split(r"[|\n]", PARADIGMS[language])
    return [line.split() for line in lines if line.strip()]


@dataclass
class Version:
    """A version as it was made."""

    article: str
    language: str
    outlet: str
    author: str
    month: str
    title: str
    lines: list[str]
    number: int = 1
    added: list[str] = field(default_factory=list)  # by the edit that made it
    took: list[str] = field(default_factory=list)
    next_added: list[str] = field(default_factory=list)  # by the edit that ended it
    next_took: list[str] = field(default_factory=list)
    versions: int = 1

    def columns(self) -> list[list[str]]:
        return [tokens(self.title), tokens(self.author), tokens("\n".join(self.lines))]

    def words(self) -> set[str]:
        return {word for column in self.columns() for word in column}


Predicate = Callable[[Version], bool]
Query = tuple[str, Predicate]


def has_any(texts: list[str], forms: list[str]) -> bool:
    return not {fold(form) for form in forms}.isdisjoint(
        word for text in texts for word in tokens(text)
    )


def compose_line(chance: random.Random, language: str) -> str:
    words = []
    for forms in chance.sample(paradigms(language), 4):
        words += [chance.choice(forms), *chance.sample(FILLERS[language].split(), 1)]
    if language == "fr":
        words = [
            f"l'{word}" if fold(word)[0] in "aeiou" and chance.random() < 0.5 else word
            for word in words
        ]
    if chance.random() < 0.3:
        words[0] = words[0].upper()
    return f"{' '.join(words)}."


def make_versions(chance: random.Random) -> list[Version]:
    made = []
    for number in range(ARTICLES * len(PARADIGMS)):
        language = list(PARADIGMS)[number % len(PARADIGMS)]
        outlet = chance.choice(OUTLETS)
        first = Version(
            f"https://{outlet}.example/{number}",
            language,
            outlet,
            chance.choice(NAMES[language]),
            chance.choice(MONTHS),
            compose_line(chance, language)[:-1],
            [compose_line(chance, language) for _ in range(chance.randrange(1, 4))],
        )
        made.append(first)
        if number % 3 != 1:
            continue
        old, new = first.lines[-1], compose_line(chance, language)
        second = Version(
            first.article, language, outlet, first.author, first.month, first.title,
            [*first.lines[:-1], new], 2, [new], [old], versions=2,
        )  # fmt: skip
        first.next_added, first.next_took, first.versions = [new], [old], 2
        made.append(second)
    return made


def store(builder: small_archive.Building, versions: list[Version]) -> None:
    ids: dict[str, int] = {}
    for version in versions:
        at = f"{version.month}-05T10:0{version.number}:00Z"
        if version.number == 1:
            builder.article(version.article, version.outlet, at)
        key = small_archive.key_of(version.article)
        row = builder.version(
            key,
            version.title,
            "\n".join(version.lines),
            at,
            language=version.language,
            authors=json.dumps([version.author], ensure_ascii=False),
        )
        if version.number == 2:
            sentences = {"added": version.added, "removed": version.took, "changed": []}
            builder.row(
                "changes",
                article=key,
                at=at,
                kind="edited",
                before=ids[key],
                after=row,
                sentences=json.dumps(sentences, ensure_ascii=False),
            )
        ids[key] = row


# ---- queries, each with what it means


def word_queries(chance: random.Random, language: str) -> Iterator[Query]:
    """A word in its forms, as people type it."""
    for forms in paradigms(language):
        form = chance.choice(forms)

        def is_there(version: Version, forms: list[str] = forms) -> bool:
            return not {fold(one) for one in forms}.isdisjoint(version.words())

        def is_typed(version: Version, form: str = form) -> bool:
            return fold(form) in version.words()

        def in_title(version: Version, forms: list[str] = forms) -> bool:
            return has_any([version.title], forms)

        def begins(version: Version, prefix: str = fold(form[:4])) -> bool:
            return any(word.startswith(prefix) for word in version.words())

        def was_added(version: Version, forms: list[str] = forms) -> bool:
            return has_any(version.added, forms) and not has_any(version.took, forms)

        def was_removed(version: Version, forms: list[str] = forms) -> bool:
            taken, given = version.next_took, version.next_added
            return has_any(taken, forms) and not has_any(given, forms)

        yield form, is_there
        yield form.upper(), is_there
        yield f'"{form}"', is_typed
        yield f"title:{form}", in_title
        yield f"{form[:4]}*", begins
        yield f"added:{form}", was_added
        yield f"removed:{form}", was_removed
        if language == "fr":
            yield f"l'{form}", is_there
            yield f"d’{form}", is_there


def phrase_queries(
    chance: random.Random, versions: list[Version], language: str
) -> Iterator[Query]:
    """Words that stand next to each other somewhere."""
    for version in chance.sample([v for v in versions if v.language == language], 10):
        words = re.findall(r"\w+", chance.choice(version.lines))
        start = chance.randrange(len(words) - 2)
        phrase = [fold(word) for word in words[start : start + 3]]

        def has_phrase(version: Version, phrase: list[str] = phrase) -> bool:
            return any(
                column[place : place + len(phrase)] == phrase
                for column in version.columns()
                for place in range(len(column))
            )

        yield f'"{" ".join(words[start : start + 3])}"', has_phrase
        yield f'"{fold(" ".join(words[start : start + 3]))}"', has_phrase


def field_queries(language: str) -> Iterator[Query]:
    yield f"lang:{language}", lambda version: version.language == language
    yield "versions:>1", lambda version: version.versions > 1
    for outlet in OUTLETS:
        yield (
            f"outlet:{outlet}",
            lambda version, outlet=outlet: version.outlet == outlet,
        )
    for month in MONTHS:
        yield f"published:{month}", lambda version, month=month: version.month == month
    for name in NAMES[language]:
        last = name.split()[-1]
        yield (
            f'author:"{last}"',
            lambda version, last=last: set(tokens(last)) <= set(tokens(version.author)),
        )


def combine(chance: random.Random, queries: list[Query]) -> Query:
    """Two or three of them, by AND, OR, NOT."""
    (one, is_one), (two, is_two), (three, is_three) = chance.sample(queries, 3)
    return chance.choice([
        (f"{one} {two}", lambda v: is_one(v) and is_two(v)),
        (f"{one} OR {two}", lambda v: is_one(v) or is_two(v)),
        (f"{one} -{two}", lambda v: is_one(v) and not is_two(v)),
        (f"{one} AND ({two} OR {three})", lambda v: is_one(v) and (is_two(v) or is_three(v))),
        (f"({one} OR {two}) NOT {three}", lambda v: (is_one(v) or is_two(v)) and not is_three(v)),
        (f"{one} ({two} -{three})", lambda v: is_one(v) and is_two(v) and not is_three(v)),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def versions() -> list[Version]:
    return make_versions(random.Random(11))


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, versions: list[Version]
) -> Iterator[sqlite3.Connection]:
    builder = small_archive.Building(tmp_path_factory.mktemp("known"))
    store(builder, versions)
    word_index.index_all_pending(builder.archive, WordIndex(builder.connection))
    with closing(builder.archive) as opened:
        yield opened.connection


def list_queries(versions: list[Version], language: str) -> list[Query]:
    chance = random.Random(language)
    single = [
        *word_queries(chance, language),
        *phrase_queries(chance, versions, language),
        *field_queries(language),
    ]
    return single + [combine(chance, single) for _ in range(120)]


@pytest.mark.parametrize("language", PARADIGMS)
def test_each_query_finds_what_it_means(
    archive: sqlite3.Connection, versions: list[Version], language: str
) -> None:
    queries = list_queries(versions, language)
    assert len(queries) > 280
    sizes: Counter[int] = Counter()
    wrong = []
    for query, means in queries:
        expected = {small_archive.key_of(v.article) for v in versions if means(v)}
        hits = find(archive, query, limit=1_000)
        found = {hit.article for hit in hits}
        ranked = {hit.article for hit in find(archive, query, limit=1_000, rank=True)}
        counted = count_hits(archive, parse(query), format_time(NOW))
        sizes[min(len(expected), 3)] += 1
        if not (found == ranked == expected and counted == len(hits) == len(found)):
            wrong.append((query, len(expected), len(found), len(ranked), counted))
    assert not wrong, "\n".join(map(str, wrong))
    assert sizes[0] < len(queries) / 2 and sizes[3] > len(queries) / 4

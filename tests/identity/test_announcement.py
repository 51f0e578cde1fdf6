"""What counts as a change of what a feed says of an entry, and what does not."""

from __future__ import annotations

import pytest

from harvester.identity.announcement import (
    MAX_TEASER_LENGTH,
    Announcement,
    changed_parts,
    is_beginning_of,
    wording_digest,
)

TITLE = "Minister criticised over dossier"
SUMMARY = "Papers raise questions about the dossier that the minister signed in May."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Minister lied about dossier", TITLE),
        ("3 dead after storm in Brest", "12 dead after storm in Brest"),
        ("Minister resigns", "Minister resigns?"),
        ("Le maire a menti", "Le maire n'a pas menti"),
        ("Live: minister lied about dossier", f"Live: {TITLE}"),
        ("Minister lied about dossier", ""),
        ("Live music returns to the harbour", "Music returns to the harbour"),
        ("大臣が辞任", "大臣が続投"),
        ("Mayor wins vote", "Mayor wins vote, court annuls it"),
    ],
)
def test_another_headline(before: str, after: str) -> None:
    parts = changed_parts(Announcement(before, SUMMARY), Announcement(after, SUMMARY))
    assert parts == ("title",)
    assert wording_digest(Announcement(before, "")) != wording_digest(
        Announcement(after, "")
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("He fabricated it, papers show.", "Papers raise questions."),
        (SUMMARY, ""),
        ("The vote is on Monday.", "The vote is on Tuesday."),
        # A sentence that was added or removed is no cut.
        (SUMMARY, f"{SUMMARY} His party wants him to go."),
        (f"{SUMMARY} He fabricated it.", SUMMARY),
        ("Il nie tout. Lire la suite", "Il avoue tout. Lire la suite"),
        ("There will be more", "There will be less"),
    ],
)
def test_another_teaser(before: str, after: str) -> None:
    parts = changed_parts(Announcement(TITLE, before), Announcement(TITLE, after))
    assert parts == ("summary",)


def test_both() -> None:
    before = Announcement("Minister lied about dossier", "He fabricated it.")
    assert changed_parts(before, Announcement(TITLE, SUMMARY)) == ("title", "summary")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Minister “criticised” over dossier", 'Minister "criticised"  over dossier'),
        ("L’église brûle", "L'église brûle"),
        ("MINISTER CRITICISED OVER DOSSIER", TITLE),
        (TITLE, f"NEW: {TITLE}"),
        (TITLE, f"LIVE | {TITLE}"),
        (f"Live: {TITLE}", f"Breaking: {TITLE}"),
        (f"[NEW] {TITLE}", TITLE),
        (f"UPDATE 1-{TITLE}", f"UPDATE 3-{TITLE}"),
        (f"En direct : {TITLE}", f"Mis à jour : {TITLE}"),
        (f"(3) {TITLE}", f"(14) {TITLE}"),
        (f"{TITLE} (12 comments)", f"{TITLE} (148 comments)"),
        (TITLE, f"{TITLE} (2 Kommentare)"),
        (f"{TITLE} - 5 min read", f"{TITLE} - 6 min read"),
        (f"{TITLE} | 1.204 views", f"{TITLE} | 2.310 views"),
        (TITLE, f"{TITLE}."),
        ("", TITLE),
    ],
)
def test_noise_of_headlines(before: str, after: str) -> None:
    assert changed_parts(Announcement(before, ""), Announcement(after, "")) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SUMMARY, f"  {SUMMARY.replace(' ', '  ')}\n"),
        (SUMMARY, f"{SUMMARY[:40]}…"),
        (f"{SUMMARY[:40]} [...]", f"{SUMMARY[:58]} […]"),
        (f"{SUMMARY[:43]}", SUMMARY),
        (SUMMARY, f"{SUMMARY} Continue reading…"),
        (SUMMARY, f"{SUMMARY} Read more about the minister"),
        (f"{SUMMARY[:40]}... Continue reading", f"{SUMMARY[:50]}... Continue reading"),
        (SUMMARY, f"{SUMMARY} [Lire la suite →]"),
        (SUMMARY, f"{SUMMARY}\nThe post {TITLE} appeared first on The Courier."),
        (f"{SUMMARY}\n3 comments", f"{SUMMARY}\n17 comments"),
        (f"{SUMMARY} (3 comments)", f"{SUMMARY} (17 comments)"),
        (f"{SUMMARY} 3 hours ago.", f"{SUMMARY} 5 hours ago."),
        (f"il y a 3 heures\n{SUMMARY}", f"il y a 4 heures\n{SUMMARY}"),
        (
            f"{SUMMARY} https://courier.example/a?utm_source=feed&id=3",
            f"{SUMMARY} https://courier.example/a?utm_source=mail&id=3",
        ),
        ("", SUMMARY),
    ],
)
def test_noise_of_teasers(before: str, after: str) -> None:
    assert changed_parts(Announcement(TITLE, before), Announcement(TITLE, after)) == ()


def test_a_text_is_no_teaser() -> None:
    text = " ".join(f"Sentence {number} of the report." for number in range(90))
    assert len(text) > MAX_TEASER_LENGTH
    before = Announcement(TITLE, text)
    after = Announcement(TITLE, text.replace("Sentence 7 ", "Paragraph 7 "))
    assert changed_parts(before, after) == ()
    assert is_beginning_of(f"{text[:100]}…", text)
    assert not is_beginning_of(SUMMARY, text)
    assert not is_beginning_of("", text)


@pytest.mark.parametrize(
    "letter", ["(", "the post ", "... ", "- 1 comment ", "read more "]
)
def test_hostile_summaries_take_no_time(letter: str) -> None:
    import time

    before = time.process_time()
    changed_parts(Announcement(letter * 700, letter * 700), Announcement("a", "b"))
    wording_digest(Announcement(letter * 5_000, letter * 5_000))
    assert time.process_time() - before < 1.0

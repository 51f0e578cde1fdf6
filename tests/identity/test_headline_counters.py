"""Counters, reading times and clocks in headlines; numbers that are news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity.change import VersionText, classify_change
from harvester.identity.same_article import is_same_headline
from harvester.identity.significant_lines import ExtractedText, is_same_wording
from harvester.identity.wording import headline_key, wording_digest

TEXT = "The council met on Monday evening.\nIt approved the budget of the town."


# Each line: one headline, as it reads at several visits.
@pytest.mark.parametrize(
    "headlines",
    [
        ("The budget (12 comments)", "The budget (13 Comments)", "The budget"),
        ("The budget - 5 min read", "The budget – 16 min read", "The budget"),
        ("The budget | 5 min", "The budget | 1 minute read", "The budget"),
        ("The budget 5 min read", "The budget 6 min read", "The budget"),
        ("The budget, 5 min read", "The budget, 6 min read"),
        ("The budget. 12 comments", "The budget. 13 comments"),
        ("Live 14:32 - Storm", "Live 15:01 – Storm", "LIVE 15:02: Storm", "Storm"),
        ("Live 14:32 Storm comes", "Live 15:32 Storm comes"),
        ("14:32 - Storm", "15:01 | Storm", "16:10: Storm", "Storm"),
        ("+++ 14:32 +++ Storm", "+++ 15:32 +++ Storm"),
        ("Storm (as of 3:20 p.m. EST)", "Storm (as of 4:20 p.m. EST)", "Storm"),
        ("Storm · Updated 5 minutes ago", "Storm · Updated 2 hours ago", "Storm"),
        ("[3] The budget", "[4] The budget", "(99+) The budget", "The budget"),
        ("The budget [12]", "The budget [13]"),
        ("Storm - 1,204 views", "Storm - 1.3K views", "Storm • 12 views", "Storm"),
        ("Storm (Views: 12)", "Storm (Views: 13)"),
        ("💬 12 Storm", "💬 13 Storm"),
        ("Storm 👁 1.2k", "Storm 👁 1.3k", "Storm"),
        ("Storm (12 Comments) | The Paper", "Storm (13 Comments) | The Paper"),
        ("Le vote : récit (3 commentaires)", "Le vote : récit (12 commentaires)"),
        (
            "Le vote - Temps de lecture : 4 min",
            "Le vote - Temps de lecture : 5 min",
            "Le vote",
        ),
        ("EN DIRECT 14h32 - Incendie", "EN DIRECT 15h02 - Incendie"),
        ("Incendie | Mis à jour à 14h32", "Incendie | Mis à jour à 15h02", "Incendie"),
        ("Incendie (mis à jour le 3 mars à 14h32)", "Incendie"),
        ("Der Haushalt (12 Kommentare)", "Der Haushalt (1 Kommentar)"),
        ("Der Haushalt | Lesezeit: 3 Minuten", "Der Haushalt | Lesezeit: 4 Min."),
        ("Liveticker 14:32 Uhr: Wahlabend", "Liveticker 18:01 Uhr: Wahlabend"),
        ("Wahlabend - Stand: 14.32 Uhr", "Wahlabend - Stand: 15.02 Uhr", "Wahlabend"),
        ("El pleno (12 comentarios)", "El pleno (14 comentarios)", "El pleno"),
        ("El pleno · 3 min de lectura", "El pleno · 4 min de lectura"),
        ("El pleno | Actualizado a las 14:32", "El pleno | Actualizado a las 15:32"),
        ("Il bilancio - 12 commenti", "Il bilancio - 13 commenti", "Il bilancio"),
        ("Il bilancio - aggiornato alle 14:32", "Il bilancio - aggiornato alle 15.32"),
        ("O orçamento (12 comentários)", "O orçamento (13 comentários)"),
        ("De begroting | leestijd 3 min", "De begroting | leestijd 4 min"),
        ("Бюджет — 12 комментариев", "Бюджет — 13 комментариев", "Бюджет"),
        ("الميزانية (١٢ تعليق)", "الميزانية (١٣ تعليق)"),
        ("予算案 (12件のコメント)", "予算案 (13件のコメント)", "予算案"),
        ("预算 | 12条评论", "预算 | 13条评论"),
        ("예산 (댓글 12)", "예산 (댓글 13)"),
    ],
)
def test_what_pages_count_is_no_change_of_a_headline(
    headlines: tuple[str, ...],
) -> None:
    first, *others = headlines
    for other in others:
        assert headline_key(other) == headline_key(first)
        assert wording_digest(other, TEXT) == wording_digest(first, TEXT)
        assert is_same_wording(ExtractedText(first, TEXT), ExtractedText(other, TEXT))
        assert is_same_headline(first, other)
        found = classify_change(VersionText(first, TEXT), VersionText(other, TEXT))
        assert (found.change_class, found.size) == ("cosmetic", 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3 dead in a fire", "12 dead in a fire"),
        ("Fire: 3 dead | 12 missing", "Fire: 3 dead | 15 missing"),
        ("Live: 3 dead", "Live: 5 dead"),
        ("Fire: 40 dead (official)", "Fire: 41 dead (official)"),
        ("The bill passes - 51 votes", "The bill passes - 52 votes"),
        ("The bill passes (51 votes)", "The bill passes (52 votes)"),
        ("The train leaves at 14:32", "The train leaves at 15:32"),
        ("Trauer um Anna K. (34)", "Trauer um Anna K. (35)"),
        ("The minister deletes 300 comments", "The minister deletes 400 comments"),
        ("North 1 - 0 South", "North 1 - 1 South"),
        ("North v South (1-0)", "North v South (2-0)"),
        ("North - South | 2:1", "North - South | 3:1"),
        ("Live 2:1 North", "Live 3:1 North"),
        ("(3-1) North wins", "(4-1) North wins"),
        ("100 m final (9.58)", "100 m final (9.59)"),
        ("Inflation at 3.2%", "Inflation at 3.3%"),
        ("Part 1 | The flood", "Part 2 | The flood"),
        ("A 5 minute walk that kills", "A 6 minute walk that kills"),
        ("Two shares", "Three shares"),
    ],
)
def test_a_number_that_is_news_is_a_change(before: str, after: str) -> None:
    assert headline_key(before) != headline_key(after)
    assert wording_digest(before, TEXT) != wording_digest(after, TEXT)
    found = classify_change(VersionText(before, TEXT), VersionText(after, TEXT))
    assert found.change_class == "headline" and found.size >= 0


@pytest.mark.parametrize("headline", ["12 comments", "14:32", "[3]", "5 min read", "§"])
def test_a_headline_of_nothing_else_stays(headline: str) -> None:
    assert headline_key(headline) == headline


WORDS = st.sampled_from(
    ["(12", "comments)", "|", "-", "live", "14:32", "5", "min", "read", "[3]", "Storm"]
)


@given(st.one_of(st.text(max_size=100), st.lists(WORDS).map(" ".join)))
def test_stripping_twice_changes_nothing(headline: str) -> None:
    once = headline_key(headline)
    assert headline_key(once) == once

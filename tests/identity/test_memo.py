"""Results that are remembered: bounded, the last ones used, and those that were handed in."""

from __future__ import annotations

import pytest

from harvester.identity import near_duplicates, shingles, wording
from harvester.identity.memo import ResultCache

TEXT = (
    "Le conseil a voté hier soir le budget du pont, après trois heures de débat.\nIl y a 3 heures\n"
    * 3
)


def test_the_last_ones_used_are_remembered() -> None:
    made: list[int] = []
    memo: ResultCache[int, int] = ResultCache(2)

    def ask(number: int) -> int:
        def make() -> int:
            made.append(number)
            return number * number

        return memo.get_or_compute(number, make)

    assert [ask(number) for number in (2, 3, 2, 4, 2, 3)] == [4, 9, 4, 16, 4, 9]
    assert made == [2, 3, 4, 3]
    memo.put(5, 0)
    assert ask(5) == 0


def test_what_is_remembered_is_what_would_be_worked_out() -> None:
    assert (
        wording.normalise_text_cached(TEXT)
        == wording.normalise_text(TEXT)
        == wording.normalise_text_cached(TEXT)
    )
    assert list(near_duplicates.shingle_sample(TEXT)) == shingles.sample_hashes(
        near_duplicates.tokenise("", TEXT).words
    )
    assert near_duplicates.shingle_sample(TEXT) == near_duplicates.shingle_sample(TEXT)


def test_what_was_handed_in_is_not_worked_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    normal, sample = (
        wording.normalise_text(TEXT + "x"),
        tuple(shingles.sample_hashes(near_duplicates.tokenise("", TEXT + "x").words)),
    )
    names = wording.wording_and_text_digests("Titre", TEXT + "x", ("Anne Martin",))
    wording._digests.cache_clear()
    wording.cache_normalised(TEXT + "x", normal)
    near_duplicates.cache_sample(TEXT + "x", sample)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(shingles, "sample_hashes", never)
    plain = wording.normalise_typography
    monkeypatch.setattr(
        wording,
        "normalise_text",
        lambda text: never() if "budget" in text else plain(text),
    )
    assert (
        wording.wording_and_text_digests("Titre", TEXT + "x", ("Anne Martin",)) == names
    )
    assert near_duplicates.shingle_sample(TEXT + "x") == sample

"""Results that are cached, and those that another process has computed."""

from __future__ import annotations

import pytest

from harvester.identity import near_duplicates, shingles, wording

TEXT = (
    "Le conseil a voté hier soir le budget du pont, après trois heures de débat.\n"
    "Il y a 3 heures\n"
) * 3


def test_the_least_recently_used_results_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wording.normalise_text_cached.cache_clear()
    computed: list[str] = []
    monkeypatch.setattr(
        wording, "normalise_text", lambda text: computed.append(text) or text.upper()
    )
    wording.normalise_text_cached("first")
    for number in range(15):
        wording.normalise_text_cached(f"text {number}")
    assert wording.normalise_text_cached("first") == "FIRST"
    wording.normalise_text_cached("one too many")
    wording.normalise_text_cached("first")
    wording.normalise_text_cached("text 0")
    assert computed.count("first") == 1
    assert computed.count("text 0") == 2
    wording.normalise_text_cached.cache_clear()


def test_a_cached_result_is_what_would_be_computed() -> None:
    assert (
        wording.normalise_text_cached(TEXT)
        == wording.normalise_text(TEXT)
        == wording.normalise_text_cached(TEXT)
    )
    assert list(near_duplicates.shingle_sample(TEXT)) == shingles.sample_hashes(
        near_duplicates.tokenise("", TEXT).words
    )
    assert near_duplicates.shingle_sample(TEXT) == near_duplicates.shingle_sample(TEXT)


def test_what_was_handed_in_is_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = TEXT + "x"
    normalised = wording.normalise_text(text)
    sample = tuple(shingles.sample_hashes(near_duplicates.tokenise("", text).words))
    digests = wording.wording_and_text_digests("Titre", text, ("Anne Martin",))
    wording._digests.cache_clear()
    wording.cache_normalised(text, normalised)
    near_duplicates.cache_sample(text, sample)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(shingles, "sample_text", never)
    typography_only = wording.normalise_typography
    monkeypatch.setattr(
        wording,
        "normalise_text",
        lambda text: never() if "budget" in text else typography_only(text),
    )
    assert wording.wording_and_text_digests("Titre", text, ("Anne Martin",)) == digests
    assert near_duplicates.shingle_sample(text) == sample

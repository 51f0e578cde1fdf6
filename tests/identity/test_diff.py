"""Sentences split, and texts compared by sentence and word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import diff, wording


def test_sentences_of_two_languages() -> None:
    text = (
        "M. Durand a parlé à 10 h 30. « C’est fini ! » a-t-il dit."
        " Dr. Smith paid $3.5 million to U.S. firms. It ended."
    )
    sentences = diff.split_sentences(text)
    assert sentences[0] == "M. Durand a parlé à 10 h 30."
    assert sentences[-1] == "It ended."
    assert not {"M.", "Dr."} & set(sentences)


WORDS = st.lists(
    st.sampled_from(
        "le maire a dit que budget vote lundi. Église ferme demain! Non.".split()
    ),
    max_size=30,
).map(" ".join)


@given(WORDS, WORDS)
def test_a_difference_accounts_for_every_sentence(before: str, after: str) -> None:
    def wordings(text: str) -> list[str]:
        return list(map(wording.normalise_text, diff.split_sentences(text)))

    difference = diff.diff_sentences(before, after)
    old, new = (
        sorted(filter(None, wordings(before))),
        sorted(filter(None, wordings(after))),
    )
    for sentence in (*difference.removed, *(pair[0] for pair in difference.changed)):
        old.remove(wording.normalise_text(sentence))
    for sentence in (*difference.added, *(pair[1] for pair in difference.changed)):
        new.remove(wording.normalise_text(sentence))
    assert old == new


@given(WORDS, WORDS)
def test_words_restore_both_sentences(before: str, after: str) -> None:
    runs = diff.diff_words(before, after)
    assert "".join(text for sign, text in runs if sign != "+") == before
    assert "".join(text for sign, text in runs if sign != "-") == after


def test_a_changed_sentence_is_one() -> None:
    difference = diff.diff_sentences(
        "Le feu a fait 3 morts. La route est fermée.",
        "Le feu a fait 5 morts. La route est fermée. Elle rouvrira.",
    )
    assert difference.changed == (("Le feu a fait 3 morts.", "Le feu a fait 5 morts."),)
    assert difference.added == ("Elle rouvrira.",)
    assert difference.removed == ()


def test_what_was_moved_is_neither_added_nor_removed() -> None:
    first, second, third = "Le pont ferme.", "Le gué reste ouvert.", "Il pleut."
    before, after = "\n".join((first, second, third)), "\n".join((third, first, second))
    assert diff.diff_sentences(before, after) == diff.SentenceDiff(moved=(third,))
    shorter = "\n".join((third, first))
    assert diff.diff_sentences(before, shorter).removed == (second,)

"""Quotations found again, also altered ones."""

from __future__ import annotations

from harvester.identity import quote_match

TEXT = """The council met on Monday.
The bridge over the Thame will stay closed until spring, the engineer said.
Nobody was hurt. The ferry sails twice a day until then.
市议会周二晚间通过了明年的预算案。反对党在表决前离开了会场。"""


def test_as_it_stands() -> None:
    match = quote_match.find_quotation(
        "the bridge over the Thame will stay closed until spring", TEXT
    )
    assert match == quote_match.QuotationMatch(
        "The bridge over the Thame will stay closed until spring, the engineer said.",
        1.0,
    )


def test_slightly_altered() -> None:
    match = quote_match.find_quotation(
        "The old bridge over the Thame stays closed until spring, the engineer says",
        TEXT,
    )
    assert match is not None and 0.6 <= match.score < 1


def test_several_sentences_and_other_scripts() -> None:
    match = quote_match.find_quotation(
        "Nobody was hurt. The ferry sails twice a day until then.", TEXT
    )
    assert (
        match is not None
        and match.sentence.endswith("until then.")
        and match.score == 1
    )
    match = quote_match.find_quotation("反对党在表决前离开了会场", TEXT)
    assert match is not None and match.score == 1


def test_what_does_not_stand_there() -> None:
    assert (
        quote_match.find_quotation(
            "The school will stay closed until Monday, the teacher said", TEXT
        )
        is None
    )
    assert quote_match.find_quotation("bridge", TEXT) is not None
    assert quote_match.find_quotation("…", TEXT) is None


def test_phrases_outlast_one_changed_word() -> None:
    words = "the bridge over the thame will stay closed until spring".split()
    for changed in range(len(words)):
        said = " ".join([*words[:changed], "x", *words[changed + 1 :]])
        assert any(
            phrase in " ".join(words) for phrase in quote_match.search_phrases(said)
        ), said
    assert quote_match.search_phrases('"()*') == []

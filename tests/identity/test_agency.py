"""Credits of agencies in several languages, and sentences that only mention one."""

from __future__ import annotations

import pytest

from harvester.identity.agency import credited_agency

SENTENCE = "It was decided at night."


@pytest.mark.parametrize(
    ("agency", "authors", "text"),
    [
        ("Reuters", (), f"PARIS (Reuters) - {SENTENCE}"),
        ("Reuters", (), f"WASHINGTON, Feb 3 (Reuters) – {SENTENCE}"),
        ("AP", (), f"COLUMBIA, S.C. (AP) — {SENTENCE}"),
        ("dpa", (), f"Berlin (dpa/lby) - {SENTENCE}"),
        ("TASS", (), f"MOSCOW, September 5. /TASS/. {SENTENCE}"),
        ("ANSA", (), f"(ANSA) - ROMA, 12 SET - {SENTENCE}"),
        ("EFE", (), f"Madrid, 3 sep (EFE).- {SENTENCE}"),
        ("Interfax", (), f"Moscow. Interfax - {SENTENCE}"),
        ("Xinhua", (), "新华社北京9月1日电（记者王明）今天通过了预算。"),
        ("Kyodo", (), "東京（共同）予算が可決された。"),
        ("AFP", (), "بيروت (أ ف ب) - قال الرئيس"),
        ("AFP", (), f"{SENTENCE}\nWith AFP"),
        ("AFP", (), f"{SENTENCE}\nAvec l’AFP"),
        ("AFP", (), f"{SENTENCE}\n(mit AFP)"),
        ("dpa", (), f"{SENTENCE}\nMit Material der dpa"),
        ("dpa", (), f"{SENTENCE}\n© dpa-infocom, dpa:250906-930-1"),
        ("Reuters", (), f"{SENTENCE}\nAdditional reporting by Reuters\nRead more:"),
        ("AFP", ("Le Figaro avec AFP",), SENTENCE),
        ("AP", ("The Associated Press",), SENTENCE),
        ("Lusa", ("Agência Lusa",), SENTENCE),
        (
            "",
            (),
            "The AP said that it would sue.\n"
            "Reuters is an agency that sells news (and photographs).",
        ),
        (
            "",
            (),
            f"{SENTENCE} That was before Reuters published it, said the mayor.\n"
            "A reader of the AP wrote to us.",
        ),
        ("", ("Anna Partner", "Paul Ansari"), SENTENCE),
        ("", (), ""),
    ],
)
def test_credits(agency: str, authors: tuple[str, ...], text: str) -> None:
    assert credited_agency(authors, text) == agency

"""Agencies as outlets credit them, in several languages, and sentences that only tell of one."""

from __future__ import annotations

import pytest

from harvester.identity.agency import credited_agency

SAID = "It was decided at night."


@pytest.mark.parametrize(
    ("agency", "authors", "text"),
    [
        ("Reuters", (), f"PARIS (Reuters) - {SAID}"),
        ("Reuters", (), f"WASHINGTON, Feb 3 (Reuters) – {SAID}"),
        ("AP", (), f"COLUMBIA, S.C. (AP) — {SAID}"),
        ("dpa", (), f"Berlin (dpa/lby) - {SAID}"),
        ("TASS", (), f"MOSCOW, September 5. /TASS/. {SAID}"),
        ("ANSA", (), f"(ANSA) - ROMA, 12 SET - {SAID}"),
        ("EFE", (), f"Madrid, 3 sep (EFE).- {SAID}"),
        ("Interfax", (), f"Moscow. Interfax - {SAID}"),
        ("Xinhua", (), "新华社北京9月1日电（记者王明）今天通过了预算。"),
        ("Kyodo", (), "東京（共同）予算が可決された。"),
        ("AFP", (), "بيروت (أ ف ب) - قال الرئيس"),
        ("AFP", (), f"{SAID}\nWith AFP"),
        ("AFP", (), f"{SAID}\nAvec l’AFP"),
        ("AFP", (), f"{SAID}\n(mit AFP)"),
        ("dpa", (), f"{SAID}\nMit Material der dpa"),
        ("dpa", (), f"{SAID}\n© dpa-infocom, dpa:250906-930-1"),
        ("Reuters", (), f"{SAID}\nAdditional reporting by Reuters\nRead more:"),
        ("AFP", ("Le Figaro avec AFP",), SAID),
        ("AP", ("The Associated Press",), SAID),
        ("Lusa", ("Agência Lusa",), SAID),
        (
            "",
            (),
            "The AP said that it would sue.\nReuters is an agency that sells news (and photographs).",
        ),
        (
            "",
            (),
            f"{SAID} That was before Reuters published it, said the mayor.\nA reader of the AP wrote to us.",
        ),
        ("", ("Anna Partner", "Paul Ansari"), SAID),
        ("", (), ""),
    ],
)
def test_credits(agency: str, authors: tuple[str, ...], text: str) -> None:
    assert credited_agency(authors, text) == agency

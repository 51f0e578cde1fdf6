"""Which news agency a report names as its source: in its date line, its last lines, or among its authors. Pure.

Only where it is a credit: "PARIS (AFP) –", "(dpa)", "With Reuters", "Avec AFP", "afp/dpa"; a sentence that tells of an agency is none.
Not for: which agency it is really from, where it names none: its cluster may say so (``archive.copies``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# As it is shown → as it is written, case counts only where a short name is a word too.
AGENCIES = {
    "AFP": "AFP|afp|Agence France[- ]Presse|法新社|فرانس برس|أ ف ب",
    "AP": "AP|Associated Press|The Associated Press|美联社|美聯社|أ ب",
    "Reuters": "Reuters|REUTERS|Thomson Reuters|路透社?|رويترز|ロイター",
    "dpa": "dpa(?:-[a-z]+, dpa:[\\d-]+)?|DPA|Deutsche Presse-Agentur",
    "ANSA": "ANSA|Ansa",
    "TASS": "TASS|ITAR-TASS|Tass|ТАСС",
    "Interfax": "Interfax|Интерфакс",
    "RIA Novosti": "RIA Novosti|РИА Новости",
    "EFE": "EFE|Agencia EFE|Efe",
    "Europa Press": "Europa Press",
    "Xinhua": "Xinhua|新华社|新華社",
    "Kyodo": "Kyodo(?: News)?|共同通信|共同社|共同",
    "Jiji": "Jiji(?: Press)?|時事通信|時事",
    "PA": "PA(?: Media)?|Press Association",
    "APA": "APA|apa",
    "ats": "ats|ATS|Keystone-ATS|Keystone-SDA|SDA|sda",
    "Belga": "Belga|BELGA",
    "ANP": "ANP",
    "Lusa": "Lusa|LUSA|Agência Lusa",
    "AAP": "AAP",
    "CP": "The Canadian Press|La Presse canadienne|Canadian Press",
    "PTI": "PTI|Press Trust of India",
    "ANI": "ANI",
    "IANS": "IANS",
    "Yonhap": "Yonhap|연합뉴스",
    "UPI": "UPI",
    "Bloomberg": "Bloomberg(?: News)?",
    "epd": "epd",
    "KNA": "KNA",
    "SID": "SID",
    "NTB": "NTB",
    "TT": "TT",
    "Ritzau": "Ritzau",
    "PAP": "PAP",
    "CTK": "ČTK|CTK",
    "MTI": "MTI",
    "Agerpres": "Agerpres",
    "SPA": "SPA|واس",
    "CNA": "中央社",
    "Anadolu": "Anadolu(?: Agency)?|Anadolu Ajansı|AA",
}
_NAME = rf"(?<!\w)(?:{'|'.join(f'(?P<a{place}>{written})' for place, written in enumerate(AGENCIES.values()))})(?!\w)"
_ANY = re.compile(_NAME)
_SHOWN = tuple(AGENCIES)
_WITH = (
    r"(?:(?:Additional reporting by|Reporting by|With (?:inputs?|reporting|material|files|agencies|information)? ?(?:from|by)?|With|Source|Sources|Credit|By|Via|From"
    r"|Avec l['’]|Avec|Source ?:|Par|Selon|mit Material (?:der|von|des)|Mit Material (?:der|von|des)|mit|Mit|Quelle|Von|Con información de|Con|Fuente|Com|Fonte|Da|Met|Bron)\s*:?\s*(?:the |l['’]|der |la )?)"
)
_LAST = re.compile(
    rf"[(\[/—–-]*\s*(?:©\s*(?:\d{{4}}\s*)?)?{_WITH}?(?:{_NAME})(?:\s*(?:[/,;&+]|and|et|und|y|e)\s*[\w. -]{{1,24}}){{0,3}}\s*[)\]/.]*"
)
_BEFORE = re.compile(r"[(（\[/](?:[^()（）\[\]]{0,20}[/,;]\s?)?$")
_AFTER = re.compile(r"(?:\s?[/,;][^()（）\[\]]{0,20})?[)）\]/]|\s?[—–-]\s")
_ENDS = re.compile(
    rf"[(（\[](?:{_WITH})?(?:{_NAME})(?:\s?[/,;]\s?[\w. ]{{1,20}}){{0,3}}[)）\]]\s*$"
)
DATELINE = 60  # characters before the agency's name in a date line
LAST_LINES = 4
LONGEST = 120  # characters of a line that is only a credit


@lru_cache(maxsize=64)
def credited(authors: tuple[str, ...], text: str) -> str:
    """The name of the agency, as in AGENCIES; "" where none is credited."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return _among(authors)
    for line in lines[:2]:
        if name := _begins(line[:LONGEST]):
            return name
    for line in reversed(lines[-LAST_LINES:]):
        if (
            len(line) <= LONGEST
            and _ANY.search(line)
            and (found := _LAST.fullmatch(line))
        ):
            return _shown(found)
        if line[-1] in ")）]" and (found := _ENDS.search(line[-LONGEST:])):
            return _shown(found)
    return _among(authors)


def _begins(line: str) -> str:
    """The agency of a date line: in brackets or strokes, or before a dash."""
    if line.startswith(("新华社", "新華社")):
        return "Xinhua"
    for found in _ANY.finditer(line):
        if found.start() > DATELINE:
            break
        after = _AFTER.match(line, found.end())
        bracketed = _BEFORE.search(line[: found.start()])
        if after and (bracketed or after[0].isspace() or after[0].strip() in "—–-"):
            return _shown(found)
    return ""


def _among(authors: Sequence[str]) -> str:
    for author in authors:
        if len(author) <= LONGEST and (found := _ANY.search(author)):
            return _shown(found)
    return ""


def _shown(found: re.Match[str]) -> str:
    return next(
        _SHOWN[int(name[1:])] for name, value in found.groupdict().items() if value
    )

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
_AGENCY_PATTERN = rf"(?<!\w)(?:{'|'.join(f'(?P<a{place}>{written})' for place, written in enumerate(AGENCIES.values()))})(?!\w)"
_AGENCY = re.compile(_AGENCY_PATTERN)
_AGENCY_NAMES = tuple(AGENCIES)
_CREDIT_PREFIX = (
    r"(?:(?:Additional reporting by|Reporting by|With (?:inputs?|reporting|material|files|agencies|information)? ?(?:from|by)?|With|Source|Sources|Credit|By|Via|From"
    r"|Avec l['’]|Avec|Source ?:|Par|Selon|mit Material (?:der|von|des)|Mit Material (?:der|von|des)|mit|Mit|Quelle|Von|Con información de|Con|Fuente|Com|Fonte|Da|Met|Bron)\s*:?\s*(?:the |l['’]|der |la )?)"
)
_CREDIT_LINE = re.compile(
    rf"[(\[/—–-]*\s*(?:©\s*(?:\d{{4}}\s*)?)?{_CREDIT_PREFIX}?(?:{_AGENCY_PATTERN})(?:\s*(?:[/,;&+]|and|et|und|y|e)\s*[\w. -]{{1,24}}){{0,3}}\s*[)\]/.]*"
)
_BEFORE_AGENCY = re.compile(r"[(（\[/](?:[^()（）\[\]]{0,20}[/,;]\s?)?$")
_AFTER_AGENCY = re.compile(r"(?:\s?[/,;][^()（）\[\]]{0,20})?[)）\]/]|\s?[—–-]\s")
_TRAILING_CREDIT = re.compile(
    rf"[(（\[](?:{_CREDIT_PREFIX})?(?:{_AGENCY_PATTERN})(?:\s?[/,;]\s?[\w. ]{{1,20}}){{0,3}}[)）\]]\s*$"
)
MAX_DATELINE_OFFSET = 60  # characters before the agency's name in a date line
CREDIT_LINES = 4
MAX_CREDIT_LENGTH = 120  # characters of a line that is only a credit


@lru_cache(maxsize=64)
def credited_agency(authors: tuple[str, ...], text: str) -> str:
    """The name of the agency, as in AGENCIES; "" where none is credited."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return _author_agency(authors)
    for line in lines[:2]:
        if name := _dateline_agency(line[:MAX_CREDIT_LENGTH]):
            return name
    for line in reversed(lines[-CREDIT_LINES:]):
        if (
            len(line) <= MAX_CREDIT_LENGTH
            and _AGENCY.search(line)
            and (found := _CREDIT_LINE.fullmatch(line))
        ):
            return _agency_name(found)
        if line[-1] in ")）]" and (
            found := _TRAILING_CREDIT.search(line[-MAX_CREDIT_LENGTH:])
        ):
            return _agency_name(found)
    return _author_agency(authors)


def _dateline_agency(line: str) -> str:
    """The agency of a date line: in brackets or strokes, or before a dash."""
    if line.startswith(("新华社", "新華社")):
        return "Xinhua"
    for found in _AGENCY.finditer(line):
        if found.start() > MAX_DATELINE_OFFSET:
            break
        after = _AFTER_AGENCY.match(line, found.end())
        bracketed = _BEFORE_AGENCY.search(line[: found.start()])
        if after and (bracketed or after[0].isspace() or after[0].strip() in "—–-"):
            return _agency_name(found)
    return ""


def _author_agency(authors: Sequence[str]) -> str:
    for author in authors:
        if len(author) <= MAX_CREDIT_LENGTH and (found := _AGENCY.search(author)):
            return _agency_name(found)
    return ""


def _agency_name(match: re.Match[str]) -> str:
    return next(
        _AGENCY_NAMES[int(name[1:])]
        for name, value in match.groupdict().items()
        if value
    )

"""The news agency that a report credits: in its dateline, last lines or authors.

Only a credit counts: "PARIS (AFP) –", "(dpa)", "With Reuters", "Avec AFP", "afp/dpa"; a
sentence that mentions an agency does not. Where a report credits none, its cluster may
name its source (``archive.records.copies``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# Name as shown → pattern. Case counts, as some short names are words too.
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
_AGENCY_GROUPS = "|".join(
    f"(?P<a{index}>{pattern})" for index, pattern in enumerate(AGENCIES.values())
)
_AGENCY_PATTERN = rf"(?<!\w)(?:{_AGENCY_GROUPS})(?!\w)"
_AGENCY = re.compile(_AGENCY_PATTERN)
_AGENCY_NAMES = tuple(AGENCIES)
_CREDIT_PREFIX = (
    r"(?:(?:Additional reporting by|Reporting by"
    r"|With (?:inputs?|reporting|material|files|agencies|information)? ?(?:from|by)?"
    r"|With|Source|Sources|Credit|By|Via|From"
    r"|Avec l['’]|Avec|Source ?:|Par|Selon"
    r"|mit Material (?:der|von|des)|Mit Material (?:der|von|des)|mit|Mit|Quelle|Von"
    r"|Con información de|Con|Fuente|Com|Fonte|Da|Met|Bron)"
    r"\s*:?\s*(?:the |l['’]|der |la )?)"
)
_CREDIT_LINE = re.compile(
    rf"[(\[/—–-]*\s*(?:©\s*(?:\d{{4}}\s*)?)?{_CREDIT_PREFIX}?(?:{_AGENCY_PATTERN})"
    r"(?:\s*(?:[/,;&+]|and|et|und|y|e)\s*[\w. -]{1,24}){0,3}\s*[)\]/.]*"
)
_BEFORE_AGENCY = re.compile(r"[(（\[/](?:[^()（）\[\]]{0,20}[/,;]\s?)?$")
_AFTER_AGENCY = re.compile(r"(?:\s?[/,;][^()（）\[\]]{0,20})?[)）\]/]|\s?[—–-]\s")
_TRAILING_CREDIT = re.compile(
    rf"[(（\[](?:{_CREDIT_PREFIX})?(?:{_AGENCY_PATTERN})"
    r"(?:\s?[/,;]\s?[\w. ]{1,20}){0,3}[)）\]]\s*$"
)
MAX_DATELINE_OFFSET = 60  # characters before the agency's name in a dateline
CREDIT_LINES = 4  # lines at the end of a text that may be a credit
MAX_CREDIT_LENGTH = 120  # characters of a line that is only a credit


@lru_cache(maxsize=64)
def credited_agency(authors: tuple[str, ...], text: str) -> str:
    """The name of the credited agency, a key of AGENCIES; "" if there is none."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return (
        next(filter(None, map(_dateline_agency, lines[:2])), "")
        or next(filter(None, map(_credit_agency, reversed(lines[-CREDIT_LINES:]))), "")
        or _author_agency(authors)
    )


def _dateline_agency(line: str) -> str:
    """The agency of a dateline: in brackets or slashes, or before a dash."""
    line = line[:MAX_CREDIT_LENGTH]
    if line.startswith(("新华社", "新華社")):
        return "Xinhua"
    for match in _AGENCY.finditer(line):
        if match.start() > MAX_DATELINE_OFFSET:
            break
        after = _AFTER_AGENCY.match(line, match.end())
        bracketed = _BEFORE_AGENCY.search(line[: match.start()])
        if after and (bracketed or after[0].isspace() or after[0].strip() in "—–-"):
            return _agency_name(match)
    return ""


def _credit_agency(line: str) -> str:
    """The agency of a line that is only a credit, or that ends with one in brackets."""
    if (
        len(line) <= MAX_CREDIT_LENGTH
        and _AGENCY.search(line)
        and (match := _CREDIT_LINE.fullmatch(line))
    ):
        return _agency_name(match)
    if line[-1] in ")）]" and (
        match := _TRAILING_CREDIT.search(line[-MAX_CREDIT_LENGTH:])
    ):
        return _agency_name(match)
    return ""


def _author_agency(authors: Sequence[str]) -> str:
    for author in authors:
        if len(author) <= MAX_CREDIT_LENGTH and (match := _AGENCY.search(author)):
            return _agency_name(match)
    return ""


def _agency_name(match: re.Match[str]) -> str:
    return next(
        _AGENCY_NAMES[int(group[1:])]
        for group, value in match.groupdict().items()
        if value
    )

"""Names of people out of bylines.

What of a page is a byline is decided by ``byline``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.parse.html.charset import html_to_text

MAX_NAMES = 50  # names of one kind
MAX_NAME_LENGTH = 80  # characters
MAX_NAME_WORDS = 6
_BYLINE_PREFIX = re.compile(
    r"^\W*(?:(?:about (?:the author)?|view all posts by"
    r"|(?:all|more|other) (?:posts|articles|stories) (?:by|from)"
    r"|über (?:den autor|die autorin)"
    r"|(?:zeige )?alle (?:beiträge|artikel) (?:von|anzeigen von)"
    r"|(?:tous les|voir (?:tous )?les) articles (?:de|par)"
    r"|ver todas las entradas de"
    r"|visualizza tutti gli articoli di"
    r"|(?:recipe|guide|words|story|article|text|author|guest post|contributed|interview"
    r"|analysis|opinion|autor|blog|artikel|(?:ein )?(?:gast)?beitrag|(?:gast)?kommentar"
    r"|pressemitteilung|im wortlaut|gespeichert|kolumne|analyse|nachricht|rezension"
    r"|eine? \w+)\s*:?\s+(?:by|von|de|por|par)"
    r"|(?:written|posted|published|recommended|reported|submitted|created|authored"
    r"|presented|brought to you)\s+by"
    r"|(?:geschrieben|verfasst|veröffentlicht|eingestellt|erstellt|gepostet) von"
    r"|(?:écrit|publié|rédigé|proposé|posté)\s+par"
    r"|(?:publicado|escrito|postado)\s+por"
    r"|(?:scritto|pubblicato) da"
    r"|(?:geplaatst|gepost|geschreven) door"
    r"|propos recueillis par|par|by|von|vom|por|di|door|av|af)\b[\s:]+"
    r"|(?:texte?(?:\s*(?:und|&|et|\+)\s*(?:fotos?|bilder|photos?))?|authors?"
    r"|autor(?:in|en|es)?|auteure?s?|autrice|autore|writer|tekst|verfasser"
    r"|redakteur(?:in)?|editor|reporter|byline|redaktion|作者|责编|文|記者)\s*[:：]\s*"
    r"|(?:author|autor|auteur|autorin|writer)\s+(?=[A-ZÀ-Þ]))",
    re.IGNORECASE,
)
_LABEL_PREFIX = re.compile(
    r"^(?:[^\W\d_]+\s+){1,2}(?i:by|par)\s+(?=[A-ZÀ-Þ])"
    r"|^[a-zà-ÿ]+\s+(?i:von|por|da)\s+(?=[A-ZÀ-Þ])"
)
_NOT_A_PERSON = re.compile(
    r"^(?:(?:la |die |the |de |notre |il |el )?"
    r"(?:rédaction|editors?|editorial(?: (?:team|board|staff))?|newsroom"
    r"|staff(?: (?:writers?|reporters?|report|editor))?|admin(?:istrator)?|webmaster"
    r"|redaktion|redacción|redazione|redactie|redação|redakcja|news ?desk|web ?desk"
    r"|(?:national|online|digital) desk|guests?|gastautor(?:in)?|gast|invité|anonymous"
    r"|anonyme|unknown|n/a|none|null|undefined|contributors?|super user|user|author"
    r"|auteur|autor(?:in)?"
    r"|journaliste?|reporters?|correspondente?|correspondant|columnist|no author|name"
    r"|human|press release|agenc(?:y|ies)|agenturen|agences"
    r"|guest (?:author|contributor|writer|post|blogger)"
    r"|(?:.* )?(?:redaktion|editorial (?:team|staff|board)|newsroom|staff))"
    r"|rédaction .*|redaktion .*)$",
    re.IGNORECASE,
)
_ROLE_WORDS = (
    r"journaliste?|reporters?|correspondent(?:e|in)?|correspondante?"
    r"|korrespondent(?:in)?|editor(?:-in-chief| in chief| at large)?"
    r"|rédact(?:eur|rice)(?: en chef)?|redakteur(?:in)?|redaktor|writer|columnist"
    r"|kolumnist(?:in)?"
    r"|envoyée? spéciale?|contributor|photographer|photojournalist|producer|blogger"
    r"|anchor|analyst|founder|co-founder|ceo|cto|president|director|manager|professor"
    r"|consultant|strategist|marketer|specialist|expert|coach|coordinator"
    r"|redactor(?:a)?|periodista"
)
_ROLE_SUFFIX = re.compile(
    rf"(?:\s*[,|(–:-]+\s*|\s+)(?:(?:[\w’'-]+\s+){{0,4}}?)(?:{_ROLE_WORDS})\b.*$",
    re.IGNORECASE,
)
_ROLE_SEPARATOR = re.compile(r"[,(|–]")
_ONLY_ROLE = re.compile(
    rf"^(?:[\w’'&-]+\s+){{0,4}}(?:{_ROLE_WORDS})s?"
    r"(?:\s+(?:of|at|for|de|du|für|bei)\b.*)?$",
    re.IGNORECASE,
)
_JOB_WORDS = (
    r"journaliste?|reporter|correspondent|korrespondent(?:in)?"
    r"|(?:chef)?redakteur(?:in)?|editor|writer|columnist|producer|coordinator|founder"
    r"|contributor|gründer(?:in)?"
)
_NAME_WITH_JOB = re.compile(  # "Howard Blume Staff Writer"
    r"^(\S+(?:\s+\S+){1,2}?)\s+"
    r"(?:(?:senior|junior|chief|staff|special|lead|former|deputy|managing|associate"
    r"|assistant|contributing|freelance|content|marketing|political|science|sports?"
    r"|business|tech|news|multimedia|multiplatform|national|foreign)\s+)*"
    rf"(?:{_JOB_WORDS})\b.*$",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(
    r"^(?:Dr|MA|MSc?|MBA|M\.?S\.?W?|M\.?A|B\.?A|BSc?|BSN|MSN|MPH|MD|M\.D|D\.?O"
    r"|Ph\.?\s?D|Psy\.?D|Ed\.?D|J\.?D|LL\.?[BM]|R\.?N|R\.?D|RDN?|LDN?|FNP(?:-BC)?|CPT"
    r"|CFP|CFA|CPA|CSCS|DVM|VMD|DACVB|FACS|FAAP|FOMA|DABOM|LCSW|LMFT|LPC|PE|Esq"
    r"|SHRM-S?CP|PHR|SPHR|PMP|FAND|NASM-CPT|IBCLC|PT|DPT|OTR/L|CDCES|RYT(?:-\d+)?)"
    r"\.?®?$"
)
_OTHER_CREDIT = re.compile(
    r"\b(?:(?:medically |fact[- ]?|clinically |expert )?"
    r"(?:reviewed|checked|edited|photographed|illustrated|translated|photos?"
    r"|photography|illustrations?|fotos?|updated|shares|says)(?: (?:by|said)\b.*|$))",
    re.IGNORECASE,
)
# "paper.example, Frankfurt, Germany": who is responsible for the site.
_PUBLISHER_ADDRESS = re.compile(r"^\s*[\w-]+\.[a-z]{2,8}\s*,")
_PLACEHOLDER = re.compile(r"^(?:[a-z]+\.)+[a-z]+$|[{}<>$%=]|^page\.|\{\{")
_URL_OR_EMAIL = re.compile(r"\S*(?:://|@)\S*|\bwww\.\S+")
_NAME_SEPARATOR = re.compile(
    r"\s*(?:[;|/•·、，]|,(?!\s*(?:Jr|Sr|II|III)\b)"
    r"|\s(?:and|et|und|y|e|&|\+|avec|mit|with)\s)\s*",
    re.IGNORECASE,
)
_MONTH_WORDS = (
    "january|february|march|april|may|june|july|august|september|october|november"
    "|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_WEEKDAY_WORDS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    "|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_DATE_SUFFIX = re.compile(
    rf"\s*\b(?:\d|(?:(?:am|le|on)\s+)?(?:{_WEEKDAY_WORDS})\b"
    r"|(?:hace|vor|il y a)\s*(?:\d|$)|(?:am|um|at|on)\s*$"
    rf"|(?:{_MONTH_WORDS})\.?(?:\s+\d|$)"
    r"|(?:published|updated|posted|last|on|publié|veröffentlicht|min(?:utes?)? read"
    r"|tiempo de lectura|lesezeit|reading time)\b).*$",
    re.IGNORECASE,
)
_BRACKETED_SUFFIX = re.compile(r"\s*\([^()]*\s[^()]*\)?$")
_JUNIOR_OR_SENIOR = re.compile(r"\b(?:[JS]r)$")


def parse_author_names(
    bylines: Iterable[str], allow_handles: bool = False
) -> tuple[str, ...]:
    """Names of people in bylines, without "by", roles, dates and links.

    In order, each once. With ``allow_handles``, the text is known to be a name, even if
    it is ``freeman1984``.
    """
    names: dict[str, str] = {}
    for byline in bylines:
        text = _URL_OR_EMAIL.sub(" ", html_to_text(byline, 300))
        if _PUBLISHER_ADDRESS.match(text):
            continue
        for position, part in enumerate(_NAME_SEPARATOR.split(text)):
            name = _clean_name(part, allow_handles)
            is_addition = (position and names) and (
                _CREDENTIAL.match(name) or _ONLY_ROLE.match(part.strip())
            )
            if not name or is_addition:
                continue
            known = names.setdefault(name.casefold(), name)
            if known.isupper() and not name.isupper():
                names[name.casefold()] = name
    people = [name for name in names.values() if is_person(name)]
    return tuple((people or list(names.values()))[:MAX_NAMES])


def is_handle(name: str) -> bool:
    """Whether a name is less than a full name: a first name, or an account's name."""
    return " " not in name and name.isascii()


def is_person(name: str) -> bool:
    """Whether a name is a person's, not a newsroom's."""
    return _NOT_A_PERSON.match(name) is None


def _clean_name(text: str, allow_handles: bool) -> str:
    """The name in a part of a byline; "" if it cannot be one."""
    name = _DATE_SUFFIX.sub("", _strip_label(_OTHER_CREDIT.sub("", text)))
    short = _ROLE_SUFFIX.sub("", name)
    if len(short.split()) >= 2 or (
        short.strip() and _ROLE_SEPARATOR.search(name[len(short) : len(short) + 2])
    ):
        name = short  # but "Rasender Reporter" is a name
    name = _NAME_WITH_JOB.sub(r"\1", name)
    name = _BRACKETED_SUFFIX.sub("", name)
    name = name.strip(" .,:;-–—|@[]*→»«›~")
    if name.count("(") != name.count(")"):
        name = name.strip("() ")
    if _JUNIOR_OR_SENIOR.search(name):
        name += "."
    is_allowed_handle = allow_handles and " " not in name and name[:1].isalpha()
    if (
        not name
        or len(name) > MAX_NAME_LENGTH
        or len(name.split()) > MAX_NAME_WORDS
        or (any(c.isdigit() for c in name) and not is_allowed_handle)
        or _PLACEHOLDER.search(name)
    ):
        return ""
    return name


def _strip_label(text: str) -> str:
    text = _LABEL_PREFIX.sub("", text, count=1)
    for _ in range(3):  # "Author: Posted by …"
        shorter = _BYLINE_PREFIX.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    return text

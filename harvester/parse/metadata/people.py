"""Names of people out of bylines. Pure; strings only. Not for: where a byline stands (``byline``)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.parse.html.charset import html_to_text

MAX_NAMES = 50  # names of one kind
_BYLINE_PREFIX = re.compile(
    r"^\W*(?:(?:about (?:the author)?|view all posts by|(?:all|more|other) (?:posts|articles|stories) (?:by|from)|über (?:den autor|die autorin)"
    r"|(?:zeige )?alle (?:beiträge|artikel) (?:von|anzeigen von)|(?:tous les|voir (?:tous )?les) articles (?:de|par)|ver todas las entradas de"
    r"|visualizza tutti gli articoli di|(?:recipe|guide|words|story|article|text|author|guest post|contributed|interview|analysis|opinion|autor|blog|artikel|(?:ein )?(?:gast)?beitrag|(?:gast)?kommentar|pressemitteilung|im wortlaut|gespeichert|kolumne|analyse|nachricht|rezension|eine? \w+)\s*:?\s+(?:by|von|de|por|par)"
    r"|(?:written|posted|published|recommended|reported|submitted|created|authored|presented|brought to you)\s+by|(?:geschrieben|verfasst|veröffentlicht|eingestellt|erstellt|gepostet) von"
    r"|(?:écrit|publié|rédigé|proposé|posté)\s+par|(?:publicado|escrito|postado)\s+por|(?:scritto|pubblicato) da|(?:geplaatst|gepost|geschreven) door"
    r"|propos recueillis par|par|by|von|vom|por|di|door|av|af)\b[\s:]+"
    r"|(?:texte?(?:\s*(?:und|&|et|\+)\s*(?:fotos?|bilder|photos?))?|authors?|autor(?:in|en|es)?|auteure?s?|autrice|autore|writer|tekst|verfasser|redakteur(?:in)?|editor|reporter|byline|redaktion|作者|责编|文|記者)\s*[:：]\s*"
    r"|(?:author|autor|auteur|autorin|writer)\s+(?=[A-ZÀ-Þ]))",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(
    r"^(?:(?:la |die |the |de |notre |il |el )?(?:rédaction|editors?|editorial(?: (?:team|board|staff))?|newsroom|staff(?: (?:writers?|reporters?|report|editor))?|admin(?:istrator)?|webmaster"
    r"|redaktion|redacción|redazione|redactie|redação|redakcja|news ?desk|web ?desk|(?:national|online|digital) desk|guests?|gastautor(?:in)?|gast|invité|anonymous|anonyme|unknown|n/a|none|null|undefined|contributors?|super user|user|author|auteur|autor(?:in)?"
    r"|journaliste?|reporters?|correspondente?|correspondant|columnist|no author|name|human|press release|agenc(?:y|ies)|agenturen|agences|guest (?:author|contributor|writer|post|blogger)|(?:.* )?(?:redaktion|editorial (?:team|staff|board)|newsroom|staff))|rédaction .*|redaktion .*)$",
    re.IGNORECASE,
)
_ROLE_WORDS = (
    r"journaliste?|reporters?|correspondent(?:e|in)?|correspondante?|korrespondent(?:in)?|editor(?:-in-chief| in chief| at large)?|rédact(?:eur|rice)(?: en chef)?|redakteur(?:in)?|redaktor|writer|columnist|kolumnist(?:in)?"
    r"|envoyée? spéciale?|contributor|photographer|photojournalist|producer|blogger|anchor|analyst|founder|co-founder|ceo|cto|president|director|manager|professor|consultant|strategist|marketer|specialist|expert|coach|coordinator|redactor(?:a)?|periodista"
)
_ROLE_SUFFIX = re.compile(
    rf"(?:\s*[,|(–:-]+\s*|\s+)(?:(?:[\w’'-]+\s+){{0,4}}?)(?:{_ROLE_WORDS})\b.*$",
    re.IGNORECASE,
)
_JOB_WORDS = r"journaliste?|reporter|correspondent|korrespondent(?:in)?|(?:chef)?redakteur(?:in)?|editor|writer|columnist|producer|coordinator|founder|contributor|gründer(?:in)?"
_NAME_WITH_JOB = re.compile(  # "Howard Blume Staff Writer"
    rf"^(\S+(?:\s+\S+){{1,2}}?)\s+(?:(?:senior|junior|chief|staff|special|lead|former|deputy|managing|associate|assistant|contributing|freelance|content|marketing|political|science|sports?|business|tech|news|multimedia|multiplatform|national|foreign)\s+)*(?:{_JOB_WORDS})\b.*$",
    re.IGNORECASE,
)
_ONLY_ROLE = re.compile(
    rf"^(?:[\w’'&-]+\s+){{0,4}}(?:{_ROLE_WORDS})s?(?:\s+(?:of|at|for|de|du|für|bei)\b.*)?$",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(
    r"^(?:Dr|MA|MSc?|MBA|M\.?S\.?W?|M\.?A|B\.?A|BSc?|BSN|MSN|MPH|MD|M\.D|D\.?O|Ph\.?\s?D|Psy\.?D|Ed\.?D|J\.?D|LL\.?[BM]|R\.?N|R\.?D|RDN?|LDN?|FNP(?:-BC)?|CPT|CFP|CFA|CPA|CSCS|DVM|VMD|DACVB|FACS|FAAP|FOMA|DABOM|LCSW|LMFT|LPC|PE|Esq|SHRM-S?CP|PHR|SPHR|PMP|FAND|NASM-CPT|IBCLC|PT|DPT|OTR/L|CDCES|RYT(?:-\d+)?)\.?®?$"
)
_OTHER_CREDIT = re.compile(
    r"\b(?:(?:medically |fact[- ]?|clinically |expert )?(?:reviewed|checked|edited|photographed|illustrated|translated|photos?|photography|illustrations?|fotos?|updated|shares|says)(?: (?:by|said)\b.*|$))",
    re.IGNORECASE,
)
_PUBLISHER_ADDRESS = re.compile(
    r"^\s*[\w-]+\.[a-z]{2,8}\s*,"
)  # "paper.example, Frankfurt, Germany": who answers for the site
_PLACEHOLDER = re.compile(r"^(?:[a-z]+\.)+[a-z]+$|[{}<>$%=]|^page\.|\{\{")


def parse_author_names(
    bylines: Iterable[str], allow_handles: bool = False
) -> tuple[str, ...]:
    """Names of people, as given in bylines: without "by", roles, dates and links; in order, each once.

    ``handles``: what stands there is a name in any case, be it ``freeman1984``.
    """
    found: dict[str, str] = {}
    for text in bylines:
        text = _URL_OR_EMAIL.sub(" ", html_to_text(text, 300))
        if _PUBLISHER_ADDRESS.match(text):
            continue
        parts = _NAME_SEPARATOR.split(text)
        for place, part in enumerate(parts):
            name = _clean_name(part, allow_handles)
            if not name or (
                place
                and found
                and (_CREDENTIAL.match(name) or _ONLY_ROLE.match(part.strip()))
            ):
                continue
            known = found.setdefault(name.casefold(), name)
            if known.isupper() and not name.isupper():
                found[name.casefold()] = name
    people = [name for name in found.values() if not _NOT_A_PERSON.match(name)]
    return tuple((people or list(found.values()))[:MAX_NAMES])


def is_handle(name: str) -> bool:
    """Whether it is less than a full name: a first name, or the name of an account."""
    return " " not in name and name.isascii()


def is_person(name: str) -> bool:
    """Whether it names somebody rather than a newsroom."""
    return _NOT_A_PERSON.match(name) is None


_URL_OR_EMAIL = re.compile(r"\S*(?:://|@)\S*|\bwww\.\S+")
_NAME_SEPARATOR = re.compile(
    r"\s*(?:[;|/•·、，]|,(?!\s*(?:Jr|Sr|II|III)\b)|\s(?:and|et|und|y|e|&|\+|avec|mit|with)\s)\s*",
    re.IGNORECASE,
)
_MONTH_WORDS = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
_WEEKDAY_WORDS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_DATE_SUFFIX = re.compile(
    rf"\s*\b(?:\d|(?:(?:am|le|on)\s+)?(?:{_WEEKDAY_WORDS})\b|(?:hace|vor|il y a)\s*(?:\d|$)|(?:am|um|at|on)\s*$|(?:{_MONTH_WORDS})\.?(?:\s+\d|$)|(?:published|updated|posted|last|on|publié|veröffentlicht|min(?:utes?)? read|tiempo de lectura|lesezeit|reading time)\b).*$",
    re.IGNORECASE,
)


_LABEL_PREFIX = re.compile(
    r"^(?:[^\W\d_]+\s+){1,2}(?i:by|par)\s+(?=[A-ZÀ-Þ])|^[a-zà-ÿ]+\s+(?i:von|por|da)\s+(?=[A-ZÀ-Þ])"
)


_ROLE_SEPARATOR = re.compile(r"[,(|–]")
_BRACKETED_SUFFIX = re.compile(r"\s*\([^()]*\s[^()]*\)?$")
_JUNIOR_OR_SENIOR = re.compile(r"\b(?:[JS]r)$")


def _strip_label(text: str) -> str:
    text = _LABEL_PREFIX.sub("", text, count=1)
    for _ in range(3):  # "Author: Posted by …"
        shorter = _BYLINE_PREFIX.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    return text


def _clean_name(text: str, allow_handles: bool) -> str:
    """A name, "" where it cannot be one."""
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
    handle = allow_handles and " " not in name and name[:1].isalpha()
    if (
        not name
        or len(name) > 80
        or len(name.split()) > 6
        or (any(c.isdigit() for c in name) and not handle)
        or _PLACEHOLDER.search(name)
    ):
        return ""
    return name

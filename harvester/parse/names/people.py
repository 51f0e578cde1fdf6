"""Names of people out of bylines.

What of a page is a byline is decided by ``metadata``; the words are in ``byline_words``.
Names in feeds, which state whom they want to name, are read by ``feed_authors``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from harvester.parse.html.charset import html_to_text
from harvester.parse.names import byline_words as words

MAX_NAMES = 50  # names of one kind
MAX_NAME_LENGTH = 80  # characters
MAX_NAME_WORDS = 6
MAX_BYLINE_LENGTH = 300  # characters
MAX_LABELS = 3  # "Author: Posted by …"

_CREDENTIAL = re.compile(
    r"^(?:Dr|MA|MSc?|MBA|M\.?S\.?W?|M\.?A|B\.?A|BSc?|BSN|MSN|MPH|MD|M\.D|D\.?O"
    r"|Ph\.?\s?D|Psy\.?D|Ed\.?D|J\.?D|LL\.?[BM]|R\.?N|R\.?D|RDN?|LDN?|FNP(?:-BC)?|CPT"
    r"|CFP|CFA|CPA|CSCS|DVM|VMD|DACVB|FACS|FAAP|FOMA|DABOM|LCSW|LMFT|LPC|PE|Esq"
    r"|SHRM-S?CP|PHR|SPHR|PMP|FAND|NASM-CPT|IBCLC|PT|DPT|OTR/L|CDCES|RYT(?:-\d+)?)"
    r"\.?®?$"
)
_OTHER_CREDIT = re.compile(
    r"\b(?:(?:medically |fact[- ]?|clinically |expert )?"
    r"(?:reviewed|checked|edited|photographed|illustrated|translated|photos?|photographs?"
    r"|pictures|images|video|graphics|photography|illustrations?|fotos?|bilder|updated|shares"
    r"|sponsored|supported|powered|funded|promoted|presented|paid for|brought to you|says)"
    r"(?: (?:by|said|von|de|par|por|di)\b.*|$))",
    re.IGNORECASE,
)
# A part of a line that credits pictures: "Fotos: Jan Holm/dpa", "Jan Holm (Fotos)".
_PICTURE_CREDIT = re.compile(
    r"(?:^|(?<=[|;·•\n]))\s*(?:photos?|photographs?|pictures?|images?|fotos?|bild(?:er)?"
    r"|illustrations?|grafik|video|foto(?:grafie|grafía)|写真|撮影|图|圖|사진|фото)"
    r"\s*[:：][^|;·•\n]*"
    r"|\s(?-i:Beeld|Photos?|Fotos?|Bild(?:er)?)[\s:]+(?=(?-i:[A-ZÀ-Þ]))[^|;·•\n]*"
    r"|(?:^|(?<=[\s|;·•]))(?:圖|图|摄影|攝影|撮影|写真|사진)\s*[:：／/・ ]\s*\S+"
    r"|(?:^|(?<=[|;·•,])|\s(?:und|and|et|&|y|e|og|och)\s)[^|;·•,()\n]{1,60}"
    r"\((?:photos?|fotos?|bild(?:er)?|pictures|video|illustrations?|фото)\)",
    re.IGNORECASE,
)
# What follows a name and is none: an invitation, an account, rights, a section.
_NO_NAME_SUFFIX = re.compile(
    r"\s+(?:follow(?: us)?\b|@\w|©|\(c\)|all rights\b|under [A-Z]|filed under\b).*$",
    re.IGNORECASE,
)
_BETWEEN_CHINESE_NAMES = re.compile(
    r"(?<=[\u4e00-\u9fff]{2})\s+(?!报道|報道)(?=[\u4e00-\u9fff]{2,4}(?:\s|$))"
)
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*")
# "paper.example, Frankfurt, Germany": who is responsible for the site.
_PUBLISHER_ADDRESS = re.compile(r"^\s*[\w-]+\.[a-z]{2,8}\s*,")
_PLACEHOLDER = re.compile(r"^(?:[a-z]+\.)+[a-z]+$|[{}<>$%=:：]|^page\.|\{\{")
_URL_OR_EMAIL = re.compile(r"\S*(?:://|@)\S*|\bwww\.\S+")
_LINE_BREAK_TAG = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|h\d|tr|td))\b[^<>]*>", re.I)
# A conjunction of one letter joins two full names: "Ortega y Gasset" is one.
_NAME_SEPARATOR = re.compile(
    r"\s*([;|/•·、，،｜\n]|\s[-–—]\s|,\s*(?:and|und|et|&|og|och|y)\s"
    r"|,(?!\s*(?:Jr|Sr|II|III)\b)"
    rf"|\s(?:{words.CONJUNCTIONS}|avec|mit|with)\s"
    rf"|\s(?:{words.SHORT_CONJUNCTIONS}|en)\s(?=\S+\s+\S)"
    r"|(?-i:(?<=[a-zá-ž])\sa\s(?=[A-ZÁ-Ž]\S+\s+[A-ZÁ-Ž])))\s*",
    re.IGNORECASE,
)
# Between a name and what is said of it; "and" and ";" stand between names only.
_LIST_SEPARATORS = frozenset(", | ｜ / - – — · • with avec mit".split())
_PARTICLES = frozenset(("de", "da", "van", "von"))  # "Meer, Jan van"
_BETWEEN_PEOPLE = re.compile(r";|\s(?:and|und|et|&)\s")
_SURNAME_FIRST = re.compile(r"([^\s,;]+), ?([^\s,;]+(?: [^\s,;]+)?)")
_SURNAME_SEMICOLON = re.compile(r"([^\W\d_][^\W\d]+); ?([^\W\d_][^\W\d]+)")
# Where it was written, and for whom; lower case, or part of a name: "in 't Veld".
_PLACE_OR_OUTLET = re.compile(
    r"\s+(?:(?:in|aus|à|from|at|of|dans|w|из|в)\s+(?=[A-ZÀ-ÞŁŚŻА-Я])|(?:from|at|of)\s+the\s"
    r"|(?:[Ff]or|[Pp]our|für|voor|para)\s+(?=(?:the|le|la|les|die|das|den|der|de|het|el)\b"
    r"|[A-ZÀ-ÞА-Я])).*$"
)
_ONLY_PLACE_OR_OUTLET = re.compile(
    r"(?:(?:in|aus|à|from|at|for|pour|für|dans|via|bei)\b|special (?:to|for)\b).*",
    re.IGNORECASE,
)
_BRACKETED_SUFFIX = re.compile(r"\s*[(（\[][^()（）]*(?:\s[^()（）]*)?[)）\]]?$")
_LAST_CONJUNCTION = re.compile(r"\s(?:and|und|et|y|&|og|och)\s*$", re.IGNORECASE)
_INNER_LABEL = re.compile(
    r"\s+[^\W\d_]+(?::\s|：|:(?=[\u3040-\u9fff\uac00-\ud7a3])).*$"
)
_DATELINE = re.compile(r"[／╱/]\S{1,6}(?:報導|报道|電|电)$")  # "記者…／臺北報導"
_JUNIOR_OR_SENIOR = re.compile(r"\b(?:[JS]r)$")
_ROLE_SEPARATOR = re.compile(r"[,(|–]")


def parse_author_names(
    bylines: Iterable[str], allow_handles: bool = False
) -> tuple[str, ...]:
    """Names of people in bylines, without "by", roles, dates and links.

    In order, each once. With ``allow_handles``, the text is known to be a name, even if
    it is ``freeman1984``.
    """
    names: dict[str, str] = {}
    for byline in bylines:
        for line in _LINE_BREAK_TAG.split(byline[: MAX_BYLINE_LENGTH * 20]):
            for name in _line_names(line, allow_handles):
                known = names.setdefault(name.casefold(), name)
                if known.isupper() and not name.isupper():
                    names[name.casefold()] = name
    people = [name for name in names.values() if is_person(name)]
    return tuple((people or list(names.values()))[:MAX_NAMES])


def is_handle(name: str) -> bool:
    """Whether a name is less than a full name: a first name, or an account's name."""
    return " " not in name and name.isascii()


def is_person(name: str) -> bool:
    """Whether a name is a person's, not a newsroom's or an account's."""
    return not (words.NOT_A_PERSON.match(name) or words.NOBODY.match(name))


@lru_cache(maxsize=128)
def _line_names(line: str, allow_handles: bool) -> tuple[str, ...]:
    """The names in one line; most pages state the same one in several places."""
    text = _URL_OR_EMAIL.sub(" ", html_to_text(line, MAX_BYLINE_LENGTH))
    if _PUBLISHER_ADDRESS.match(text) or words.NOBODY.match(text):
        return ()
    if in_brackets := _IN_BRACKETS.fullmatch(text):  # after an address
        text = in_brackets[1]
    text = _PICTURE_CREDIT.sub(" ", text)
    if "记者" in text or "通讯员" in text:
        text = _BETWEEN_CHINESE_NAMES.sub("、", text)
    text = words.HEAD_OF_SUFFIX.sub("", words.WHOLE_DATE.sub(" | ", text))
    names: list[str] = []
    parts = list(_split(_put_given_names_first(text)))
    if len(parts) > 1 and words.ONLY_LABEL.fullmatch(parts[0][1].strip()):
        del parts[0]
    for separator, part in parts:
        name = _clean_name(part, allow_handles)
        if name and not _is_addition(name, part, separator, names[:1]):
            names.append(name)
    if len(names) > 1:
        names = [n for n in names if not words.AGENCY_INITIALS.fullmatch(n)] or names
    return tuple(names)


def _split(text: str) -> Iterator[tuple[str, str]]:
    """(separator before it, part) of each part of a line."""
    pieces = ["", *_NAME_SEPARATOR.split(text)]
    return zip(pieces[::2], pieces[1::2], strict=True)


def _put_given_names_first(text: str) -> str:
    """``Roth, Eva; Lind, Nora`` as ``Eva Roth; Nora Lind``, ``Lind; Nora`` too."""
    pair = _SURNAME_SEMICOLON.fullmatch(text.strip())
    if pair and all(map(_are_given_names, pair.groups())):
        return f"{pair[2]} {pair[1]}"
    people = [person.strip() for person in _BETWEEN_PEOPLE.split(text)]
    matches = [_SURNAME_FIRST.fullmatch(person) for person in people if person]
    is_list = len(matches) > 1 or (
        bool(matches)
        and matches[0] is not None
        and _are_given_names(matches[0][2])
        and is_person(matches[0][1])
        and not words.AGENCY_INITIALS.fullmatch(matches[0][1])
    )
    if not is_list or not all(matches):
        return text
    return "; ".join(f"{match[2]} {match[1]}" for match in matches if match)


def _are_given_names(text: str) -> bool:
    """Whether what follows the only comma may be a given name, not a role or place."""
    return (
        all(word.istitle() or word in _PARTICLES for word in text.split())
        and not _CREDENTIAL.match(text)
        and not words.ROLE_IN_LIST.match(text)
        and is_person(text)
    )


def _is_addition(name: str, part: str, separator: str, first_names: list[str]) -> bool:
    """Whether what follows a name is a degree, a role, a place or an outlet."""
    if not first_names:
        return separator != "" and _CREDENTIAL.match(name) is not None
    first = first_names[0]
    is_list = separator.strip().lower() in _LIST_SEPARATORS
    return bool(
        _CREDENTIAL.match(name)
        or words.ROLE_IN_LIST.match(part.strip())
        or (
            is_list
            and " " in first
            and (
                " " not in name
                or (name.isupper() and not first.isupper())
                or words.AGENCY.fullmatch(name)
                or words.CITY.fullmatch(name)
            )
        )
    )


def _clean_name(text: str, allow_handles: bool) -> str:
    """The name in a part of a byline; "" if it cannot be one."""
    name = _strip_label(_NO_NAME_SUFFIX.sub("", _OTHER_CREDIT.sub("", text)))
    name = words.DATE_SUFFIX.sub("", words.NATIVE_TITLE.sub("", name))
    if _ONLY_PLACE_OR_OUTLET.fullmatch(name.strip()):
        return ""
    name = _strip_addition(_strip_role(_LAST_CONJUNCTION.sub("", name)))
    name = name.strip(' .,:;-–—|@[]*→»«›~…"“”【】〔〕「」《》')
    for opening, closing in ("()", "（）"):
        if name.count(opening) != name.count(closing):
            name = name.strip(f"{opening}{closing} ")
    if _JUNIOR_OR_SENIOR.search(name):
        name += "."
    is_allowed_handle = allow_handles and " " not in name and name[:1].isalpha()
    if (
        not name
        or len(name) > MAX_NAME_LENGTH
        or len(name.split()) > MAX_NAME_WORDS
        or (any(c.isdigit() for c in name) and not is_allowed_handle)
        or _PLACEHOLDER.search(name)
        or words.NOBODY.match(name)
        or (words.ONLY_ROLE.match(name) and is_person(name))
    ):
        return ""
    return name


def _strip_label(text: str) -> str:
    text = words.LOOSE_PREFIX.sub("", text, count=1)
    for _ in range(MAX_LABELS):
        shorter = words.LABEL_PREFIX.sub("", text, count=1)
        if shorter == text:
            break
        text = shorter
    return words.ROLE_PREFIX.sub("", text.strip(), count=1)


def _strip_role(name: str) -> str:
    """A name without the role that stands after it."""
    short = words.ROLE_SUFFIX.sub("", name)
    if len(short.split()) >= 2 or (
        short.strip() and _ROLE_SEPARATOR.search(name[len(short) : len(short) + 2])
    ):
        name = short  # but "Rasender Reporter" is a name
    return words.NAME_WITH_JOB.sub(r"\1", name)


def _strip_addition(name: str) -> str:
    """A name without brackets, place and outlet that stand after it."""
    name = _DATELINE.sub("", _INNER_LABEL.sub("", name))
    for pattern in (_BRACKETED_SUFFIX, _PLACE_OR_OUTLET, words.AGENCY_SUFFIX):
        short = pattern.sub("", name)
        if len(short.split()) >= 2 or (short and pattern is _BRACKETED_SUFFIX):
            name = short
    return name

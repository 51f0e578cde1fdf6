"""What a line with dates says of each: published, changed, or something else.

``Published Jan 5, 2022 · Updated Nov 21, 2023``, ``2024年3月12日 更新``, ``By Nora Lund,
12.03.2024``. A telephone number, a price, an event or a sentence is no date line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harvester.parse.dates.clocks import find_dates, may_hold_date
from harvester.parse.dates.date_text import DayOrder
from harvester.parse.dates.months import weekday_number
from harvester.parse.dates.scripts import to_latin

MAX_LINE_LENGTH = 300  # characters
MAX_LABEL_LENGTH = 45  # characters from a label to its date
# Letters and words beside a date from which on they are a sentence.
MIN_SENTENCE_LENGTH, MIN_LOWER_CASE_WORDS = 35, 3
MONTHS = 12
MIN_HAN_SENTENCE_LENGTH = 25  # the same of scripts without case

MODIFIED_HINT = re.compile(
    r"updat|modif|sist endret|upraven|обновен|ปรับปรุง|dikemas kini|atjaun[oi]"
    r"|\bstand(?=\s?:|\s+\d|\s+vom\b)|mise? (?:à|a) jour|\bmàj\b|\bmaj\b|aktualisier"
    r"|geändert|änderung|last edit"
    r"|last changed|\brevis(?!t)|actualiz|actualitz|atualiz|aggiornat|bijgewerkt"
    r"|gewijzigd|o[pp]*datert|opdateret|uppdaterad|ändrad|päivitet|muokattu|edited"
    r"|zaktualiz|aktualiza|aktualizov|ažurir|posodob|frissít|módosít|güncelle|ενημ[εέ]ρ|изменен"
    r"|обновл|оновл|актуализ|uuendatud|atnaujin|diperbarui|cập nhật|تحديث|تعديل|وحدث"
    r"|به.?روز|עודכן|עדכון|अपडेट|আপডেট|อัปเดต|อัพเดต|更新|修改|修订|수정|업데이트",
    re.IGNORECASE,
)
PUBLISHED_HINT = re.compile(
    r"publi|paskelbt|avaldat|offentligg|pubdate|posted|veröffentlicht|erstellt|created|issued|pubblicat|geplaatst"
    r"|(?:meldung|mitteilung|beitrag|artikel|news|bericht) vom|mis en ligne|\bparu"
    r"|diffusé|rédigé|online (?:since|seit)|uploaded|inserit[oa]|subido|erschienen"
    r"|gepubliceerd|issue|udgivet|julkaistu|opublikow|utworzon|dodano|vydáno|zveřejn"
    r"|uverejn|objav|megjelen|közzét|yay[ıi]n|eklenme|δημοσ|опубл|дата пуб|размещен"
    r"|diterbitkan|dipublikasi|đăng|نشر|انتشار|פורסם|प्रकाशित|প্রকাশ|เผยแพร่|입력|등록|게시|승인"
    r"|掲載|公開|投稿|配信|发布|發布|发表|發表|刊登|发稿",
    re.IGNORECASE,
)
FIRST_PUBLISHED_HINT = re.compile(
    r"(?:originally|first) (?:published|posted)|erstmals|erstveröffentlich"
    r"|publié initialement",
    re.IGNORECASE,
)
# Words beside dates of something else than the article, right before or after them.
_OTHER_BEFORE = re.compile(
    r"[©†€$£]|\(c\)|copyright|\b(?:tel|phone|telefon|téléphone|fax|hotline|call|contact"
    r"|whatsapp|version|release|firmware|isbn|iban|case|order|file|ref|no|nr|n°|score"
    r"|price|preis|prix|until|till|bis|gültig|valid|expires?|deadline|due|when|date of"
    r"|starts?|opens?|ends?|from|termine?|treffen|nächste\w*|meeting|event|next"
    r"|save the date|born|geboren|né|née"
    r"|accepted|received|eingereicht|angenommen|reçu|accepté|recibido|aceptado"
    r"|died|founded|since|seit|depuis|photo|foto|bild|image|picture|taken|weather|law"
    r"|gesetz(?: vom)?|for)\b[^|•·]{0,12}$|\bv\.?$|[+#]\s?\d*$",
    re.IGNORECASE,
)
_OTHER_AFTER = re.compile(
    r"^\W{0,3}(?:€|\$|£|euros?\b|usd\b|kr\b|pm? ?tickets|all rights|tous droits)"
    r"|^\s?[–—-]\s?\d{1,2}[./ ]",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:[–—-]|to|until|through|bis|au|al|tot|til|do)\s*")
_TIME = re.compile(
    r"(?<!\d)\d{1,2}(?:[:.h時시点]\s?\d{2}(?::\d\d)?分?|(?=\s?[ap]\.?m\b)|(?=\s?uhr\b))"
    r"\s?(?:[ap]\.?m\b\.?|uhr\b|h\b)?(?:\s?\(?(?:GMT|UTC)?[+-]\d\d?:?\d{0,2}\)?)?"
    r"(?:\s?\(?(?-i:[A-Z]{2,4})\)?(?![\w]))?|오[전후]|[上下]午|午[前後]",
    re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(
    r"https?://\S+|\b(?:[a-z0-9-]+\.){1,3}[a-z]{2,7}\b", re.IGNORECASE
)
_NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d\d)(?!\d)"
)
_WORD = re.compile(r"[^\W\d_]+")
_SEPARATOR = re.compile(r"[|•·—/\n»]")
THIS_PAGE = re.compile(
    r"\b(?:article|artikel|story|page|post|piece|column|beitrag|articolo|art[ií]culo"
    r"|artigo|seite|text)\b",
    re.IGNORECASE,
)
# An element of its own before the date; in the same text it may be an event's.
_DATE_LABEL = re.compile(r"\W*(?:date|datum|data|fecha|дата|日期)\W*", re.IGNORECASE)
_EAST_ASIAN_WEEKDAY = re.compile(
    r"(?:星期|周|週)?[月火水木金土日一二三四五六](?:曜日?)?|[월화수목금토일](?:요일)?"
)
_BY_WORDS = frozenset("by von par por di af av door od text".split())
_SENTENCE_END = re.compile(r"[.!?]['\"”’)]*\s*$")
# Words that stand between the parts of a date line, and say nothing.
_FILLERS = frozenset(
    "at um à às a las alle ore klo kl klockan kello h the u o om uhr saat on am le el il"
    " den de del em den di der vom date datum fecha data stand er st nd rd th g год г р"
    " hrs hours by von par por di af av door door od n".split()
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a page writes dates.

    ``order``: what comes first in ``3/4/2020``, "" if unknown; ``language``: an ISO 639
    code, or "".
    """

    order: DayOrder = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class LineDate:
    """A date of a line.

    ``text``: in ISO 8601, as ``clocks`` finds it. ``label``: "published", "first"
    published, "modified", or "" without one. ``is_alone``: nothing else is said in the
    line. ``is_prose``: the date is part of a sentence.
    """

    text: str
    label: str
    is_alone: bool
    is_prose: bool


def read_date_line(text: str, style: DateStyle, label: str = "") -> list[LineDate]:
    """The dates of a line that may be the article's, and what it says of them.

    ``label``: what stands before the line, as another element. Dates of something else
    are left out.
    """
    if len(text) > MAX_LINE_LENGTH or not may_hold_date(text):
        return []
    line = to_latin(" ".join(text.split()))
    dates = find_dates(line, style.order or _line_order(line), style.language)
    if not dates:
        return []
    starts = [0, *(date.end for date in dates)]
    ends = [*(date.start for date in dates), len(line)]
    gaps = [line[start:end] for start, end in zip(starts, ends, strict=True)]
    if any(_RANGE.fullmatch(gap) for gap in gaps[1:-1]):
        return []  # of an event, from one day to another
    told = [_WEB_ADDRESS.sub(" ", _TIME.sub(" ", gap)) for gap in gaps]
    first_label = told[0]
    if not any(map(str.isalpha, first_label)):
        first_label = "published" if _DATE_LABEL.fullmatch(label) else label
    words = [word for word in _WORD.findall(" ".join(told)) if not _is_filler(word)]
    is_sentence = _is_sentence(told, words)
    labels = _labels(told, first_label)
    found = []
    for index, date in enumerate(dates):
        before, label = told[index], labels[index]
        if _OTHER_BEFORE.search(before.strip()[-40:].rstrip(" :.-")):
            continue
        if _OTHER_AFTER.search(gaps[index + 1]):
            continue
        is_prose = not label and (is_sentence or _is_phrase(before))
        found.append(LineDate(date.text, label, not words, is_prose))
    return found


def _line_order(line: str) -> DayOrder:
    """What comes first in the numeric dates of a line, if one of them tells."""
    firsts: set[DayOrder] = set()
    for match in _NUMERIC_DATE.finditer(line):
        if int(match[1]) > MONTHS:
            firsts.add("day")
        if int(match[2]) > MONTHS:
            firsts.add("month")
    return firsts.pop() if len(firsts) == 1 else ""


def _labels(told: list[str], first_label: str) -> list[str]:
    """What the line says of each date; ``told`` stands around the dates."""
    if not _label(first_label) and _label(told[-1], follows=True):
        labels = [_label(text, follows=True) for text in told[1:]]
    else:
        labels = [_label(first_label), *map(_label, told[1:-1])]
    if "first" in labels:  # 3 May 2024 (first published 2 April 2020)
        return [label or "modified" for label in labels]
    return labels


@lru_cache(maxsize=1_024)
def _label(text: str, *, follows: bool = False) -> str:
    """What the label of a date says: "first", "modified", "published" or "".

    ``follows``: whether it stands after the date, not before it.
    """
    text = text[:MAX_LABEL_LENGTH] if follows else text[-MAX_LABEL_LENGTH:]
    if _WORD.search(text) is None:
        return ""
    last: re.Match[str] | None = None
    label = ""
    for pattern, said in (
        (PUBLISHED_HINT, "published"),
        (MODIFIED_HINT, "modified"),
        (FIRST_PUBLISHED_HINT, "first"),
    ):
        for match in pattern.finditer(text):
            if last is None or match.start() >= last.start() or said == "first":
                last, label = match, said
    if last is None or not _is_labelling(text, last, follows):
        return ""
    return label


def _is_labelling(text: str, match: re.Match[str], follows: bool) -> bool:
    """Whether a word labels a date: not within a sentence on something else."""
    before = _SEPARATOR.split(text[: match.start()])[-1]
    if follows:
        return len(_prose_words(before)) < 2
    after = text[match.end() :].lstrip("abcdefghijklmnopqrstuvwxyzäöüéèęńś")
    return (
        len(_prose_words(before)) < 2 or THIS_PAGE.search(before) is not None
    ) and len(_prose_words(after)) < 2


def _prose_words(text: str) -> list[str]:
    return [
        word for word in _WORD.findall(text) if word.islower() and not _is_filler(word)
    ]


def _is_filler(word: str) -> bool:
    return (
        word.lower() in _FILLERS
        or weekday_number(word) is not None
        or _EAST_ASIAN_WEEKDAY.fullmatch(word) is not None
    )


def _is_phrase(before: str) -> bool:
    """Whether words before a date lead up to it, as in a caption; names do not."""
    segment = _SEPARATOR.split(before)[-1]
    words = _WORD.findall(segment)
    return (
        len(words) > 2
        and bool(_prose_words(segment))
        and words[0].lower() not in _BY_WORDS
    )


def _is_sentence(told: list[str], words: list[str]) -> bool:
    """Whether what stands beside the dates is part of a sentence."""
    lower_case = sum(word.islower() for word in words)
    if lower_case >= MIN_LOWER_CASE_WORDS:
        return sum(map(len, words)) > MIN_SENTENCE_LENGTH or (
            _SENTENCE_END.search(told[-1]) is not None
        )
    # Scripts without case, and without spaces.
    without_case = [word for word in words if word.lower() == word.upper()]
    return sum(map(len, without_case)) > MIN_HAN_SENTENCE_LENGTH

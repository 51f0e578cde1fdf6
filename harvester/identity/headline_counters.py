"""Leave out of a headline what its page counts or times: comments, minutes, clocks. Pure.

"[3] The budget", "The budget (12 comments)", "The budget | 5 min read", "Live 14:32 - The
budget": the number changes from visit to visit, the headline does not. Only what is set
apart by brackets or separators is left out, or what follows "live"; numbers among the
words ("12 dead") are the headline's own. For comparing; what is stored stays as the
outlet wrote it.
"""

from __future__ import annotations

import re

from harvester.identity.boilerplate import is_relative_time

MAX_HEADLINE_LENGTH = 1_000  # characters; longer ones are compared as they are
MAX_PART_LENGTH = 80  # characters of a counter
MAX_ROUNDS = 4  # a part may become one when another was left out

_NUMBER = (
    r"\d(?:[\d .,'-]{0,12}\d)?"
    r" ?(?:k|m|mio\.?|mil\.?|tsd\.?|tys\.?|тыс\.?|млн\.?|万|만)?\+?"
)
# Comments, views, reads, shares, likes. Not what news is about: votes, visits, followers.
_COUNTED = (
    r"(?:comments?|views?|reads?|shares?|likes?|replies|reply|reactions?|listens?|plays?"
    r"|commentaires?|vues?|lectures?|partages?|réactions?|écoutes?|j'aime"
    r"|kommentare?|aufrufe?|reaktionen|mal gelesen|mal geteilt"
    r"|comentarios?|visualizaciones|lecturas|compartidos|reacciones|me gusta"
    r"|comment[io]|visualizzazion[ei]|letture|condivision[ei]|reazion[ei]|mi piace"
    r"|comentários?|visualizaç(?:ão|ões)|leituras?|partilhas|compartilhamentos|reações"
    r"|reacties?|weergaven|keer (?:gelezen|bekeken|gedeeld)"
    r"|kommentar(?:er)?|visning(?:ar|er)|delningar|delinger|kommentti\w{0,3}"
    r"|komentarz[ey]?|wyświetle\w{1,3}|komentá[řr]\w{0,3}|comentarii|hozzászólás"
    r"|комментари\w{1,2}|коментар\w{0,3}|просмотр\w{0,2}|перегляд\w{0,2}|σχόλι\w{1,2}"
    r"|yorum|görüntülenme|komentar|bình luận|تعليق\w{0,3}|مشاهدة|תגובות|צפיות"
    r"|टिप्पणि?\w{0,4}|件のコメント|コメント|[条條]?(?:评论|評論|留言)|次?(?:浏览|瀏覽|阅读)"
    r"|回(?:視聴|閲覧)|댓글|조회수?)"
)
_MINUTES = (
    r"(?:min(?:s|uts?|utes?|uten?|utos?|uti|uter|utter|ut[yę]?)?\.?|mn|minuuttia|perc|dk"
    r"|dakika|мин(?:ут[аы]?)?\.?|хв|λεπτά|分钟?|分鐘|분|دقيقة|دقائق|phút|menit)"
)
_READING = (
    r"(?:to read|read(?:ing)?(?: time)?|listen(?:ing)?|watch|de lecture|d'écoute"
    r"|lesezeit|lesedauer|zum lesen|de lectura|di lettura|de leitura|leestijd|lezen"
    r"|lästid|lesetid|læsetid|lukuaika|czytania|čtení|чтения|на чтение|okuma(?: süresi)?)"
)
_READING_LABEL = (
    r"(?:(?:estimated |temps de |durée de |tempo di |tempo de |tiempo de |время |czas )?"
    r"(?:read(?:ing)?(?: time)?|lecture|lettura|leitura|lectura|чтения|czytania)"
    r"(?: estimée?)?|lesezeit|lesedauer|leestijd|lästid|lesetid|læsetid|lukuaika"
    r"|阅读(?:时间)?|読了(?:時間)?|约|約)"
)
_HOUR = r"(?:[01]?\d|2[0-4])"
_ZONE = (
    r"(?: ?\(?(?:gmt|utc|bst|ist|cet|cest|mez|mesz|msk|[ecmp][sd]?t|z)"
    r"(?:[+-]\d{1,2})?\)?)?"
)
_HALF_OF_DAY = r"(?: ?[ap]\.?m\b\.?)"
_SUFFIX = rf"(?:{_HALF_OF_DAY}| ?uhr| ?hrs?| ?h)?{_ZONE}"
_CLOCK = (
    rf"(?:{_HOUR} ?[:h] ?[0-5]\d(?::[0-5]\d)?{_SUFFIX}"
    rf"|{_HOUR}(?:\.[0-5]\d)?(?:{_HALF_OF_DAY}| ?uhr){_ZONE}"
    rf"|{_HOUR}[時时点點](?:[0-5]?\d分)?|{_HOUR}시(?: ?[0-5]?\d분)?)"
)
_CLOCK_AFTER_LABEL = rf"(?:{_CLOCK}|{_HOUR}(?:\.[0-5]\d|h){_ZONE})"
_DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{4}|\d\d)?)?|\d{4}-\d\d-\d\d"
    r"|\d{1,2}\.? [^\W\d_]{3,12}\.?(?: \d{4})?|[^\W\d_]{3,12}\.? \d{1,2}(?:,? \d{4})?"
    r"|\d{4}年\d{1,2}月\d{1,2}日)"
)
_LIVE = (
    r"(?:live(?:[ -]?(?:blog|ticker|updates?))?|(?:news)?ticker|(?:en )?direct"
    r"|en vivo|(?:en )?directo|(?:in )?diretta|ao vivo|na żywo|онлайн|прямой эфир|canlı"
    r"|breaking(?: news)?|as it happened|eilmeldung|última hora|ultim'ora"
    r"|minute par minute|速報|直播|속보)"
)
_UPDATED = (
    r"(?:(?:last |latest )?updated?|as of|published|posted|stand|(?:zuletzt )?aktualisiert"
    r"|(?:mise?|mises) à jour|màj|maj|actualisée?|publiée?|actualizad[oa]|actualización"
    r"|publicado|aggiornat[oa]|aggiornamento|pubblicato|atualizado|bijgewerkt|uppdatera[dt]"
    r"|oppdatert|opdateret|päivitetty|aktualizacja|aktualizováno|обновлено|оновлено"
    r"|güncelleme|güncellendi|更新|업데이트)"
)
_AT = r"(?:[:,]|at|on|à|le|um|am|vom|a las|alle|ore|às|om|op|kl\.?|klo|o|в|saat|-)"
_TIME = rf"(?:{_DATE}[ ,]*(?:{_AT} ?)?)?{_CLOCK_AFTER_LABEL}"

_COUNTER = re.compile(
    rf"{_NUMBER} ?{_COUNTED}|{_COUNTED} ?:? ?\(?{_NUMBER}\)?"
    rf"|(?:{_READING_LABEL} ?:? ?)?{_NUMBER}[ -]?{_MINUTES}(?:[ -]{_READING})?"
    rf"|{_READING_LABEL} ?:? ?{_NUMBER}"
    rf"|(?:{_LIVE}|{_UPDATED})(?: ?{_AT}){{0,2}} ?(?:{_TIME})"
    rf"|{_UPDATED}(?: ?{_AT}){{0,2}} ?(?:{_DATE})"
    rf"|(?:{_DATE}[ ,]*(?:{_AT} ?)?)?{_CLOCK}",
    re.IGNORECASE,
)
_BADGE = re.compile(r"[(\[]\d{1,4}\+?[)\]] *(?=\w|\W{0,3}\w)")
_LAST_BADGE = re.compile(r" *\[\d{1,5}\+?\]$")
_ICONS = "💬🗨👁👍❤♥🔥⏱⏲⌛⏳🕐-🕧"
_ICON_COUNTER = re.compile(
    rf" *(?:[{_ICONS}] ?{_NUMBER}(?: ?{_MINUTES})?(?!\w)"
    rf"|(?<!\w){_NUMBER}(?: ?{_MINUTES})? ?[{_ICONS}])",
    re.IGNORECASE,
)
_BRACKETS = re.compile(rf" *[(\[]([^()\[\]]{{1,{MAX_PART_LENGTH}}})[)\]]")
_SEPARATOR = re.compile(r"( +[-/»]{1,3} +| *(?:[|·•]|\+{2,3}|/{2,3}) *)")
_LIVE_CLOCK = re.compile(
    rf"(?:{_LIVE}|updated?) ?[:,|-]? ?(?:{_CLOCK}|{_HOUR}\.[0-5]\d)(?!\w)[ :,|-]*(?=\w|\W\w)",
    re.IGNORECASE,
)
_FIRST_CLOCK = re.compile(rf"{_CLOCK} ?: +(?=\S)", re.IGNORECASE)
_LAST_READING_TIME = re.compile(
    rf"[ ,]+(?:{_NUMBER}[ -]?{_MINUTES}[ -]{_READING}"
    rf"|{_READING_LABEL}:? ?{_NUMBER}[ -]?{_MINUTES})$",
    re.IGNORECASE,
)
_LAST_COUNTER = re.compile(
    rf"(?:(?<=[.!?\"»)])|,) +{_NUMBER} ?{_COUNTED}$", re.IGNORECASE
)


def strip_counters(headline: str) -> str:
    """A headline without counters, reading times and clocks.

    In the typography of ``wording.normalise_typography``. If nothing else is left, it
    stays as it is.
    """
    if len(headline) > MAX_HEADLINE_LENGTH:
        return headline
    stripped = headline
    for _ in range(MAX_ROUNDS):
        before, stripped = stripped, _strip_once(stripped)
        if before == stripped:
            break
    return stripped or headline


def _strip_once(headline: str) -> str:
    before = headline
    headline = _BRACKETS.sub(_keep_unless_counter, headline).strip()
    headline = _without_counter_parts(headline)
    if badge := _BADGE.match(headline):
        headline = headline[badge.end() :]
    headline = _LAST_BADGE.sub("", headline)
    headline = _ICON_COUNTER.sub("", headline).strip()
    if clock := _LIVE_CLOCK.match(headline) or _FIRST_CLOCK.match(headline):
        headline = headline[clock.end() :]
    headline = _LAST_READING_TIME.sub("", headline)
    headline = _LAST_COUNTER.sub("", headline)
    return headline if headline == before else headline.strip(" -|·•,:")


def _keep_unless_counter(match: re.Match[str]) -> str:
    return "" if _is_counter(match[1]) else match[0]


def _without_counter_parts(headline: str) -> str:
    """The parts between separators that are not counters, with their separators."""
    parts = _SEPARATOR.split(headline)
    if len(parts) == 1:
        return headline
    kept = parts[0] if not _is_counter(parts[0]) else ""
    for separator, part in zip(parts[1::2], parts[2::2], strict=True):
        if not _is_counter(part):
            kept = f"{kept}{separator}{part}" if kept else part
    return kept.strip()


def _is_counter(part: str) -> bool:
    part = part.strip(" .,:;*#§-")
    return len(part) <= MAX_PART_LENGTH and (
        _COUNTER.fullmatch(part) is not None or is_relative_time(part.lower())
    )

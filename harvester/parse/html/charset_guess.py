"""The charset of bytes that nothing declares, by the letters that they would be.

Each charset is tried on a sample of the text. What it makes of the bytes is scored as
browsers do (chardetng, the detector of Firefox): letters that are frequent in a language
written in that charset count for it; letters of two scripts in one word, capitals after
small letters, symbols within words and bytes without a meaning count against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

FALLBACK = "cp1252"
MAX_PREFIX = 400_000  # bytes in which text is looked for
MAX_SAMPLE = 1_500  # bytes of text that are tried
# By how much a charset must be better than windows-1252, unless it is one of the
# language that the page states: in all, and per byte beyond ASCII.
MIN_ADVANTAGE, MIN_ADVANTAGE_PER_BYTE = 3.0, 0.1
COMMON, KNOWN, UNKNOWN, IMPOSSIBLE = 1.5, 0.6, -1.5, -4.0
RARE_CHARSETS = frozenset(("iso-8859-5", "iso-8859-6", "cp866"))
RARITY = 0.3  # per byte beyond ASCII: they are hardly ever met undeclared
LANGUAGE_BONUS = 0.3  # for a charset of the language that the page states

_SCRIPT_TAG = re.compile(rb"<(/?)(?:script|style)\b", re.IGNORECASE)
_TAGS = re.compile(rb"<[^<>]{0,2000}>")
_STRETCHES = re.compile(rb"[^\x80-\xff]{0,24}[\x80-\xff][^\n]{0,200}")
_STATED_LANGUAGE = re.compile(
    rb"(?:<html\b[^>]{0,300}?\slang|xml:lang|<language>|\"language\")"
    rb"\s*[=:]?\s*[\"']?\s*([a-zA-Z]{2})",
    re.IGNORECASE,
)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_NON_ASCII_WORD = re.compile(
    r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*(?:[^\x00-\x7f]+[^\W\d_]*)*"
)


_RUSSIAN = "оеаинтслвркмдпуяыьгзбчйхжшюцщэфёъіїєґўјљњћђџѓќѕ"
_GREEK = "αοιετσνηυρπκμλςάίόωέδήγύθχφβώξζψϊϋΐΰ"
_HEBREW = "יוהלאתרשבמנעדקחצפכטגםןסזךץף"
_ARABIC = "اليمونرتبةعدسفهكقحجشصىأطخذضغزءثإئظآؤپچژگًٌٍَُِّْـ"
_THAI = "ารนอกเงมยล่ว้ดทัสตีิะไปบคหแจพชขใโุูำผ์ซถธ็ศึืณฟญษภฐฆฮๆฝฎฏฌฑฒฤฬๅฯ"
_POLISH, _CZECH, _SLOVAK = "łęóążśćńź", "íáěéřčýžšůúťňďó", "áíéčšžýúľťňôäďóĺŕ"
_HUNGARIAN, _CROATIAN, _ROMANIAN = "áéóöőíüűú", "čšžćđ", "ăşţîâ"
# Charsets in order of preference. For each group of languages: their ISO 639 codes;
# their small letters beyond ASCII, the most frequent first, or all letters of another
# script; how many of these are frequent.
_LETTERS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "cp1252": (
        ("fr", "éèàêçôîùûâëïœæÿ", 6),
        ("de", "üäöß", 4),
        ("es ca gl eu", "óíáéúñüçàèòï·ï", 6),
        ("pt", "ãçáéíóõêâúôà", 8),
        ("it", "èàùòìé", 4),
        ("sv fi et", "äöåéõšž", 3),
        ("da no nb nn", "øåæéóòôê", 3),
        ("is fo", "ðíáþóéöæúý", 8),
        ("nl af", "ëéïèöüêá", 2),
    ),
    "cp1251": (("ru uk be bg sr mk kk", _RUSSIAN, 20),),
    "koi8-u": (("ru uk", _RUSSIAN, 20),),
    "iso-8859-5": (("ru bg sr mk", _RUSSIAN, 20),),
    "cp866": (("ru", _RUSSIAN, 20),),
    "cp1253": (("el", _GREEK, 20),),
    "iso-8859-7": (("el", _GREEK, 20),),
    "cp1255": (("he iw yi", _HEBREW, 16),),
    "cp1256": (("ar fa ur", _ARABIC, 20),),
    "iso-8859-6": (("ar", _ARABIC, 20),),
    "cp874": (("th", _THAI, 24),),
    "cp1250": (
        ("pl", _POLISH, 9),
        ("cs", _CZECH, 10),
        ("sk", _SLOVAK, 9),
        ("hu", _HUNGARIAN, 9),
        ("hr sl bs", _CROATIAN, 5),
        ("ro", _ROMANIAN, 5),
    ),
    "iso-8859-2": (
        ("pl", _POLISH, 9),
        ("cs", _CZECH, 10),
        ("sk", _SLOVAK, 9),
        ("hu", _HUNGARIAN, 9),
        ("hr sl bs", _CROATIAN, 5),
        ("ro", _ROMANIAN, 5),
    ),
    "cp1254": (("tr az", "ıüşçğöâîû", 6),),
    "cp1257": (
        ("lt", "ėšąžųįčęū", 7),
        ("lv", "āīšēūņļžčģķ", 8),
    ),
}
# The most frequent characters, which are about half of any text.
_SIMPLIFIED = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同"
    "工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理"
    "起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义"
    "事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结"
    "解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设"
    "及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决"
    "西被干做必战先回则任取据处理市委员记报者北京东今周晚海"
)
_TRADITIONAL = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同"
    "工也能下過子說產種面而方後多定行學法所民得經十三之進著等部度家電力里如水化高自二理"
    "起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政四日那社義"
    "事平形相全表間樣與關各重新線內數正心反你明看原又麼利比或但質氣第向道命此變條只沒結"
    "解問意建月公無系軍很情者最立代想已通並提直題黨程展五果料象員革位入常文總次品式活設"
    "及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決"
    "西被做必戰先回則任取據處市委記報北京東今週晚海台灣"
)
_JAPANESE = (
    "のにはをたがでてとしれさるいなかもまらりこすっくそあえきけせつどうおわほめやよちろみ"
    "んだひふへばぶべびじずげごぐざぼむねぬんーアイウエオカキクケコサシスセソタチツテトナニ"
    "ネノハヒフヘホマミムメモヤユヨラリルレロワンガギグゲゴジズダデドバビブボパプポッャュョ"
    "日年月人会者大国本中出長事市東一時業分社行上地新見部政員全合前後今内間"
)
_KOREAN = (
    "이다는에의을가고한하로을지은기사도서를인자그어나리시정대으스해아있과일수부장라전원만"
    "보여들구주제상공동중국년월위경성조관비당세연계유우안무용신소미문민게면까오와야적할습"
    "니개학선회방명실생추치화발재산건차모거진교금통각시했였된것등및저내려터물반트"
)
_CJK_PUNCTUATION = frozenset("，。、；：？！“”‘’（）《》「」『』・ー…—～【】〈〉　·％")
# Charset, languages, frequent characters, and what else is usual in it.
_EAST_ASIAN = (
    ("gb18030", ("zh",), frozenset(_SIMPLIFIED), (0xB0, 0xD7)),
    ("big5hkscs", ("zh",), frozenset(_TRADITIONAL), (0xA4, 0xC6)),
    ("cp949", ("ko",), frozenset(_KOREAN), (0xB0, 0xC8)),
    ("euc-jp", ("ja",), frozenset(_JAPANESE), (0xB0, 0xCF)),
    ("cp932", ("ja",), frozenset(_JAPANESE), (0x88, 0x97)),
)
_CODES = {
    charset: {code for codes, *_ in rows for code in codes.split()}
    for charset, rows in _LETTERS.items()
} | {charset: set(codes) for charset, codes, *_ in _EAST_ASIAN}


def guess_charset(body: bytes) -> str:
    """Python's codec of the charset that the text is most likely written in.

    Windows-1252 if no other fits better. The same bytes give the same charset.
    """
    sample = _sample(body)
    if not sample:
        return FALLBACK
    match = _STATED_LANGUAGE.search(body[:4096])
    stated = match[1].decode("ascii").lower() if match else ""
    scores = dict(_single_byte_scores(sample, stated))
    scores |= _east_asian_scores(sample, stated)
    high_bytes = len(_HIGH_BYTE.findall(sample))
    for charset in RARE_CHARSETS:
        scores[charset] -= RARITY * high_bytes
    best = max(scores, key=scores.__getitem__)  # the first of equal ones
    advantage = scores[best] - scores[FALLBACK]
    is_enough = advantage > max(MIN_ADVANTAGE, MIN_ADVANTAGE_PER_BYTE * high_bytes)
    return best if is_enough or stated in _CODES[best] else FALLBACK


def _sample(body: bytes) -> bytes:
    """The stretches of text with bytes beyond ASCII in them, without markup."""
    text = _TAGS.sub(b" ", _without_scripts(body[:MAX_PREFIX]))
    pieces: list[bytes] = []
    length = 0
    for match in _STRETCHES.finditer(text):
        pieces.append(match[0])
        length += len(match[0])
        if length >= MAX_SAMPLE:
            break
    if not pieces:  # only in markup, in a script, or late
        first = _HIGH_BYTE.search(body)
        start = max(0, first.start() - 100) if first else 0
        return body[start : start + MAX_SAMPLE]
    return b"\n".join(pieces)


def _without_scripts(markup: bytes) -> bytes:
    """Markup without scripts and styles. Linear time."""
    kept, position, in_script = [], 0, False
    for match in _SCRIPT_TAG.finditer(markup):
        if not in_script:
            kept.append(markup[position : match.start()])
        in_script, position = not match[1], match.start()
    if not in_script:
        kept.append(markup[position:])
    return b" ".join(kept)


# ---- alphabets


def _single_byte_scores(sample: bytes, stated: str) -> Iterable[tuple[str, float]]:
    for charset, rows in _LETTERS.items():
        decoded = sample.decode(charset, "replace")
        words = Counter(_NON_ASCII_WORD.findall(decoded)).items()
        yield (
            charset,
            max(
                sum(count * _word_score(word, *_weights(row)) for word, count in words)
                + (LANGUAGE_BONUS * len(words) if stated in row[0].split() else 0)
                for row in rows
            ),
        )


@lru_cache(maxsize=64)
def _weights(row: tuple[str, str, int]) -> tuple[dict[str, float], bool]:
    """What the letters of a language count, and whether its script is Latin."""
    _, letters, common = row
    weights = {
        letter: COMMON if rank < common else KNOWN
        for rank, letter in enumerate(letters)
    }
    upper = {letter.upper(): weight for letter, weight in weights.items()}
    return weights | upper, "LATIN" in unicodedata.name(letters[0])


def _word_score(word: str, weights: dict[str, float], is_latin: bool) -> float:
    score = 0.0
    previous = ""
    if word[1:] != word[1:].lower():  # capitals after the first letter
        score -= len(word) / 2 if word.isupper() else len(word)
    for character in word:
        weight = weights.get(character)
        if weight is not None:
            score += weight
        elif character.isascii():
            if not is_latin and character.isalpha():
                score += UNKNOWN  # letters of two scripts in one word
        elif character.isalpha():
            score += UNKNOWN
        elif character == "\ufffd" or "\x80" <= character <= "\x9f":
            score += IMPOSSIBLE
        elif previous.isalpha() and character not in _APOSTROPHES:
            score += UNKNOWN / 2
        previous = character
    return score


_APOSTROPHES = frozenset("’‘“”„«»–—…·.,;:!?\xa0'\")")


# ---- Chinese, Japanese, Korean


def _east_asian_scores(sample: bytes, stated: str) -> Iterable[tuple[str, float]]:
    for charset, codes, common, usual_leads in _EAST_ASIAN:
        decoded = sample.decode(charset, "replace")
        score = 0.0
        for character in decoded:
            if character.isascii():
                continue
            if character in common:
                score += 2 * COMMON
            elif character in _CJK_PUNCTUATION:
                score += 2 * KNOWN
            elif character == "\ufffd":
                score += 2 * IMPOSSIBLE
            elif _is_usual(character, charset, usual_leads):
                score += 2 * KNOWN
            else:
                score += 2 * UNKNOWN
        if stated in codes:
            score += LANGUAGE_BONUS * len(decoded)
        yield charset, score


@lru_cache(maxsize=16_384)
def _is_usual(character: str, charset: str, leads: tuple[int, int]) -> bool:
    """Whether a character is of the first level of its charset."""
    code = character.encode(charset, "replace")
    return len(code) == 2 and leads[0] <= code[0] <= leads[1]

"""Where an article's words stand in a body as received, under whatever markup and escapes; and the body with them blanked out.

Pure. An article is known by its runs of words; blanked is every word of a run that stands there. Not for: deciding whose words
they are (``purge``).
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

RUN_WORDS = 8  # words in a row that are no accident
MIN_LINE_WORDS = 6  # words of a shorter line that is known as a whole
MIN_TITLE_WORDS = 3  # the same of a title
RUN_CHARACTERS = 16  # the same where words are not spaced: a word is a character there
MAX_FRAGMENTS = 24  # looked for at first, before a body is looked at closely
MIN_PATH_CHARACTERS = 8  # characters of a path that names something

_UNSPACED_RANGES = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD_PATTERN = re.compile(
    rf"[{_UNSPACED_RANGES}]|(?:[^\W_{_UNSPACED_RANGES}]|[\u0300-\u036f])+"
)
_TAG_PATTERN = re.compile(r"<[^<>]{1,4000}>")
_ESCAPE_PATTERN = re.compile(
    r"\\u([0-9a-fA-F]{4})|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|\\[nrt]"
)
_PLAIN_WORDS_PATTERN = re.compile(r"[^\W_][\w ]{10,}[^\W_]")


@dataclass(slots=True)
class RedactionTerms:
    """The words by which an article is known, and its addresses."""

    runs: dict[int, set[tuple[str, ...]]] = field(
        default_factory=dict
    )  # words in a row → those of that length
    fragments: list[bytes] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @classmethod
    def from_article(
        cls, titles: Iterable[str], texts: Iterable[str], addresses: Iterable[str]
    ) -> RedactionTerms:
        """From its titles, texts and summaries, and addresses, with or without scheme."""
        found = cls()
        pieces: list[str] = []
        for least, lines in (
            (MIN_TITLE_WORDS, list(titles)),
            (MIN_LINE_WORDS, list(texts)),
        ):
            for text in dict.fromkeys(lines):
                found._add_runs(_split_words(text), RUN_WORDS)
                for line in text.split("\n"):
                    found._add_runs(_split_words(line), least)
                    pieces += [line]
        found.addresses = sorted(
            {path for one in addresses if (path := _distinctive_path(one))},
            key=lambda one: (-len(one), one),
        )
        found.fragments = [
            *_encoded_spellings(found.addresses),
            *_choose_fragments(pieces),
        ]
        return found

    def _add_runs(self, words: list[str], min_words: int) -> None:
        spaced = sum(len(word) > 1 for word in words) * 2 > len(words)
        size = RUN_WORDS if spaced else RUN_CHARACTERS
        min_words = min_words if spaced else max(min_words, RUN_WORDS)
        if len(words) < size:
            size = len(words)
        if size >= min_words:
            self.runs.setdefault(size, set()).update(
                zip(*(words[start:] for start in range(size)), strict=False)
            )

    def excluding(self, texts: Iterable[str], min_texts: int = 1) -> RedactionTerms:
        """Without what stands in ``least`` of these texts too."""
        counts: dict[int, Counter[tuple[str, ...]]] = {
            size: Counter() for size in self.runs
        }
        for text in texts:
            words = _split_words(text)
            for size, held in self.runs.items():
                counts[size].update(
                    held.intersection(
                        zip(*(words[start:] for start in range(size)), strict=False)
                    )
                )
        runs = {
            size: {run for run in held if counts[size][run] < min_texts}
            if counts[size]
            else held
            for size, held in self.runs.items()
        }
        if all(len(runs[size]) == len(held) for size, held in self.runs.items()):
            return self
        return RedactionTerms(
            {size: held for size, held in runs.items() if held},
            self.fragments,
            self.addresses,
        )

    def redact_addresses(self, text: str, replacement: str = "/taken-out") -> str:
        """A text without the addresses, however they are written; longer ones that only begin so stay."""
        return (
            _path_pattern(tuple(self.addresses)).sub(replacement, text)
            if self.addresses
            else text
        )


def may_contain(terms: RedactionTerms, body: bytes) -> bool:
    """Whether it is worth a closer look. Quick; says yes too often."""
    return any(fragment in body for fragment in terms.fragments)


def contains_run(terms: RedactionTerms, text: str) -> bool:
    """Whether a run of the words stands in a text, markup or not."""
    return any(True for _ in _find_spans(terms, text))


def body_contains(terms: RedactionTerms, body: bytes, charset: str = "") -> bool:
    """Whether the words or addresses stand in a body."""
    text = decode_body(body, charset)[0]
    return terms.redact_addresses(text) != text or contains_run(terms, text)


def redact_body(terms: RedactionTerms, body: bytes, charset: str = "") -> bytes | None:
    """The body with the words and addresses blanked out; itself where there are none; None where that was not possible."""
    text, charset = decode_body(body, charset)
    mark = "█" if charset.startswith("utf") else "#"
    spans = _merge_spans(_find_spans(terms, text))
    for start, end in reversed(spans):
        text = text[:start] + mark * min(end - start, 40) + text[end:]
    text = terms.redact_addresses(text)
    if spans and contains_run(terms, text):
        return None
    try:
        return text.encode(charset)
    except UnicodeError:
        return None


# ---- words, and where they stand


def _split_words(text: str) -> list[str]:
    return [
        _fold_word(match[0])
        for match in _WORD_PATTERN.finditer(unicodedata.normalize("NFKC", text))
    ]


def _fold_word(word: str) -> str:
    return (word if word.isascii() else unicodedata.normalize("NFKC", word)).casefold()


class _UnescapedText:
    """A text with its escapes undone, and where in the source each of its characters stood."""

    def __init__(self, source: str) -> None:
        self._text_offsets, self._source_offsets, self._literal_flags = [0], [0], [True]
        pieces, last, place = [], 0, 0
        for match in _ESCAPE_PATTERN.finditer(source):
            said = (
                chr(int(match[1], 16))
                if match[1]
                else " "
                if match[0][0] == "\\"
                else html.unescape(match[0])
            )
            pieces += [source[last : match.start()], said]
            place += match.start() - last
            self._add_anchor(place, match.start(), False)
            place += len(said)
            last = match.end()
            self._add_anchor(place, last, True)
        pieces.append(source[last:])
        self.text = "".join(pieces)

    def _add_anchor(
        self, text_offset: int, source_offset: int, is_literal: bool
    ) -> None:
        self._text_offsets.append(text_offset)
        self._source_offsets.append(source_offset)
        self._literal_flags.append(is_literal)

    def source_offset(self, text_offset: int) -> int:
        """Where the character at ``place`` began."""
        one = bisect_right(self._text_offsets, text_offset) - 1
        return self._source_offsets[one] + (
            text_offset - self._text_offsets[one] if self._literal_flags[one] else 0
        )

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands from ``start`` to ``end`` stood."""
        one = bisect_right(self._text_offsets, end - 1) - 1
        after = (
            self._source_offsets[one] + end - self._text_offsets[one]
            if self._literal_flags[one]
            else self._source_offsets[one + 1]
        )
        return self.source_offset(start), after


def _find_spans(terms: RedactionTerms, text: str) -> Iterator[tuple[int, int]]:
    """Where the words of runs stand: read with and without the markup, and its escapes undone once and twice."""
    layers: list[_UnescapedText] = []
    for _ in range(3):
        tags = [(match.start(), match.end()) for match in _TAG_PATTERN.finditer(text)]
        every = [
            (_fold_word(match[0]), match.start(), match.end())
            for match in _WORD_PATTERN.finditer(text)
        ]
        for words in (every, _words_outside_tags(every, tags)) if tags else (every,):
            for start, end in _find_runs(terms, words):
                for layer in reversed(layers):
                    start, end = layer.source_span(start, end)
                yield start, end
        layers.append(_UnescapedText(text))
        if layers[-1].text == text:
            return
        text = layers[-1].text


def _words_outside_tags(
    words: list[tuple[str, int, int]], tags: list[tuple[int, int]]
) -> list[tuple[str, int, int]]:
    """The words that stand in no tag."""
    kept, place = [], 0
    for word in words:
        while place < len(tags) and tags[place][1] <= word[1]:
            place += 1
        if place == len(tags) or word[1] < tags[place][0]:
            kept.append(word)
    return kept


def _find_runs(
    terms: RedactionTerms, words: list[tuple[str, int, int]]
) -> Iterator[tuple[int, int]]:
    only = [word for word, _, _ in words]
    for size, held in terms.runs.items():
        firsts = {run[0] for run in held}
        for place, word in enumerate(only):
            if word in firsts and tuple(only[place : place + size]) in held:
                yield from (
                    (start, end) for _, start, end in words[place : place + size]
                )


def _merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def decode_body(body: bytes, charset: str) -> tuple[str, str]:
    """A body as text, and the charset by which it is one."""
    for name in ("utf-8", charset):
        try:
            if name:
                return body.decode(name), name
        except (UnicodeError, LookupError):
            continue
    return body.decode("latin-1"), "latin-1"


# ---- addresses


def _distinctive_path(address: str) -> str:
    """Path and query of an address, where they name one page and no other; "" where they are of a common kind."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    path = parts.path.rstrip("/")
    last = path.rpartition("/")[2]
    if parts.query:
        path = f"{parts.path}?{parts.query}"
    elif not (
        any(one.isdigit() for one in last)
        or len(re.findall(r"[-_]", last)) > 1
        or len(last) > 2 * MIN_PATH_CHARACTERS
    ):
        return ""
    return path if len(path) >= MIN_PATH_CHARACTERS else ""


@lru_cache(maxsize=64)
def _path_pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    spelled = sorted(
        map(re.escape, _path_spellings(paths)), key=lambda one: (-len(one), one)
    )
    return re.compile(rf"(?:{'|'.join(spelled)})(?![\w%-])")


# ---- the first look


def _path_spellings(paths: Iterable[str]) -> list[str]:
    """The ways in which a path is written."""
    found: dict[str, None] = {}
    for path in paths:
        for one in (path, quote(unquote(path)), unquote(path)):
            found |= dict.fromkeys(
                (one, one.replace("/", "\\/"), quote(one, safe=""), html.escape(one))
            )
    return list(found)


def _encoded_spellings(paths: Iterable[str]) -> list[bytes]:
    return [one.encode("utf-8", "surrogatepass") for one in _path_spellings(paths)]


def _choose_fragments(pieces: list[str]) -> list[bytes]:
    """Some stretches of plain words, of the title, the beginning and from all over: as they stand in most encodings."""
    step = max(1, (len(pieces) - MAX_FRAGMENTS // 2) * 2 // MAX_FRAGMENTS)
    chosen = [*pieces[: MAX_FRAGMENTS // 2], *pieces[MAX_FRAGMENTS // 2 :: step]]
    found: dict[bytes, None] = {}
    for piece in chosen:
        plain = sorted(_PLAIN_WORDS_PATTERN.findall(piece), key=len, reverse=True)[:1]
        ascii_only = sorted(
            re.findall(r"[A-Za-z0-9][A-Za-z0-9 ]{6,}[A-Za-z0-9]", piece),
            key=len,
            reverse=True,
        )[:1]
        found |= dict.fromkeys(
            one[:60].encode("utf-8", "surrogatepass") for one in (*plain, *ascii_only)
        )
    return list(found)

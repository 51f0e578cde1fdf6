"""Find an article's words in a body as received, and redact them.

Pure. Words are found under any markup and escapes. An article is recognised by runs of
words; every word of a run that occurs is redacted. Does not decide whose words they
are; see ``purge``.
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

RUN_WORDS = 8  # so many words in a row are no coincidence
RUN_CHARACTERS = 16  # the same for scripts without spaces, where a word is a character
MIN_LINE_WORDS = 6  # of a shorter line that is recognised as a whole
MIN_TITLE_WORDS = 3  # the same of a title
MIN_PATH_CHARACTERS = 8  # of a URL path that identifies a page
MAX_FRAGMENTS = 24  # searched for before a body is examined closely
MAX_MARK_CHARACTERS = 40  # of the mark in place of a word

_UNSPACED_RANGES = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD_PATTERN = re.compile(
    rf"[{_UNSPACED_RANGES}]|(?:[^\W_{_UNSPACED_RANGES}]|[\u0300-\u036f])+"
)
_TAG_PATTERN = re.compile(r"<[^<>]{1,4000}>")
_ESCAPE_PATTERN = re.compile(
    r"\\u([0-9a-fA-F]{4})"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|\\[nrt]"
)
_PLAIN_WORDS_PATTERN = re.compile(r"[^\W_][\w ]{10,}[^\W_]")
_ASCII_WORDS_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]{6,}[A-Za-z0-9]")


@dataclass(slots=True)
class RedactionTerms:
    """The runs of words by which an article is recognised, and its addresses."""

    # Length → runs of so many words.
    runs: dict[int, set[tuple[str, ...]]] = field(default_factory=dict)
    fragments: list[bytes] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @classmethod
    def from_article(
        cls, titles: Iterable[str], texts: Iterable[str], addresses: Iterable[str]
    ) -> RedactionTerms:
        """Build the terms from titles, texts and summaries, and URLs or addresses."""
        terms = cls()
        lines: list[str] = []
        for min_words, group in ((MIN_TITLE_WORDS, titles), (MIN_LINE_WORDS, texts)):
            for text in dict.fromkeys(group):
                terms._add_runs(_split_words(text), RUN_WORDS)
                for line in text.split("\n"):
                    terms._add_runs(_split_words(line), min_words)
                    lines.append(line)
        terms.addresses = sorted(
            {path for address in addresses if (path := _distinctive_path(address))},
            key=lambda path: (-len(path), path),
        )
        terms.fragments = [
            *_encoded_spellings(terms.addresses),
            *_choose_fragments(lines),
        ]
        return terms

    def _add_runs(self, words: list[str], min_words: int) -> None:
        spaced = sum(len(word) > 1 for word in words) * 2 > len(words)
        size = min(RUN_WORDS if spaced else RUN_CHARACTERS, len(words))
        min_size = min_words if spaced else max(min_words, RUN_WORDS)
        if size >= min_size:
            self.runs.setdefault(size, set()).update(_list_runs(words, size))

    def excluding(self, texts: Iterable[str], min_texts: int = 1) -> RedactionTerms:
        """Return the terms without runs that occur in ``min_texts`` of the texts."""
        counts: dict[int, Counter[tuple[str, ...]]] = {
            size: Counter() for size in self.runs
        }
        for text in texts:
            words = _split_words(text)
            for size, runs in self.runs.items():
                counts[size].update(runs.intersection(_list_runs(words, size)))
        kept = {
            size: {run for run in runs if counts[size][run] < min_texts}
            if counts[size]
            else runs
            for size, runs in self.runs.items()
        }
        if all(len(kept[size]) == len(runs) for size, runs in self.runs.items()):
            return self
        return RedactionTerms(
            {size: runs for size, runs in kept.items() if runs},
            self.fragments,
            self.addresses,
        )

    def redact_addresses(self, text: str, replacement: str = "/taken-out") -> str:
        """Replace the addresses in a text, however they are spelled.

        Longer addresses that only begin with one of them stay.
        """
        if not self.addresses:
            return text
        return _path_pattern(tuple(self.addresses)).sub(replacement, text)


def may_contain(terms: RedactionTerms, body: bytes) -> bool:
    """Whether a body must be examined closely. Fast, with false positives."""
    return any(fragment in body for fragment in terms.fragments)


def contains_run(terms: RedactionTerms, text: str) -> bool:
    """Whether a text contains a run of the words, with or without markup."""
    return any(True for _ in _find_spans(terms, text))


def body_contains(terms: RedactionTerms, body: bytes, charset: str = "") -> bool:
    """Whether a body contains the words or addresses."""
    text, _ = decode_body(body, charset)
    return terms.redact_addresses(text) != text or contains_run(terms, text)


def redact_body(terms: RedactionTerms, body: bytes, charset: str = "") -> bytes | None:
    """Return the body with words and addresses redacted; None if that is impossible."""
    text, charset = decode_body(body, charset)
    mark = "█" if charset.startswith("utf") else "#"
    spans = _merge_spans(_find_spans(terms, text))
    for start, end in reversed(spans):
        text = text[:start] + mark * min(end - start, MAX_MARK_CHARACTERS) + text[end:]
    text = terms.redact_addresses(text)
    if spans and contains_run(terms, text):
        return None
    try:
        return text.encode(charset)
    except UnicodeError:
        return None


def decode_body(body: bytes, charset: str) -> tuple[str, str]:
    """Return a body as text, and the charset that it was decoded with."""
    for name in ("utf-8", charset):
        try:
            if name:
                return body.decode(name), name
        except (UnicodeError, LookupError):
            continue
    return body.decode("latin-1"), "latin-1"


# ---- words and their positions


def _list_runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(size)), strict=False)


def _split_words(text: str) -> list[str]:
    return [
        _fold_word(match[0])
        for match in _WORD_PATTERN.finditer(unicodedata.normalize("NFKC", text))
    ]


def _fold_word(word: str) -> str:
    return (word if word.isascii() else unicodedata.normalize("NFKC", word)).casefold()


class _UnescapedText:
    """A text with its escapes undone, and the source position of each character."""

    def __init__(self, source: str) -> None:
        # Anchors: an offset in the text, the same in the source, and whether the
        # characters up to the next anchor are the source's own.
        self._text_offsets, self._source_offsets, self._literal_flags = [0], [0], [True]
        pieces, last, offset = [], 0, 0
        for match in _ESCAPE_PATTERN.finditer(source):
            unescaped = _unescape(match)
            pieces += [source[last : match.start()], unescaped]
            offset += match.start() - last
            self._add_anchor(offset, match.start(), False)
            offset += len(unescaped)
            last = match.end()
            self._add_anchor(offset, last, True)
        pieces.append(source[last:])
        self.text = "".join(pieces)

    def _add_anchor(
        self, text_offset: int, source_offset: int, is_literal: bool
    ) -> None:
        self._text_offsets.append(text_offset)
        self._source_offsets.append(source_offset)
        self._literal_flags.append(is_literal)

    def source_offset(self, text_offset: int) -> int:
        """Return where a character begins in the source."""
        anchor = bisect_right(self._text_offsets, text_offset) - 1
        offset = self._source_offsets[anchor]
        if self._literal_flags[anchor]:
            offset += text_offset - self._text_offsets[anchor]
        return offset

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span of the text is in the source."""
        anchor = bisect_right(self._text_offsets, end - 1) - 1
        if self._literal_flags[anchor]:
            source_end = self._source_offsets[anchor] + end - self._text_offsets[anchor]
        else:
            source_end = self._source_offsets[anchor + 1]
        return self.source_offset(start), source_end


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return " " if match[0][0] == "\\" else html.unescape(match[0])


def _find_spans(terms: RedactionTerms, text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of all words that are part of a run.

    The text is searched with and without markup, and with its escapes undone once and
    twice.
    """
    layers: list[_UnescapedText] = []
    for _ in range(3):
        tags = [(match.start(), match.end()) for match in _TAG_PATTERN.finditer(text)]
        all_words = [
            (_fold_word(match[0]), match.start(), match.end())
            for match in _WORD_PATTERN.finditer(text)
        ]
        readings = [all_words]
        if tags:
            readings.append(_words_outside_tags(all_words, tags))
        for words in readings:
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
    """Return the words that are not within a tag."""
    outside, tag_index = [], 0
    for word in words:
        while tag_index < len(tags) and tags[tag_index][1] <= word[1]:
            tag_index += 1
        if tag_index == len(tags) or word[1] < tags[tag_index][0]:
            outside.append(word)
    return outside


def _find_runs(
    terms: RedactionTerms, words: list[tuple[str, int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the span of every word of every run."""
    texts = [text for text, _, _ in words]
    for size, runs in terms.runs.items():
        first_words = {run[0] for run in runs}
        for index, text in enumerate(texts):
            if text in first_words and tuple(texts[index : index + size]) in runs:
                for _, start, end in words[index : index + size]:
                    yield start, end


def _merge_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


# ---- addresses


def _distinctive_path(address: str) -> str:
    """Return path and query of an address; "" if they do not identify one page."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    last_segment = path.rpartition("/")[2]
    if parts.query:
        path = f"{parts.path}?{parts.query}"
    elif not (
        any(character.isdigit() for character in last_segment)
        or len(re.findall(r"[-_]", last_segment)) > 1
        or len(last_segment) > 2 * MIN_PATH_CHARACTERS
    ):
        return ""
    return path if len(path) >= MIN_PATH_CHARACTERS else ""


@lru_cache(maxsize=64)
def _path_pattern(paths: tuple[str, ...]) -> re.Pattern[str]:
    spellings = sorted(
        map(re.escape, _path_spellings(paths)),
        key=lambda spelling: (-len(spelling), spelling),
    )
    return re.compile(rf"(?:{'|'.join(spellings)})(?![\w%-])")


def _path_spellings(paths: Iterable[str]) -> list[str]:
    """Return the ways in which paths are spelled: quoted, and escaped."""
    spellings: dict[str, None] = {}
    for path in paths:
        for variant in (path, quote(unquote(path)), unquote(path)):
            spellings |= dict.fromkeys(
                (
                    variant,
                    variant.replace("/", "\\/"),
                    quote(variant, safe=""),
                    html.escape(variant),
                )
            )
    return list(spellings)


# ---- fragments, for the fast check


def _encoded_spellings(paths: Iterable[str]) -> list[bytes]:
    return [
        spelling.encode("utf-8", "surrogatepass") for spelling in _path_spellings(paths)
    ]


def _choose_fragments(lines: list[str]) -> list[bytes]:
    """Choose stretches of plain words, which most encodings leave as they are.

    From the title, the beginning, and all over the article.
    """
    half = MAX_FRAGMENTS // 2
    step = max(1, (len(lines) - half) * 2 // MAX_FRAGMENTS)
    fragments: dict[bytes, None] = {}
    for line in [*lines[:half], *lines[half::step]]:
        for pattern in (_PLAIN_WORDS_PATTERN, _ASCII_WORDS_PATTERN):
            longest = max(pattern.findall(line), key=len, default="")
            if longest:
                fragments[longest[:60].encode("utf-8", "surrogatepass")] = None
    return list(fragments)

"""The article's text in the data that a page hands to its own scripts.

Next.js, Nuxt, Apollo, Redux and the like put what a page shows into it as JSON: in a
script, in a string inside a script, or in an attribute. Only for pages whose tree has
no text: the article is the object with a body whose headline or address is the page's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.dom import parse_html
from harvester.parse.html.element_text import element_lines

MAX_STATE_LENGTH = 8_000_000  # characters of all scripts of a page that are searched
MIN_STATE_LENGTH = 300  # characters of a script or attribute that may hold a text
MAX_JSON_STARTS = 400  # places in scripts where JSON may begin
MAX_NODES = 200_000  # of all JSON of a page
MAX_DEPTH = 60
MAX_PARTS = 5_000  # of one body
MIN_BODY_LENGTH = 200  # characters of a text
MIN_SENTENCE_SHARE = 0.4  # of its characters in lines that end like sentences
MAX_CODE_SHARE = 0.01  # of its characters that programs have
MIN_TITLE_LENGTH = 8  # letters and digits

_TITLE_KEYS = frozenset("headline title name webtitle seotitle shorttitle".split())
_ADDRESS_KEYS = frozenset(
    "url slug path permalink canonical canonicalurl canonical_url link href uri"
    " webpageurl fullurl website_url articleurl shareurl".split()
)
_BODY_KEYS = (
    "articlebody body content contenthtml bodyhtml html text fulltext bodytext"
    " contentelements blocks paragraphs components children richtext story"
    " articletext articlecontent maincontent description steps elements data"
).split()
_TEXT_KEYS = (
    "rendered",
    "processed",
    "text",
    "html",
    "content",
    "value",
    "paragraph",
    "innerhtml",
    "body",
)
_PART_KEYS = (
    "children content items paragraphs blocks nodes elements body data attributes"
    " listitems steps"
).split()
# Types of parts that are not words of the text.
_SKIPPED_TYPE = re.compile(
    r"image|photo|video|gallery|embed|advert|\bad\b|related|newsletter|promo|caption"
    r"|twitter|instagram|facebook|youtube|teaser|raw_html|iframe|script|audio|link_list",
    re.IGNORECASE,
)
_BLOCK_TYPE = re.compile(
    r"paragraph|heading|header|list|quote|block|^p$|^h[1-6]$|^li$|text", re.IGNORECASE
)
_ASSIGNMENT = re.compile(
    r"""(?:[=(,:]|\breturn)\s*(?=[\[{])|JSON\.parse\(\s*(?:decodeURIComponent\(\s*)?(?=["'`])"""
    r"""|__next_f\.push\(\s*(?=\[)"""
)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"|' r"'(?:[^'\\]++|\\.)*+'", re.DOTALL)
# ``body:"…"`` in a script that is not JSON.
_STRING_PROPERTY = re.compile(
    r"""["']?\b(articleBody|body|content|contentHtml|bodyHtml|html|text|fullText)["']?"""
    r"""\s*+:\s*+("(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+')""",
    re.DOTALL,
)
_FLIGHT_ROW = re.compile(r"(?:^|\n)[0-9a-f]+:(?:T[0-9a-f]+,)?(?=[\[{<])")
_SCRIPTS = etree.XPath("//script[not(@src)]")
_ATTRIBUTES = etree.XPath(
    f"//@*[string-length(.) >= {MIN_STATE_LENGTH} and (starts-with(., '{{')"
    " or starts-with(., '['))]",
    smart_strings=False,
)
_CAPTIONS = etree.XPath("//figcaption | //*[contains(@class, 'caption')]")
_NOT_LETTER = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"'”»’」』)\]]*$")
_PARAGRAPH_END = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text of an object, and whether the object is the page's article."""

    lines: list[str]
    is_own: bool
    is_other: bool  # it states another title, or another address

    @property
    def length(self) -> int:
        return sum(map(len, self.lines))


def find_state_text(tree: HtmlElement, title: str, url: str) -> list[str]:
    """The lines of the page's article in its state; nothing if there is none."""
    searched = _Search(_letters(title), _last_segment(url))
    for value in _json_values(tree):
        searched.walk(value)
    own = [one for one in searched.candidates if one.is_own]
    neutral = [
        one for one in searched.candidates if not one.is_own and not one.is_other
    ]
    best = max(own or neutral, key=lambda one: one.length, default=None)
    return best.lines if best is not None else []


# ---- the JSON of a page


def _json_values(tree: HtmlElement) -> Iterator[Any]:
    """The JSON values in a page's scripts and attributes."""
    length = 0
    flight: list[str] = []
    for script in _SCRIPTS(tree):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        length += len(text)
        if length > MAX_STATE_LENGTH:
            break
        if len(text) < MIN_STATE_LENGTH or kind == "application/ld+json":
            continue
        if "json" in kind:
            yield from _decode_at(text.lstrip(), 0)
            continue
        for value in _values_in_script(text):
            if "__next_f" in text and isinstance(value, list):
                flight += [part for part in value if isinstance(part, str)]
            yield value
    stream = "".join(flight)
    for row in list(_FLIGHT_ROW.finditer(stream))[:MAX_JSON_STARTS]:
        yield from _decode_at(stream, row.end())
    for attribute in _ATTRIBUTES(tree)[:MAX_JSON_STARTS]:
        yield from _decode_at(attribute, 0)


def _values_in_script(text: str) -> Iterator[Any]:
    """The JSON in a script: what is assigned or passed, and texts of its literals."""
    position = wasted = 0
    for _ in range(MAX_JSON_STARTS):
        match = _ASSIGNMENT.search(text, position)
        if match is None:
            break
        position = match.end()
        if text[position] in "[{":
            try:
                value, end = _DECODER.raw_decode(text, position)
            except json.JSONDecodeError as error:
                wasted += error.pos - position
                if wasted > len(text):
                    break
                continue
            except RecursionError:
                continue
            position = end
            yield value
        else:
            string = _STRING.match(text, position)
            if string is not None:
                position = string.end()
                decoded = _unescape(string[0])
                if decoded[:1] == "%":
                    decoded = unquote(decoded)
                yield from _decode_at(decoded, 0)
    for match in _STRING_PROPERTY.finditer(text):
        if len(match[2]) >= MIN_BODY_LENGTH:
            yield {match[1]: _unescape(match[2])}


_DECODER = json.JSONDecoder(strict=False)


def _decode_at(text: str, position: int) -> Iterator[Any]:
    try:
        yield _DECODER.raw_decode(text, position)[0]
    except (ValueError, RecursionError):
        return


_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\n", "t": "\t", "b": "", "f": "", "\n": ""}


def _unescape(literal: str) -> str:
    """The text of a string literal of JavaScript."""
    text = _ESCAPE.sub(
        lambda match: (
            chr(int(match[1][1:], 16))
            if match[1][0] in "ux" and len(match[1]) > 1
            else _ESCAPED.get(match[1], match[1])
        ),
        literal[1:-1],
    )
    # Two halves of a character beyond the basic plane.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# ---- the article in it


class _Search:
    """Walks through JSON values for objects that have a body."""

    def __init__(self, title: str, segment: str) -> None:
        self._title, self._segment = title, segment
        self._nodes_left = MAX_NODES
        self._pool: list[Any] = []  # of the value, if it refers to its own parts
        self.candidates: list[_Candidate] = []

    def walk(self, value: Any) -> None:
        """Collect the candidates of a value."""
        self._pool = value if isinstance(value, list) else []
        stack = [(value, False, False, 0)]
        while stack and self._nodes_left > 0:
            node, is_own, is_other, depth = stack.pop()
            self._nodes_left -= 1
            if depth > MAX_DEPTH:
                continue
            if isinstance(node, list):
                stack += [(one, is_own, is_other, depth + 1) for one in node]
            elif isinstance(node, str):
                if node[:1] in "[{" and len(node) >= MIN_STATE_LENGTH:
                    stack += [
                        (one, is_own, is_other, depth + 1)
                        for one in _decode_at(node, 0)
                    ]
            elif isinstance(node, dict):
                is_own, is_other = self._identity(node, is_own, is_other)
                self._add_candidate(node, is_own, is_other)
                stack += [
                    (one, is_own, is_other, depth + 1)
                    for one in node.values()
                    if isinstance(one, dict | list | str)
                ]

    def _identity(
        self, node: dict[str, Any], is_own: bool, is_other: bool
    ) -> tuple[bool, bool]:
        """Whether an object is the page's article, or another; else as its parent."""
        titles, segments = [], []
        for key, value in node.items():
            value = self._resolve(value)
            if isinstance(
                value, dict
            ):  # {"headlines": {"basic": "…"}}, {"rendered": "…"}
                value = value.get("basic") or value.get("rendered") or value.get("main")
            if not isinstance(value, str):
                continue
            name = key.lower().rstrip("s")
            if name in _TITLE_KEYS:
                titles.append(_letters(value))
            elif name in _ADDRESS_KEYS:
                segments.append(_last_segment(value))
        titles = [one for one in titles if len(one) >= MIN_TITLE_LENGTH]
        segments = [one for one in segments if one]
        if self._segment and self._segment in segments:
            return True, False
        if self._title and titles:
            is_same = any(one in self._title or self._title in one for one in titles)
            return is_same, not is_same
        if self._segment and segments and not is_own:
            return False, True
        return is_own, is_other

    def _resolve(self, value: Any) -> Any:
        """What an index into the pool stands for, as Nuxt's ``devalue`` writes it."""
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and 0 < value < len(self._pool)
        ):
            return self._pool[value]
        return value

    def _add_candidate(
        self, node: dict[str, Any], is_own: bool, is_other: bool
    ) -> None:
        by_name = {key.lower().replace("_", ""): key for key in node}
        texts = []
        for name in _BODY_KEYS:
            if name in by_name:
                lines = self._body_lines(node[by_name[name]])
                if _is_prose(lines):
                    texts.append(lines)
        if texts:
            lines = max(texts, key=lambda one: sum(map(len, one)))
            self.candidates.append(_Candidate(lines, is_own, is_other))

    def _body_lines(self, body: Any) -> list[str]:
        """The lines of a body: plain text, HTML, or a list of parts."""
        lines: list[str] = []
        self._collect(body, lines, 0)
        return lines

    def _collect(self, part: Any, lines: list[str], depth: int) -> None:
        part = self._resolve(part)
        self._nodes_left -= 1
        if depth > MAX_DEPTH or len(lines) > MAX_PARTS or self._nodes_left < 0:
            return
        if isinstance(part, str):
            if " " in part.strip() or not part.isascii():
                lines.extend(text_lines(part))
        elif isinstance(part, list):
            for one in part:
                self._collect(one, lines, depth + 1)
        elif isinstance(part, dict):
            self._collect_object(part, lines, depth)

    def _collect_object(
        self, part: dict[str, Any], lines: list[str], depth: int
    ) -> None:
        names = {key.lower().lstrip("_").replace("_", ""): key for key in part}
        kind = self._resolve(part[names["type"]]) if "type" in names else ""
        if isinstance(kind, str) and _SKIPPED_TYPE.search(kind):
            return
        spans = self._resolve(part[names["children"]]) if "children" in names else None
        if isinstance(spans, list) and (text := self._inline_text(spans)):
            lines.extend(text_lines(text))
            return
        for name in _TEXT_KEYS:
            if name in names and isinstance(self._resolve(part[names[name]]), str):
                self._collect(part[names[name]], lines, depth + 1)
                return
        for name in _PART_KEYS:
            if name in names and isinstance(
                self._resolve(part[names[name]]), dict | list
            ):
                self._collect(part[names[name]], lines, depth + 1)
                return

    def _inline_text(self, spans: list[Any]) -> str:
        """The text of spans that are parts of one line; "" if they are blocks."""
        texts = []
        for span in map(self._resolve, spans[:MAX_PARTS]):
            if isinstance(span, str):
                texts.append(span)
                continue
            if not isinstance(span, dict):
                return ""
            kind = self._resolve(span.get("type", span.get("_type", "")))
            text = self._resolve(span.get("text", span.get("value")))
            nested = self._resolve(span.get("children"))
            if isinstance(text, str) and not (
                isinstance(kind, str)
                and kind.lower() not in ("text", "span", "inline")
                and _BLOCK_TYPE.search(kind)
            ):
                texts.append(text)
            elif isinstance(nested, list) and not _BLOCK_TYPE.search(str(kind)):
                texts.append(self._inline_text(nested))
            else:
                return ""
        return "".join(texts)


def _is_prose(lines: list[str]) -> bool:
    """Whether most of some lines are sentences, and they are long enough for a text."""
    text = "\n".join(lines)
    in_sentences = sum(len(line) for line in lines if _SENTENCE_END.search(line))
    return (
        len(text) >= MIN_BODY_LENGTH
        and in_sentences >= MIN_SENTENCE_SHARE * len(text)
        and sum(map(text.count, "{}=;")) <= MAX_CODE_SHARE * len(text)
    )


def text_lines(text: str) -> list[str]:
    """The lines of a plain or HTML text."""
    if "<" in text and ">" in text:
        tree = parse_html(f"<html><body>{text}</body></html>")
        if tree is not None:
            for caption in _CAPTIONS(tree):
                caption.clear(keep_tail=True)
            return list(element_lines(tree))
    return [line for line in _PARAGRAPH_END.split(text.strip()) if line]


def _letters(text: str) -> str:
    return _NOT_LETTER.sub("", text[:500].casefold())


def _last_segment(url: str) -> str:
    """The last part of a path, without its extension; "" for a front page."""
    if len(url) > 2_000 or " " in url.strip():
        return ""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2]).partition(".")[0].casefold()

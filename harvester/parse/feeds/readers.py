"""feedparser's parsers as we use them: what is dear, wrong or dangerous in them is overridden, in subclasses. Pure.

No sanitising and no resolving inside texts (dear, and one of its expressions is quadratic): what is kept is cleaned where it is
kept. ``links`` of feeds and entries have the base in force as ``base``; ``permalink`` says whether a guid is one. Not for: when
which of them reads (``feedxml``).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import Any, ClassVar
from xml.sax.xmlreader import AttributesNSImpl

MAX_AUTHOR_LENGTH = 1_000  # characters
MAX_TAGS = 200
MAX_ATTRIBUTES = 200  # of an element: each is looked for among all
MAX_DEPTH = 200  # what is nested deeper is not looked at, but for its text
MAX_BASE_LENGTH = 2_000  # characters of a base: nested relative ones add up
MAX_OPEN_ELEMENTS = 50  # elements left open in an entry
# Namespaces that feeds are met with beside those that feedparser knows; of the known ones https, and a slash at the end, count too.
_EXTRA_NAMESPACES = {
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/": "dc",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
    "http://video.search.yahoo.com/mrss": "media",
    "http://tools.search.yahoo.com/mrss/": "media",
}
_ENTRY_TAGS = ("item", "entry")
_MARKUP_NAMESPACES = (
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
)
_C1_CONTROLS = re.compile("[\x80-\x9f]")


class _TranslatedText(str):
    """What an element holds: feedparser's last step, which looks at each character, was taken at once."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        return str(self)


@cache
def parser_classes() -> tuple[Any, Any]:
    """feedparser's strict and its loose parser, as we use them."""
    from feedparser import mixin
    from feedparser.api import LooseFeedParser, StrictFeedParser

    # Asked for each element, nearly always the same: the one thing of feedparser's that changes, and only in how long it takes.
    if not hasattr(mixin.make_safe_absolute_uri, "cache_info"):
        mixin.make_safe_absolute_uri = lru_cache(maxsize=256)(
            mixin.make_safe_absolute_uri
        )
    return _strict_parser(_with_overrides(StrictFeedParser)), _loose_parser(
        _with_overrides(LooseFeedParser)
    )


def _with_overrides(parser_class: Any) -> Any:
    from feedparser.html import _cp1252
    from feedparser.util import FeedParserDict

    class Parameters(FeedParserDict):  # type: ignore[misc]
        """What is said of an element's content: flat, so that a copy need not be deep."""

        def __deepcopy__(self, memo: Any) -> Any:
            return FeedParserDict(self)

    class Ours(parser_class):  # type: ignore[misc]
        """What is overridden in both."""

        contentparams: Any
        namespaces = parser_class.namespaces | _EXTRA_NAMESPACES
        _matchnamespaces: ClassVar[dict[str, str]] = {}  # feedparser fills it
        resolve_relative_uris = False
        sanitize_html = False
        can_be_relative_uri = frozenset[
            str
        ]()  # ids stay as they are; links are resolved by our rules

        def resolve_uri(self, uri: str) -> str:
            return uri

        def push_content(self, *arguments: Any) -> None:
            super().push_content(*arguments)
            self.contentparams = Parameters(self.contentparams)

        def decode_entities(self, element: str, data: str) -> str:
            text = super().decode_entities(element, data)
            if text.isascii():
                return _TranslatedText(text)
            text = _fix_mojibake(text)
            return _TranslatedText(
                text.translate(_cp1252) if _C1_CONTROLS.search(text) else text
            )

        def _sync_author_detail(self, key: str = "author") -> None:
            context = self._get_context()
            detail = (dict.get(context, f"{key}s") or [None])[-1]
            if detail:
                super()._sync_author_detail(key)
            elif (
                detail is not None
            ):  # not feedparser's: it cuts long domains, and takes quadratic time
                detail["name"] = str(dict.get(context, key) or "")[:MAX_AUTHOR_LENGTH]

        def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
            if (
                len(dict.get(self._get_context(), "tags") or ()) < MAX_TAGS
            ):  # each is compared with all
                super()._add_tag(term, scheme, label)

        def _start_link(self, attributes: dict[str, Any]) -> None:
            super()._start_link(attributes)
            links = dict.get(self._get_context(), "links")
            if links:
                links[-1]["base"] = self.baseuri

        def _start_guid(self, attributes: dict[str, Any]) -> None:
            super()._start_guid(
                {name: str(value).strip().lower() for name, value in attributes.items()}
            )

        _start_id = _start_guid

        def _end_guid(self) -> None:
            super()._end_guid()
            self._save("permalink", bool(self.guidislink), overwrite=True)

        _end_id = _end_guid

        # Other vocabularies' titles stand beside a title, not in its place.
        def _start_dc_title(self, attributes: dict[str, Any]) -> None:
            self.push_content("dc_title", attributes, "text/plain", 1)

        def _end_dc_title(self) -> None:
            self.pop_content("dc_title")

        def _start_media_title(self, attributes: dict[str, Any]) -> None:
            self.push_content("media_title", attributes, "text/plain", 1)

        def _end_media_title(self) -> None:
            self.pop_content("media_title")

        # Dates stay text: they are read by our rules.
        def _end_published(self) -> None:
            self.pop("published")

        def _end_updated(self) -> None:
            self.pop("updated")

        def _end_created(self) -> None:
            self.pop("created")

        _end_issued = _end_pubdate = _end_published
        _end_modified = _end_lastbuilddate = _end_updated

    return Ours


def _strict_parser(parser_class: Any) -> Any:
    class Strict(parser_class):  # type: ignore[misc]
        """What the root's namespace is, matters: another one's "title" is none of ours."""

        baseuri: str
        core = frozenset[str]()  # namespaces of the root and its unprefixed children
        begun = False
        level = 0

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.prefixes: dict[str, str] = {}
            self._spaces: dict[str, str] = {}

        def startPrefixMapping(self, prefix: Any, uri: Any) -> None:  # noqa: N802
            if not self.begun and not prefix and uri:
                self.core |= {uri}
            if prefix and uri:
                self.prefixes[uri] = prefix
            super().startPrefixMapping(prefix, self._known(uri) if uri else uri)

        def _known(self, space: str) -> str:
            """A namespace by the name under which feedparser knows it; itself where it does not."""
            space = space.strip()
            lower = re.sub("^https:", "http:", space.lower())
            if "backend.userland.com/rss" in lower:
                return space
            for one in (lower, f"{lower}/", lower.rstrip("/#")):
                if one in self._matchnamespaces:
                    return space if one == space.lower() else one
            return space

        def _named(
            self, name: tuple[str | None, str], qname: str | None
        ) -> tuple[tuple[str | None, str], str | None]:
            space, local = name
            if not space or space in _MARKUP_NAMESPACES:
                return name, qname
            if (known := self._spaces.get(space)) is None:
                known = self._spaces[space] = self._known(space)
            if (
                known.lower() in self._matchnamespaces
                or "backend.userland.com/rss" in known.lower()
            ):
                return (known, local), qname
            if space in self.core:
                return (None, local), local
            return name, f"{self.prefixes.get(space, 'other')}:{local}"

        def startElementNS(self, name: Any, qname: Any, attributes: Any) -> None:  # noqa: N802
            if not self.begun:
                self.begun = True
                self.core |= {name[0]} - {None}
            self.level += 1
            if self.level <= MAX_DEPTH:
                if len(attributes) > MAX_ATTRIBUTES:
                    kept = dict(islice(attributes.items(), MAX_ATTRIBUTES))
                    attributes = AttributesNSImpl(kept, {one: one[1] for one in kept})
                super().startElementNS(*self._named(name, qname), attributes)
                if len(self.baseuri) > MAX_BASE_LENGTH:
                    self.baseuri = self.basestack[0]

        def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802
            if self.level <= MAX_DEPTH:
                super().endElementNS(*self._named(name, qname))
            self.level -= 1

    return Strict


def _loose_parser(parser_class: Any) -> Any:
    class Loose(parser_class):  # type: ignore[misc]
        """An entry ends where the next begins, whatever was left open in it."""

        def unknown_starttag(self, tag: str, attributes: Any) -> None:
            if tag in _ENTRY_TAGS and self.inentry:
                self._close_entry()
            super().unknown_starttag(tag, attributes)

        def unknown_endtag(self, tag: str) -> None:
            if tag in _ENTRY_TAGS and self.inentry:
                self._close_entry()
            super().unknown_endtag(tag)

        def _close_entry(self) -> None:
            for _ in range(MAX_OPEN_ELEMENTS):
                if not self.elementstack or self.elementstack[-1][0] == "item":
                    break
                self.pop(self.elementstack[-1][0])
            self.incontent = self.inimage = self.insource = self.inauthor = (
                self.intextinput
            ) = 0
            self.contentparams.clear()
            self._end_item()

    return Loose


def _fix_mojibake(text: str) -> str:
    """UTF-8 that somebody read as Latin-1 and wrote again."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text

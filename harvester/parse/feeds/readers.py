"""feedparser's parsers, with what is expensive, wrong or dangerous in them overridden.

Texts are neither sanitised nor searched for relative links, which is expensive, and
quadratic in one expression: they are cleaned where they are stored. ``links`` of feeds
and entries have the base URL in force as ``base``, and say whether they are in another
element of the entry; ``permalink`` says whether a guid is
one. When each parser is used is decided by ``feed_xml``.

Importing this module changes one thing in feedparser: it caches ``mixin``'s function
``make_safe_absolute_uri``, which is called for each element, nearly always with equal
arguments. That takes a quarter off the time of reading a feed and changes no result.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar
from xml.sax.xmlreader import AttributesNSImpl

from feedparser import mixin
from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.html import _cp1252
from feedparser.util import FeedParserDict

from harvester.parse.feeds.plain_text import unwrap_cdata

MAX_AUTHOR_LENGTH = 1_000  # characters
MAX_TAGS = 200  # each is compared with all
MAX_ATTRIBUTES = 200  # of an element: each is searched for among all
MAX_DEPTH = 200  # of deeper elements only the text is read
MAX_BASE_LENGTH = 2_000  # characters of a base URL: nested relative ones add up
MAX_OPEN_ELEMENTS = 50  # elements left open in an entry
# Namespaces of feeds beside those that feedparser knows. Of known ones, the variants
# with https, and with a slash at the end, count too.
_EXTRA_NAMESPACES = {
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/": "dc",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
    "http://video.search.yahoo.com/mrss": "media",
    "http://tools.search.yahoo.com/mrss/": "media",
}
# feedparser knows blogs' own namespaces below this address.
_USERLAND = "backend.userland.com/rss"
_MARKUP_NAMESPACES = (
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
)
_ENTRY_TAGS = ("item", "entry")
_C1_CONTROLS = re.compile("[\x80-\x9f]")

if not hasattr(mixin.make_safe_absolute_uri, "cache_info"):
    mixin.make_safe_absolute_uri = lru_cache(maxsize=256)(mixin.make_safe_absolute_uri)


class _TranslatedText(str):
    """A text in which feedparser's last step, the slowest, has nothing left to do."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        return str(self)


class _ContentParams(FeedParserDict):  # type: ignore[misc]
    """What is stated of an element's content: flat, so that a copy need not be deep.

    No name in it stands for another, so that the dictionary's own methods suffice.
    """

    get = dict.get
    __getitem__ = dict.__getitem__
    __contains__ = dict.__contains__

    def __deepcopy__(self, memo: Any) -> Any:
        return FeedParserDict(self)


class _Overrides(mixin._FeedParserMixin):  # type: ignore[misc]
    """What is overridden in both parsers."""

    contentparams: Any
    _entry_depth = 0
    _is_in_media_content = False
    _media_text = "media_description"
    namespaces = mixin._FeedParserMixin.namespaces | _EXTRA_NAMESPACES
    _matchnamespaces: ClassVar[dict[str, str]] = {}  # feedparser fills it
    resolve_relative_uris = False
    sanitize_html = False
    # Ids stay as they are; links are resolved by our rules.
    can_be_relative_uri = frozenset[str]()

    def resolve_uri(self, uri: str) -> str:
        return uri

    def push_content(self, tag: str, attributes: dict[str, Any], *rest: Any) -> None:
        super().push_content(tag, attributes, *rest)
        self.contentparams = _ContentParams(
            self.contentparams, is_type_stated="type" in attributes
        )

    def decode_entities(self, element: str, data: str) -> str:
        text = unwrap_cdata(super().decode_entities(element, data))
        if text.isascii():
            return _TranslatedText(text)
        text = _fix_mojibake(text)
        if _C1_CONTROLS.search(text):
            text = text.translate(_cp1252)
        return _TranslatedText(text)

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        detail = (dict.get(context, f"{key}s") or [None])[-1]
        if detail:
            super()._sync_author_detail(key)
        elif detail is not None:
            # feedparser's own cuts long domains, and takes quadratic time.
            detail["name"] = str(dict.get(context, key) or "")[:MAX_AUTHOR_LENGTH]

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(dict.get(self._get_context(), "tags") or ()) < MAX_TAGS:
            super()._add_tag(term, scheme, label)

    def _start_item(self, attributes: dict[str, Any]) -> None:
        self._entry_depth = self.depth
        super()._start_item(attributes)

    _start_entry = _start_item

    def _start_link(self, attributes: dict[str, Any]) -> None:
        super()._start_link(attributes)
        links = dict.get(self._get_context(), "links")
        if links:
            links[-1]["base"] = self.baseuri
            links[-1]["is_nested"] = self.inentry and self.depth > self._entry_depth + 1

    def _start_guid(self, attributes: dict[str, Any]) -> None:
        super()._start_guid(
            {name: str(value).strip().lower() for name, value in attributes.items()}
        )

    _start_id = _start_guid

    def _end_guid(self) -> None:
        super()._end_guid()
        self._save("permalink", bool(self.guidislink), overwrite=True)

    _end_id = _end_guid

    # What other vocabularies say is kept beside the feed's own, not in its place.
    def _start_dc_title(self, attributes: dict[str, Any]) -> None:
        self.push_content("dc_title", attributes, "text/plain", 1)

    def _end_dc_title(self) -> None:
        self.pop_content("dc_title")

    def _start_media_title(self, attributes: dict[str, Any]) -> None:
        self.push_content("media_title", attributes, "text/plain", 1)

    def _end_media_title(self) -> None:
        self.pop_content("media_title")

    def _start_dc_description(self, attributes: dict[str, Any]) -> None:
        self.push_content("dc_description", attributes, "text/html", 1)

    def _end_dc_description(self) -> None:
        self.pop_content("dc_description")

    def _start_itunes_summary(self, attributes: dict[str, Any]) -> None:
        self.push_content("itunes_summary", attributes, "text/plain", 1)

    def _end_itunes_summary(self) -> None:
        self.pop_content("itunes_summary")

    def _start_itunes_subtitle(self, attributes: dict[str, Any]) -> None:
        self.push_content("itunes_subtitle", attributes, "text/plain", 1)

    def _end_itunes_subtitle(self) -> None:
        self.pop_content("itunes_subtitle")

    def _start_itunes_author(self, attributes: dict[str, Any]) -> None:
        self.push("itunes_author", 1)

    def _end_itunes_author(self) -> None:
        self.pop("itunes_author")

    def _start_media_content(self, attributes: dict[str, Any]) -> None:
        self._is_in_media_content = True

    def _end_media_content(self) -> None:
        self._is_in_media_content = False

    def _start_media_description(self, attributes: dict[str, Any]) -> None:
        # Of one picture, it is a caption.
        name = "media_caption" if self._is_in_media_content else "media_description"
        self.push_content(name, attributes, "text/plain", 1)
        self._media_text = name

    def _end_media_description(self) -> None:
        self.pop_content(self._media_text)

    def _start_dc_identifier(self, attributes: dict[str, Any]) -> None:
        self.push("dc_identifier", 0)

    def _end_dc_identifier(self) -> None:
        self._save("dc_identifier", self.pop("dc_identifier") or "")

    _start_dcterms_identifier = _start_dc_identifier
    _end_dcterms_identifier = _end_dc_identifier

    # An entry's text is no summary of it.
    def _end_content(self) -> None:
        self.pop_content("content")

    _end_body = _end_xhtml_body = _end_content_encoded = _end_fullitem = _end_content

    # Dates stay text: they are read by our rules.
    def _end_published(self) -> None:
        self.pop("published")

    def _end_updated(self) -> None:
        self.pop("updated")

    def _end_created(self) -> None:
        self.pop("created")

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated


class StrictParser(_Overrides, StrictFeedParser):  # type: ignore[misc]
    """Reads well-formed XML. Elements in other namespaces than the root's get a prefix.

    Otherwise another vocabulary's "title" would be the feed's. Elements in the markup
    of a text, and entries within an entry, are nothing of the feed's.
    """

    baseuri: str
    _tag = ""  # of the element that begins
    _markup_tag = ""  # of the element whose markup is read
    _same_tags = 0  # elements of that name that are open in its markup
    _skipped_depth = 0  # of elements in an entry within an entry

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._depth = 0
        self._has_root = False
        self._prefixes: dict[str, str] = {}
        # Of the root, and the default ones declared before it.
        self._root_namespaces: set[str] = set()
        self._known_namespaces: dict[str, str] = {}

    def startPrefixMapping(self, prefix: Any, uri: Any) -> None:  # noqa: N802
        if not self._has_root and not prefix and uri:
            self._root_namespaces.add(uri)
        if prefix and uri:
            self._prefixes[uri] = prefix
        super().startPrefixMapping(prefix, self._known(uri) if uri else uri)

    def _known(self, namespace: str) -> str:
        """A namespace as feedparser knows it; itself if it does not."""
        namespace = namespace.strip()
        lower = re.sub("^https:", "http:", namespace.lower())
        if _USERLAND in lower:
            return namespace
        for variant in (lower, f"{lower}/", lower.rstrip("/#")):
            if variant in self._matchnamespaces:
                return namespace if variant == namespace.lower() else variant
        return namespace

    def _named(
        self, name: tuple[str | None, str], qname: str | None
    ) -> tuple[tuple[str | None, str], str | None]:
        namespace, local = name
        if not namespace or namespace in _MARKUP_NAMESPACES:
            return name, qname
        if (known := self._known_namespaces.get(namespace)) is None:
            known = self._known_namespaces[namespace] = self._known(namespace)
        if known.lower() in self._matchnamespaces or _USERLAND in known.lower():
            return (known, local), qname
        prefix = self._prefixes.get(namespace, "other")
        if namespace in self._root_namespaces or prefix == "rss":
            return (None, local), local
        return name, f"{prefix}:{local}"

    def startElementNS(self, name: Any, qname: Any, attributes: Any) -> None:  # noqa: N802
        if not self._has_root:
            self._has_root = True
            self._root_namespaces |= {name[0]} - {None}
        self._depth += 1
        if self._depth > MAX_DEPTH:
            return
        if len(attributes) > MAX_ATTRIBUTES:
            kept = dict(islice(attributes.items(), MAX_ATTRIBUTES))
            attributes = AttributesNSImpl(kept, {key: key[1] for key in kept})
        super().startElementNS(*self._named(name, qname), attributes)
        if len(self.baseuri) > MAX_BASE_LENGTH:
            self.baseuri = self.basestack[0]

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802
        if self._depth <= MAX_DEPTH:
            super().endElementNS(*self._named(name, qname))
        self._depth -= 1

    def push_content(self, tag: str, attributes: dict[str, Any], *rest: Any) -> None:
        if not self.incontent:
            self._markup_tag, self._same_tags = self._tag, 0
        super().push_content(tag, attributes, *rest)

    def unknown_starttag(self, tag: str, attributes: Any) -> None:
        if self._skipped_depth:
            self._skipped_depth += 1
        elif self.incontent:
            self._same_tags += tag == self._markup_tag
            if not self._is_other_xml():
                super().unknown_starttag(tag, attributes)
        elif tag in _ENTRY_TAGS and (self.inentry or self.inimage or self.intextinput):
            self._skipped_depth = 1
        else:
            self._tag = tag
            super().unknown_starttag(tag, attributes)

    def unknown_endtag(self, tag: str) -> None:
        if self._skipped_depth:
            self._skipped_depth -= 1
        elif not self.incontent or (tag == self._markup_tag and not self._same_tags):
            super().unknown_endtag(tag)
        else:
            self._same_tags -= tag == self._markup_tag
            if not self._is_other_xml():
                self._end_markup_element(tag.rpartition(":")[2])

    def _start_link(self, attributes: dict[str, Any]) -> None:
        if self.inauthor or self.incontributor:
            self.push("person_link", 0)
        else:
            super()._start_link(attributes)

    def _end_link(self) -> None:
        self.pop("person_link")
        super()._end_link()

    def _is_other_xml(self) -> bool:
        """Whether the content that is read is XML, and not text."""
        media_type = str(self.contentparams.get("type", ""))
        return media_type.endswith("xml") and media_type != "application/xhtml+xml"

    def _end_markup_element(self, tag: str) -> None:
        """Like feedparser's own, which would end an element of the feed's."""
        if self.contentparams.get("type") == "application/xhtml+xml":
            self.handle_data(f"</{tag}>", escape=0)
        self.svgOK = 0
        self.basestack.pop()
        self.baseuri = self.basestack[-1]
        self.langstack.pop()
        self.lang = self.langstack[-1]
        self.depth -= 1


class LooseParser(_Overrides, LooseFeedParser):  # type: ignore[misc]
    """Reads any markup. An entry ends where the next begins, whatever is left open."""

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
        self.incontent = self.inimage = self.insource = 0
        self.inauthor = self.intextinput = 0
        self.contentparams.clear()
        self._end_item()


def _fix_mojibake(text: str) -> str:
    """UTF-8 that was decoded as Latin-1 and encoded again, as what it was."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text

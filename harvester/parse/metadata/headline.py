"""What in a title is the headline, and what is the site's name."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

# Widths in Latin letters; a character of these scripts counts two.
MAX_CJK_NAME_WIDTH = 24  # of a section's or site's name
MIN_CJK_HEADLINE_WIDTH = 8
MAX_NAME_WORDS = 4  # of a site's name that holds its domain
MIN_DOMAIN_LENGTH = 4  # characters of a domain's label
MIN_BAR_HEADLINE = 20  # characters before a bar

_WORD = re.compile(r"\w+")
SEPARATOR_CLASS = "[-–—|｜·:«»•_/]"
_SEPARATORS = tuple("-–—|｜·:：«»•_/")
_LEADING_ARTICLE = re.compile(
    r"^(?:the|die|der|das|le|la|les|el|il|l['’])\s*\b", re.IGNORECASE
)
_SITE_NAME_LAST = re.compile(r"(.*\S)\s*(?:\s(?:[-–—·•]|::?)\s|[|｜_])\s*([^|｜]+)")
_SITE_NAME_FIRST = re.compile(
    r"([^|｜:]{2,40}?)\s*(?:\s(?:[-–—·•]|::)\s|[|｜»])\s*(.+)"
)
_NAME_AND_COLON = re.compile(r"([^|｜:]{2,40}?):\s+(.+)")
_BRACKETED_NAME = re.compile(r"(.*\S)\s*[\[(（【]([^\[\]()（）【】]{2,60})[\])）】]")
_SPACED_SEPARATOR = re.compile(r"\s+(?:[-–—|｜·»•]|::)\s+")
_CJK_CHAR = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_CJK_SEPARATORS = " -–_|｜丨ㅣ:"  # a long dash belongs to the sentence
# Not within Latin words and numbers: "F-16", "2024-25".
_CJK_SEPARATOR = re.compile(
    r"\s*(?:(?<![A-Za-z\d])[-–]+|[-–]+(?![A-Za-z\d])|[_|｜丨ㅣ]+|(?<=\s):(?=\s)"
    r"|(?<=\S)[—：]+(?=[^—：_|｜-]{1,12}(?:ニュース|デジタル|オンライン|[网報报社台]|新聞|新闻|在线|频道|日报网|客户端)$))\s*"
)
# What Chinese and Japanese sites' names end in.
_CJK_SITE = re.compile(
    r"[^|｜丨_]{1,10}(?:[网網報报社台]|新聞|新闻|在线|频道|頻道|周刊|ニュース|신문|일보|뉴스)"
)
# What is set apart in a heading and has a number may be a counter, a time to read, a clock.
_PART_WITH_NUMBER = re.compile(
    r"[(\[][^()\[\]]{0,40}\d[^()\[\]]{0,40}[)\]]"
    r"|^[^()\[\]|·•–—-]{0,12}\d[^()\[\]|·•–—-]{0,9} [-–—|·•] "
    r"| [-–—|·•] [^()\[\]|·•–—-]{0,20}\d[^()\[\]|·•–—-]{0,20}$"
)


@lru_cache(maxsize=512)
def split_words(text: str) -> tuple[str, ...]:
    """The words of a text, lower case; a page's titles are compared many times."""
    return tuple(_WORD.findall(text.lower()))


def is_site_name(text: str, site_names: list[str], url: str) -> bool:
    """Whether a text is nothing but the site's name, as stated or as in its domain."""
    name = _bare_name(text)
    if not name or any(name == _bare_name(site) for site in site_names):
        return True
    # "La Stampa" is lastampa.it, "The Harbour" is harbour.example.
    return len(name) > 2 and not _domain_names(url).isdisjoint(
        (name, "".join(split_words(text)))
    )


@lru_cache(maxsize=16)
def _domain_names(url: str) -> frozenset[str]:
    """What a site may be called by the domain of a URL: whole, its labels, words."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return frozenset()
    names = {"".join(split_words(host))}
    for label in host.split(".")[:-1]:
        words = split_words(label)
        names |= {"".join(words), *words[:1]}
    return frozenset(names)


def may_be_site_name(text: str, site_names: list[str], url: str) -> bool:
    """Whether a text may be the site's name, or be a few words with that of its domain."""
    return is_site_name(text, site_names, url) or _holds_domain(text, url)


def _holds_domain(text: str, url: str) -> bool:
    """Whether a few words hold the domain's: "The Bay Herald" of herald.example."""
    words = split_words(text)
    try:
        labels = (urlsplit(url).hostname or "").split(".")[:-1]
    except ValueError:
        return False
    return len(words) <= MAX_NAME_WORDS and any(
        len(label) >= MIN_DOMAIN_LENGTH and label in words for label in labels
    )


@lru_cache(maxsize=128)
def _bare_name(text: str) -> str:
    """A name without its leading article, spaces and punctuation, lower case."""
    return "".join(split_words(_LEADING_ARTICLE.sub("", text)))


def strip_site_name(title: str, site_names: list[str], url: str) -> str:
    """A title without the site's name and the separator between them."""
    for site_name in site_names:
        title = _strip_name(title, site_name)
    for pattern, name_group, title_group in (
        (_SITE_NAME_LAST, 2, 1),
        (_SITE_NAME_FIRST, 1, 2),
        (_BRACKETED_NAME, 2, 1),
    ):
        match = pattern.fullmatch(title)
        if match and (
            is_site_name(match[name_group], site_names, url)
            or (
                len(match[name_group]) < len(match[title_group])
                and _holds_domain(match[name_group], url)
            )
        ):
            return match[title_group].strip(" -–—|")
    before_colon = _NAME_AND_COLON.fullmatch(title)
    if before_colon and is_site_name(before_colon[1], site_names, url):
        return before_colon[2]
    return title


def _strip_name(title: str, site_name: str) -> str:
    """A title without a name and separator at its end or beginning, if any is left."""
    length, name = len(site_name), site_name.lower()
    if length and title[-length:].lower() == name:
        rest = title[:-length].rstrip()
        if rest.endswith(_SEPARATORS):
            title = rest.rstrip(rest[-1]).rstrip() or title
    if length and title[:length].lower() == name:
        rest = title[length:].lstrip()
        if rest.startswith(_SEPARATORS):
            title = rest[1:].lstrip() or title
    return title


def strip_likely_site_name(title: str) -> str:
    """A title without what follows a separator, if that is likely the site's name."""
    if _CJK_CHAR.search(title):
        return _strip_cjk_site_name(title)
    first, *others = _SPACED_SEPARATOR.split(title)
    if others and len(first) >= 20 and len(" ".join(others)) < len(first):
        return first
    return title


def strip_bar_suffix(title: str) -> str:
    """A title without what follows a bar, if that is likely the site or a section.

    Other separators also stand within titles that are made for sharing.
    """
    if _CJK_CHAR.search(title):
        return _strip_cjk_site_name(title)
    first, bar, last = title.rpartition(" | ")
    is_name = len(first) >= MIN_BAR_HEADLINE and len(last) <= len(first) / 2
    return first.rstrip() if bar and is_name else title


def _strip_cjk_site_name(title: str) -> str:
    """``Headline_Section_Site`` without section and site.

    In Chinese, Japanese and Korean titles the separators stand without spaces.
    """
    first, *rest = re.split(r"\s*[|｜丨_]\s*", title, maxsplit=1)
    if rest and _CJK_SITE.fullmatch(first) and _width(rest[0]) >= 2 * _width(first):
        title = rest[0]
    *others, last = _CJK_SEPARATOR.split(title)
    while (
        others
        and 0 < _width(last) <= MAX_CJK_NAME_WIDTH
        and _width(others[0]) >= max(MIN_CJK_HEADLINE_WIDTH, _width(last))
    ):
        title = title[: title.rindex(last)].rstrip(_CJK_SEPARATORS + "—：")
        last = others.pop()
    return title


def _width(text: str) -> int:
    return len(text) + len(_CJK_CHAR.findall(text))


def drop_counters(heading: str) -> str:
    """A heading without what may be its counters, unless these are most of it."""
    rest = _PART_WITH_NUMBER.sub(" ", heading)
    return rest if 2 * len(rest) > len(heading) else heading


def fold_quotes(title: str) -> str:
    """A title with straight apostrophes: pages mix both kinds."""
    return title.replace("’", "'")


def goes_on(heading: str, older: str) -> bool:
    """Whether a heading is another title and, behind a comma or colon, more words."""
    heading, older = fold_quotes(heading), fold_quotes(older)
    return heading.startswith(older) and bool(
        re.match(r"[,;:] ?\w", heading[len(older) :])
    )

"""Reads an entry that is an article by itself: a text in a feed without a page.

Pure. Which entries have no page of their own is decided by their links
(``identity.urls.is_own_link``).
"""

from __future__ import annotations

import re
from dataclasses import replace

from harvester.model import Entry, Extract, Rules
from harvester.parse.article import read_entry_content
from harvester.parse.metadata.text_language import guess_language

# Words from which a text counts as one: fewer are a label, such as "Comments" or "Read
# more". Of scripts without spaces, two characters count as a word.
MIN_WORDS = 6
# Characters of all contents of one feed that are read as HTML; of later entries the
# summary is the text. More than real feeds have, and read within some seconds.
MAX_FEED_CONTENT_LENGTH = 5_000_000
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=[-_]|$)")


def read_entry_text(
    entry: Entry, feed_language: str, rules: Rules, received_at: str
) -> Extract | None:
    """The article that an entry is by itself; None if it has hardly any words.

    Title, authors, dates and tags are the entry's, which are added when it is stored.
    """
    markup = entry.content or entry.teaser
    extract = read_entry_content(markup, "", entry.title, rules, received_at)
    if not _is_text(extract.text):
        extract = replace(extract, text=entry.summary)
    if not _is_text(extract.text):
        return None
    stated = _LANGUAGE.match(feed_language)
    language = stated[0] if stated else rules.language or guess_language(extract.text)
    source = "feed" if stated else "settings" if rules.language else "text"
    sources = {**extract.sources, **({"language": source} if language else {})}
    return replace(extract, title="", language=language, sources=sources)


def _is_text(text: str) -> bool:
    unspaced = len(_UNSPACED.findall(text))
    return unspaced // 2 + len(_WORD.findall(_UNSPACED.sub(" ", text))) >= MIN_WORDS

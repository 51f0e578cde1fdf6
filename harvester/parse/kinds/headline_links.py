"""The links of a page whose texts are long enough to be headlines."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

MAX_LINKS = 3_000
MIN_HEADLINE_WORDS = 4  # words from which on a link is a headline
MIN_HEADLINE_LENGTH = 15  # characters that a headline exceeds
MAX_HEADLINE_LENGTH = 200  # characters
UNSPACED_SCRIPT = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def headline_link_texts(tree: HtmlElement) -> set[str]:
    """The texts of links that are long enough to be headlines, normalised."""
    texts: set[str] = set()
    for link in islice(tree.iter("a"), MAX_LINKS):
        text = link.text_content() if len(link) else (link.text or "")
        if len(text) > MIN_HEADLINE_LENGTH and (
            len(text.split()) >= MIN_HEADLINE_WORDS or UNSPACED_SCRIPT.search(text)
        ):
            texts.add(normalise_headline(text))
    return texts


def normalise_headline(text: str, max_length: int = MAX_HEADLINE_LENGTH) -> str:
    """A headline as it is compared with others."""
    return " ".join(text.split()).casefold()[:max_length]

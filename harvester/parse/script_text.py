"""The text of an article in the scripts of its page: JSON-LD, and the page's state.

Says where it takes the place of the page's own text. What the state of a page looks
like is known to ``content.state_text``.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from harvester.parse.content.state_text import find_state_text, text_lines
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import html_to_text
from harvester.parse.html.element_text import MAX_TEXT_LENGTH
from harvester.parse.kinds import access
from harvester.parse.metadata.statements import PageMetadata

# Words of a text beside which one in a script may be the article's.
MAX_SPARSE_WORDS = 120
MIN_SCRIPT_WORDS = 50
MIN_SCRIPT_RATIO = 3  # of the words in a script to those of the page
# A page with so many words that declares itself not free is the article's beginning.
MIN_STUB_WORDS = 15
MAX_REDIRECT_SCRIPTS = 50
MAX_REDIRECT_SCRIPT_LENGTH = 2_000  # characters that are looked at
_SCRIPT_REDIRECT = re.compile(
    r"\blocation(?:\.href)?\s*(?:=|\.(?:replace|assign)\s*\()\s*"
    r"(?P<quote>[\"'])(?P<url>(?:https?:)?/[^\"'\s<>]{1,2000})(?P=quote)"
)


def lines_in_scripts(
    tree: HtmlElement, metadata: PageMetadata, url: str, lines: list[str]
) -> tuple[str, list[str]]:
    """The article's text in scripts, where the page itself has none.

    Its source, "json-ld" or "state", and its lines; "" if there is none.
    """
    word_count = access.count_words("\n".join(lines))
    if word_count > MAX_SPARSE_WORDS:
        return "", []
    is_paywalled = access.declared_access(metadata).access == "paywalled"
    if is_paywalled and word_count >= MIN_STUB_WORDS:
        return "", []
    title = metadata.values.get("title", "")
    found = [
        ("json-ld", text_lines(longest_body(metadata))),
        ("state", find_state_text(tree, title, url)),
    ]
    source, script_lines = max(found, key=lambda one: sum(map(len, one[1])))
    script_words = access.count_words("\n".join(script_lines))
    is_whole = script_words >= max(MIN_SCRIPT_WORDS, MIN_SCRIPT_RATIO * word_count)
    return (source, script_lines) if is_whole else ("", [])


def find_script_redirect(tree: HtmlElement, url: str) -> str:
    """The absolute URL that a short script sends readers to; "" if none does."""
    for script in islice(tree.iter("script"), MAX_REDIRECT_SCRIPTS):
        code = script.text or ""
        match = _SCRIPT_REDIRECT.search(code[:MAX_REDIRECT_SCRIPT_LENGTH])
        target = absolute_url(match["url"], url) if match else ""
        if target and target != url:
            return target
    return ""


def longest_body(metadata: PageMetadata) -> str:
    """The longest text that the page states in JSON-LD, as it is; "" if none."""
    bodies = [item.get("articleBody") for item in metadata.objects[:60]]
    texts = (body for body in bodies if isinstance(body, str))
    return max(texts, key=len, default="")[:MAX_TEXT_LENGTH]


def json_ld_text(metadata: PageMetadata) -> str:
    """The longest text that the page states in JSON-LD, as plain text; "" if none."""
    text = longest_body(metadata)
    return html_to_text(text, MAX_TEXT_LENGTH) if "<" in text or "&" in text else text

"""Words of scripts written without spaces: Chinese, Japanese, Thai, ….

The full-text index keeps a run of such letters as one word, so a word inside the run is
not found there. It is looked up in the texts instead: in those that the other words of
the query find, or else in the newest: those in the languages of these scripts, and some
of all others. The scripts: Chinese, Japanese, Thai, Lao,
Burmese, Khmer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Versions in the languages of such scripts, for one such word; fewer for more words.
MAX_SCANNED_VERSIONS = 60_000
MIN_SCANNED_VERSIONS = 2_000
# Of all versions half as many: some pages declare a wrong language.
OTHERS_DIVISOR = 2
# As the index ``versions_unspaced`` has it. "yu": Cantonese, yue.
LANGUAGES_SQL = (
    "substr(language, 1, 2) in ('', 'zh', 'yu', 'ja', 'th', 'lo', 'my', 'km')"
)
SNIPPET_CONTEXT_CHARACTERS = 90  # on either side of the first match

# Ranges of the Unicode blocks, with the marks that belong to them.
_LETTER_PATTERN = re.compile(
    "["
    "\u0e01-\u0e4e"  # Thai
    "\u0e81-\u0ece"  # Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17d3"  # Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"  # iteration marks, kana
    "\u3400-\u4dbf\u4e00-\u9fff"  # CJK ideographs
    "\uaa60-\uaa7f"  # Burmese, extended
    "\uf900-\ufaff"  # CJK compatibility ideographs
    "\uff66-\uff9f"  # half-width katakana
    "\U00020000-\U0003ffff"  # CJK ideographs, extensions
    "]"
)

_PUNCTUATION_PATTERN = re.compile(
    r"[\s!-/:-@\[-`{-~。、，．！？：；「」『』（）《》〈〉【】“”‘’・…—]+"
)


def has_letters(text: str) -> bool:
    """Whether a text has letters of such a script."""
    return _LETTER_PATTERN.search(text) is not None


def split_pieces(text: str) -> list[str]:
    """The parts of a word or phrase between punctuation, all of which must match.

    Lower-cased as SQLite's ``lower`` does it: ASCII letters only.
    """
    lowered = re.sub(
        "[A-Z]+", lambda match: match[0].lower(), unicodedata.normalize("NFC", text)
    )
    return [piece for piece in _PUNCTUATION_PATTERN.split(lowered) if piece]


def compute_scan_limit(word_count: int) -> int:
    """How many of the newest versions in their languages are looked at."""
    return max(MIN_SCANNED_VERSIONS, MAX_SCANNED_VERSIONS // max(1, word_count))


def compute_others_limit(word_count: int) -> int:
    """How many of the newest versions in any language are looked at."""
    return max(1, compute_scan_limit(word_count) // OTHERS_DIVISOR)


def describe_scan(word_count: int) -> str:
    """What such a search covers, for people."""
    return (
        "words of scripts without spaces were looked up in the newest "
        f"{compute_scan_limit(word_count):,} versions in their languages and the newest "
        f"{compute_others_limit(word_count):,} of all, not in the index; newest first"
    )


def highlight_snippet(pieces: Sequence[str], text: str, begin: str, end: str) -> str:
    """The beginning of a text, or the surroundings of the first match, with marks."""
    if not pieces:
        return f"{text[: 2 * SNIPPET_CONTEXT_CHARACTERS]}…"
    words = sorted(pieces, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE | re.ASCII)
    first = pattern.search(text)
    start = max(0, first.start() - SNIPPET_CONTEXT_CHARACTERS) if first else 0
    stop = (first.end() if first else 0) + SNIPPET_CONTEXT_CHARACTERS
    snippet = pattern.sub(lambda match: f"{begin}{match[0]}{end}", text[start:stop])
    return f"{'…' if start else ''}{snippet}{'…' if stop < len(text) else ''}"

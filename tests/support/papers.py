"""Pages of an invented outlet whose template repeats boxes inside its articles."""

from __future__ import annotations

import html
from dataclasses import dataclass

_WHO = (
    *("council", "school board", "harbour office", "theatre", "fire brigade"),
    *("library", "choir", "hospital", "ferry", "museum", "farmers", "court"),
    *("bakers", "mill"),
)
_WHAT = (
    *("a new roof", "the night bus", "a second bridge", "the old archive"),
    *("its summer fair", "a longer pier", "the flood wall", "more nurses"),
    *("quiet streets", "a winter prize", "the bell tower", "cheaper seats"),
    *("clean wells", "an apprentice"),
)
_WHERE = (
    *("Marlow", "Ashby", "Stanton", "Kelmore", "Thornbury", "Winslow", "Easton"),
    *("Harlow", "Pentre", "Colne", "Ravensdale", "Oakham", "Selby", "Brill"),
)
_SENTENCES = (
    "The {who} of {where} decided on {what} last night, after a debate that filled "
    "the hall until the lamps were put out.",
    "Nobody had asked for {what} a year ago, said the speaker of the {who}, who had "
    "come to {where} with a folder of letters.",
    "In {where} the cost is put at {n} thousand, of which the {who} can pay a third, "
    "while the rest is to come from the county.",
    "Those who live near it fear the noise of {what}; the {who} answered that in "
    "{where} work would end each day at six o'clock.",
    "A vote on {what} is set for the {n}th of the month, and the {who} hopes that "
    "{where} will by then have seen the drawings.",
    "Older people in {where} remember {n} years without {what}, and few of them "
    "believe the {who} when it speaks of haste.",
)
APPEAL = (
    "Was this worth your while? {name} belongs to nobody but those who read it, and "
    "a small gift keeps its lamps lit."
)
LETTER = (
    "Every Friday our editors choose what mattered in the valley and send it to your "
    "address, free of charge."
)
AUTHOR = (
    "{who} has written for {name} since the mill closed and keeps bees in the hills "
    "above the town with her sister."
)
NAME = "The Valley Lantern"
FOOT = (
    "The Valley Lantern, Mill Lane, printed on Thursdays by the Lantern Press and "
    "its friends in the valley."
)
TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Story:
    """An article: the path of its page, its title, and its paragraphs."""

    number: int

    @property
    def path(self) -> str:
        return f"/2025/09/story-{self.number}/"

    @property
    def title(self) -> str:
        return f"{self._where} and {self._what}: what the {self._who} wants"

    @property
    def _who(self) -> str:
        return _WHO[self.number * 5 % 14]

    @property
    def _what(self) -> str:
        return _WHAT[self.number * 3 % 14]

    @property
    def _where(self) -> str:
        return _WHERE[self.number % 14]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        start = self.number % 3
        return tuple(
            sentence.format(
                who=self._who,
                what=self._what,
                where=self._where,
                n=11 + 7 * self.number + index,
            )
            for index, sentence in enumerate(_SENTENCES[start:] + _SENTENCES[:start])
        )

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def content(self) -> str:
        """Its text as HTML, as in a feed."""
        return "".join(f"<p>{html.escape(text)}</p>" for text in self.paragraphs)

    def page(self, more: str = "", boxes: bool = True) -> bytes:
        """Its page.

        ``more``: a paragraph of the article that has the place and markup of the appeal
        on other pages.
        """
        lines = [f"<p>{html.escape(text)}</p>" for text in self.paragraphs]
        if boxes:
            appeal = (
                f"<div class='inset'><p>{more or APPEAL.format(name=NAME)}</p></div>"
            )
            letter = f"<div class='inset'><p>{LETTER}</p></div>"
            lines.insert(1 + self.number % 3, appeal)
            lines.insert(3 + self.number % 4, letter)
            author = AUTHOR.format(who="Ines Varga", name=NAME)
            lines.append(f"<div class='inset'><p>{author}</p></div>")
        return (
            f"<html lang='en'><head><title>{self.title}</title>"
            "<meta property='article:published_time' content='2025-09-06T10:00:00Z'>"
            "</head><body><div class='menu'><a href='/'>Front page</a> "
            "<a href='/town'>Town</a> <a href='/farms'>Farms</a></div>"
            f"<div class='story'><h1>{self.title}</h1>{''.join(lines)}</div>"
            f"<div class='foot'><p>{FOOT}</p></div></body></html>"
        ).encode()

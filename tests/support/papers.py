"""Pages of a made-up outlet whose template repeats boxes inside of its articles, for tests of what is learned of it."""

from __future__ import annotations

import html
from dataclasses import dataclass

_WHO = ("council", "school board", "harbour office", "theatre", "fire brigade", "library", "choir", "hospital", "ferry", "museum", "farmers", "court", "bakers", "mill")  # fmt: skip
_WHAT = ("a new roof", "the night bus", "a second bridge", "the old archive", "its summer fair", "a longer pier", "the flood wall", "more nurses", "quiet streets", "a winter prize", "the bell tower", "cheaper seats", "clean wells", "an apprentice")  # fmt: skip
_WHERE = ("Marlow", "Ashby", "Stanton", "Kelmore", "Thornbury", "Winslow", "Easton", "Harlow", "Pentre", "Colne", "Ravensdale", "Oakham", "Selby", "Brill")  # fmt: skip
_SAYS = (
    "The {who} of {where} decided on {what} last night, after a debate that filled the hall until the lamps were put out.",
    "Nobody had asked for {what} a year ago, said the speaker of the {who}, who had come to {where} with a folder of letters.",
    "In {where} the cost is put at {n} thousand, of which the {who} can pay a third, while the rest is to come from the county.",
    "Those who live near it fear the noise of {what}; the {who} answered that in {where} work would end each day at six o'clock.",
    "A vote on {what} is set for the {n}th of the month, and the {who} hopes that {where} will by then have seen the drawings.",
    "Older people in {where} remember {n} years without {what}, and few of them believe the {who} when it speaks of haste.",
)
APPEAL = "Was this worth your while? {name} belongs to nobody but those who read it, and a small gift keeps its lamps lit."
LETTER = "Every Friday our editors choose what mattered in the valley and send it to your address, free of charge."
AUTHOR = "{who} has written for {name} since the mill closed and keeps bees in the hills above the town with her sister."
NAME = "The Valley Lantern"
FOOT = "The Valley Lantern, Mill Lane, printed on Thursdays by the Lantern Press and its friends in the valley."
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
        return f"{_WHERE[self.number % 14]} and {_WHAT[self.number * 3 % 14]}: what the {_WHO[self.number * 5 % 14]} wants"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        who, what, where = (
            _WHO[self.number * 5 % 14],
            _WHAT[self.number * 3 % 14],
            _WHERE[self.number % 14],
        )
        turn = self.number % 3
        return tuple(
            one.format(who=who, what=what, where=where, n=11 + 7 * self.number + place)
            for place, one in enumerate(_SAYS[turn:] + _SAYS[:turn])
        )

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def content(self) -> str:
        """As a feed carries it."""
        return "".join(f"<p>{html.escape(one)}</p>" for one in self.paragraphs)

    def page(self, more: str = "", boxes: bool = True) -> bytes:
        """``more``: a paragraph that stands where an appeal stands on other pages; it is the article's."""
        lines = [f"<p>{html.escape(one)}</p>" for one in self.paragraphs]
        if boxes:
            appeal = (
                f"<div class='inset'><p>{more or APPEAL.format(name=NAME)}</p></div>"
            )
            letter = f"<div class='inset'><p>{LETTER}</p></div>"
            lines.insert(1 + self.number % 3, appeal)
            lines.insert(3 + self.number % 4, letter)
            lines.append(
                f"<div class='inset'><p>{AUTHOR.format(who='Ines Varga', name=NAME)}</p></div>"
            )
        return (
            f"<html lang='en'><head><title>{self.title}</title>"
            "<meta property='article:published_time' content='2025-09-06T10:00:00Z'></head><body>"
            "<div class='menu'><a href='/'>Front page</a> <a href='/town'>Town</a> <a href='/farms'>Farms</a></div>"
            f"<div class='story'><h1>{self.title}</h1>{''.join(lines)}</div><div class='foot'><p>{FOOT}</p></div></body></html>"
        ).encode()

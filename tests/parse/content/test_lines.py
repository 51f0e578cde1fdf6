"""What frames an article is stripped, and what only looks like it stays."""

from __future__ import annotations

from harvester.parse.content.lines import strip_frame

PARAGRAPHS = [
    (
        "The committee met on Monday, and its chair said that we have to stop "
        "thinking that we are alone in the room, before leaving."
    ),
    (
        "Later in the day the minister answered that nobody had been told of the "
        "plan, which was first proposed eleven years ago."
    ),
    (
        "A vote is expected in the spring, when both houses will have read the "
        "report that the auditors handed in last week."
    ),
]


def test_links_to_other_articles_and_closing_notes() -> None:
    pointers = [
        "READ MORE: Two men held after the fire",
        "Lesen Sie auch: Was jetzt gilt",
        "À lire aussi | Le budget",
        "Advertisement",
    ]
    closings = [
        "Übersetzung: Anna Weber, Redaktion: Jan Koch",
        "Dieser Text erschien zuerst in der Wochenschau.",
        "This is a breaking news story, more to follow",
    ]
    text = [f"{part}: {line}" for part in "ABC" for line in PARAGRAPHS]
    assert strip_frame([*text[:4], *pointers, *text[4:], *closings], "", ()) == text
    own = [
        "Read the report: it is long.",
        "Related work is rare.",
        "Watch him: he will run.",
        "Subscribe to nothing, she said.",
    ]
    assert strip_frame([*text[:4], *own, *text[4:]], "", ()) == [
        *text[:4],
        *own,
        *text[4:],
    ]
    assert strip_frame(pointers, "", ()) == pointers  # nothing else: they are the text

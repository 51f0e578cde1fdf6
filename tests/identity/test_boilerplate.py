"""Lines that pages put between an article's own, and lines that only look like them."""

from __future__ import annotations

import pytest

from harvester.identity.boilerplate import is_boilerplate
from harvester.identity.wording import normalise_text


@pytest.mark.parametrize(
    "line",
    [
        "Lire aussi : le bac est en panne",
        "À lire aussi Le bac est en panne",
        "» Sur le même sujet : la panne",
        "READ MORE: Ferry out of order",
        "Related: Ferry out of order",
        "You may also like",
        "Publicité",
        "La suite après cette publicité",
        "Advertisement",
        "Article continues below this ad",
        "Sponsored content",
        "Partager sur Facebook",
        "Share this article",
        "Inscrivez-vous à notre newsletter",
        "Sign up for our morning newsletter",
        "Vous devez accepter les cookies pour voir cette vidéo.",
        "4 min de lecture",
        "Reading time: 4 minutes",
        "1.2k views",
        "Il y a 3 jours",
        "Updated 20 minutes ago",
        "https://www.lantern.example/a/b.html",
        "Soyez le premier à commenter",
    ],
)
def test_lines_of_the_page(line: str) -> None:
    assert is_boilerplate(line.lower())


@pytest.mark.parametrize(
    "line",
    [
        "Lire est un plaisir, dit-elle, et rien ne vaut un bon roman.",
        "The newsletter of the club has been printed since 1921.",
        "Les cookies de sa grand-mère étaient célèbres dans le village.",
        "Share prices fell.",
        "Related species live in the lake.",
        "Il y a 3 ans, le bac brûlait.",
        "More than 300 people came to the harbour.",
        "Publicité mensongère : le patron condamné",
        "Twelve people read the report in one night.",
        "WhatsApp users will receive a message about the new rules.",
        "The council voted on advertising in the harbour.",
    ],
)
def test_lines_of_the_article(line: str) -> None:
    assert not is_boilerplate(normalise_text(line).lower())
    assert normalise_text(line)

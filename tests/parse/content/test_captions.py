"""Captions and credits among paragraphs are not the text."""

from __future__ import annotations

import numpy as np
import pytest

from harvester.parse.content.captions import CAPTION_SCORE, lower_caption_scores
from harvester.parse.content.page_blocks import split_into_blocks
from harvester.parse.html.dom import parse_html

PARAGRAPHS = [
    f"<p>Paragraph {number} tells in some twenty words what the council of the town said "
    "about the lighthouse, and what the keeper thinks of it all.</p>"
    for number in range(6)
]


def is_dropped(markup: str) -> list[bool]:
    """For each block of some markup between paragraphs, whether it is dropped."""
    body = "".join((*PARAGRAPHS[:3], markup, *PARAGRAPHS[3:]))
    tree = parse_html(f"<html><body><article>{body}</article></body></html>")
    assert tree is not None
    page = split_into_blocks(tree)
    scores = lower_caption_scores(page, np.full(len(page.blocks), 0.9))
    assert all(score == 0.9 for score in (*scores[:3], *scores[-3:]))
    return [bool(score == CAPTION_SCORE) for score in scores[3:-3]]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><img src='/a.jpg'><br><em>The lamp at night (Photo: Ida Berg)</em></p>",
        "<p class='pic'><img src='/a.jpg'><span class='cutline'>The lamp. <i>(Foto: ib)</i></span></p>",
        "<p>The lamp at night (Foto: Ida Berg/dpa)</p>",
        "<p>Foto: Ida Berg</p>",
        "<table><tr><td><img src='/a.jpg'></td></tr><tr><td class='tr-caption'>At night</td></tr></table>",
        "<p>Photo credit: Ida Berg</p>",
        "<p>Crédit photo : Ida Berg</p>",
        "<p>Bildquelle: Stadtarchiv</p>",
        "<p>图片来源：新华社</p>",
        "<p>写真：共同通信</p>",
        "<p>Фото: Ида Берг</p>",
        "<div><img src='/a.jpg'><p>The lamp at night. | Photo by Ida Berg</p></div>",
        "<div><img src='/a.jpg'><p>The lamp at night, in May. REUTERS/Getty Images</p></div>",
        "<div><img src='/a.jpg'><p class='image-caption'>The lamp at night</p></div>",
        "<div><img src='/a.jpg'><p class='bildunterschrift'>Die Lampe bei Nacht</p></div>",
    ],
)
def test_captions_and_credits(markup: str) -> None:
    assert is_dropped(markup) == [True]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>He took a photo: it was of a boat.</p>",
        "<p>The keeper took a photo of the lamp and sent it to the paper.</p>",
        "<h3>Photo: what we saw</h3>",
        "<p>Credits to graduate: none</p>",
        "<p>The picture of the town has changed, said the mayor (see the report).</p>",
        "<p class='image-caption'>No image is beside this one</p>",
        "<div><img src='/a.jpg'><p>In the picture: the lamp, as it was when it was new.</p></div>",
        "<p>" + "Foto: ein langer Absatz, der viele Worte hat. " * 9 + "</p>",
    ],
)
def test_what_speaks_of_photos_only_stays(markup: str) -> None:
    assert is_dropped(markup) == [False]


def test_a_text_of_captions_stays() -> None:
    markup = "".join(
        f"<p>Boat number {n} on its way home (Photo: Ida Berg)</p>" for n in range(40)
    )
    assert not any(is_dropped(markup))

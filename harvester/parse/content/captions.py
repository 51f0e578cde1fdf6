"""Captions and credits of images that are set like paragraphs of the text.

Where the layout names them, the model leaves them out. These are known by their words,
"Photo: …" and "(Photo: …)", or by their name, beside an image. What is left out of the
text is still the caption of its image; see ``links_images``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np

from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import (
    HEADING_BITS,
    TAG_BITS,
    Block,
    Node,
    Page,
)

Vector = Any  # numpy.ndarray, a score for each block

CAPTION_SCORE = 0.02

MAX_CAPTION_WORDS = 60
MAX_CREDIT_WORDS = 12
MAX_CAPTION_SHARE = 0.35  # of the words of the text
_FIGURE_BITS = TAG_BITS["figure"] | TAG_BITS["figcaption"]
_CAPTION_FAMILY = 1 << CSS_FAMILIES.index("caption")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”»’」』)\]]*$")
_CREDIT_LABEL = (
    r"(?:(?:main|lead|top|cover|featured|titel|haupt|symbol)[ -]?)?"
    r"(?:(?:photo|image|picture|foto|bild|crédits?|credits?)[ -]?){1,2}"
    r"(?:s|er|source|quelle|nachweis|rechte|courtesy|copyright|graph|grapher|graphie)?"
    r"|fotograf[íi]a|fotografie|imagen|imagem|immagine|illustrations?|grafik|fotograf\w*"
    r"|zdj(?:ęcie|\.)?|fot\.|kuva[at]?|billede|фото|снимка|светлина|слика|ілюстрація"
    r"|φωτογραφ\w+|φωτο|fotoğraf|görsel|ảnh|写真|写真提供|図|图|圖|图片?来源|圖片?來源"
    r"|图源|摄影|攝影|사진|צילום|תמונה|تصوير|صورة"
)
# A whole line.
_CREDIT = re.compile(rf"\W{{0,2}}(?:{_CREDIT_LABEL})\s*[:：=／/]\s*\S.*", re.IGNORECASE)
# At the end of a caption.
_FINAL_CREDIT = re.compile(
    rf"[(\[（【](?:[^()\[\]]{{1,20}}\s)?(?:{_CREDIT_LABEL})\b[^()\[\]（）【】]{{1,80}}[)\]）】]\W*$"
    rf"|(?:^|[\s.|–—-])(?:{_CREDIT_LABEL})(?:\s*[:：=]\s*|\sby\s|\sde\s)"
    r"(?:[^.!?]|\b\w\.){2,60}$"
    r"|(?:getty images|/\s?reuters|/\s?afp|/\s?ap|ap photo|shutterstock|/\s?dpa|/\s?epa"
    r"|/\s?imago)\W*$",
    re.IGNORECASE,
)
_BRACKETED_CREDIT = re.compile(
    rf"[(\[（【](?:{_CREDIT_LABEL})\s*[:：=]\s*[^()\[\]（）【】]{{1,80}}[)\]）】]\W*$",
    re.IGNORECASE,
)
# Class names of captions in WordPress, Blogger and German and Italian papers.
_CAPTION_CLASS = re.compile(
    r"(?:^|\s)(?:wp-caption-(?:text|dd)|tr-caption|cutline|bildunterschrift"
    r"|bildunterzeile|didascalia)(?:$|\s)",
    re.IGNORECASE,
)
# Parts of class names that mean a caption beside an image.
_CAPTION_NAME = re.compile(
    r"figcaption|cutline|(?:^|[\s_-])(?:img|image|photo|picture|wp)?[-_]?caption(?:$|[\s_-])"
    r"|(?:photo|image|img|picture)[-_]?credits?(?:$|[\s_-])"
    r"|bildunterschrift|bildunterzeile|bildnachweis|bildtext|didascalia|pie-?de-?foto"
    r"|(?:^|[\s_-])(?:legende|légende)(?:$|[\s_-])",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def _has_caption_class(css_names: str) -> bool:
    return _CAPTION_CLASS.search(css_names) is not None


def lower_caption_scores(page: Page, scores: Vector) -> Vector:
    """The scores, lowered for what is a caption or credit.

    Not where that would be much of the text: a gallery, or a text about credits.
    """
    blocks = page.blocks
    nodes_of_images: dict[int, list[Node]] = {}
    for index, _, node in page.images:
        nodes_of_images.setdefault(index, []).append(node)
    selected = np.flatnonzero(scores >= CAPTION_SCORE).tolist()
    captions = [
        index
        for index in selected
        if _is_caption(blocks[index], nodes_of_images.get(index, []))
    ]
    total = sum(blocks[index].word_count for index in selected)
    in_captions = sum(blocks[index].word_count for index in captions)
    if not captions or in_captions > MAX_CAPTION_SHARE * total:
        return scores
    lowered = np.array(scores)
    lowered[captions] = CAPTION_SCORE
    return lowered


def _is_caption(block: Block, image_nodes: list[Node]) -> bool:
    """Whether a block is a caption or credit; ``image_nodes``: of images before it."""
    in_figure = bool(block.node.tags & _FIGURE_BITS)
    if block.word_count > MAX_CAPTION_WORDS:
        return False
    if block.node.tags & HEADING_BITS:
        return in_figure and bool(image_nodes)
    if _has_caption_class(block.node.css_names):
        return True
    text = block.text
    if (
        ("(" in text or "[" in text or "（" in text or "【" in text)
        and _BRACKETED_CREDIT.search(text)
    ) or (block.word_count <= MAX_CREDIT_WORDS and _CREDIT.fullmatch(text)):
        return True
    is_beside_image = in_figure or any(
        node is block.node
        or node.parent is block.node.parent
        or block.node.parent is node
        for node in image_nodes
    )
    return is_beside_image and bool(
        _FINAL_CREDIT.search(text)
        or _CAPTION_NAME.search(block.node.css_names)
        or (
            block.inner_families & _CAPTION_FAMILY
            and any(node is block.node for node in image_nodes)
            and not _SENTENCE_END.search(block.text)
        )
    )

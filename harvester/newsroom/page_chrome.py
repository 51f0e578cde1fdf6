"""What surrounds an article on a real page of 100 KB: scripts, menus, teasers.

Measured on real pages: about half of the bytes are scripts and styles, the rest links
with their markup.
"""

from __future__ import annotations

import json
import random

from harvester.newsroom.html_pieces import localized

LABEL_WORDS = {
    "fr": (
        "météo annonces sports culture immobilier emploi loisirs recettes jeux abonnés "
        "vidéos podcasts débats santé jardin voyage"
    ).split(),
    "en": (
        "weather jobs homes sport culture property family recipes games subscribe video "
        "podcasts debate health garden travel"
    ).split(),
}


def page_top(target_bytes: int, language: str, seed: str) -> str:
    """About ``target_bytes`` for the beginning of a page: a script and a menu."""
    if target_bytes <= 0:
        return ""
    rng = random.Random(seed)  # noqa: S311 - the same page each time, no secret
    config = _random_config(rng, target_bytes * 7 // 10)
    script = f"<script>window.__config={config};</script>"
    menu: list[str] = []
    missing_bytes = target_bytes - len(script)
    while missing_bytes > 0:
        entry = (
            f'<li class="menu-entry menu-entry-{rng.randrange(9_999)}">'
            f'<a href="{_random_path(rng, language)}">'
            f"<span>{_random_label(rng, language)}</span></a></li>"
        )
        menu.append(entry)
        missing_bytes -= len(entry)
    return f'{script}<nav class="mega-menu"><ul>{"".join(menu)}</ul></nav>'


def page_bottom(target_bytes: int, language: str, seed: str) -> str:
    """About ``target_bytes`` for the end of a page: teasers."""
    rng = random.Random(seed)  # noqa: S311 - the same page each time, no secret
    cards: list[str] = []
    missing_bytes = target_bytes
    while missing_bytes > 0:
        number = rng.randrange(100_000, 999_999)
        card = (
            f'<div class="card card-{number % 7}" data-id="{number}">'
            f'<a href="{_random_path(rng, language)}">'
            f'<img loading="lazy" src="/media/{number}-300x200.jpg"'
            f' srcset="/media/{number}-600x400.jpg 2x" alt="">'
            f"<h4>{_random_label(rng, language)}</h4></a></div>\n"
        )
        cards.append(card)
        missing_bytes -= len(card)
    return f'<div class="more-cards">{"".join(cards)}</div>' if cards else ""


def _random_label(rng: random.Random, language: str) -> str:
    return " ".join(rng.sample(localized(LABEL_WORDS, language), 3)).capitalize()


def _random_path(rng: random.Random, language: str) -> str:
    word = rng.choice(localized(LABEL_WORDS, language))
    return f"/service/{word}-{rng.randrange(99_999)}"


def _random_config(rng: random.Random, target_bytes: int) -> str:
    entries: dict[str, object] = {}
    missing_bytes = target_bytes
    while missing_bytes > 0:
        key = f"slot_{rng.randrange(10**6)}"
        entries[key] = {
            "id": f"{rng.getrandbits(48):x}",
            "sizes": [300, 250, rng.randrange(90, 970)],
            "lazy": True,
        }
        missing_bytes -= len(json.dumps(entries[key])) + len(key) + 6
    return json.dumps(entries)

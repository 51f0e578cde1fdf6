"""What surrounds an article on a real page of 100 KB: scripts, menus, teasers. Not for: words that anyone should read.

Measured on real pages: about half of the bytes are scripts and styles, the rest links with their markup.
"""

from __future__ import annotations

import json
import random

LABEL_WORDS = {
    "fr": [
        "météo",
        "annonces",
        "sports",
        "culture",
        "immobilier",
        "emploi",
        "loisirs",
        "recettes",
        "jeux",
        "abonnés",
        "vidéos",
        "podcasts",
        "débats",
        "santé",
        "jardin",
        "voyage",
    ],
    "en": [
        "weather",
        "jobs",
        "homes",
        "sport",
        "culture",
        "property",
        "family",
        "recipes",
        "games",
        "subscribe",
        "video",
        "podcasts",
        "debate",
        "health",
        "garden",
        "travel",
    ],
}


def page_top(target_bytes: int, language: str, seed: str) -> str:
    """About ``size`` bytes for the beginning of a page: a style sheet, a script, a menu."""
    if target_bytes <= 0:
        return ""
    chance = random.Random(seed)  # noqa: S311 - the same page each time, no secret
    script = f"<script>window.__config={_random_config(chance, target_bytes * 7 // 10)};</script>"
    menu: list[str] = []
    room = target_bytes - len(script)
    while room > 0:
        entry = f'<li class="menu-entry menu-entry-{chance.randrange(9_999)}"><a href="{_random_path(chance, language)}"><span>{_random_label(chance, language)}</span></a></li>'
        menu.append(entry)
        room -= len(entry)
    return f'{script}<nav class="mega-menu"><ul>{"".join(menu)}</ul></nav>'


def page_bottom(target_bytes: int, language: str, seed: str) -> str:
    """About ``size`` bytes for the end of a page: teasers and links."""
    chance = random.Random(seed)  # noqa: S311 - the same page each time, no secret
    cards: list[str] = []
    room = target_bytes
    while room > 0:
        number = chance.randrange(100_000, 999_999)
        card = (
            f'<div class="card card-{number % 7}" data-id="{number}"><a href="{_random_path(chance, language)}">'
            f'<img loading="lazy" src="/media/{number}-300x200.jpg" srcset="/media/{number}-600x400.jpg 2x" alt="">'
            f"<h4>{_random_label(chance, language)}</h4></a></div>\n"
        )
        cards.append(card)
        room -= len(card)
    return f'<div class="more-cards">{"".join(cards)}</div>' if cards else ""


def _random_label(rng: random.Random, language: str) -> str:
    return " ".join(
        rng.sample(LABEL_WORDS.get(language, LABEL_WORDS["en"]), 3)
    ).capitalize()


def _random_path(rng: random.Random, language: str) -> str:
    return f"/service/{rng.choice(LABEL_WORDS.get(language, LABEL_WORDS['en']))}-{rng.randrange(99_999)}"


def _random_config(rng: random.Random, target_bytes: int) -> str:
    entries: dict[str, object] = {}
    room = target_bytes
    while room > 0:
        key = f"slot_{rng.randrange(10**6)}"
        entries[key] = {
            "id": f"{rng.getrandbits(48):x}",
            "sizes": [300, 250, rng.randrange(90, 970)],
            "lazy": True,
        }
        room -= len(json.dumps(entries[key])) + len(key) + 6
    return json.dumps(entries)

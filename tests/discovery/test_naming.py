"""An outlet's name and key, of what its site says."""

from __future__ import annotations

import pytest

from harvester.discovery.naming import choose_key, choose_name


@pytest.mark.parametrize(
    ("stated", "titles", "url", "name"),
    [
        (["Le Courrier"], ["Accueil"], "https://www.courrier.example/", "Le Courrier"),
        (
            [],
            ["Médias-Presse-Info | L'information sans concession"],
            "https://www.medias-presse.info/",
            "Médias-Presse-Info",
        ),
        (
            [],
            ["Home - The Ashby Herald"],
            "https://ashbyherald.example/",
            "The Ashby Herald",
        ),
        (
            [],
            ["Les dernières nouvelles", "Une"],
            "https://x.example/",
            "Les dernières nouvelles",
        ),
        ([], [], "https://x.example/", ""),
        (["x" * 200], ["Echo: all news"], "https://echo.example/", "Echo"),
        ([], ["朝日新聞 - ニュース"], "https://www.asahi.example/", "朝日新聞"),
    ],
)
def test_names(stated: list[str], titles: list[str], url: str, name: str) -> None:
    assert choose_name(stated, titles, url) == name


@pytest.mark.parametrize(
    ("name", "url", "taken", "key"),
    [
        ("Le Monde", "https://www.lemonde.fr/", [], "lemonde"),
        ("Le Monde", "https://www.lemonde.fr/", ["lemonde"], "le-monde"),
        ("", "https://www.lemonde.fr/", ["lemonde"], "lemonde-fr"),
        ("", "https://www.lemonde.fr/", ["lemonde", "lemonde-fr"], "lemonde-2"),
        ("Œuvre & Écho", "http://127.0.0.1:80/", [], "oeuvre-echo"),
        ("", "http://127.0.0.1:80/", [], "127-0-0-1"),
        ("朝日", "http://localhost:80/", [], "localhost"),
        ("", "https://anna.blogspot.com/", [], "anna"),
        ("", "https://www.bbc.co.uk/news", [], "bbc"),
        ("Zürich heute", "https://xn--zrich-kva.example/", [], "xn-zrich-kva"),
    ],
)
def test_keys(name: str, url: str, taken: list[str], key: str) -> None:
    assert choose_key(name, url, taken) == key

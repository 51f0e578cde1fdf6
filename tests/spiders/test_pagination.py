"""The other pages of an article, as real servers answer for them: what cannot be had costs only itself."""

from __future__ import annotations

from typing import Any


def words(name: str, number: int) -> list[str]:
    return [
        f"Le conseil de {name} a voté la mesure {number}.{n}, après quatre heures de débat dans une salle comble."
        for n in range(6)
    ]


def page(site: Any, name: str, number: int, following: str) -> None:
    """Page ``number`` of an article, which links to ``following``."""
    text = "".join(f"<p>{one}</p>" for one in words(name, number))
    link = f'<a rel="next" href="{following}">{number + 1}</a>' if following else ""
    path = f"/{name}" if number == 1 else f"/{name}/{number}"
    html = f"<html lang=fr><head><title>{name}</title></head><body><article><h1>{name}</h1>{text}{link}</article></body></html>"
    site.answer(path, html.encode(), Content_Type="text/html; charset=utf-8")


def test_what_cannot_be_had_costs_only_itself(world: Any, site: Any) -> None:
    names = [
        "le-budget-de-mars",
        "le-budget-de-mai",
        "le-budget-de-juin",
        "le-budget-d-avril",
        "le-budget-de-long",
    ]
    away, torn, paper, circle, long = names
    for name in (away, torn, paper):
        page(site, name, 1, f"/{name}/2")
    site.answer(f"/{away}/2", status=302, Location=f"/{away}")
    site.raw(
        f"/{torn}/2",
        lambda to: (
            to.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<p>Le conseil</p>"
            )
            and None
        ),
    )
    site.answer(f"/{paper}/2", b"%PDF-1.7 ...", Content_Type="application/pdf")
    page(site, circle, 1, f"/{circle}/2")
    page(site, circle, 2, f"/{circle}/3")
    site.answer(f"/{circle}/3", status=301, Location=f"/{circle}/2")
    for number in range(1, 31):
        page(site, long, number, f"/{long}/{number + 1}")
    site.feed("/feed", [site.url(f"/{name}") for name in names])

    ran = world.once()
    assert ran.code == 0, ran.errors
    assert {name: world.entries()[f"/{name}"][0] for name in names} == dict.fromkeys(
        names, "new"
    )
    reasons = {name: world.entries()[f"/{name}"][1] for name in names}
    assert reasons[away] == reasons[circle] == reasons[long] == ""
    assert reasons[torn].startswith("page 2 of the article: the answer broke off")
    assert reasons[paper].startswith("page 2 of the article: no page: application/pdf")
    texts = dict(world.rows("select title, text from versions"))
    read = {away: 1, torn: 1, paper: 1, circle: 2, long: 10}
    for name, count in read.items():
        assert texts[name].split("\n") == [
            line for n in range(1, count + 1) for line in words(name, n)
        ], name
    assert f"/{long}/10" in site.asked and f"/{long}/11" not in site.asked

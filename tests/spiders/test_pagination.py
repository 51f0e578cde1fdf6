"""The other pages of an article: those that cannot be read never shorten the text."""

from __future__ import annotations

from tests.support.crawl_harness import CrawlHarness, Site


def paragraphs(name: str, number: int) -> list[str]:
    return [
        f"Le conseil de {name} a voté la mesure {number}.{n}, après quatre heures de "
        "débat dans une salle comble."
        for n in range(6)
    ]


def page(site: Site, name: str, number: int, following: str) -> None:
    """Serve page ``number`` of an article, which links to ``following``."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(name, number))
    link = f'<a rel="next" href="{following}">{number + 1}</a>' if following else ""
    path = f"/{name}" if number == 1 else f"/{name}/{number}"
    html = (
        f"<html lang=fr><head><title>{name}</title></head><body><article>"
        f"<h1>{name}</h1>{text}{link}</article></body></html>"
    )
    site.respond(path, html.encode(), Content_Type="text/html; charset=utf-8")


def test_pages_that_cannot_be_read(harness: CrawlHarness, site: Site) -> None:
    names = [
        "le-budget-de-mars",
        "le-budget-de-mai",
        "le-budget-de-juin",
        "le-budget-d-avril",
        "le-budget-de-long",
    ]
    elsewhere, cut, pdf, loop, long = names
    for name in (elsewhere, cut, pdf):
        page(site, name, 1, f"/{name}/2")
    site.respond(f"/{elsewhere}/2", status=302, Location=f"/{elsewhere}")
    site.respond_raw(
        f"/{cut}/2",
        lambda to: (
            to.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<p>Le conseil</p>"
            )
            and None
        ),
    )
    site.respond(f"/{pdf}/2", b"%PDF-1.7 ...", Content_Type="application/pdf")
    page(site, loop, 1, f"/{loop}/2")
    page(site, loop, 2, f"/{loop}/3")
    site.respond(f"/{loop}/3", status=301, Location=f"/{loop}/2")
    for number in range(1, 31):
        page(site, long, number, f"/{long}/{number + 1}")
    site.feed("/feed", [site.url(f"/{name}") for name in names])

    result = harness.once()
    assert result.exit_code == 0, result.stderr
    assert {name: harness.entries()[f"/{name}"][0] for name in names} == dict.fromkeys(
        names, "new"
    )
    reasons = {name: harness.entries()[f"/{name}"][1] for name in names}
    assert reasons[elsewhere] == reasons[loop] == reasons[long] == ""
    assert reasons[cut].startswith("page 2 of the article: the response broke off")
    assert reasons[pdf].startswith("page 2 of the article: no page: application/pdf")
    texts = dict(harness.rows("select title, text from versions"))
    page_counts = {elsewhere: 1, cut: 1, pdf: 1, loop: 2, long: 10}
    for name, count in page_counts.items():
        assert texts[name].split("\n") == [
            line for n in range(1, count + 1) for line in paragraphs(name, n)
        ], name
    assert (
        f"/{long}/10" in site.requested_paths
        and f"/{long}/11" not in site.requested_paths
    )

"""What an outlet's settings add to its requests is sent to its own origins, and kept nowhere."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harvester.daemon.discover import discover
from harvester.daemon.fetch_process import FetchProcess
from harvester.settings import load_settings
from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

SECRETS = ("s3ss10n", "k3y", "t0ken")
LINES = """
user_agent = "paperbot/2 (+https://paperbot.net)"
headers = { Accept = "text/html;q=0.3", Accept-Language = "fr-CA", X-Api-Key = "k3y" }
cookies = { sid = "s3ss10n", other = { env = "PAPER_COOKIE" } }
"""


def sent(site: Site, path: str) -> dict[str, str]:
    """The headers of the last request for a path."""
    pairs = zip(site.requested_paths, site.request_headers, strict=True)
    return dict(pairs)[path]


def stored_bytes(folder: Path) -> bytes:
    """All that a crawl wrote."""
    files = [path for path in folder.rglob("*") if path.name != "settings.toml"]
    return b"".join(
        gzip.decompress(path.read_bytes())
        if path.suffix == ".gz"
        else path.read_bytes()
        for path in files
        if path.is_file()
    )


def test_they_are_sent_with_each_request_of_the_outlet(
    harness: CrawlHarness, site: Site
) -> None:
    harness.archive = {"requests": True}
    harness.outlet_lines["paper"] = LINES
    site.respond("/robots.txt", b"User-agent: *\nAllow: /\n", Set_Cookie="r=sessid")
    site.feed("/feed", [site.article("/a")], **{"Set-Cookie": "f=sessid"})
    result = harness.once(PAPER_COOKIE="t0ken")
    assert result.counts["new"] == 1
    for path in ("/robots.txt", "/feed", "/a", "/.well-known/tdmrep.json"):
        headers = sent(site, path)
        assert headers["user-agent"] == "paperbot/2 (+https://paperbot.net)"
        assert headers["x-api-key"] == "k3y"
        assert headers["cookie"] == "sid=s3ss10n; other=t0ken"
        assert headers["accept-language"] == "fr-CA"
        assert headers["accept"] == "text/html;q=0.3"
    everything = stored_bytes(harness.folder)
    assert b"User-Agent: paperbot/2" in everything  # in the records of requests
    for word in (*SECRETS, "fr-CA", "q=0.3", "sessid"):
        assert word.encode() not in everything
        assert word not in result.stderr + str(result.events)


@pytest.mark.parametrize("status", [302, 308])
def test_no_other_origin_gets_them_also_after_redirects(
    harness: CrawlHarness, site: Site, other_site: Site, status: int
) -> None:
    harness.outlet_lines["paper"] = LINES + '\nhome = "http://127.0.0.9:9/"'
    back = site.article("/back")
    other_site.respond("/there", status=status, Location=back)
    site.respond("/go", status=status, Location=other_site.url("/there"))
    site.feed("/feed", [site.url("/go"), other_site.article("/b", "Ailleurs")])
    assert harness.once(PAPER_COOKIE="t0ken").counts["new"] == 2
    for path in ("/robots.txt", "/there", "/b"):
        headers = sent(other_site, path)
        assert headers["user-agent"].startswith("paperbot/2")  # who asks is no secret
        assert headers["accept"] != "text/html;q=0.3" and headers["accept"]
        assert not {"cookie", "x-api-key", "accept-language"} & headers.keys()
    assert sent(site, "/back")["x-api-key"] == "k3y"
    assert sent(site, "/back")["cookie"] == "sid=s3ss10n; other=t0ken"


def test_a_cookie_of_a_chain_of_redirects_takes_the_place_of_ours(
    harness: CrawlHarness, site: Site
) -> None:
    harness.outlet_lines["paper"] = 'cookies = { sid = "old", other = "1" }'
    site.respond("/go", status=302, Location="/a", **{"Set-Cookie": "sid=new; Path=/"})
    site.article("/a")
    site.feed("/feed", [site.url("/go")])
    assert harness.once().counts["new"] == 1
    assert sent(site, "/a")["cookie"] == "sid=new; other=1"


def test_an_authorization_of_the_settings_is_sent_as_it_is(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    harness.outlet_lines["paper"] = 'headers = { Authorization = "Bearer t0ken" }'
    site.respond("/go", status=302, Location=other_site.article("/b"))
    site.feed("/feed", [site.article("/a"), site.url("/go")])
    harness.once()
    assert sent(site, "/a")["authorization"] == "Bearer t0ken"
    assert "authorization" not in sent(other_site, "/b")
    assert b"t0ken" not in stored_bytes(harness.folder)


def test_robots_txt_is_kept_by_the_name_of_each_outlet(
    harness: CrawlHarness, site: Site
) -> None:
    """Two outlets of one site: one file, of which each follows its own group."""
    site.respond(
        "/robots.txt",
        b"User-agent: paperbot\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n",
    )
    site.feed(
        "/feed", [site.article(f"/{name}", f"Rue {name}") for name in ("a1", "b1")]
    )
    site.feed(
        "/feed2", [site.article(f"/{name}", f"Pont {name}") for name in ("a2", "b2")]
    )
    harness.outlets["second"] = [site.url("/feed2")]
    harness.outlet_lines["paper"] = 'user_agent = "PaperBot/2"'
    harness.once()
    entries = harness.entries()
    refused = {path for path, (outcome, _) in entries.items() if outcome == "refused"}
    assert refused == {"/a1", "/b2"}
    assert site.requested_paths.count("/robots.txt") == 1
    assert set(site.page_paths()) == {"/feed", "/feed2", "/b1", "/a2"}


def test_an_outlet_may_be_slower_or_faster_than_the_others(
    harness: CrawlHarness, site: Site
) -> None:
    harness.outlet_lines["paper"] = 'timeout = "1 second"'
    site.respond("/robots.txt", status=404)

    def never(handler: object) -> None:
        handler.rfile.read(1)  # type: ignore[attr-defined] # until it is closed

    site.respond_raw("/feed", never)
    harness.once()
    assert harness.feed_row() == ("failed", "no complete response within 1 second")


def test_a_search_and_a_single_page_are_asked_for_as_the_outlet(
    harness: CrawlHarness, site: Site, other_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `harvest add` of a known outlet, and `harvest check`, send."""
    monkeypatch.setenv("PAPER_COOKIE", "t0ken")
    harness.outlet_lines["paper"] = LINES
    site.feed("/feed", [site.article("/a")])
    harness.write_settings()
    settings = load_settings(harness.settings)
    discover(settings, site.url("/feed"), "2025-01-01T00:00:00Z")
    with FetchProcess(settings, 5) as process:
        process.fetch(site.url("/a"), "page", "paper")
        process.fetch(other_site.url("/a"), "page")
    for path in ("/feed", "/a", "/robots.txt"):
        assert sent(site, path)["cookie"] == "sid=s3ss10n; other=t0ken"
        assert sent(site, path)["user-agent"].startswith("paperbot/2")
    assert not {"cookie", "x-api-key"} & sent(other_site, "/a").keys()


def test_a_response_that_repeats_the_request_names_no_secret(
    harness: CrawlHarness, site: Site
) -> None:
    """An error with what was sent is an outcome; its words come from the status."""
    harness.outlet_lines["paper"] = LINES
    site.paths["/feed"] = lambda handler: CannedResponse(
        b"", 403, {"X-Echo": handler.headers["User-Agent"]}
    )
    result = harness.once(PAPER_COOKIE="t0ken")
    assert harness.feed_row()[0] == "blocked"
    assert not any(word in result.stderr for word in SECRETS)

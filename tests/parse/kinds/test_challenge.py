"""Challenge pages are known by what networks put into them; articles are not."""

from __future__ import annotations

import time

import pytest

from harvester.parse.kinds.challenge import MAX_CHALLENGE_BYTES, find_challenge

HTML = (("Content-Type", "text/html"),)


def page(head: str, body: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()
    )


CHALLENGES = {
    "Cloudflare": page(
        "<title>Just a moment...</title>",
        "<script>window._cf_chl_opt = {cvId: '3', cType: 'managed'};</script>"
        "<noscript>Enable JavaScript and cookies to continue</noscript>",
    ),
    "Anubis": page(
        "<title>Making sure you're not a bot!</title>"
        '<script id="anubis_challenge" type="application/json">{"rules":{}}</script>',
        '<h1>Making sure you are not a bot!</h1><img src="/.within.website/x/cmd/anubis/'
        'static/img/pensive.webp">',
    ),
    "DataDome": page(
        "<title>paper.example</title>",
        '<p id="cmsg">Please enable JS and disable any ad blocker</p>'
        '<script src="https://ct.captcha-delivery.com/c.js"></script>',
    ),
    "Akamai": page(
        "<title>&nbsp;</title>",
        '<div id="sec-if-cpt-container"></div>'
        '<script src="/_sec/cp_challenge/ak-challenge-4-4.htm"></script>',
    ),
    "AWS WAF": page(
        "<script>window.awsWafCookieDomainList = []; window.gokuProps = {};</script>",
        "<h1>JavaScript is disabled</h1>",
    ),
    "Imperva": page(
        '<META NAME="robots" CONTENT="noindex,nofollow">'
        '<script src="/_Incapsula_Resource?SWJIYLWA=719d34"></script>'
    ),
    "HUMAN": page(
        "<title>Access to this page has been denied</title>",
        '<div id="px-captcha"></div>',
    ),
    "DDoS-Guard": page(
        "<title>DDoS-Guard</title>",
        '<script src="/.well-known/ddos-guard/js-challenge/index.js"></script>',
    ),
}


@pytest.mark.parametrize("vendor", CHALLENGES)
def test_challenges_are_known_by_their_markup(vendor: str) -> None:
    assert find_challenge(HTML, CHALLENGES[vendor]) == vendor
    assert find_challenge(HTML, CHALLENGES[vendor].upper()) == vendor


@pytest.mark.parametrize(
    ("header", "vendor"),
    [
        (("cf-mitigated", "challenge"), "Cloudflare"),
        (("X-Amzn-Waf-Action", "captcha"), "AWS WAF"),
        (("x-vercel-mitigated", "challenge"), "Vercel"),
        (("CF-Ray", "8d1-FRA"), ""),
        (("cf-mitigated", "block"), ""),
    ],
)
def test_challenges_are_known_by_a_header(header: tuple[str, str], vendor: str) -> None:
    assert find_challenge((*HTML, header), page("<title>Wait</title>")) == vendor


def test_articles_are_no_challenges() -> None:
    """Also not those that quote such markup, or pass through such a network."""
    story = "<p>The council of the town voted last night on the bridge.</p>" * 40
    script = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    assert find_challenge(HTML, page("", story + script)) == ""
    assert find_challenge(HTML, page("", script)) == ""
    for challenge in CHALLENGES.values():
        assert find_challenge(HTML, page("", story) + challenge) == ""
    feed = b"<rss><channel><title>px-captcha</title></channel></rss>"
    assert find_challenge((), feed.replace(b"px-captcha", b"News")) == ""
    assert find_challenge((), b'{"title": "anubis_challenge"}') == ""
    assert find_challenge((), b"") == ""


def test_it_takes_no_time() -> None:
    started = time.process_time()
    for body in (
        b"<script>" * 7_000 + b"px-captcha",
        b"<" * 50_000 + b"px-captcha",
        b"<!--" * 12_000 + b"px-captcha",
        b"<svg " * 10_000 + b"px-captcha",
    ):
        assert len(body) <= MAX_CHALLENGE_BYTES
        find_challenge(HTML, body)
    assert time.process_time() - started < 1.0

"""Challenge pages: shown in place of a page or feed until a browser solves something.

Known by what the networks and programs that show them put into headers and markup, in
any language. They are never solved; the site can be asked to exempt the archive. Only
small bodies with hardly any text count: articles quote such markup, and some networks
put a part of it into ordinary pages.
"""

from __future__ import annotations

import re

MAX_CHALLENGE_BYTES = 60_000
MAX_TEXT_CHARACTERS = 1_500  # that a challenge page shows

_HEADERS = (  # name, what its value has, who sends it
    ("cf-mitigated", "challenge", "Cloudflare"),
    ("x-amzn-waf-action", "challenge", "AWS WAF"),
    ("x-amzn-waf-action", "captcha", "AWS WAF"),
    ("x-vercel-mitigated", "challenge", "Vercel"),
)
_MARKUP = (  # in the body, all in lower case
    (b"_cf_chl_opt", "Cloudflare"),
    (b"cf-browser-verification", "Cloudflare"),
    (b"cf-challenge-running", "Cloudflare"),
    (b'id="challenge-form"', "Cloudflare"),
    (b"anubis_challenge", "Anubis"),
    (b"/.within.website/x/cmd/anubis", "Anubis"),
    (b"captcha-delivery.com", "DataDome"),
    (b"/_sec/cp_challenge", "Akamai"),
    (b"sec-if-cpt-container", "Akamai"),
    (b"bm-verify", "Akamai"),
    (b"awswafcookiedomainlist", "AWS WAF"),
    (b"awswafintegration", "AWS WAF"),
    (b"gokuprops", "AWS WAF"),
    (b"_incapsula_resource", "Imperva"),
    (b"px-captcha", "HUMAN"),
    (b"_pxappid", "HUMAN"),
    (b"sucuri_cloudproxy_js", "Sucuri"),
    (b"ddos-guard/js-challenge", "DDoS-Guard"),
    (b"check.ddos-guard.net", "DDoS-Guard"),
    (b"/_fs-ch-", "Fastly"),
    (b"x-kpsdk-", "Kasada"),
    (b"/.well-known/.git.gammaspectra.live/go-away", "go-away"),
    (b"haphash", "haproxy-protection"),
)
_NO_TEXT = re.compile(
    rb"<(script|style|noscript|svg|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)


def find_challenge(headers: tuple[tuple[str, str], ...], body: bytes) -> str:
    """Who shows a challenge page in this response; "" if it is none."""
    for header, value in headers:
        name, words = header.lower(), value.lower()
        for known_name, known_words, vendor in _HEADERS:
            if name == known_name and known_words in words:
                return vendor
    if len(body) > MAX_CHALLENGE_BYTES or b"<" not in body:
        return ""
    markup = body.lower()
    for marker, vendor in _MARKUP:
        if marker in markup:
            return vendor if _shows_hardly_any_text(markup) else ""
    return ""


def _shows_hardly_any_text(markup: bytes) -> bool:
    return len(b" ".join(_NO_TEXT.sub(b" ", markup).split())) <= MAX_TEXT_CHARACTERS

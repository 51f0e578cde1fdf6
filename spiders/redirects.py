"""Redirects: by status, by ``Refresh``, and by a page's meta element.

Each is checked like a new request and recorded. Cookies that a chain of redirects sets
are sent back within the chain, to the origin that set them, and forgotten with it: some
sites let nobody in without. What only a script does is not followed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urldefrag, urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.cookies import CookieJar
from w3lib.html import get_meta_refresh

from harvester.identity.urls import site
from harvester.model import Outcome
from spiders.own_headers import add_own_headers, authorize, split_login
from spiders.protocols import spider_of
from spiders.proxies import apply_proxy
from spiders.request_context import META_KEY, get_context
from spiders.requests import add_validators
from spiders.responses import (
    REASON_ONLY_HTTP,
    NotFetchedError,
    RedirectError,
    hop_from_response,
    origin_of,
)

CONDITIONAL_HEADERS = ("If-None-Match", "If-Modified-Since")
REDIRECT_STATUSES = (301, 302, 303, 307, 308)
# A page that sends readers on after more seconds than that is meant to be read.
MAX_REFRESH_SECONDS = 5.0
REFRESH_BYTES = 4_096  # in which a page's meta element is looked for, as Scrapy does
_REFRESH_META = re.compile(rb"http-equiv\s*=\s*[\"']?\s*refresh", re.IGNORECASE)
_REFRESH_HEADER = re.compile(
    r"\s*(?P<seconds>\d{1,6}(?:\.\d*)?)\s*[;,]\s*(?:url\s*=\s*)?"
    r"(?P<quote>[\"']?)(?P<url>[^\"'\s]+)(?P=quote)\s*$",
    re.IGNORECASE,
)


class CheckedRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects, with each one recorded and checked like a new request."""

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer."""

    def _engine_started(self) -> None:
        """Scrapy would warn here that there is no middleware for Referer."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        context = get_context(request)
        if not context.follows_redirects:
            return response
        refresh_url = ""
        if response.status == 200 and not context.is_site_file:
            refresh_url = find_refresh_url(response)
        elif (
            response.status not in REDIRECT_STATUSES
            or "Location" not in response.headers
        ):
            return response
        if response.status == 200 and not refresh_url:
            return response
        redirected, url, slot = self._follow(request, response, refresh_url)
        jars = _take_cookies(context.cookie_jars, request, response)
        redirected.headers.pop("Cookie", None)
        if jar := jars.get(origin_of(url)):
            jar.add_cookie_header(redirected)
        cookies = redirected.headers.get("Cookie") or b""
        state = (url, cookies)
        if url in redirected.meta.get("redirect_urls", ()) and (
            not cookies or state in context.sent_with_cookies
        ):
            raise RedirectError("redirect loop")
        # Validators belong to the URL they came from.
        for header in CONDITIONAL_HEADERS:
            redirected.headers.pop(header, None)
        if context.visit is not None and url == context.visit.validators_url:
            add_validators(redirected, context.visit)
        settings = spider_of(self.crawler).harvest_settings
        add_own_headers(settings, redirected, context)
        if "Authorization" not in redirected.headers:
            authorize(settings, redirected, context.outlet)
        if not context.is_site_file:  # whose outlet's proxy stays
            apply_proxy(settings, redirected, context.outlet)
        context.requested_urls.append(url)
        redirected.meta[META_KEY] = replace(
            context,
            redirects=(
                *context.redirects,
                hop_from_response(response, request, refresh_url),
            ),
            cookie_jars=jars,
            sent_with_cookies=context.sent_with_cookies | {state},
        )
        redirected.meta["download_slot"] = slot
        spider = spider_of(self.crawler)
        spider.politeness.register_site(slot, context.outlet)
        await spider.wait_for_cross_outlet_turn(slot, context.outlet)
        return redirected if url == redirected.url else redirected.replace(url=url)

    def _follow(
        self, request: Request, response: Response, refresh_url: str
    ) -> tuple[Request, str, str]:
        """Scrapy's request for the redirect, its URL without a login, and its site."""
        try:
            redirected: Request | Response
            if refresh_url:
                redirected = self._redirect(
                    self._redirect_request_using_get(request, response, refresh_url),
                    request,
                    "refresh",
                )
            else:
                redirected = super().process_response(request, response)
            if redirected is response:
                raise NotFetchedError(
                    Outcome.REFUSED,
                    f"redirects to another scheme: {REASON_ONLY_HTTP}",
                )
            assert not isinstance(redirected, Response)
            url, _ = split_login(redirected.url)
            return redirected, url, site(url)
        except NotFetchedError:
            raise
        except IgnoreRequest:
            limit = get_context(request).max_redirects or self.max_redirect_times
            raise RedirectError(f"more than {limit} redirects") from None
        except (ValueError, UnicodeError):
            raise RedirectError("redirects to an invalid URL") from None


def find_refresh_url(response: Response) -> str:
    """The absolute URL that a page sends its readers on to at once; "" if it does not.

    By the header ``Refresh`` or a meta element that means the same, outside of
    ``noscript``. A page that reloads itself is none.
    """
    header = (response.headers.get("Refresh") or b"").decode("latin-1")
    seconds: float | None = None
    target: str | None = None
    if match := _REFRESH_HEADER.match(header):
        seconds, target = float(match["seconds"]), urljoin(response.url, match["url"])
    elif _REFRESH_META.search(beginning := response.body[:REFRESH_BYTES]):
        seconds, target = get_meta_refresh(
            beginning.decode("utf-8", "replace"), response.url, "utf-8"
        )
    if not target or seconds is None or seconds > MAX_REFRESH_SECONDS:
        return ""
    target = urldefrag(target).url
    is_other_page = target != urldefrag(response.url).url
    is_http = urlsplit(target).scheme in ("http", "https")
    return target if is_other_page and is_http else ""


def _take_cookies(
    jars: dict[str, CookieJar], request: Request, response: Response
) -> dict[str, CookieJar]:
    """The cookies of a chain by origin, with those that this response sets."""
    if "Set-Cookie" not in response.headers:
        return jars
    origin = origin_of(response.url)
    jars.setdefault(origin, CookieJar()).extract_cookies(response, request)
    return jars

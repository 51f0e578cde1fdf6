"""URLs normalised: their keys, their site, and how they are shown. Pure.

Built on ``w3lib.url.canonicalize_url``; default ports, dots, tracking parameters and
host names are normalised before. Which article a URL names is decided in ``ingest``.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

from harvester.identity.urns import is_urn

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_URL_LENGTH = 65_536  # characters; the setting [limits] url_length is lower

# Parameters that say how the reader came to the page; by vendor.
TRACKING_PARAMETER = re.compile(
    r"""^(?:
    utm_.*|_ga|_gl|gclid|gclsrc|dclid|gbraid|wbraid       # Google
    |fbclid|fb_(?:action|ref|source).*|mibextid           # Meta
    |msclkid|twclid|ttclid|igshid|li_fat_id|yclid|ysclid|epik|rdt_cid|sc_cid|scid
    # Newsletters
    |mc_[ce]id|mkt_tok|vero_.*|_hs(?:enc|mi)|__hs.*|hsa_.*|oly_.*_id|ck_subscriber_id
    |elq.*|et_rid|s_cid|ss_.*id
    # AT Internet
    |xtor|xtref|xtatc
    |at_(?:medium|campaign|custom\d*|format|emailtype|creation|link.*|ptr_name)
    |at_(?:recipient.*|variant|send_date)
    # Others
    |ns_(?:source|mchannel|campaign|linkname|fee)|cmpid|ito|ocid|ncid|icid|guccounter
    |guce_.*|wt_mc|wt\.mc_id|pk_.*|mtm_.*|piwik_.*|matomo_.*
    |spm|scm|share_?(?:id|token|from)?|smid|smtyp|sref|ref_src|ref_url|referrer
    |__twitter_impression|feature
    |gad_source|gad_campaignid|srsltid|igsh|tblci|dicbo|oborigurl|hss_channel|maca
    |trk_\w*|wt_zmc|__cf_\w+|nr_email_\w+
    # Against caches
    |cache-?_?bust(?:er)?|no-?_?cache|rnd|rand(?:om)?|_t|_ts|__t
    # Sessions of a visitor
    |phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken|session_?id|zenid|oscsid|osid
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
AMP_PARAMETERS = {
    ("amp", ""),
    ("amp", "1"),
    ("amp", "true"),
    ("outputtype", "amp"),
    ("output", "amp"),
}
SECRET_PARAMETER = re.compile(
    r"token|(?<![a-z])(?:api|access|private|secret)?[_-]?key$|^auth|secret|passw|pwd"
    r"|signature|^sig$|session|^sid$|credential|^hash$|jwt",
    re.IGNORECASE,
)
_SESSION_PARAMETER = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/?#]*", re.IGNORECASE
)
# The session of ASP.NET without cookies: "/(S(lit3py55t21z5v55vlm25s55))/news".
_SESSION_SEGMENT = re.compile(
    r"/(?:\(|%28)(?:[A-Z]\([\w-]{1,200}\)){1,4}(?:\)|%29)(?=/)"
)
_NOT_SECRET_PARAMETER = re.compile(r"^author", re.IGNORECASE)
# A parameter and its value, if it has one. Possessive, so that no character is read
# twice.
_URL_PARAMETER = re.compile(r"([?&;#])([^=&#;\s]*+)(=[^&#;\s]*+)?")
# URLs that are normalised already, as most are: nothing to escape or to resolve, no
# parameters, no port that may be the default one.
_NORMALISED_URL = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::(?:[1-9]\d{3}|[1-5]\d{4}))?"
    r"/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*)?"
)
_FRONT_PATHS = ("", "/", "/index.html", "/index.htm", "/index.php", "/home", "/accueil")


@lru_cache(maxsize=4096)
def normalise_url(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """The URL without what does not identify the page; "" if it is not an http(s) URL.

    Dropped are the fragment, tracking parameters, the default port and the order of
    parameters. ``keep_params`` are kept whatever they look like. The address of an
    article that stands in a feed alone (``urns``) stays as it is.
    """
    if len(url) <= MAX_URL_LENGTH and _NORMALISED_URL.fullmatch(url):
        return url
    if is_urn(url):
        return url
    url = re.sub(r"[\t\r\n]", "", url.strip())
    if (
        not url
        or len(url) > MAX_URL_LENGTH
        or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", url)
    ):
        return ""
    url = _replace_backslashes(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = _normalise_host(parts.hostname)
    if not host:
        return ""
    if port is not None and port != (443 if scheme == "https" else 80):
        host = f"{host}:{port}"
    login = parts.netloc.rpartition("@")[0]
    query = "&".join(
        pair
        for pair in parts.query.split("&")
        if pair and _identifies_page(pair, keep_params)
    )
    # Only pages made by scripts have fragments that identify them.
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    cleaned = urlunsplit(
        (
            scheme,
            f"{login}@{host}" if login else host,
            _resolve_dots(_without_session(parts.path)),
            query,
            fragment,
        )
    )
    from w3lib.url import canonicalize_url

    try:
        return str(canonicalize_url(cleaned, keep_fragments=bool(fragment)))
    except (ValueError, UnicodeError):
        return ""


def _without_session(path: str) -> str:
    path = _SESSION_PARAMETER.sub("", path)
    return _SESSION_SEGMENT.sub("", path) if "(" in path else path


def _replace_backslashes(url: str) -> str:
    """The URL with slashes for backslashes before the query, as browsers read it.

    Else the host of "a.example\\@b.example" would be ambiguous (WHATWG URL standard).
    """
    before_query = re.split(r"[?#]", url, maxsplit=1)[0]
    return before_query.replace("\\", "/") + url[len(before_query) :]


def _identifies_page(pair: str, keep_params: tuple[str, ...]) -> bool:
    name = unquote_plus(pair.partition("=")[0])
    return name in keep_params or not TRACKING_PARAMETER.match(name)


def _normalise_host(name: str) -> str:
    """A host as ASCII, lower case, without trailing dot; "" if it is invalid."""
    name = name.lower().rstrip(".")
    if ":" in name:
        try:
            return f"[{ipaddress.ip_address(name.partition('%')[0]).compressed}]"
        except ValueError:
            return ""
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            return ""
    return name if re.fullmatch(r"[a-z0-9_.-]+", name) else ""


def _resolve_dots(path: str) -> str:
    """``.`` and ``..`` resolved (RFC 3986, 5.2.4); never empty."""
    if "/." in path:
        resolved: list[str] = []
        segments = path.split("/")
        for index, segment in enumerate(segments):
            if segment not in (".", ".."):
                resolved.append(segment)
                continue
            if segment == ".." and len(resolved) > 1:
                resolved.pop()
            if index == len(segments) - 1:
                resolved.append("")
        path = "/".join(resolved)
    return path if path.startswith("/") else f"/{path}"


@lru_cache(maxsize=4096)
def url_key(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """The key of a URL: normalised, without scheme, login, trailing slash, AMP marks.

    "" if it is not an http(s) URL.
    """
    url = normalise_url(url, keep_params)
    if not url or is_urn(url):
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.rstrip("/")
    if path.endswith("/amp"):
        path = path[: -len("/amp")].rstrip("/")
    elif path.endswith((".amp", ".amp.html")):
        path = path.removesuffix(".html").removesuffix(".amp") + (
            ".html" if path.endswith(".html") else ""
        )
    pairs = [
        pair
        for pair in parts.query.split("&")
        if pair and _split_pair(pair) not in AMP_PARAMETERS
    ]
    query = f"?{'&'.join(pairs)}" if pairs else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{host}{path}{query}{fragment}"


def _split_pair(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name.lower(), value.lower()


def parameter_names(url: str) -> tuple[str, ...]:
    """The names of all parameters of a URL."""
    return tuple(
        unquote_plus(pair.partition("=")[0])
        for pair in url.partition("#")[0].partition("?")[2].split("&")
    )


def article_key(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """The permanent key of the article at a URL: 16 hexadecimal digits."""
    return hashlib.sha256(
        url_key(url, keep_params).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


def numbered_article_key(
    url: str, number: int, keep_params: tuple[str, ...] = ()
) -> str:
    """The key of the second, third … article at a URL that was reused."""
    return hashlib.sha256(
        f"{url_key(url, keep_params)}\n{number}".encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


@cache
def _public_suffixes() -> TLDExtract:
    from tldextract import TLDExtract

    # The bundled list: no network, the same result on every machine. Without private
    # suffixes: blogs on one platform share its servers, and so its rate limit.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=4096)
def site(url: str) -> str:
    """What shares one rate limit: the registered domain, or host:port without one."""
    if is_urn(url):
        return ""
    try:
        parts = _split_url(url)
        return _site_of_host(
            _normalise_host(parts.hostname or ""),
            parts.port or (443 if parts.scheme == "https" else 80),
        )
    except ValueError:
        return ""


def _split_url(url: str) -> SplitResult:
    """The parts of a URL, normalised only if that can change its host."""
    return urlsplit(
        url.strip() if url.isascii() and "\\" not in url else normalise_url(url) or url
    )


@lru_cache(maxsize=4096)
def _site_of_host(host: str, port: int) -> str:
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare)
        return f"{host}:{port}"
    except ValueError:
        domain = _public_suffixes()(host).top_domain_under_public_suffix
        if not domain and not _public_suffixes()(host).suffix and "." in host:
            # The last rule of the list: an unknown suffix is one label.
            domain = ".".join(host.split(".")[-2:])
        return str(domain) if domain else f"{host}:{port}"


def retry_after_scope(url: str) -> str:
    """What a Retry-After applies to: the site, but only the own blog on a platform.

    Else one blog could silence all blogs of the platform.
    """
    return own_domain(url)


@lru_cache(maxsize=4096)
def own_domain(url: str) -> str:
    """What belongs to one publisher: the site, or the own blog on a platform."""
    try:
        host = _normalise_host(_split_url(url).hostname or "")
    except ValueError:
        return site(url)
    return _platform_domain(host) or site(url)


@lru_cache(maxsize=4096)
def _platform_domain(host: str) -> str:
    """A blog's own domain on a platform; "" for other hosts."""
    parts = _public_suffixes()(host, include_psl_private_domains=True)
    if not parts.is_private or "." not in host:
        return ""
    return str(parts.top_domain_under_public_suffix or host)


def is_front_page(url: str, home: str = "") -> bool:
    """Whether a URL is that of an outlet's front page."""
    parts = urlsplit(normalise_url(url))
    if parts.path.lower() in _FRONT_PATHS and not parts.query and not parts.fragment:
        return True
    return bool(home) and url_key(url) == url_key(home) != ""


def is_own_link(
    link: str, home: str, feed_urls: tuple[str, ...], site_url: str
) -> bool:
    """Whether an entry's link can lead to a page of its own.

    Not where it leads to the front page, to its feed, or to what the feed states as its
    site; ``link`` "": there is none.
    """
    return (
        bool(link)
        and not is_front_page(link, home)
        and url_key(link) not in map(url_key, feed_urls)
        and link.rstrip("/") != site_url.rstrip("/")
    )


def is_plausible_canonical(canonical: str, page_url: str, home: str = "") -> bool:
    """Whether a page's canonical URL is on the same site, and not the front page."""
    page_url, canonical = normalise_url(page_url), normalise_url(canonical)
    return (
        bool(page_url and canonical)
        and site(page_url) == site(canonical)
        and not is_front_page(canonical, home)
    )


def wordpress_id(url: str) -> str | None:
    """The number of a WordPress post in a URL like ``https://site/?p=210001``."""
    match = re.search(r"[?&](?:p|page_id)=(\d+)(?:&|$)", url)
    return match[1] if match else None


def strip_login(url: str) -> str:
    """A URL as it is requested: user and password go into a header instead."""
    return re.sub(r"^(https?://)[^/?#]*@", r"\1", url, flags=re.IGNORECASE)


def mask_secrets(url: str) -> str:
    """A URL for display: passwords and values that look like secrets as ``***``."""
    url = re.sub(r"(?<=://)[^/?#\s]*@", "***@", url)
    return _URL_PARAMETER.sub(
        lambda match: (
            f"{match[1]}{match[2]}=***"
            if match[3]
            and SECRET_PARAMETER.search(match[2])
            and not _NOT_SECRET_PARAMETER.match(match[2])
            else match[0]
        ),
        url,
    )

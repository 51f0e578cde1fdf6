"""When two addresses are one, to which site they belong, and what may be shown of them. Pure.

The base is ``w3lib.url.canonicalize_url``; what it leaves (default ports, dots, tracking parameters, names of hosts) is
done before it. Not for: fetching, nor for deciding which article an address names (``ingest``).
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

MAX_URL_LENGTH = 65_536  # characters; the setting [limits] url_length is lower

# Parameters that name the reader's way to the page, not the page; by vendor.
TRACKING_PARAMETER = re.compile(
    r"""^(?:
    utm_.*|_ga|_gl|gclid|gclsrc|dclid|gbraid|wbraid       # Google
    |fbclid|fb_(?:action|ref|source).*|mibextid           # Meta
    |msclkid|twclid|ttclid|igshid|li_fat_id|yclid|ysclid|epik|rdt_cid|sc_cid|scid
    |mc_[ce]id|mkt_tok|vero_.*|_hs(?:enc|mi)|__hs.*|hsa_.*|oly_.*_id|ck_subscriber_id|elq.*|et_rid|s_cid|ss_.*id  # mail
    |xtor|xtref|xtatc|at_(?:medium|campaign|custom\d*|format|emailtype|creation|link.*|ptr_name|recipient.*|variant|send_date)  # AT Internet
    |ns_(?:source|mchannel|campaign|linkname|fee)|cmpid|ito|ocid|ncid|icid|guccounter|guce_.*|wt_mc|wt\.mc_id|pk_.*|mtm_.*|piwik_.*|matomo_.*
    |spm|scm|share_?(?:id|token|from)?|smid|smtyp|sref|ref_src|ref_url|referrer|__twitter_impression|feature
    |gad_source|gad_campaignid|srsltid|igsh|tblci|dicbo|oborigurl|hss_channel|maca|trk_\w*|wt_zmc|__cf_\w+|nr_email_\w+
    |phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken|session_?id|zenid|oscsid|osid  # of a visit, not of a page
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
    r"token|(?<![a-z])(?:api|access|private|secret)?[_-]?key$|^auth|secret|passw|pwd|signature|^sig$|session|^sid$|credential|^hash$|jwt",
    re.IGNORECASE,
)
_SESSION_PARAMETER = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid)=[^/?#]*", re.IGNORECASE
)
_NOT_SECRET_PARAMETER = re.compile(r"^author", re.IGNORECASE)
_FRONT_PATHS = ("", "/", "/index.html", "/index.htm", "/index.php", "/home", "/accueil")


@lru_cache(maxsize=4096)
def normalise_url(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """The address without what does not name the page: fragment, tracking parameters, default port, order of parameters.

    "" where it is no http(s) address that can be asked. ``keep_params`` are kept whatever they look like.
    """
    url = re.sub(r"[\t\r\n]", "", url.strip())
    if (
        not url
        or len(url) > MAX_URL_LENGTH
        or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", url)
    ):
        return ""
    if (
        "\\" in url
    ):  # as browsers read it (WHATWG): else "a.example\\@b.example" is one host to some and another to others
        place = re.split(r"[?#]", url, maxsplit=1)[0]
        url = place.replace("\\", "/") + url[len(place) :]
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
    fragment = (
        parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    )  # pages made by a program in the browser
    plain = urlunsplit(
        (
            scheme,
            f"{login}@{host}" if login else host,
            _resolve_dots(_SESSION_PARAMETER.sub("", parts.path)),
            query,
            fragment,
        )
    )
    from w3lib.url import canonicalize_url

    try:
        return str(canonicalize_url(plain, keep_fragments=bool(fragment)))
    except (ValueError, UnicodeError):
        return ""


def _identifies_page(pair: str, keep_params: tuple[str, ...]) -> bool:
    name = unquote_plus(pair.partition("=")[0])
    return name in keep_params or not TRACKING_PARAMETER.match(name)


def _normalise_host(name: str) -> str:
    """A host as ASCII, lower case, without trailing dot; "" where it is none."""
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
        out: list[str] = []
        parts = path.split("/")
        for place, part in enumerate(parts):
            if part not in (".", ".."):
                out.append(part)
                continue
            if part == ".." and len(out) > 1:
                out.pop()
            if place == len(parts) - 1:
                out.append("")
        path = "/".join(out)
    return path if path.startswith("/") else f"/{path}"


@lru_cache(maxsize=4096)
def url_key(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """The key of an address: normalised, without scheme, login, trailing slash and AMP marks. "" for what is no address."""
    url = normalise_url(url, keep_params)
    if not url:
        return ""
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
    return f"{host}{path}{'?' + '&'.join(pairs) if pairs else ''}{'#' + parts.fragment if parts.fragment else ''}"


def _split_pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.lower(), value.lower()


def parameter_names(url: str) -> tuple[str, ...]:
    """The names of all parameters of an address."""
    return tuple(
        unquote_plus(pair.partition("=")[0])
        for pair in url.partition("#")[0].partition("?")[2].split("&")
    )


def article_key(url: str, keep_params: tuple[str, ...] = ()) -> str:
    """16 hexadecimal digits that name the article at an address, for ever."""
    return hashlib.sha256(
        url_key(url, keep_params).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


def numbered_article_key(
    url: str, number: int, keep_params: tuple[str, ...] = ()
) -> str:
    """The key of the second, third … article that an address had to name."""
    return hashlib.sha256(
        f"{url_key(url, keep_params)}\n{number}".encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


@cache
def _public_suffixes() -> TLDExtract:
    from tldextract import TLDExtract

    # The bundled list: no network, the same answer on every machine. Without private suffixes: blogs on one platform
    # share its servers, and so its patience.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=4096)
def site(url: str) -> str:
    """What shares one budget of requests: the registered domain; host:port for addresses and names without one."""
    try:
        parts = _split_url(url)
        return _site_of_host(
            _normalise_host(parts.hostname or ""),
            parts.port or (443 if parts.scheme == "https" else 80),
        )
    except ValueError:
        return ""


def _split_url(url: str) -> SplitResult:
    """The parts of an address, normalised only where that can change its host."""
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
            domain = ".".join(
                host.split(".")[-2:]
            )  # the list's last rule: an unknown suffix is one label
        return str(domain) if domain else f"{host}:{port}"


@lru_cache(maxsize=4096)
def retry_after_scope(url: str) -> str:
    """Who is left alone after a Retry-After: the site, but of blogs on one platform each for itself, or one could silence all."""
    whole = site(url)
    try:
        return (
            _platform_domain(_normalise_host(_split_url(url).hostname or "")) or whole
        )
    except ValueError:
        return whole


@lru_cache(maxsize=4096)
def _platform_domain(host: str) -> str:
    """A blog's own name on a platform; "" for what is none."""
    own = _public_suffixes()(host, include_psl_private_domains=True)
    return (
        str(own.top_domain_under_public_suffix or host)
        if own.is_private and "." in host
        else ""
    )


def is_front_page(url: str, home: str = "") -> bool:
    """Whether an address is an outlet's front page."""
    parts = urlsplit(normalise_url(url))
    if parts.path.lower() in _FRONT_PATHS and not parts.query and not parts.fragment:
        return True
    return bool(home) and url_key(url) == url_key(home) != ""


def is_plausible_canonical(canonical: str, page_url: str, home: str = "") -> bool:
    """Whether a page may call itself by that address: the same site, and not the front page."""
    here, there = normalise_url(page_url), normalise_url(canonical)
    return (
        bool(here and there)
        and site(here) == site(there)
        and not is_front_page(there, home)
    )


def wordpress_id(url: str) -> str | None:
    """The number of a WordPress post in an address like ``https://site/?p=210001``."""
    match = re.search(r"[?&](?:p|page_id)=(\d+)(?:&|$)", url)
    return match[1] if match else None


def strip_login(url: str) -> str:
    """An address as it is asked for: user and password go into a header, and belong neither to the page nor into a record."""
    return re.sub(r"^(https?://)[^/?#]*@", r"\1", url, flags=re.IGNORECASE)


def mask_secrets(url: str) -> str:
    """An address for people: passwords and values of parameters that look like secrets as ``***``."""
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


# Its value may be missing: so every sign is read once, whatever stands there.
_URL_PARAMETER = re.compile(r"([?&;#])([^=&#;\s]*+)(=[^&#;\s]*+)?")

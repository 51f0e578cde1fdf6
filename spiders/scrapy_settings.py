"""Our settings as Scrapy's.

Only the components named here run: each middleware costs time on every request.
Scrapy's own lists of components (``…_BASE``) are emptied rather than switched off one
by one, for which it would import them all, an eighth of the start of a crawl. So there
are no cookies beyond a chain of redirects, no retries (the archive has them, and they
survive a restart), no Referer, no proxy from the environment, no telnet, no statistics;
and every status is an outcome.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from harvester.settings import Settings
from spiders.proxies import proxy_addresses

MAX_CONCURRENT_REQUESTS = 64  # over all sites; the settings say how many per site
MAX_IDLE_CONNECTIONS = 128
RESERVED_FILES = 40  # open ones, for the archive, workers and lookups of names
MAX_PROCESSING_BYTES = 8_000_000  # of responses in Scrapy's callbacks


def scrapy_settings(settings: Settings, open_files: int) -> dict[str, Any]:
    """The settings of ``AsyncCrawlerProcess``.

    ``open_files``: how many files this process may open. A connection that cannot be
    opened for want of one would count against an outlet.
    """
    limits = settings.limits
    # Half of them for requests, half for idle connections.
    connections = max(1, (open_files - RESERVED_FILES) // 2)
    has_uvloop = importlib.util.find_spec("uvloop") is not None
    return {
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop" if has_uvloop else None,
        "ALLOW_NETWORKS": list(settings.allow_networks),  # ours, for address_guard
        "BOT_NAME": "harvester",
        "CONCURRENT_ITEMS": 1,
        "CONCURRENT_REQUESTS": min(MAX_CONCURRENT_REQUESTS, connections),
        "CONCURRENT_REQUESTS_PER_DOMAIN": max(1, settings.concurrency),
        "COOKIES_ENABLED": False,
        "DNSCACHE_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.middlewares.PolitenessMiddleware": 100,
            "spiders.redirects.CheckedRedirectMiddleware": 600,
            "spiders.middlewares.BoundedDecompressionMiddleware": 650,
        },
        "DOWNLOADER_STATS": False,
        "DOWNLOAD_DELAY": settings.delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "DOWNLOAD_HANDLERS": {
            "http": "spiders.download_handler.DownloadHandler",
            "https": "spiders.download_handler.DownloadHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "DOWNLOAD_MAXSIZE": limits.feed_bytes,
        "DOWNLOAD_TIMEOUT": limits.answer_time,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_WARNSIZE": 0,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "EXTENSIONS_BASE": {},
        "HTTPCACHE_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "LOG_ENABLED": False,  # crawl sets up logging
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_FORMATTER": "spiders.harvest.SilentLogFormatter",
        "LOG_VERSIONS": [],
        "MAX_IDLE_CONNECTIONS": min(MAX_IDLE_CONNECTIONS, connections),  # ours
        "MEMUSAGE_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REACTOR_THREADPOOL_MAXSIZE": 32,  # for DNS lookups
        "REDIRECT_MAX_TIMES": limits.redirects,
        "REFERER_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "PROXIES": sorted(proxy_addresses(settings)),  # ours, for address_guard
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": True,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": MAX_PROCESSING_BYTES,
        "SCHEDULER": "spiders.queue.FifoScheduler",
        "SPIDER_MIDDLEWARES_BASE": {},
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "STATS_DUMP": False,
        "TELNETCONSOLE_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "spiders.address_guard.GuardedResolver",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "USER_AGENT": settings.user_agent,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }

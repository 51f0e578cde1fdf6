"""The daemon's room: the crawl process (``process``), and the ticks that start it (``ticks``)."""

from harvester.daemon.crawl_process import StoppedError, crawl

__all__ = ["StoppedError", "crawl"]

"""Run crawls: one as a process of its own, or again and again as things become due."""

from harvester.daemon.crawl_process import StoppedError, crawl

__all__ = ["StoppedError", "crawl"]

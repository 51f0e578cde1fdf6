"""harvester watches news outlets and archives what they published, and how it changed.

The data flows one way:

    settings → schedule → spiders → parse → identity → archive → search · browse
      what       when      fetch     read    compare    store        use

The floor plan, top down. A package imports only from floors below it, and packages on
one floor do not import each other (``pyproject.toml`` declares this, import-linter
checks it):

    spiders      the only package that knows Scrapy: fetches what is due; started as a
                 program, never imported by harvester
    cli          the command line: one file a group of commands; prints, decides nothing
    daemon       the ticks of ``harvest run``: crawl, revisit, upkeep
    mcp_server   the archive for language models, by the Model Context Protocol
    api          the archive for Python programs: ``harvester.open``
    publish      the archive as plain files for any web server
    browse       the archive in a browser, as a Datasette plugin
    export       files that can be read without this program
    alerts       deliver what rang: webhooks, files, programs, Apprise
    newsroom     a real newspaper on loopback, for the demo and tests
    render       what changed as text, HTML, Markdown and feeds; pure
    workers      the processes that read pages, and their pool
    ingest       from a response to the archive: ``prepare`` is pure and runs in
                 workers; ``keeper`` runs where the archive is written
      profiles/    when the profile of an outlet is learned, and from which pages
    discovery    from the address of a site to an outlet of the settings; pure
    archive      the SQLite database and its WARC files; the only package with SQL
      records/     tables: what is written to them and read back
      queries/     read-only queries: search, timeline, clusters, health
      integrity/   verification, and proof that nothing was changed
      merging/     merge another archive, split an article
      repair/      find damage and repair it
      takedown/    purge an article, redact its captures, keep it out; thin captures
      upkeep/      backups and optimisation
      migrations/  the schema, in numbered steps, and what they make as one script
    parse        bytes in, records out
      site_page    what a page says of its site: its name, where its feeds may be
      explain      why each block of a page is in the text or not
      article      from a page to an ``Extract``
      kinds/       what a page is: an article, a live blog, an index, a login …
      content/     the text: blocks, features, model, profile
      metadata/    title, authors, dates, language
      feeds/       RSS, Atom, JSON Feed, sitemaps, WordPress, section pages
      dates/       dates, times and zones, as feeds and pages write them
      html/        encodings, absolute URLs, the tree of elements
    schedule     when a feed or an article is due
    query        what people type into a search box, as a tree
    identity     records compared: equal URLs and wordings, edits, near-duplicates
    settings     settings.toml: tables, values, faults with their line
    log          the format of log lines
    entities     HTML character references
    model        the records that the packages pass to each other
    errors       errors a user can act on, each with its exit code

``parse``, ``query``, ``identity`` and ``schedule`` are pure: no clock, network, files or state.
The time is passed in; only cli, daemon and spiders read the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harvester.api import (
        Archive,
        ArchiveError,
        Article,
        Change,
        Copy,
        ExportSummary,
        HarvesterError,
        Hit,
        NotInArchive,
        QueryError,
        open,
    )

# The names for Python programs, which stay: docs/guides/python.md.
__all__ = [
    "Archive",
    "ArchiveError",
    "Article",
    "Change",
    "Copy",
    "ExportSummary",
    "HarvesterError",
    "Hit",
    "NotInArchive",
    "QueryError",
    "__version__",
    "open",
]
__version__ = "1.0.0"
# What pip calls it: on the package index, `harvester` is somebody else's.
DISTRIBUTION = "news-harvester"


def __getattr__(name: str) -> Any:
    """Load the interface for Python programs once one of its names is used."""
    if name not in __all__:
        raise AttributeError(f"module 'harvester' has no attribute {name!r}")
    from harvester import api

    return getattr(api, name)


def install_hint(extra: str) -> str:
    """What to type for the libraries of an extra.

    Right after an installation from a checkout as well: pip finds this distribution
    installed, and adds the extra's libraries alone.
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"

"""harvester: watches news outlets and keeps what they published, as they published it, and as they changed it.

The floor plan. The data flows one way:

    settings → schedule → spiders → parse → identity → archive → search · browse
      what       when      fetch     read   who is who   keep      use

Floors, top down; a room imports only from floors below it, rooms on one floor do not know each other
(``pyproject.toml`` declares them, import-linter checks them):

    spiders      the only package that knows Scrapy; started as a program, never imported by harvester
    cli          one file a command group; prints, and decides nothing
    daemon       the ticks of ``harvest run``
    browse       the Datasette plugin                     newsroom   a real newspaper on loopback
    export       files that can be read without us
    workers      two lanes of processes that read pages
    worker       one of them, with its deadline and its memory
    ingest       ``prepare`` (pure, runs in the workers) and ``Keeper.keep`` (runs where the archive is written)
    archive      the only room with SQL                   parse      bytes in, records out
    identity     records in, names out                    schedule   what is due when
    settings     settings.toml, validated                  log       how a line of log looks
    atom         happenings as an Atom feed
    model        the records that the rooms hand each other
    errors       what can go wrong, and its exit code

``parse``, ``identity`` and ``schedule`` are pure: no clock, no network, no files, no state of the process.
The time is passed in; only the rim (cli, daemon, spiders) asks what time it is.
"""

__version__ = "1.0.0"

"""The only package that knows Scrapy: fetches what is due, politely, and hands it on.

Started as a program (``python -P -m spiders``), never imported by ``harvester``. Delete it, and the archive still
searches and browses.

    __main__     the door: arguments in, an honest exit code out
    harvest      the spider: what is due goes out, what comes back goes to the keeper
    queue        visits that wait for their site's turn        sites    delay, concurrency and holds of each site
    settings     our settings in Scrapy's words                writer   the one thread that owns the archive
    middlewares  checks, redirects, unfolding                  robots   robots.txt
    handler      the connection itself, bounded                guard    which addresses may be connected to
    network      whether there is one
    answers      responses and failures as captures
"""

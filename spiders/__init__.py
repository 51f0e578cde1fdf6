"""The only package that knows Scrapy: fetches what is due, politely, and hands it on.

Started as a program (``python -P -m spiders``), never imported by ``harvester``. Delete
it, and the archive still searches and browses.

    __main__            the command: parses arguments, returns the exit code
    crawl               one crawl around Scrapy's process: signals, progress, the end
    harvest             the spider: sends what is due, hands on what comes back
    protocols           what the other modules see of the spider
    fetch               fetches the URLs it is told, for looking at a site
    queue               visits that wait for their site's turn
    requests            visits as Scrapy requests
    own_headers         a login, headers and cookies of an outlet's settings
    request_context     what is remembered of a request on its way
    middlewares         checks before sending, redirects, bounded decompression
    robots              robots.txt
    politeness          delay, concurrency and rate limits of each site
    download_handler    the connection itself, bounded
    endpoint            from a host to a connection
    address_guard       which addresses may be connected to
    network             whether this machine is online
    connection_errors   failures that the resolver or the network explains
    responses           responses and failures as captures
    pipeline            a response's way into the archive, through the workers
    pagination          the other pages of an article
    writer              the archive, as the event loop uses it
    writer_thread       the one thread that owns the archive
    system_clock        the time
    scrapy_settings     our settings as Scrapy's
"""

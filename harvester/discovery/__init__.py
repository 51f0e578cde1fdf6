"""From the address of a site, or a reader's list, to outlets of the settings. Pure.

    search       which address to fetch next, at most 15 requests
    found_feed   what a feed brings: entries, interval, full text
    choice       which of the feeds found to take, and why not the others
    naming       what the outlet is called: name, key, home, language
    draft        the outlet that is made of it
    opml         subscriptions as feed readers write them, and as we do
    grouping     subscriptions made into outlets

``daemon.discover`` fetches and reads what ``search`` asks for.
"""

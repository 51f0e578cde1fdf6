"""Imports from web archives: CDX lists, and the captures that they list.

    cdx          lines of CDX and CDXJ files, answers of CDX servers → records; pure
    selection    which of them are worth a request; pure
    addresses    where a web archive has its list and its replays; pure
    replayed     a replay as a WARC record of what was captured, or why it is none; pure
    listing      the lists of an outlet into the workspace, in parts
    obtaining    the captures that were selected into a WARC file of the workspace
    run          one after the other, and then ``importing.run``

A web archive is asked through ``WebArchive``; who fetches is no matter of this package.
"""

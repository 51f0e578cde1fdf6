"""A simulated newspaper on loopback, with its own clock, that edits and misbehaves.

``harvest demo`` harvests it, and tests and benchmarks import it. It speaks HTTP/1.1
over real sockets, and imports no other package of ``harvester``. It is not meant for
public networks.

    with Newsroom() as newsroom:
        gazette = newsroom.add_outlet("gazette", "wordpress", language="fr")
        gazette.publish("Une école rouvre", ["Paragraphe.", "## Titre", "> Citation."])
        Path("settings.toml").write_text(newsroom.settings_toml("."))

    room             Newsroom: the clock, the outlets, the settings that harvest them
    outlet           Outlet: what an editor does with it
    web_archive      a web archive that has captured what they served
    storyline        the three outlets of ``harvest demo`` and their articles (stories/)
    server           HTTP
    routing          which response a path gets
    outlet_state     what an outlet serves now and how it responds
    site_shapes      the shapes of site: wordpress, modern, plain
    site_feeds       RSS 2.0, Atom, RSS 1.0, JSON Feed, a news sitemap
    wordpress_rest   its REST interface
    wordpress_lists  pages of its feed, its sitemaps
    html_pieces      what pages and feeds are made of
    page_chrome      what surrounds an article on its page
    article, site    records
    faults           every way to respond badly
    response_body    bodies in parts, compressed once
"""

from harvester.newsroom.article import PAGE_BREAK, Article
from harvester.newsroom.faults import Fault
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.outlet_state import LoggedRequest
from harvester.newsroom.room import Newsroom
from harvester.newsroom.web_archive import WebArchive

__all__ = [
    "PAGE_BREAK",
    "Article",
    "Fault",
    "LoggedRequest",
    "Newsroom",
    "Outlet",
    "WebArchive",
]

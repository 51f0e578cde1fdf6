"""A real newspaper on loopback, with a clock of its own: publishes, edits, retitles, moves, withdraws and misbehaves.

``harvest demo`` harvests it; tests and benchmarks import it. It speaks HTTP/1.1 over real sockets and knows nothing of
how it is harvested: it imports no other room. Not for: serving anything to the world, or being quick to write pages for.

    with Newsroom() as newsroom:
        gazette = newsroom.outlet("gazette", kind="wordpress", language="fr")
        article = gazette.publish("Une école rouvre", ["Premier paragraphe.", "## Intertitre", "> Une citation."])
        Path("settings.toml").write_text(newsroom.settings("."))

    room.py     Newsroom: the clock, the outlets, the settings that harvest them
    outlet.py   Outlet: what an editor does          article.py  Article: what stands there now
    answers.py  which answer an address gets         body.py     bodies in parts, compressed once
    server.py   HTTP                                 faults.py   every way of not speaking it well
    kinds.py    wordpress.py, modern.py, plain.py: three shapes of site      feeds.py  RSS 2.0, Atom, RSS 1.0
    markup.py, chrome.py: pieces of HTML             prose.py, world.py: many outlets, for benchmarks and tests
    life.py     weeks of acts, each at its time, with the truth of them        weather.py  trouble by chance
    demo.py and stories/: the three outlets of ``harvest demo``
"""

from harvester.newsroom.article import PAGE_BREAK, Article
from harvester.newsroom.faults import Fault
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.room import Newsroom
from harvester.newsroom.server import LoggedRequest

__all__ = ["PAGE_BREAK", "Article", "Fault", "LoggedRequest", "Newsroom", "Outlet"]

"""Links that news services and networks wrap in an address of theirs."""

from __future__ import annotations

import pytest

from harvester.parse.feeds.wrapped_links import unwrap_link

PAGE = "https://paper.example/a?id=7"
QUOTED = "https%3A%2F%2Fpaper.example%2Fa%3Fid%3D7"


@pytest.mark.parametrize(
    "wrapped",
    [
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={QUOTED}&c=12",
        f"https://bing.com/news/ApiClick.aspx?URL={QUOTED.lower()}",
        f"https://www.google.com/url?rct=j&sa=t&url={PAGE}&ct=ga&usg=x",
        f"https://www.google.co.uk/url?q={QUOTED}",
        f"https://google.de/url?url={QUOTED}&q=word",
        f"http://news.google.com/news/url?sa=t&fd=R&usg=x&url={QUOTED}",
        f"https://l.facebook.com/l.php?u={QUOTED}&h=x",
        f"https://www.facebook.com/l.php?u={QUOTED}",
        f"https://l.instagram.com/?u={QUOTED}&e=x",
        f"https://www.youtube.com/redirect?event=x&q={QUOTED}",
        f"https://vk.com/away.php?to={QUOTED}&cc_key=",
        f"https://out.reddit.com/t3_x?url={QUOTED}&token=x",
        f"https://www.linkedin.com/redir/redirect?url={QUOTED}&urlhash=x",
        f"https://duckduckgo.com/l/?uddg={QUOTED}",
        f"https://t.umblr.com/redirect?z={QUOTED}&t=x",
        f"https://eur01.safelinks.protection.outlook.com/?url={QUOTED}&data=x",
        f"https://r.search.yahoo.com/_ylt=A;_ylu=B/RV=2/RE=1/RO=10/RU={QUOTED}/RK=2",
        # One in another.
        (
            "https://www.google.com/url?url=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3D"
            + QUOTED.replace("%", "%25")
        ),
    ],
)
def test_wrapped(wrapped: str) -> None:
    assert unwrap_link(wrapped) == PAGE


def test_a_plus_sign_is_no_space() -> None:
    assert (
        unwrap_link("https://www.google.com/url?url=https://paper.example/a+b")
        == "https://paper.example/a+b"
    )


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        # Nothing stands openly in these.
        "https://news.google.com/rss/articles/CBMiX0FVX3lxTE1?oc=5",
        "https://feedproxy.google.com/~r/paper/~3/Xy_z/",
        "https://t.co/AbCdEf?amp=1",
        # Not pages.
        "https://www.google.com/url?url=javascript:alert(1)",
        "https://www.google.com/url?url=data:text/html,x",
        "https://www.google.com/url?url=ftp://paper.example/",
        "https://www.google.com/url?url=/search",
        "https://www.google.com/url?url=https://",
        "https://www.google.com/url?url=https://[bad",
        "https://www.google.com/url?sa=t&url=",
        "https://www.google.com/search?q=https://paper.example/",
        # Whoever these are.
        f"https://www.google.com.evil.example/url?url={QUOTED}",
        f"https://google.evil/url?url={QUOTED}",
        f"https://www.google.com@evil.example/url?url={QUOTED}",
        f"https://www.google.com:8443/url?url={QUOTED}",
        f"https://notbing.com/news/apiclick.aspx?url={QUOTED}",
        f"https://paper.example/redirect?url={QUOTED}",
        f"https://paper.example/?u={QUOTED}",
        "https://[bad/?url=https://paper.example/",
        "",
    ],
)
def test_not_wrapped(url: str) -> None:
    assert unwrap_link(url) == url

"""Words that outlets may write against markup, and what a parser finds in markup."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "[link](javascript:alert(1)) ![image](https://evil.example/x.png)",
    "<https://evil.example/> https://evil.example/ www.evil.example a@evil.example",
    "# heading", "- item", "+ item", "* item", "1. item", "12) item", "> quote", "=== ---",
    "---", "***", "```", "~~~", "| a | b |", "    code", "&lt;b&gt; &copy; &#60;",
    "*em* **strong** _em_ `code` ~~gone~~ \\* \\", "[x]: https://evil.example/", "[^1] $x$ ^a^",
    "a\x00b\x07c\x1b[31md\u202ee\u2066f\ufffeg\x85h", "</ins></del></p></article>",
    "<!-- --> <![CDATA[x]]> <?php ?>", "\ud800 lone",
]  # fmt: skip


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src"):
                self.targets.add(value or "")


def parse(text: str) -> _Page:
    parsed = _Page()
    parsed.feed(text)
    parsed.close()
    return parsed

"""A reader without scripts: follows links and fills in forms, as they are on the page.

    reader = Reader(client)
    reader.open("/")
    reader.follow("Changes")
    reader.submit("/-/changes", outlet="courier", silent="1")

Each click is counted, and fails where there is no such link, form, field or choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
import lxml.html


@dataclass
class Reader:
    """What a reader sees now, and the clicks that led there."""

    client: httpx.Client
    response: httpx.Response = field(init=False)
    path: list[str] = field(default_factory=list)  # what was clicked, in words

    @property
    def clicks(self) -> int:
        """How many links were followed and forms were sent."""
        return len(self.path)

    @property
    def text(self) -> str:
        """The words of the page's main part, with single spaces."""
        found = self._tree().xpath("//main") or [self._tree()]
        return " ".join(found[0].text_content().split())

    def open(self, path: str) -> None:
        """Open a page; no click."""
        self._get(path)

    def follow(self, label: str, within: str = "") -> None:
        """Click on the first link with that label; ``within``: part of its address."""
        for link in self._tree().xpath("//a[@href]"):
            words = " ".join(link.text_content().split())
            if words == label and within in link.get("href"):
                self.path.append(f"“{label}”")
                self._get(link.get("href"))
                return
        raise AssertionError(f"no link {label!r} on {self.response.url}")

    def submit(self, action: str, **chosen: str) -> None:
        """Fill in a form and send it.

        ``action``: of the form. In a name a last ``_`` is left out (``from_``).
        """
        form = next(
            (
                form
                for form in self._tree().xpath("//form")
                if urlsplit(form.get("action", "")).path.endswith(action)
                and all(form.xpath(f".//*[@name='{n.rstrip('_')}']") for n in chosen)
            ),
            None,
        )
        assert form is not None, (
            f"no form {action} with {chosen} on {self.response.url}"
        )
        values = [(name, value) for name, value in form.form_values() if value]
        for name, value in chosen.items():
            name = name.rstrip("_")
            fields = form.xpath(f".//*[@name='{name}']")
            offered = [
                option.get("value", "")
                for each in fields
                for option in (
                    [each] if each.tag == "input" else each.xpath(".//option")
                )
                if each.tag != "input" or each.get("type") in ("checkbox", "radio")
            ]
            assert not offered or value in offered, (name, value, offered)
            several = fields[0].get("type") == "checkbox"
            values = [pair for pair in values if several or pair[0] != name]
            values.append((name, value))
        words = ", ".join(
            f"{name.rstrip('_')}: {value}" for name, value in chosen.items()
        )
        self.path.append(f"form ({words})")
        self._get(f"{form.get('action')}?{urlencode(values)}")

    def _get(self, href: str) -> None:
        base = str(self.response.url) if self.path else str(self.client.base_url)
        self.response = self.client.get(urljoin(base, href), follow_redirects=True)
        assert self.response.status_code == 200, (href, self.response.status_code)

    def _tree(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.response.text)

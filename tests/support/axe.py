"""Whether people can use a page who cannot see it, or use no mouse: axe-core in Chromium."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

import pytest

GRAVE_IMPACTS = ("critical", "serious")
_RUN = """async (impacts) => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.filter(each => impacts.includes(each.impact)).map(each => [
        each.id, each.impact, each.help,
        each.nodes.map(node => node.target.join(" ") + " " + node.html.slice(0, 120)),
    ]);
}"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a page breaks, and the elements that do."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.impact}: {self.rule}, {self.help}"
            f" ({len(self.elements)}: {'; '.join(self.elements[:3])})"
        )


def load_source() -> str:
    """The source of axe-core; skips the test where the package is absent."""
    pytest.importorskip("axe_playwright_python", reason="pip install -e '.[test]'")
    script = resources.files("axe_playwright_python") / "axe.min.js"
    return script.read_text("utf-8")


def find_violations(page: Any, source: str) -> list[Violation]:
    """What of the page that is open is critical or serious."""
    page.evaluate(source)  # past the page's own Content-Security-Policy
    return [
        Violation(rule, impact, words, tuple(elements))
        for rule, impact, words, elements in page.evaluate(_RUN, list(GRAVE_IMPACTS))
    ]

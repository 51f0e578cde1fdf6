"""Real articles taken for something else, and what it costs to look: ``python benchmarks/kinds.py [--wrong]``.

All pages of the corpora are articles, but for a handful that their authors kept by mistake: error pages, front pages,
beginnings of articles that are sold. Each that is not taken for an article is printed with ``--wrong``, to be looked at.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from harvester.model import Rules
from harvester.parse.article import read_article
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.kinds import kind
from harvester.parse.metadata import page_metadata

AT = "2026-01-01T00:00:00Z"
AS_ARTICLE = ("article", "live", "gallery")


def main() -> None:
    """Read all pages, and print shares and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--wrong",
        action="store_true",
        help="print every page that is not taken for an article",
    )
    parser.add_argument("--step", type=int, default=1, help="only every so many pages")
    given = parser.parse_args()
    folder = corpora()
    if folder is None:
        print("no corpora: nothing to measure")
        return
    kinds: Counter[str] = Counter()
    access: Counter[str] = Counter()
    costs = []
    for place in sorted((folder / "pages").iterdir()):
        for text in (
            (place / "truth.jsonl")
            .read_text(encoding="utf-8")
            .split("\n")[:: given.step]
        ):
            if not text:
                continue
            record = json.loads(text)
            body, url = (
                gzip.decompress((place / record["file"]).read_bytes()),
                record["url"] or "https://a.example/a",
            )
            extract = read_article(body, url, (), Rules(), AT)
            tree = parse_html(decode(body, ""))
            if tree is None:
                continue
            stated = page_metadata.extract_metadata(tree, url, AT)
            started = time.process_time()
            judged = kind.classify_page(tree, stated, url, extract.text)
            costs.append(time.process_time() - started)
            kinds[judged.kind] += 1
            access[judged.access] += 1
            if given.wrong and judged.kind not in AS_ARTICLE:
                print(
                    f"{judged.kind:<7}{place.name}/{record['file']}  {judged.why[:110]}  {url[:90]}"
                )
    pages = sum(kinds.values())
    wrong = pages - sum(kinds[one] for one in AS_ARTICLE)
    table(
        [
            ("pages", f"{pages}", ""),
            (
                "taken for something else",
                f"{wrong} ({wrong / pages:.2%})",
                "< 0.5 %, each looked at",
            ),
            (
                "kinds",
                ", ".join(f"{count} {name}" for name, count in kinds.most_common()),
                "",
            ),
            (
                "access",
                ", ".join(f"{count} {name}" for name, count in access.most_common()),
                "",
            ),
            ("milliseconds a page: mean", f"{1000 * sum(costs) / pages:.2f}", "≤ 0.5"),
            (
                "milliseconds a page: median",
                f"{1000 * sorted(costs)[pages // 2]:.2f}",
                "",
            ),
        ]
    )


if __name__ == "__main__":
    main()

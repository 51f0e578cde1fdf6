"""Count real articles that are classified as something else, and time the classifier.

    python benchmarks/kinds.py [--wrong]

All pages of the corpora are articles, except for a handful that their authors included
by mistake: error pages, front pages, stubs behind a paywall. ``--wrong`` prints each
page that is not classified as an article, for review.
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--wrong",
        action="store_true",
        help="print every page that is not classified as an article",
    )
    parser.add_argument("--step", type=int, default=1, help="read only every nth page")
    options = parser.parse_args()
    folder = corpora()
    if folder is None:
        print("no corpora: set CORPORA to their folder")
        return
    kinds: Counter[str] = Counter()
    access: Counter[str] = Counter()
    costs = []
    for corpus in sorted((folder / "pages").iterdir()):
        for text in (
            (corpus / "truth.jsonl")
            .read_text(encoding="utf-8")
            .split("\n")[:: options.step]
        ):
            if not text:
                continue
            record = json.loads(text)
            body, url = (
                gzip.decompress((corpus / record["file"]).read_bytes()),
                record["url"] or "https://a.example/a",
            )
            extract = read_article(body, url, (), Rules(), AT)
            tree = parse_html(decode(body, ""))
            if tree is None:
                continue
            stated = page_metadata.extract_metadata(tree, url, AT)
            started = time.process_time()
            page_kind = kind.classify_page(tree, stated, url, extract.text)
            costs.append(time.process_time() - started)
            kinds[page_kind.kind] += 1
            access[page_kind.access] += 1
            if options.wrong and page_kind.kind not in AS_ARTICLE:
                print(
                    f"{page_kind.kind:<7}{corpus.name}/{record['file']}"
                    f"  {page_kind.why[:110]}  {url[:90]}"
                )
    pages = sum(kinds.values())
    wrong = pages - sum(kinds[name] for name in AS_ARTICLE)
    table(
        [
            ("pages", f"{pages}", ""),
            (
                "classified as something else",
                f"{wrong} ({wrong / pages:.2%})",
                "aim: below 0.5 %, each reviewed",
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
            (
                "milliseconds a page: mean",
                f"{1000 * sum(costs) / pages:.2f}",
                "aim: at most 0.5",
            ),
            (
                "milliseconds a page: median",
                f"{1000 * sorted(costs)[pages // 2]:.2f}",
                "",
            ),
        ]
    )


if __name__ == "__main__":
    main()

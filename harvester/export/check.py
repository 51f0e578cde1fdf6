"""Checks a bundle of evidence by itself: python3 check.py, in the folder that it was unpacked into. Python 3.8, nothing else.

Says what holds, and what does not; ends with 1 where something does not. The forms are described in README.txt.
"""

# ruff: noqa: T201

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def read_file(name: str) -> bytes:
    """A file of the bundle."""
    return (HERE / name).read_bytes()


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check_sums() -> list[str]:
    """Whether all files are as they were packed."""
    wrong = []
    for line in read_file("SHA256SUMS").decode().splitlines():
        digest, _, name = line.partition("  ")
        if not (HERE / name).is_file() or sha256(read_file(name)) != digest:
            wrong.append(f"{name} is not as it was packed")
    return wrong


def check_days(chain: dict[str, Any]) -> list[str]:
    """Whether each day names the one before, and its own list, up to the head."""
    wrong, before = [], None
    for number in chain["days"]:
        day = read_file(f"proof/days/{number:06}.txt")
        fields = dict(line.split(" ", 1) for line in day.decode().splitlines()[1:])
        if before is not None and fields["before"] != before:
            wrong.append(f"day {number} does not follow the day before")
        before = sha256(day)
        if (
            number in chain["lists"]
            and sha256(read_file(f"proof/rows/{number:06}.txt")) != fields["rows"]
        ):
            wrong.append(f"the list of day {number} is not the one that the day names")
    if before != chain["head"]:
        wrong.append("the last day is not the head of the chain")
    return wrong


def check_rows(chain: dict[str, Any]) -> list[str]:
    """Whether the rows of the article stand in the lists of their days, and its files are those of the rows."""
    wrong = []
    for row in chain["rows"]:
        name, form = row["what"], json.loads(row["form"])
        if sha256(row["form"].encode("ascii")) != row["digest"]:
            wrong.append(f"{name}: its canonical form does not have its digest")
        if row["day"]:
            lines = read_file(f"proof/rows/{row['day']:06}.txt").decode().splitlines()
            if f"{row['kind']} {row['digest']}" not in lines:
                wrong.append(f"{name} does not stand in the list of its day")
        said = sha256(read_file(row["file"])) if row["file"] else ""
        if said and row["kind"] == "capture" and said != form[10]:
            wrong.append(f"{name}: its record is not the one that was sealed")
        if said and row["kind"] == "version" and said != form[4]:
            print(
                f"{name} was read again since it was sealed: its text is that of a later reading"
            )
    return wrong


def main() -> int:
    """Check all."""
    chain = json.loads(read_file("proof/chain.json").decode())
    wrong = check_sums() or check_days(chain) + check_rows(chain)
    for words in wrong:
        print(f"WRONG: {words}")
    if not wrong:
        proven = sum(1 for row in chain["rows"] if row["day"])
        head = chain["head"] or "no closed day yet"
        print(
            f"All holds: {proven} of {len(chain['rows'])} rows stand in the chain of days that ends in {head}"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Verify an unpacked evidence bundle: run "python3 check.py" in its folder.

Needs Python 3.8 and nothing else. Prints what is wrong, and exits with 1 if anything
is. README.txt describes the canonical forms.
"""

# ruff: noqa: T201

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

TAKEN_OUT = "\N{FULL BLOCK} sha256:"  # before the digest of a name that was taken out
HERE = Path(__file__).resolve().parent


def read_file(name: str) -> bytes:
    """Read a file of the bundle."""
    return (HERE / name).read_bytes()


def sha256(data: bytes) -> str:
    """Return the SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def check_sums() -> list[str]:
    """Check that all files are as they were packed."""
    faults = []
    for line in read_file("SHA256SUMS").decode().splitlines():
        digest, _, name = line.partition("  ")
        if not (HERE / name).is_file() or sha256(read_file(name)) != digest:
            faults.append(f"{name} is not as it was packed")
    return faults


def check_days(chain: dict[str, Any]) -> list[str]:
    """Check that each day names the day before and its own list, up to the head."""
    faults, before = [], None
    for number in chain["days"]:
        day = read_file(f"proof/days/{number:06}.txt")
        fields = dict(line.split(" ", 1) for line in day.decode().splitlines()[1:])
        if before is not None and fields["before"] != before:
            faults.append(f"day {number} does not follow the day before")
        before = sha256(day)
        if (
            number in chain["lists"]
            and sha256(read_file(f"proof/rows/{number:06}.txt")) != fields["rows"]
        ):
            faults.append(f"the list of day {number} is not the one that the day names")
    if before != chain["head"]:
        faults.append("the last day is not the head of the chain")
    return faults


def check_rows(chain: dict[str, Any]) -> list[str]:
    """Check that the rows are in the lists of their days, and have their files."""
    faults = []
    origins = {row["digest"] for row in chain["rows"] if row["kind"] == "origin"}
    for row in chain["rows"]:
        name, form = row["what"], json.loads(row["form"])
        if row["kind"] == "capture" and len(form) > 11 and form[11] not in origins:
            faults.append(f"{name}: its origin is not the one that was sealed")
        if sha256(row["form"].encode("ascii")) != row["digest"]:
            faults.append(f"{name}: its canonical form does not have its digest")
        if row["day"]:
            lines = read_file(f"proof/rows/{row['day']:06}.txt").decode().splitlines()
            if f"{row['kind']} {row['digest']}" not in lines:
                faults.append(f"{name} is not in the list of its day")
        file_digest = sha256(read_file(row["file"])) if row["file"] else ""
        if file_digest and row["kind"] == "capture" and file_digest != form[10]:
            faults.append(f"{name}: its record is not the one that was sealed")
        if (
            row["file"]
            and row["kind"] == "capture"
            and not has_body(row["file"], form[7])
        ):
            faults.append(f"{name}: its body is not the one that was sealed")
        if file_digest and row["kind"] == "version" and file_digest != form[4]:
            print(
                f"{name} was read again since it was sealed: "
                "its text is from a later reading"
            )
    return faults


def check_origins(chain: dict[str, Any]) -> list[str]:
    """Check that the origins that are told are those that were sealed."""
    told = json.loads(read_file("article.json").decode()).get("origins", [])
    names = {
        sha256(origin["name"].encode())
        for origin in told
        if not origin["name"].startswith(TAKEN_OUT)
    }
    names |= {
        origin["name"][len(TAKEN_OUT) :]
        for origin in told
        if origin["name"].startswith(TAKEN_OUT)
    }
    sealed = {
        form[2]: form
        for form in (json.loads(row["form"]) for row in chain["rows"])
        if form[0] == "origin"
    }
    faults = []
    if names != set(sealed):
        faults.append("article.json names other origins than those that were sealed")
    for origin in told:
        if not any(form[3] == origin["receiver"] for form in sealed.values()):
            faults.append(f"{origin['name']} was received by another than is told")
    return faults


def has_body(record_name: str, digest: str) -> bool:
    """Whether the unpacked body beside a record has that digest."""
    pattern = f"{Path(record_name).name.partition('.')[0]}.body*"
    return any(
        sha256(path.read_bytes()) == digest
        for path in (HERE / record_name).parent.glob(pattern)
    )


def main() -> int:
    """Check everything; return the exit code."""
    chain = json.loads(read_file("proof/chain.json").decode())
    faults = check_sums() or (
        check_days(chain) + check_rows(chain) + check_origins(chain)
    )
    for fault in faults:
        print(f"WRONG: {fault}")
    if not faults:
        proven = sum(1 for row in chain["rows"] if row["day"])
        head = chain["head"] or "no closed day yet"
        print(
            f"OK: {proven} of {len(chain['rows'])} rows are in the chain of days; "
            f"its head is {head}"
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""Print the known vulnerabilities of the locked dependencies; exit 1 if there are any.

Usage: ``python .ci/audit.py <report of pip-audit -f json>``; no report, no check.
``python .ci/audit.py --reachable``: exit 1 unless the database answers within seconds.
"""

from __future__ import annotations

import json
import sys
import urllib.request

DATABASE = "https://pypi.org/pypi/pip/json"  # a package of what pip-audit reads
TIMEOUT_SECONDS = 10


def is_reachable() -> bool:
    """Whether the database answers."""
    try:
        with urllib.request.urlopen(DATABASE, timeout=TIMEOUT_SECONDS) as response:
            return b'"vulnerabilities"' in response.read()
    except (OSError, ValueError):
        return False


def main(report: str) -> int:
    """Print what the report says; the exit code."""
    packages = json.loads(report)["dependencies"] if report.startswith("{") else []
    checked = [package for package in packages if "vulns" in package]
    vulnerable = [package for package in checked if package["vulns"]]
    if not checked:
        print("skipped: the database cannot be reached")
        return 0
    print(f"{len(checked)} of {len(packages)} packages checked,", end=" ")
    print(f"{len(vulnerable)} vulnerable")
    for package in vulnerable:
        names = ", ".join(vulnerability["id"] for vulnerability in package["vulns"])
        print(f"{package['name']} {package['version']}: {names}")
    return int(bool(vulnerable))


if __name__ == "__main__":
    if sys.argv[1] == "--reachable":
        sys.exit(not is_reachable())
    sys.exit(main(sys.argv[1]))

"""``python -m harvester.cli`` is ``harvest``."""

from harvester.cli import main

main()

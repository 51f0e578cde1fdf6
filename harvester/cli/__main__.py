"""Makes ``python -m harvester.cli`` the same as ``harvest``."""

from harvester.cli import main

main()

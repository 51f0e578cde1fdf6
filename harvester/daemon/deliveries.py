"""Deliver alerts beside a crawl: a thread that looks each second for what is due.

It belongs to the program that holds the archive's lock (``harvest run``, ``harvest
once``), so no two deliver at once. Does not send (``alerts``).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from harvester.alerts.deliverer import Deliverer, PassCounts
from harvester.errors import HarvesterError
from harvester.settings import Settings

PASS_SECONDS = 1.0  # between two passes: what failed first is tried again after it
# Without alerts in the settings, what waits for former ones is dropped now and then.
PASS_SECONDS_WITHOUT_ALERTS = 60.0
FIRST_RETRY_SECONDS = 0.5  # at the end of ``harvest once``
STOP_SECONDS = 2.0  # to wait for a pass that goes on; what it sends comes again later

log = logging.getLogger("harvester.alerts")


class DeliveryThread:
    """Delivers from ``start`` to ``stop``. ``utc_now`` gives the time."""

    def __init__(
        self, get_settings: Callable[[], Settings], utc_now: Callable[[], str]
    ) -> None:
        self._get_settings = get_settings
        self._utc_now = utc_now
        self._deliverer = Deliverer(get_settings())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)
        self._problem = ""
        self.counts = PassCounts()

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self, wait: bool = True) -> None:
        """Send nothing more. ``wait``: for what is being sent, a moment."""
        self._stopping.set()
        if wait and self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def finish(self) -> PassCounts:
        """Stop, then deliver what is due, and try what failed once more.

        Returns what was done since the start, and what waits after failures now.
        """
        self._stopping.set()
        self._thread.join()
        self._stopping.clear()
        if self._run_pass().failed:
            self._stopping.wait(FIRST_RETRY_SECONDS)
            self._run_pass()
        self.counts.failed, self.counts.errors = self._deliverer.list_failing()
        return self.counts

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._run_pass()
            has_alerts = bool(self._get_settings().alerts)
            self._stopping.wait(
                PASS_SECONDS if has_alerts else PASS_SECONDS_WITHOUT_ALERTS
            )

    def _run_pass(self) -> PassCounts:
        self._deliverer.settings = self._get_settings()
        counts = PassCounts()
        try:
            counts = self._deliverer.run_pass(self._utc_now(), self._stopping)
        except (HarvesterError, OSError) as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 (the next pass tries again)
            problem = f"internal error: {type(error).__name__}: {error}"
        else:
            self.counts.add(counts)
            problem = "; ".join(
                f"{name}: {error}" for name, error in sorted(counts.errors.items())
            )
        if problem and problem != self._problem:
            log.warning("alerts wait: %s", problem)
        self._problem = problem
        return counts

"""What readers come for is two clicks away, by links and forms alone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.datasette_server import start
from tests.support.reader import Reader
from tests.support.reader_tasks import MAX_CLICKS, TASKS, do_task
from tests.support.simulated_week import Week


@pytest.fixture(scope="module")
def client(
    simulated_week: Week, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a server of the week."""
    folder = tmp_path_factory.mktemp("tasks")
    process, address, _ = start(simulated_week.path, folder)
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_takes_two_clicks(
    name: str, client: httpx.Client, simulated_week: Week
) -> None:
    assert do_task(client, simulated_week, name).clicks <= MAX_CLICKS


def test_a_reader_clicks_on_what_is_there_alone(client: httpx.Client) -> None:
    reader = Reader(client)
    reader.open("/")
    with pytest.raises(AssertionError, match="no link"):
        reader.follow("Buy a subscription")
    with pytest.raises(AssertionError, match="no form"):
        reader.submit("/-/search", colour="red")
    assert reader.clicks == 0

"""The language of settings.toml, as pydantic models: unknown keys are refused, all faults are found at once.

Plain pydantic, not pydantic-settings: that costs 0.16 s of processor time to import, at each start of ``harvest search``.
"""

from __future__ import annotations

import os
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
)

import harvester
from harvester.model import Limits
from harvester.settings.values import (
    Address,
    Duration,
    Flag,
    Parallel,
    Positive,
    Revisit,
    Selectors,
    Size,
    Text,
    TextOrEmpty,
    Texts,
    agent,
    count,
    day,
    language_code,
    networks,
    one_of,
    outlet_key,
    patterns,
)

DEFAULT_AGENT = f"harvester/{harvester.__version__} (+https://example.org/harvester; set [crawl] user_agent to name yourself)"
Looks = Annotated[int, PlainValidator(count(4, 1_000))]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArchiveTable(Table):
    path: Text = "archive.db"
    captures: TextOrEmpty = "captures"


class RemovedTable(Table):
    looks: Annotated[int, PlainValidator(count(1, 100))] | None = None
    apart: Duration | None = None


class CrawlTable(Table):
    user_agent: Annotated[str, PlainValidator(agent)] = DEFAULT_AGENT
    delay: Duration = 2.0
    concurrency: Parallel = 1
    every: Duration = 900.0
    revisit: Revisit = "auto"
    looks: Looks = 8
    removed_after: RemovedTable = RemovedTable()
    allow_networks: Annotated[tuple[str, ...], PlainValidator(networks)] = ()
    workers: Parallel = min(
        os.cpu_count() or 1, 4
    )  # more would take more memory than a small machine has


class LimitsTable(Table):
    page_size: Size = Limits().page_bytes
    feed_size: Size = Limits().feed_bytes
    entries: Annotated[int, PlainValidator(count(1, 1_000_000))] = Limits().entries
    redirects: Annotated[int, PlainValidator(count(0, 50))] = Limits().redirects
    answer_time: Positive = Limits().answer_time
    read_time: Positive = Limits().read_time
    read_memory: Size = Limits().read_memory
    header_size: Size = Limits().header_bytes
    url_length: Annotated[int, PlainValidator(count(64, 65_536))] = Limits().url_length
    pages: Annotated[int, PlainValidator(count(1, 99))] = Limits().pages


class UpkeepTable(Table):
    backup: Duration | None = None
    backups: Text = "backups"
    backup_captures: Flag = False


class LayoutTable(Table):
    remove: Selectors = ()
    text: Selectors = ()
    title: Selectors = ()
    author: Selectors = ()
    published: Selectors = ()


class EarlierTable(LayoutTable):
    valid_until: Annotated[str, PlainValidator(day)]


class RulesTable(LayoutTable):
    allow: Annotated[tuple[str, ...], PlainValidator(patterns)] = ()
    deny: Annotated[tuple[str, ...], PlainValidator(patterns)] = ()
    keep_params: Texts = ()
    captions: Flag = False


class FeedTable(Table):
    url: Address
    section: TextOrEmpty = ""


def _feed_table(value: object) -> object:
    return {"url": value} if not isinstance(value, dict) else value


class OutletTable(Table):
    feeds: Annotated[
        list[Annotated[FeedTable, BeforeValidator(_feed_table)]], Field(min_length=1)
    ]
    name: Text = ""
    home: Address = ""
    language: Annotated[str, PlainValidator(language_code)] = ""
    every: Duration | None = None
    revisit: Revisit | None = None
    looks: Looks | None = None
    removed_after: RemovedTable = RemovedTable()
    delay: Duration | None = None
    concurrency: Parallel | None = None
    insecure: Flag = False
    was: Text = ""
    extractor: Annotated[str, PlainValidator(one_of("auto", "trafilatura"))] = "auto"
    rules: RulesTable = RulesTable()
    earlier_rules: list[EarlierTable] = []


class File(Table):
    archive: ArchiveTable = ArchiveTable()
    crawl: CrawlTable = CrawlTable()
    limits: LimitsTable = LimitsTable()
    upkeep: UpkeepTable = UpkeepTable()
    outlets: Annotated[
        dict[Annotated[str, AfterValidator(outlet_key)], OutletTable],
        Field(min_length=1),
    ]

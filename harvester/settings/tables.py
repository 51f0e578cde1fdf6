"""The tables and keys of settings.toml, as pydantic models without unknown keys.

Plain pydantic, as pydantic-settings costs 0.16 s of processor time to import, at each
start of ``harvest search``.
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
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from harvester import __version__
from harvester.model import Limits
from harvester.settings.alert_values import (
    DEFAULT_KINDS,
    DEFAULT_TEMPLATE,
    AlertKinds,
    Targets,
    Template,
    parse_alert_name,
)
from harvester.settings.file import DEFAULT_ARCHIVE
from harvester.settings.request_headers import (
    misplaced_reference,
    parse_cookie_name,
    parse_cookie_value,
    parse_header_name,
    parse_header_value,
)
from harvester.settings.values import (
    Concurrency,
    Duration,
    Flag,
    Interval,
    PositiveDuration,
    Proxy,
    Revisit,
    Secret,
    SecretReference,
    Selectors,
    Size,
    Text,
    TextList,
    TextOrEmpty,
    ThinningAge,
    Timeout,
    Url,
    integer_between,
    one_of,
    parse_day,
    parse_language_code,
    parse_networks,
    parse_outlet_key,
    parse_patterns,
    parse_user_agent,
)

DEFAULT_USER_AGENT = (
    f"harvester/{__version__} (+https://example.org/harvester;"
    " set [crawl] user_agent to name yourself)"
)
ChecksPerArticle = Annotated[int, PlainValidator(integer_between(4, 1_000))]


class SettingsTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArchiveTable(SettingsTable):
    path: Text = DEFAULT_ARCHIVE
    captures: TextOrEmpty = "captures"
    requests: Flag = False


class RemovedAfterTable(SettingsTable):
    looks: Annotated[int, PlainValidator(integer_between(1, 100))] | None = None
    apart: Duration | None = None


class CrawlTable(SettingsTable):
    user_agent: Annotated[str, PlainValidator(parse_user_agent)] = DEFAULT_USER_AGENT
    delay: Duration = 2.0
    concurrency: Concurrency = 1
    every: Interval = "auto"
    revisit: Revisit = "auto"
    looks: ChecksPerArticle = 8
    removed_after: RemovedAfterTable = RemovedAfterTable()
    allow_networks: Annotated[tuple[str, ...], PlainValidator(parse_networks)] = ()
    proxy: Proxy = ""
    # More would take more memory than a small machine has.
    workers: Concurrency = min(os.cpu_count() or 1, 4)


class LimitsTable(SettingsTable):
    page_size: Size = Limits().page_bytes
    feed_size: Size = Limits().feed_bytes
    entries: Annotated[int, PlainValidator(integer_between(1, 1_000_000))] = (
        Limits().entries
    )
    redirects: Annotated[int, PlainValidator(integer_between(0, 50))] = (
        Limits().redirects
    )
    answer_time: PositiveDuration = Limits().answer_time
    read_time: PositiveDuration = Limits().read_time
    read_memory: Size = Limits().read_memory
    header_size: Size = Limits().header_bytes
    url_length: Annotated[int, PlainValidator(integer_between(64, 65_536))] = (
        Limits().url_length
    )
    pages: Annotated[int, PlainValidator(integer_between(1, 99))] = Limits().pages


class UpkeepTable(SettingsTable):
    backup: Duration | None = None
    backups: Text = "backups"
    backup_captures: Flag = False
    thin_after: ThinningAge | None = None


class LayoutTable(SettingsTable):
    remove: Selectors = ()
    text: Selectors = ()
    title: Selectors = ()
    author: Selectors = ()
    published: Selectors = ()


class EarlierRulesTable(LayoutTable):
    valid_until: Annotated[str, PlainValidator(parse_day)]


class RulesTable(LayoutTable):
    allow: Annotated[tuple[str, ...], PlainValidator(parse_patterns)] = ()
    deny: Annotated[tuple[str, ...], PlainValidator(parse_patterns)] = ()
    keep_params: TextList = ()
    captions: Flag = False


class FeedTable(SettingsTable):
    url: Url
    section: TextOrEmpty = ""


def _as_feed_table(value: object) -> object:
    return {"url": value} if not isinstance(value, dict) else value


def _feeds_or_pages(value: object, information: ValidationInfo) -> object:
    """The feeds as written; there may be none where there are section pages."""
    if value is None and information.data.get("pages", True):
        return []
    if value is None:
        raise PydanticCustomError("missing", "is missing")
    if value == [] and not information.data.get("pages", True):
        raise PydanticCustomError("too_short", "is empty")
    return value


def _table_of_values(value: object) -> object:
    """A table of headers or cookies, each with its own value."""
    if not isinstance(value, dict):
        raise ValueError('must be a table, as { NAME = "value" }')
    if misplaced_reference(value):
        [(source, name)] = value.items()
        raise ValueError(f'write {{ NAME = {{ {source} = "{name}" }} }}')
    return value


Headers = Annotated[
    dict[
        Annotated[str, AfterValidator(parse_header_name)],
        Annotated[str | SecretReference, PlainValidator(parse_header_value)],
    ],
    BeforeValidator(_table_of_values),
]
Cookies = Annotated[
    dict[
        Annotated[str, AfterValidator(parse_cookie_name)],
        Annotated[str | SecretReference, PlainValidator(parse_cookie_value)],
    ],
    BeforeValidator(_table_of_values),
]
FeedTables = list[Annotated[FeedTable, BeforeValidator(_as_feed_table)]]


class OutletTable(SettingsTable):
    # Before ``feeds``, which are required where there are none.
    pages: FeedTables = []
    feeds: Annotated[
        FeedTables,
        BeforeValidator(_feeds_or_pages),
        Field(default=None, validate_default=True),
    ]
    name: Text = ""
    home: Url = ""
    language: Annotated[str, PlainValidator(parse_language_code)] = ""
    every: Interval | None = None
    revisit: Revisit | None = None
    looks: ChecksPerArticle | None = None
    removed_after: RemovedAfterTable = RemovedAfterTable()
    delay: Duration | None = None
    concurrency: Concurrency | None = None
    insecure: Flag = False
    proxy: Proxy | None = None
    login: Secret = ""
    user_agent: Annotated[str, PlainValidator(parse_user_agent)] = ""
    headers: Headers = {}
    cookies: Cookies = {}
    timeout: Timeout | None = None
    disabled: Flag = False
    was: Text = ""
    extractor: Annotated[str, PlainValidator(one_of("auto", "trafilatura"))] = "auto"
    rules: RulesTable = RulesTable()
    earlier_rules: list[EarlierRulesTable] = []


class AlertTable(SettingsTable):
    query: TextOrEmpty = ""
    on: AlertKinds = DEFAULT_KINDS
    to: Targets
    when: Annotated[str, PlainValidator(one_of("now", "hourly", "daily"))] = "now"
    template: Template = DEFAULT_TEMPLATE
    secret: Secret = ""
    muted: Flag = False


class SettingsFile(SettingsTable):
    archive: ArchiveTable = ArchiveTable()
    crawl: CrawlTable = CrawlTable()
    limits: LimitsTable = LimitsTable()
    upkeep: UpkeepTable = UpkeepTable()
    alerts: dict[Annotated[str, AfterValidator(parse_alert_name)], AlertTable] = {}
    outlets: Annotated[
        dict[Annotated[str, AfterValidator(parse_outlet_key)], OutletTable],
        Field(min_length=1),
    ]


class StarterFile(SettingsFile):
    """Settings to which outlets are still to be added."""

    outlets: dict[Annotated[str, AfterValidator(parse_outlet_key)], OutletTable] = {}

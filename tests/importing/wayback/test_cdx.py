"""Lines of CDX lists: every shape in use, and hostile ones."""

from __future__ import annotations

import io
import json

import pytest

from harvester.importing.wayback import cdx
from harvester.importing.wayback.cdx import Listed, Unread, parse_answer, parse_lines
from harvester.importing.wayback.listing import bounded_lines

NOW = "2026-01-15T12:00:00Z"
URL = "http://courier.example/news/2020/bridge-closed?id=7"
KEY = "example,courier)/news/2020/bridge-closed?id=7"
DIGEST = "AB2XCNQZY4P7VAFHOTXBCYN57IYVXWQO"
AT = "2020-02-03T04:05:06Z"
CDX_11 = f"""\
 CDX N b a m s k r M S V g
{KEY} 20200203040506 {URL} text/html 200 {DIGEST} - - 2345 67890 a/b.warc.gz
"""
CDX_9 = f"""\
 CDX N b a m s k r V g
{KEY} 20200203040506 {URL} text/html 200 {DIGEST} - 67890 a/b.warc.gz
"""
CDXJ = (
    f'{KEY} 20200203040506 {{"url": "{URL}", "mime": "text/html", "status": "200", '
    f'"digest": "sha1:{DIGEST}", "length": "2345", "offset": "67890", '
    '"filename": "a/b.warc.gz"}\n'
)
WHOLE = Listed(URL, AT, 200, "text/html", DIGEST, 2345, 67890, "a/b.warc.gz")


def parse(text: str) -> list[Listed | Unread]:
    return list(parse_lines(text.encode().splitlines(keepends=True), NOW))


@pytest.mark.parametrize("text", [CDX_11, CDXJ, CDX_11.split("\n", 1)[1]])
def test_eleven_columns_with_and_without_header_and_cdxj(text: str) -> None:
    assert parse(text) == [WHOLE]


def test_nine_columns_do_not_say_the_length() -> None:
    expected = Listed(URL, AT, 200, "text/html", DIGEST, 0, 67890, "a/b.warc.gz")
    assert parse(CDX_9) == parse(CDX_9.split("\n", 1)[1]) == [expected]


def test_a_revisit_states_neither_status_nor_length() -> None:
    line = f"{KEY} 20200203040506 {URL} warc/revisit - {DIGEST} - - - 5 b.warc.gz"
    [row] = parse(line)
    assert isinstance(row, Listed)
    assert (row.mime, row.status, row.length, row.offset) == ("warc/revisit", 0, 0, 5)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("garbage", cdx.REASON_INVALID),
        ("{" * 5_000, cdx.REASON_INVALID),
        (f"{KEY} 20200203040506 " + '{"url": ' * 9_000, cdx.REASON_INVALID),
        (f"{KEY} 20200203040506 [1]", cdx.REASON_INVALID),
        (f'{KEY} 20200203040506 {{"url": ["{URL}"]}}', cdx.REASON_INVALID),
        (CDXJ.replace("20200203040506", "20201303040506"), cdx.REASON_TIME),
        (CDXJ.replace("20200203040506", "19000203040506"), cdx.REASON_TIME),
        (CDXJ.replace("20200203040506", "２０２０"), cdx.REASON_TIME),
        (CDXJ.replace("20200203040506", "20990203040506"), cdx.REASON_FUTURE),
        ("x " * 500, cdx.REASON_INVALID),
        ("\x00\xff", cdx.REASON_INVALID),
        (CDXJ[:-1] + "x" * cdx.MAX_LINE_BYTES, cdx.REASON_LONG),
    ],
)
def test_a_hostile_line_costs_itself_alone(line: str, reason: str) -> None:
    assert parse(f"{line}\n{CDXJ}") == [Unread(reason), WHOLE]


def test_a_line_of_a_gigabyte_is_not_held() -> None:
    class Endless(io.RawIOBase):
        left = 300

        def readable(self) -> bool:
            return True

        def readinto(self, target: memoryview) -> int:  # type: ignore[override]
            if not self.left:
                return 0
            self.left -= 1
            count = len(target)
            target[:] = b"x" * (count - 1) + (b"x" if self.left else b"\n")
            return count

    stream = io.BufferedReader(Endless(), 1 << 20)
    lines = list(bounded_lines(stream))
    assert [len(line) for line in lines] == [cdx.MAX_LINE_BYTES + 1]
    assert list(parse_lines(lines, NOW)) == [Unread(cdx.REASON_LONG)]


def test_a_servers_rows_with_the_key_that_continues() -> None:
    names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"]
    row = [KEY, "20200203040506", URL, "text/html", "200", DIGEST]
    body = json.dumps([names, row, [], ["com,next 2020"]]).encode()
    answer = parse_answer(body, NOW)
    assert answer is not None and answer.resume_key == "com,next 2020"
    expected = Listed(URL, AT, 200, "text/html", DIGEST, 0, -1, "")
    assert answer.listed == (expected,)
    text = " ".join([*row, "99"])
    told = parse_answer(f"{text}\n\ncom,next+2020\n".encode(), NOW)
    assert told is not None and told.resume_key == "com,next+2020"
    assert [listed.url for listed in told.listed if isinstance(listed, Listed)] == [URL]


def test_an_object_a_line_as_pywb_answers() -> None:
    line = {
        "urlkey": KEY,
        "timestamp": "20200203040506",
        "url": URL,
        "mime": "text/html",
    }
    answer = parse_answer((json.dumps(line) + "\n").encode() * 2, NOW)
    assert answer is not None and len(answer.listed) == 2 and not answer.resume_key


@pytest.mark.parametrize(
    "body",
    [b"<html>Blocked</html>", b"[" * 100_000, b'[{"a": 1}]', b"Bad request: url"],
)
def test_what_is_no_list_is_none(body: bytes) -> None:
    assert parse_answer(body, NOW) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"\n"])
def test_an_empty_answer_lists_nothing(body: bytes) -> None:
    answer = parse_answer(body, NOW)
    assert answer is not None and not answer.listed

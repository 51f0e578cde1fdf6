"""CSV: a spreadsheet computes nothing of what outlets write."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from harvester.browse.security_headers import spreadsheet_safe

# Any text, and texts of what a spreadsheet or CSV gives a meaning.
TEXT = st.one_of(
    st.text(max_size=80), st.text("=+-@\t\r\n\"',;|!() 1ＡＢ＝＋－＠é", max_size=80)
)


@given(
    st.lists(
        st.lists(TEXT.filter(lambda one: "\x00" not in one), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_csv_stays_csv_and_nothing_begins_like_a_formula(rows: list[list[str]]) -> None:
    for row in rows:
        out = io.StringIO(newline="")
        csv.writer(out).writerow(row)
        safe = next(
            csv.reader(
                io.StringIO(
                    spreadsheet_safe(out.getvalue().encode()).decode(), newline=""
                )
            )
        )
        assert len(safe) == len(row)
        for before, after in zip(row, safe, strict=True):
            assert after in (before, "'" + before)
            assert (
                not after.startswith(("=", "+", "@"))
                or after.replace("+", "").replace(".", "").isdigit()
            )


def test_csv_keeps_numbers_and_guards_formulas() -> None:
    assert spreadsheet_safe("\uff1d1+1,a\r\n".encode()).decode() == "'\uff1d1+1,a\r\n"
    assert spreadsheet_safe(b'-5,=1+1,"=HYPERLINK(""x"",1)",a-b,@x,+33 1\r\n') == (
        b'-5,\'=1+1,"\'=HYPERLINK(""x"",1)",a-b,\'@x,\'+33 1\r\n'
    )

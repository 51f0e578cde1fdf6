"""Malicious SQL, and what a process used of the machine."""

from __future__ import annotations

from pathlib import Path

COUNT = (
    "with recursive c(n) as (select 1 union all select n + 1 from c limit 100000000) "
)
NESTED = ", ".join(f"a{n + 1} as (select p.x from a{n} p, a{n} q)" for n in range(24))
ATTACKS = {
    "blobs": COUNT + "select zeroblob(15000000) from c",
    "rows of text": COUNT + "select hex(zeroblob(100000)) from c",
    "one long text": COUNT + "select group_concat(hex(zeroblob(1000000))) from c",
    "many columns": COUNT + f"select {','.join(['n'] * 240)} from c",
    "no end": COUNT + "select count(*) from c",
    "sorted": COUNT + "select n, hex(randomblob(500)) as x from c order by x limit 5",
    "a step a second": COUNT + "select sum(length(hex(randomblob(7000000)))) from c",
    "a wide number": "select printf('%.*c', 2000000000, 'x')",
    "a wide word": "select format('%60000000s', 'x')",
    "a search of a product": "select instr(hex(zeroblob(5000000)), hex(zeroblob(2500000)) || '1')",
    "a product replaced": "select replace(hex(zeroblob(5000000)), hex(zeroblob(2500000)) || '1', '')",
    "a product trimmed": "select trim(hex(zeroblob(5000000)), 'abcdefgh' || hex(randomblob(1000000)))",
    "a long pattern": f"select hex(zeroblob(7000000)) like '%{'0' * 400}1'",
    "merged records": COUNT.replace("100000000", "30000") + """select length(json_patch(
        (select json_group_object('a' || n, n) from c), (select json_group_object('b' || n, n) from c)))""",
    "queries in queries": f"with a0 as (select 1 as x), {NESTED} select count(*) from a24",
    "a tower": f"select {'(' * 1500}1{')' * 1500}",
}  # fmt: skip


def spent(pid: int) -> tuple[float, int]:
    """Seconds of processor time, and peak memory in megabytes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    ticks = int(fields[11]) + int(fields[12])
    return ticks / 100, int(status["VmHWM"].split()[0]) // 1_024

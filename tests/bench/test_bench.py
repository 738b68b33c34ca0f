#!/usr/bin/python3
"""Each row of `make bench` can be measured, and its table and its file agree. No number is judged."""
import json
import os
import subprocess
import sys
import tempfile

import lib

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = [sys.executable, os.path.join(HERE, "bench.py")]
lib.need_root()


def listed():
    """{name: what}"""
    lines = lib.run([*BENCH, "--list"]).stdout.splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def measured():
    """(output, what is in the file)"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.json")
        done = subprocess.run([*BENCH, "--once", "--json", path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=10 * lib.PATIENCE)
        print("".join(f"# {line}\n" for line in done.stdout.splitlines()), end="")
        lib.equal(done.returncode, 0, "exit status")
        return done.stdout, json.loads(lib.read(path))


def line_of(name, output):
    return next(line for line in output.splitlines() if line.split()[:1] == [name])


@lib.test
def table_and_file_agree():
    output, rows = measured()
    lib.equal([r["name"] for r in rows], list(listed()), "rows")
    for row in rows:
        line = line_of(row["name"], output)
        lib.equal(set(row), {"name", "measured", "bar", "better"})
        lib.check({"lower": "<= ", "higher": ">= "}[row["better"]] + f"{row['bar']:g}" in line,
                  f"the bar in {line!r}")
        if row["measured"] is None:
            lib.check(" can not " in line, line)
            continue
        lib.check(abs(float(line.split()[1]) - row["measured"]) <= 0.5, line)
        reached = (row["measured"] <= row["bar"] if row["better"] == "lower"
                   else row["measured"] >= row["bar"])
        lib.check((" yes " if reached else " no ") in line, line)


@lib.test
def rows_are_documented():
    text = lib.read(os.path.join(lib.TOP, "docs/PERFORMANCE.md"))
    table = [cell for line in text.splitlines() if line.startswith("| ")
             for cell in line.split("|")[1:2]]
    for name in listed():
        group, _, rest = name.rpartition("-")
        lib.check(any(name in cell or (f"{group}-" in cell and f"-{rest}" in cell) for cell in table),
                  f"docs/PERFORMANCE.md says nothing of {name}")


@lib.test
def words_pick_rows():
    got = lib.run([*BENCH, "--list", "bwrap"]).stdout.split()
    lib.check("run-bwrap" in got and "run-bare" not in got, got)
    lib.equal(lib.run([*BENCH, "nosuchrow"]).returncode, 2)


lib.main()

#!/usr/bin/python3
"""make bench: what judging costs, beside bare programs and Debian's bubblewrap.

    tests/bench/bench.py [--quick | --once] [--list] [--json FILE] [WORD...]

Prints a row for each number: what, measured, bar, reached? Rows whose name has a WORD in it, or
all. docs/PERFORMANCE.md says how each is measured. --quick: few rounds; --once: only that all
of it runs. The exit status is 1 when a row could not be measured.

Environment: BIN.
"""
import argparse
import importlib
import json
import os
import sys
import time

import harness
import lib

# A file each; later ones may need what earlier ones have warmed up.
GROUPS = ("cell", "accuracy", "compile", "judge")


def rows(words):
    every = [row for g in GROUPS for row in importlib.import_module(g).ROWS]
    return [r for r in every if not words or any(w in r.name for w in words)]


def written(value, unit):
    """Three digits that mean something."""
    text = f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
    return f"{text} {unit}".strip()


def measure(row, bench):
    """(number or None, words about it)"""
    try:
        got = row.measure(bench)
    except (harness.CanNot, lib.Failed, OSError) as e:
        return None, f"{type(e).__name__}: {e}"
    return got if isinstance(got, tuple) else (got, "")


def print_row(name, what, measured, bar, reached, words):
    print(f"{name:<16} {measured:>10}  {bar:>11}  {reached:<8} {what}", flush=True)
    if words:
        print(f"{'':52}{words}", flush=True)


def run(chosen, bench):
    """Measure and print them; what goes to the file."""
    table = []
    print_row("row", "what", "measured", "bar", "reached?", "")
    for row in chosen:
        value, words = measure(row, bench)
        bar = ("<= " if row.better == "lower" else ">= ") + written(row.bar, row.unit)
        print_row(row.name, row.what, "-" if value is None else written(value, row.unit), bar,
                  "failed" if value is None else "yes" if row.reached(value) else "no", words)
        table.append({"name": row.name, "measured": value, "bar": row.bar, "better": row.better})
    return table


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--once", action="store_true")
    p.add_argument("--list", action="store_true", help="name the rows and end")
    p.add_argument("--json", metavar="FILE", help="write the numbers there too")
    p.add_argument("word", nargs="*")
    args = p.parse_args()

    chosen = rows(args.word)
    if args.list:
        print("\n".join(f"{r.name:<16} {r.what}" for r in chosen))
        return 0
    if not chosen:
        print(f"bench: no row matches {' '.join(args.word)}", file=sys.stderr)
        return 2
    lib.need_root()
    start = time.monotonic()
    bench = harness.Bench(args.quick, args.once)
    try:
        table = run(chosen, bench)
    finally:
        bench.close()
    print(f"{len(table)} rows in {time.monotonic() - start:.0f} s")
    if args.json:
        lib.write(args.json, json.dumps(table, indent=1) + "\n")
    return 1 if any(r["measured"] is None for r in table) else 0


if __name__ == "__main__":
    sys.exit(main())

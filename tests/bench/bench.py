#!/usr/bin/python3
"""make bench: what judging costs, beside bare programs and Debian's bubblewrap.

    tests/bench/bench.py [--quick | --once] [--list] [--json FILE] [WORD...]

Prints a row for each number: what, measured, bar, reached? Rows whose name has a WORD in it, or
all. docs/PERFORMANCE.md says how each is measured. --quick: few rounds; --once: only that all
of it runs. The exit status is 1 when a row failed, not when its bar is not reached.

Environment: BIN.
"""
import argparse
import importlib
import json
import subprocess
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
    text = f"{value:.2f}" if abs(value) < 100 and value != int(value) else f"{value:.0f}"
    return f"{text} {unit}".strip()


def measure(row, bench):
    """(number or None, reached?, words about it)"""
    try:
        got = row.measure(bench)
    except harness.CanNot as e:
        return None, "can not", str(e)
    except (lib.Failed, OSError, subprocess.SubprocessError) as e:
        return None, "failed", f"{type(e).__name__}: {e}"
    value, words = got if isinstance(got, tuple) else (got, "")
    return value, "yes" if row.reached(value) else "no", words


def print_line(name, measured, bar, reached, what, words=""):
    print(f"{name:<16} {measured:>10}  {bar:>11}  {reached:<8} {what}", flush=True)
    if words:
        print(f"{'':51}({words})", flush=True)


def run(chosen, bench):
    """Measure and print them. Return: what goes to the file; how many failed."""
    table, failed = [], 0
    print_line("row", "measured", "bar", "reached?", "what")
    for row in chosen:
        value, reached, words = measure(row, bench)
        bar = ("<= " if row.better == "lower" else ">= ") + written(row.bar, row.unit)
        print_line(row.name, "-" if value is None else written(value, row.unit), bar, reached,
                   row.what, words)
        table.append({"name": row.name, "measured": value, "bar": row.bar, "better": row.better})
        failed += reached == "failed"
    return table, failed


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
        table, failed = run(chosen, bench)
    finally:
        bench.close()
    print(f"{len(table)} rows in {time.monotonic() - start:.0f} s")
    if args.json:
        lib.write(args.json, json.dumps(table, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

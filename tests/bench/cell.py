"""What a run in a warm box costs: time beside bare programs and bubblewrap, system calls."""
import os
import re
import shutil
import subprocess

import harness
import lib
from harness import Row, median, ratio, us

MB = 1000000

# No libc: whatever else is called is not the program's.
EXIT_C = """void _start(void)
{
	__asm__ volatile("syscall" : : "a"(231), "D"(0));
	__builtin_unreachable();
}
"""


def beside(ours, theirs):
    return ratio(us(ours), us(theirs)), f"{median(us(ours)):.0f} / {median(us(theirs)):.0f} us"


def run_bare(bench):
    p = bench.empty()
    return beside(*bench.turns(["box", p], ["bare", p], rounds=500))


def run_bwrap(bench):
    p = bench.empty()
    return beside(*bench.turns(["box", p], ["bare", *harness.bwrap(p)], rounds=150))


def io_bare(bench):
    p, streams = bench.work(), [f"in={MB}", f"out={MB}"]
    return beside(*bench.turns(["box", *streams, p, "copy"], ["bare", *streams, p, "copy"],
                               rounds=300))


def cli_bwrap(bench):
    p = bench.empty()
    return beside(*bench.turns(["bare", lib.JUDGECTL, "run", "--", p],
                               ["bare", *harness.bwrap(p)], rounds=100))


def throughput(bench):
    p = bench.empty()
    turn_ms = "50" if bench.once else "500"
    box, bare = bench.turns(["box", p], ["bare", p], rounds=12, options=["-t", turn_ms])
    ours, theirs = ([t["runs"] * 1e6 / t["us"] for t in way] for way in (box, bare))
    return ratio(ours, theirs), f"{median(ours):.0f} / {median(theirs):.0f} runs/s"


def calls(bench, n):
    """System calls of n runs: client, judgefs-box, init, and the program."""
    if lib.SANITIZED:
        raise harness.CanNot("what looks for leaks can not be traced")
    strace = shutil.which("strace")
    if not strace:
        raise harness.CanNot("strace is not installed")
    program = bench.build("exit", EXIT_C, flags=("-O2", "-static", "-nostdlib"))
    out = os.path.join(bench.folder, "calls")
    subprocess.run([strace, "-f", "-c", "-o", out, harness.TOOL, "-n", str(n), "-w", "0",
                    "box", program], check=True, stdout=subprocess.DEVNULL)
    total = re.search(r"^\s*100\.00\s+\S+\s+\S+\s+(\d+).*total$", lib.read(out), re.M)
    return int(total.group(1))


def system_calls(bench):
    n = 20 if bench.once else 100
    # Of its own the program has but its end.
    return (calls(bench, 3 * n) - calls(bench, n)) / (2 * n) - 1


def messy(bench):
    """A messy run, the run after it, which sees that it has a clean place, and a usual one: when
    all is cleaned up, and caches are warm again."""
    look = ["box", bench.work(), "look"]
    mess, after, _, _, usual = bench.turns(
        ["box", "processes=100", "files=2000", bench.work(), "messy", 64],
        look, ["box", "rest=50", *look[1:]], look, look, rounds=50)
    for turns in (mess, after, usual):
        harness.field(turns, "us")
    return beside(after, usual)


ROWS = [
    Row("run-bare", "empty static C in a warm box, beside bare spawn and wait", run_bare, 1.4, "x"),
    Row("run-bwrap", "the same, beside bubblewrap with a full root", run_bwrap, 0.2, "x"),
    Row("io-bare", "1 MB in and 1 MB out in a warm box, beside bare", io_bare, 1.4, "x"),
    Row("cli-bwrap", "judgectl run, beside bubblewrap with a full root", cli_bwrap, 0.6, "x"),
    Row("throughput", "runs per second, a box on each core, beside bare loops", throughput, 0.7, "x",
        better="higher"),
    Row("system-calls", "system calls of a run outside of the program", system_calls, 60, ""),
    Row("after-messy", "run after 64 processes, 1000 files, shm were left, beside a usual one", messy,
        1.5, "x"),
]

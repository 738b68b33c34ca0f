"""What a run is charged: is it what it used?"""
import subprocess

import lib
from harness import Row, field, median, once, variation

MIB = 1 << 20
WORK_MS = 100
LIMIT_MS = 100
SHAPES = ("single", "threads", "reaped", "ignored", "orphan")
KINDS = ("heap", "stack", "bss", "mmap", "memfd")
SIZES = (10, 100)			# MiB


# ---------------------------------------------------------------- CPU time

@once
def steps(bench):
    """How much work takes 100 ms here."""
    return int(subprocess.run([bench.work(), "calibrate", str(WORK_MS)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout)


@once
def cpu_times(bench):
    """{shape: CPU time of each run}: the same work, done by one, four threads, four children that
    are waited for or not, a grandchild whose parent is gone."""
    ways = [["box", "processes=8", bench.work(), s, steps(bench)] for s in SHAPES]
    got = bench.turns(*ways, rounds=30)
    return {s: field(turns, "cpu_us") for s, turns in zip(SHAPES, got)}


def cpu_spread(bench):
    times = {s: median(t) for s, t in cpu_times(bench).items()}
    least, most = min(times, key=times.get), max(times, key=times.get)
    return (100 * (times[most] / times[least] - 1),
            f"{least} {times[least] / 1000:.1f} ms, {most} {times[most] / 1000:.1f} ms")


def cpu_variation(bench):
    times = cpu_times(bench)["single"]
    return variation(times), f"at {median(times) / 1000:.1f} ms"


@once
def overshoots(bench):
    """ms of CPU time beyond the limit of runs that never end."""
    turns, = bench.turns(["box", f"cpu={LIMIT_MS}", bench.work(), "forever"], rounds=40)
    return [t / 1000 - LIMIT_MS for t in field(turns, "cpu_us", end="cpu-limit")]


def cpu_overshoot(bench):
    over = overshoots(bench)
    return median(over), f"{min(over):.2f} to {max(over):.2f} ms"


def cpu_early(bench):
    return sum(o < 0 for o in overshoots(bench))


# ---------------------------------------------------------------- memory

def memory(bench, *ways, rounds=10):
    """Median bytes of each way."""
    box = ["box", "memory=512", "processes=1"]
    return [median(field(turns, "memory_bytes"))
            for turns in bench.turns(*([*box, *w] for w in ways), rounds=rounds)]


def memory_kinds(bench):
    """The worst deviation, as a share of what is allowed: 1 MB or 2 %."""
    cases = [(kind, size) for size in SIZES for kind in KINDS]
    got = memory(bench, *([bench.work(), kind, size] for kind, size in cases))
    worst, words = 0.0, ""
    for (kind, size), value in zip(cases, got):
        off = value - size * MIB
        share = abs(off) / max(1000000, 0.02 * size * MIB)
        if share >= worst:
            worst, words = share, f"{kind} {size} MiB: {off / 1000:+.0f} kB"
    return worst, words


def memory_moved(bench):
    """What is not the program's must not show: the judge's own memory, what it read, what it wrote."""
    p = bench.work()
    plain, *got = memory(bench, ["in=1000", p, "eat"], ["in=1000", "hold=200", p, "eat"],
                         ["in=100000000", p, "eat"], ["out=10000000", p, "tell", 10000000])
    moved = {name: (m - plain) / 1e6 for name, m in zip(("judge", "input", "output"), got)}
    return (max(abs(m) for m in moved.values()),
            ", ".join(f"{name} {m:+.2f} MB" for name, m in moved.items()))


ROWS = [
    Row("cpu-spread", "CPU time of equal work: single, 4 threads, reaped, ignored, orphan",
        cpu_spread, 5, "%"),
    Row("cpu-variation", "coefficient of variation of 100 ms of CPU time", cpu_variation, 3, "%"),
    Row("cpu-overshoot", "CPU time beyond its limit, median", cpu_overshoot, 2, "ms"),
    Row("cpu-early", "runs that were ended below their CPU limit", cpu_early, 0, "runs"),
    Row("memory-kinds", "memory of 10, 100 MiB touched: worst error / max(1 MB, 2 %)",
        memory_kinds, 1, "x"),
    Row("memory-moved", "by 200 MiB in the judge, 100 MB of input, 10 MB of stdout", memory_moved,
        1, "MB"),
]

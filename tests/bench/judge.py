"""A whole judge: its memory, and the time from a submission to its verdict."""
import os
import shutil

import harness
import lib
from harness import Row, median, once, ratio, spawn, timed

MB = 1e6

APLUSB_CPP = """// judgefs: language=cpp17
#include <bits/stdc++.h>
using namespace std;
int main() { long long a, b; cin >> a >> b; cout << a + b << endl; }
"""
QUICK_CPP = """#include <stdio.h>
int main() { long a, b; scanf("%ld %ld", &a, &b); printf("%ld\\n", a + b); }
"""


def source(bench):
    return QUICK_CPP if bench.once else APLUSB_CPP


def package(bench, n):
    """A+B with n tests: [(input, answer)] in a folder."""
    folder = os.path.join(bench.folder, f"aplusb{n}")
    os.makedirs(folder, exist_ok=True)
    for i in range(1, n + 1):
        lib.write(f"{folder}/{i}.in", f"{i} {2 * i}\n")
        lib.write(f"{folder}/{i}.ans", f"{3 * i}\n")
    return folder, [(f"{folder}/{i}.in", f"{folder}/{i}.ans") for i in range(1, n + 1)]


@once
def warm_judge(bench):
    """With what a first submission leaves behind."""
    judge = bench.start_judge({f"aplusb{n}": package(bench, n)[0] for n in (1, 10, 100)})
    path = judge.submit(lib.ALICE, "aplusb1", "warm.cpp", source(bench))
    lib.starts(judge.wait_final(path, 300), "Accepted")
    return judge


# ---------------------------------------------------------------- memory

def programs(judge):
    return [judge.proc.pid] + lib._descendants(judge.proc.pid)


def cell_memory(bench):
    """What is charged to the cells' groups, and their inits' share of what was there before."""
    judge = warm_judge(bench)
    boxes = judge.pids("judgefs-box")
    inits = [p for b in boxes for p in lib._descendants(b)]
    n = len(inits)
    # Init's own pages are charged to its group.
    shared = sum(harness.share(p, "Pss") - harness.share(p, "Private_Dirty") for p in inits)
    # What has just ended is given back a little later.
    charged = min(harness.repeated(lambda: harness.charged(judge), 1 if bench.once else 10, every=0.1))
    return ((shared + charged) / n / MB,
            f"{charged / n / 1000:.0f} kB charged, {shared / n / 1000:.0f} kB init's share of others")


def judge_memory(bench):
    judge = warm_judge(bench)
    sums = {}
    for pid in programs(judge):
        name = lib.comm(pid).replace("judgefs-", "")
        sums[name] = sums.get(name, 0) + harness.share(pid, "Pss")
    return (sum(sums.values()) / MB,
            ", ".join(f"{name} {n / MB:.1f}" for name, n in
                      sorted(sums.items(), key=lambda s: -s[1])))


# ---------------------------------------------------------------- submit to verdict

class Plain:
    """What a script does: g++, and each test in bubblewrap."""

    def __init__(self, bench, tests):
        self.folder = os.path.join(bench.folder, "plain")
        os.makedirs(self.folder, exist_ok=True)
        self.exe = os.path.join(self.folder, "main")
        self.out = os.path.join(bench.folder, "plain.out")
        self.tests = tests
        self.argv = harness.bwrap(self.exe)
        self.gcc = shutil.which("g++")

    def __call__(self, source):
        spawn([self.gcc, *CXXFLAGS, "-o", self.exe, source])
        for given, answer in self.tests:
            spawn(self.argv, given, self.out)
            lib.equal(lib.read(self.out).split(), lib.read(answer).split())


class Mount:
    """cp, and wait until the verdict is final."""

    def __init__(self, judge, problem):
        self.judge, self.sub = judge, os.path.join(judge.mount, problem, "sub")

    def __call__(self, source):
        path = os.path.join(self.sub, os.path.basename(source))
        with open(source, "rb") as f, open(path, "wb") as to:
            to.write(f.read())
        lib.equal(self.judge.wait_result(path, every=0.001)["verdict"], "AC")


CXXFLAGS = "-std=gnu++17 -O2 -pipe -DONLINE_JUDGE".split()	# as cpp17.ini, and what g++ takes unasked


def end_to_end(bench, ntests, rounds, plain_tests=None):
    """Ours beside g++ and bubblewrap for each test, or for the first @plain_tests."""
    judge = warm_judge(bench)
    _, tests = package(bench, ntests)
    ways = (Mount(judge, f"aplusb{ntests}"), Plain(bench, tests[:plain_tests]))
    taken = ([], [])
    for i in range(bench.rounds(rounds)):
        for k, way in enumerate(ways):
            # Never the same bytes: no cache of whole programs helps.
            path = os.path.join(bench.folder, f"s{ntests}-{i}-{k}.cpp")
            lib.write(path, source(bench) + f"// {path}\n")
            taken[k].append(timed(way, path))
    ours, theirs = taken
    return ratio(ours, theirs), f"{median(ours) * 1000:.0f} / {median(theirs) * 1000:.0f} ms"


ROWS = [
    Row("cell-memory", "an idle cell", cell_memory, 0.5, "MB"),
    Row("judge-memory", "all programs of a judge with a worker on each core", judge_memory, 40, "MB"),
    Row("verdict-10", "C++ A+B, 10 tests, cp to verdict, beside g++ and 10 x bubblewrap",
        lambda b: end_to_end(b, 10, 10), 0.30, "x"),
    Row("verdict-100", "the same with 100 tests", lambda b: end_to_end(b, 100, 7), 0.35, "x"),
]

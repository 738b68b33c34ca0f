#!/usr/bin/python3
"""make bench: what judging costs beside the bare tools, in one interleaved run.

1. From submission to verdict, a C A+B with 10 tests: bare `gcc` and 10 bare runs of what it made;
   `judgectl judge`, which builds a sandbox of its own each time; and `cp` into a running judge's
   mount until result.json is final. Round robin, so that whatever else the host does meets all of
   them; medians, and the median of the rounds' ratios. Each round has another source: no cache helps.
2. An empty static program in a warm box beside a bare spawn of it, by turns.

Environment: BIN; MOUNT (a running judge that has `aplusb`; without it one is started for this);
ROUNDS (of 1; default 15).
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

APLUSB = os.path.join(lib.TOP, "examples/problems/aplusb")
FLAGS = "-std=gnu17 -O2 -pipe -DONLINE_JUDGE".split()	# as languages.d/c17.ini
ROUNDS = int(os.environ.get("ROUNDS", "15"))
BOX_ROUNDS = 400


def spawn(argv, stdin, stdout):
    """As little as Python can do: posix_spawn and wait."""
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
    _, status = os.waitpid(pid, 0)
    if status:
        sys.exit(f"bench: {argv[0]} ended with {status}")


class Bare:
    name = "bare gcc + 10 bare runs"

    def __init__(self, folder):
        self.exe, self.out = os.path.join(folder, "a.out"), os.path.join(folder, "out")
        self.tests = sorted(os.path.join(APLUSB, n) for n in os.listdir(APLUSB) if n.endswith(".in"))
        self.gcc = shutil.which("gcc")

    def __call__(self, source):
        spawn([self.gcc, *FLAGS, "-o", self.exe, source, "-lm"], "/dev/null", self.out)
        for test in self.tests:
            spawn([self.exe], test, self.out)
        return len(self.tests)


class OneShot:
    name = "judgectl judge"

    def __init__(self, folder):
        self.out = os.path.join(folder, "verdict")

    def __call__(self, source):
        spawn([lib.JUDGECTL, "judge", APLUSB, source], "/dev/null", self.out)


class Mount:
    name = "cp into the mount"

    def __init__(self, mount):
        self.sub = os.path.join(mount, "aplusb", "sub")

    def __call__(self, source):
        path = os.path.join(self.sub, os.path.basename(source))
        with open(source, "rb") as f, open(path, "wb") as to:
            to.write(f.read())
        deadline = time.monotonic() + lib.PATIENCE
        while True:
            try:
                with open(path + ".result.json", encoding="utf-8") as f:
                    result = json.load(f)
                if result["final"]:
                    break
            except (OSError, ValueError):
                pass
            if time.monotonic() > deadline:
                sys.exit(f"bench: no verdict for {path}")
            time.sleep(0.001)
        if result["verdict"] != "AC":
            sys.exit(f"bench: {result}")


def source_of(folder, n):
    """The same program, never the same bytes."""
    path = os.path.join(folder, f"bench{os.getpid()}-{n}.c")
    lib.write(path, lib.APLUSB_C + f"/* {os.getpid()} {n} */\n")
    return path


def rounds(ways, folder):
    """{way: [seconds]}, one of each way in turn."""
    taken = {way: [] for way in ways}
    for n in range(-2, ROUNDS):		# two rounds to warm up
        for i, way in enumerate(ways):
            source = source_of(folder, f"{n + 2}-{i}")
            start = time.perf_counter()
            way(source)
            if n >= 0:
                taken[way].append(time.perf_counter() - start)
            os.unlink(source)
    return taken


def print_rounds(taken):
    base = next(iter(taken.values()))
    print(f"C A+B, 10 tests, {ROUNDS} rounds by turns     median      least   x bare")
    for way, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, base))
        print(f"  {way.name:<34}{statistics.median(times) * 1000:9.1f} ms {min(times) * 1000:7.1f} ms"
              f"  {ratio:7.2f}")


def bench_box(folder):
    program = os.path.join(folder, "empty")
    lib.write(program + ".c", "int main(void) { return 0; }\n")
    subprocess.run(["gcc", "-O2", "-static", "-o", program, program + ".c"], check=True)
    tool = os.path.join(lib.BIN, "../tests/bench/box")
    done = subprocess.run([tool, str(BOX_ROUNDS), program], check=True, stdout=subprocess.PIPE,
                          text=True)
    got = json.loads(done.stdout)
    print(f"\nempty static C, {BOX_ROUNDS} rounds by turns          median   x bare")
    print(f"  bare spawn and wait{got['bare_us']:21.0f} us")
    print(f"  in a warm box{got['box_us']:27.0f} us  {got['ratio']:7.2f}")


def main():
    lib.need_root()
    folder = tempfile.mkdtemp(prefix="judgefs-bench.")
    mount = os.environ.get("MOUNT")
    judge = None
    try:
        if not mount:
            judge = lib.Judge(problems={"aplusb": APLUSB})
            judge.start()
            mount = judge.mount
        print_rounds(rounds([Bare(folder), OneShot(folder), Mount(mount)], folder))
        bench_box(folder)
    finally:
        if judge:
            judge.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()

"""What the rows of `make bench` are made of.

A file of rows (cell.py, accuracy.py, ...) ends with its table:

    ROWS = [Row("run-bare", "empty static C in a warm box, beside bare spawn and wait", run_bare,
                1.4, "x")]

and each row's function takes the Bench and returns the number, or the number and a few words about
it. What is compared is measured by turns, in one loop, so that whatever else the host does meets
both; the number is the median of the rounds' ratios.
"""
import collections
import functools
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import lib

TOOL = os.path.join(lib.BIN, "../tests/bench/box")
EMPTY_C = "int main(void) { return 0; }\n"


class Row(collections.namedtuple("Row", "name what measure bar unit better")):
    """better: which side of the bar is reached, "lower" (the usual) or "higher"."""
    def __new__(cls, name, what, measure, bar, unit, better="lower"):
        return super().__new__(cls, name, what, measure, bar, unit, better)

    def reached(self, value):
        return value <= self.bar if self.better == "lower" else value >= self.bar


class CanNot(Exception):
    """A row that this host can not measure, with the reason."""


# ---------------------------------------------------------------- numbers

def median(values):
    return statistics.median(values)


def ratio(ours, theirs):
    """Of two lists of one length, taken by turns: the median of the rounds' ratios."""
    return median(a / b for a, b in zip(ours, theirs))


def variation(values):
    """Coefficient of variation, in per cent."""
    return 100 * statistics.stdev(values) / statistics.mean(values) if len(values) > 1 else 0.0


def once(fn):
    """A measurement that several rows share is made once for each Bench."""
    @functools.wraps(fn)
    def asked(bench):
        if fn not in bench.made:
            bench.made[fn] = fn(bench)
        return bench.made[fn]
    return asked


def timed(fn, *args):
    """Seconds that fn(*args) took."""
    start = time.perf_counter()
    fn(*args)
    return time.perf_counter() - start


# ---------------------------------------------------------------- processes

def spawn(argv, stdin="/dev/null", stdout="/dev/null"):
    """As little as Python can do: posix_spawn and wait."""
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)])
    _, status = os.waitpid(pid, 0)
    if status:
        raise lib.Failed(f"{' '.join(argv)} ended with {status}")


def bwrap(program, *arguments):
    """A run in bubblewrap as a judge would set it up: new namespaces, six binds, proc, dev."""
    tool = shutil.which("bwrap")
    if not tool:
        raise CanNot("bubblewrap is not installed")
    if subprocess.run([tool, "--unshare-all", "--ro-bind", "/", "/", "true"],
                      stderr=subprocess.DEVNULL).returncode:
        raise CanNot("bubblewrap makes no namespaces here")
    binds = [w for d in ("/usr", "/bin", "/sbin", "/lib", "/lib64")
             for w in ("--ro-bind", d, d) if os.path.isdir(d)]
    return [tool, "--unshare-all", "--die-with-parent", "--new-session", *binds,
            "--ro-bind", os.path.dirname(program), "/box", "--proc", "/proc", "--dev", "/dev",
            "--chdir", "/box", "/box/" + os.path.basename(program), *arguments]


def share(pid, kind):
    """Bytes of this process's memory: "Pss", "Private_Dirty"."""
    for line in lib.read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(kind + ":"):
            return int(line.split()[1]) * 1024
    raise lib.Failed(f"no {kind} of {pid}")


# ---------------------------------------------------------------- a run of the bench

class Bench:
    """quick: so few rounds that numbers mean little; once: just that each row's code runs."""

    def __init__(self, quick=False, once=False):
        self.quick, self.once = quick, once
        self.made = {}			# of @once
        self.folder = tempfile.mkdtemp(prefix="judgefs-bench.")
        os.chmod(self.folder, 0o755)
        self._judge = None

    def close(self):
        if self._judge:
            self._judge.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rounds(self, n):
        return 1 if self.once else max(2, n // 10) if self.quick else n

    # ---- programs

    def build(self, name, source=None, compiler="gcc", flags=("-O2", "-D_GNU_SOURCE", "-static", "-pthread")):
        """Compile the text, or tests/bench/NAME.c, in a folder of its own; the program's path."""
        folder = os.path.join(self.folder, name)
        program = os.path.join(folder, name)
        if not os.path.exists(program):
            os.mkdir(folder)
            path = os.path.join(HERE, name + ".c")
            if source is not None:
                path = os.path.join(folder, name + (".cpp" if compiler == "g++" else ".c"))
                lib.write(path, source)
            subprocess.run([compiler, *flags, "-o", program, path], check=True)
        return program

    def empty(self):
        return self.build("empty", EMPTY_C)

    def work(self):
        return self.build("work")

    # ---- turns

    def turns(self, *ways, rounds=100, options=()):
        """Run the ways of tests/bench/box.c by turns; for each its turns, a dict each.

        A way: ["box", "cpu=100", PROGRAM, ...] or ["bare", PROGRAM, ...].
        """
        n = self.rounds(rounds)
        argv = [TOOL, "-n", str(n), "-w", str(min(n, 10)), *options]
        for i, way in enumerate(ways):
            argv += [":"] * (i > 0) + [str(w) for w in way]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise lib.Failed(f"bench/box: {done.stderr.strip() or done.returncode}")
        got = [[] for _ in ways]
        for line in done.stdout.splitlines():
            turn = json.loads(line)
            got[turn["way"]].append(turn)
        for way, turns in zip(ways, got):
            if len(turns) != n:
                raise lib.Failed(f"bench/box: {len(turns)} turns of {' '.join(map(str, way))}")
        return got

    # ---- a judge, started when the first row asks for it

    def start_judge(self, problems):
        """As it is installed: a worker on each core, pinned; what compilers need is prepared."""
        ini = "" if self.once else "[compile]\nprepare = yes\n"
        self._judge = judge = lib.Judge(problems=problems, workers=0, ini=ini)
        judge.start()
        if not self.once:
            lib.wait_for(lambda: os.listdir(judge.state + "/prepared"), "what is prepared", 900)
            lib.wait_for(lambda: not judge.pids("judgefs-prepare"), "the end of preparing", 900)
        return judge


def us(turns):
    return [t["us"] for t in turns]


def field(turns, name, end="exited"):
    """A number of the reports; each run must have ended so."""
    for t in turns:
        lib.equal((t["end"], t["code"] if end == "exited" else 0), (end, 0), "a run")
    return [t[name] for t in turns]


def repeated(fn, n, every):
    """What n calls return, some seconds apart."""
    got = []
    for i in range(n):
        time.sleep(every if i else 0)
        got.append(fn())
    return got


def charged(judge):
    """Bytes charged to a judge's cells now, without pages of the host's files, which anyone may
    have been the first to read."""
    total = 0
    for top in lib.cgroups(judge.cgroup):
        for path in glob.glob(f"{top}/*/memory.usage_in_bytes") + glob.glob(f"{top}/*/memory.current"):
            stat = dict(line.split() for line in lib.read(os.path.dirname(path) + "/memory.stat").splitlines())
            total += int(lib.read(path)) - int(stat["active_file"]) - int(stat["inactive_file"])
    return total

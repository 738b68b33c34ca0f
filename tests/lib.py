"""What the tests share: results as lines, a judge of their own, other users.

    import lib

    judge = lib.Judge(problems={"aplusb": {"1": ("1 2\n", "3\n")}})

    @lib.test
    def right_program_is_accepted():
        with lib.running(judge):                    # or judge.start() in setup
            path = judge.submit(lib.ALICE, "aplusb", "a.py", lib.APLUSB_PY)
            lib.equal(judge.wait_final(path), "Accepted")

    lib.main()          # runs what @lib.test marked, stops every judge, exits

Nothing here sleeps and hopes: wait_for() polls for a condition and fails when
a generous deadline is over. Whatever happens, also SIGTERM, judges are stopped
and their mounts, processes, groups and folders removed.
"""
import atexit
import contextlib
import ctypes
import glob
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(TOP, "build/bin")))
JUDGEFS = os.path.join(BIN, "judgefs")
JUDGECTL = os.path.join(BIN, "judgectl")
SANITIZED = bool(os.environ.get("SANITIZE"))

# Ordinary users without a passwd entry: their names in the mount are the digits.
ALICE, BOB = 20001, 20002
GUEST = bool(os.environ.get("GUEST"))	# of make check-vm: the whole machine is ours
SLOW = float(os.environ.get("SLOW", "1"))	# of an emulated machine: so many times slower
# Whether the kernel hands out again what a dead server had taken; else such a call fails with EIO.
RESENDS = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 9)
PATIENCE = (120 if SANITIZED else 60) * SLOW	# seconds: longer than anything may take

APLUSB_C = """#include <stdio.h>
int main(void) { long a, b; scanf("%ld %ld", &a, &b); printf("%ld\\n", a + b); return 0; }
"""
APLUSB_PY = "a, b = map(int, input().split())\nprint(a + b)\n"
APLUSB = {"1": ("1 2\n", "3\n"), "2": ("20 22\n", "42\n"), "3": ("-5 5\n", "0\n")}

# --------------------------------------------------------------- results

class Failed(Exception):
    """A test's own complaint: its text is the `why`."""


class Skip(Exception):
    pass


_tests = []


def test(fn):
    _tests.append(fn)
    return fn


def rows(table):
    """@rows([(name, arg...)]): a test for each row, named FUNCTION_NAME."""
    def mark(fn):
        for name, *args in table:
            def one(args=args):
                return fn(*args)
            one.__name__ = f"{fn.__name__}_{re.sub('[^A-Za-z0-9]+', '_', str(name)).strip('_')}"
            _tests.append(one)
        return fn
    return mark


def check(condition, why):
    if not condition:
        raise Failed(why)


def equal(got, want, what=""):
    if got != want:
        raise Failed(f"{what + ': ' if what else ''}got {got!r}, wanted {want!r}")


def starts(got, want, what=""):
    if not str(got).startswith(want):
        raise Failed(f"{what + ': ' if what else ''}got {got!r}, wanted {want!r}...")


def raises(number, fn, *args):
    """fn must fail with this errno."""
    try:
        fn(*args)
    except OSError as e:
        equal(errno_name(e.errno), errno_name(number))
        return
    raise Failed(f"succeeded, wanted {errno_name(number)}")


def errno_name(number):
    import errno
    return errno.errorcode.get(number, str(number))


def _line(kind, name, why=""):
    why = " ".join(str(why).split())
    print(f"{kind} {name}: {why}" if why else f"{kind} {name}", flush=True)


def main(setup=None):
    """Run the marked tests in order (or those named on the command line) and exit."""
    failed = 0
    chosen = [t for t in _tests if len(sys.argv) < 2 or
              any(a in t.__name__ for a in sys.argv[1:])]
    try:
        if setup:
            setup()
    except Skip as e:
        _line("skip", "setup", e)
        sys.exit(0)
    except Exception as e:
        _explain(e)
        _line("not ok", "setup", e)
        sys.exit(1)
    for t in chosen:
        try:
            t()
        except Skip as e:
            _line("skip", t.__name__, e)
        except Exception as e:
            failed += 1
            _explain(e)
            _line("not ok", t.__name__, f"{'' if isinstance(e, Failed) else type(e).__name__ + ' '}{e}")
        else:
            _line("ok", t.__name__)
    for j in list(_judges):
        try:
            j.stop()
        except Exception as e:
            failed += 1
            _explain(e)
            _line("not ok", f"stop_{j.name}", e)
    sys.exit(1 if failed else 0)


def _explain(e):
    for line in "".join(traceback.format_exception(e)).splitlines():
        print("# " + line)
    for j in _judges:
        for line in j.log_tail():
            print(f"# {j.name}: {line}")


def need_root():
    if os.geteuid() != 0:
        print("skip all: needs root", flush=True)
        sys.exit(0)


def need_guest():
    """For what can only be tried by changing the whole machine."""
    if not GUEST:
        raise Skip("it would change the whole host: only in `make check-vm`")


def need_private_mounts():
    if not mounted("/"):
        raise Skip("in a chroot mounts can not be made private")


def need_programs(*names):
    """Skip everything when a tool of the host (vim, rsync, ...) is missing."""
    for n in names:
        if not shutil.which(n):
            raise Skip(f"{n} is not installed")


def wait_for(condition, what, timeout=PATIENCE, every=0.02):
    """Poll until condition() is true; its value. An OSError of it counts as "not yet"."""
    deadline = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = value
        except OSError as e:
            last = e
        if time.monotonic() > deadline:
            raise Failed(f"waited {timeout} s for {what}; last: {last!r}")
        time.sleep(every)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def write(path, content, mode=None):
    """As `cat > path`: one open, writes, one close."""
    data = content.encode() if isinstance(content, str) else content
    with open(path, "wb") as f:
        f.write(data)
    if mode is not None:
        os.chmod(path, mode)


# --------------------------------------------------------------- other users

def as_user(uid, fn, *args):
    """Call fn(*args) in a child with this uid and gid; its result or exception comes back."""
    r, w = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(r)
            atexit._clear()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os.umask(0o022)
            try:
                answer = (True, fn(*args))
            except BaseException as e:
                answer = (False, e)
            try:
                data = pickle.dumps(answer)
            except Exception:
                data = pickle.dumps((False, Failed(repr(answer[1]))))
            with os.fdopen(w, "wb") as f:
                f.write(data)
            code = 0
        finally:
            os._exit(code)
    os.close(w)
    with os.fdopen(r, "rb") as f:
        data = f.read()
    os.waitpid(pid, 0)
    if not data:
        raise Failed("the child of as_user() died")
    good, value = pickle.loads(data)
    if good:
        return value
    raise value


def run(argv, uid=None, timeout=PATIENCE, **kw):
    """subprocess.run with text output, as another user when uid is given."""
    if uid is not None:
        kw.update(user=uid, group=uid, extra_groups=[])
    kw.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=timeout, **kw)


# --------------------------------------------------------------- a judge

_judges = []
_count = 0


def _descendants(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as f:
                for child in map(int, f.read().split()):
                    found.append(child)
                    found += _descendants(child)
    except OSError:
        pass
    return found


def _parent(pid):
    try:
        return int(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def comm(pid):
    """A process's program by its argv[0], "" when it is gone (comm is cut at 15 bytes)."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return os.path.basename(f.read().split(b"\0")[0].decode(errors="replace"))
    except OSError:
        return ""


def cgroups(name):
    """Every group of the host whose path ends with this name, on v1 and v2."""
    return [p for d in range(0, 8) for p in glob.glob("/sys/fs/cgroup/" + "*/" * d + name)]


def mounted(path):
    return any(line.split()[1] == path for line in read("/proc/self/mounts").splitlines())


class Judge:
    """A judge with a state, a mount and groups of its own.

    problems:   {name: tests}, tests {test: (input, answer)}; or {name: path of a package}
    ini:        text added to judge.ini, e.g. "[submit]\nsettle = 0s\n"; sections once each:
                [judge] workers and [sandbox] cgroup and first-uid are set here, and [compile]
                prepare = no, which spares most tests half a minute of a core; on a slow
                machine [limits] time, too
    options:    further arguments of judgefs, e.g. ["-o", "ro"]
    env:        added to its environment
    """

    def __init__(self, problems=None, workers=1, ini="", options=(), env=None):
        global _count
        _count += 1
        self.name = f"judge{_count}"
        self.folder = tempfile.mkdtemp(prefix="judgefs.")
        os.chmod(self.folder, 0o755)
        self.state = os.path.join(self.folder, "state")
        self.mount = os.path.join(self.folder, "mount")
        self.log = os.path.join(self.folder, "log")
        self.cgroup = f"judgefs-test-{os.getpid()}-{_count}"
        # A uid has one cell at a time on a host: ours are not those of a judge that is up.
        self.first_uid = 1000000 + (os.getpid() * 8 + _count) % 100000 * 256
        self.program = JUDGEFS
        self.options = list(options)
        self.env = dict(env or {})
        self.proc = None
        self._faults_seen = 0
        os.mkdir(self.state, 0o755)
        os.mkdir(self.mount, 0o755)
        self.configure(workers, ini)
        for name, what in (problems or {}).items():
            self.place(name, what)
        _judges.append(self)

    def configure(self, workers=1, ini=""):
        """Write judge.ini anew (no effect on a running judge before SIGHUP)."""
        own = {"judge": f"workers = {workers}\n",
               "compile": "" if "prepare =" in ini else "prepare = no\n",
               "limits": "" if SLOW == 1 or "[limits]" in ini else f"time = {SLOW}s\n",
               "sandbox": f"cgroup = {self.cgroup}\nfirst-uid = {self.first_uid}\n"}
        for section, text in own.items():
            head = f"[{section}]\n"
            if head in ini:
                ini = ini.replace(head, head + text, 1)
            else:
                ini += "\n" + head + text
        write(os.path.join(self.state, "judge.ini"), ini)

    # ---- life

    def start(self, wait=True):
        """Start it in the foreground; its messages go to self.log. Waits until it is ready."""
        check(self.proc is None, f"{self.name} runs already")
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.proc = subprocess.Popen([self.program, "-f", *self.options, self.state, self.mount],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     cwd="/", env=dict(os.environ, **self.env))
        os.close(log)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        """Ready: the pid file names it (judgefs writes it once its mount answers), and the
        problems that were placed are shown."""
        def ready():
            if self.proc.poll() is not None:
                raise Failed(f"judgefs ended with {self.proc.returncode}: "
                             + " / ".join(self.log_tail(5)))
            return int(read(self.state + "/run/judgefs.pid") or 0) == self.proc.pid
        wait_for(ready, "the judge to be ready")
        for name in os.listdir(self.state + "/problems"):
            if not name.startswith("."):
                self.wait_problem(name)

    def wait_problem(self, name):
        wait_for(lambda: os.path.isdir(os.path.join(self.mount, name)), f"problem {name}")

    def stop_keep(self):
        """SIGTERM, wait, and complain about what it left; its folder stays for a next start."""
        if not self.proc:
            return
        tree = _descendants(self.proc.pid)
        complaint = None
        self.proc.send_signal(signal.SIGTERM)
        try:
            if self.proc.wait(PATIENCE) != 0:
                complaint = f"ended with {self.proc.returncode}"
        except subprocess.TimeoutExpired:
            complaint = "did not stop on SIGTERM"
            tree += _descendants(self.proc.pid)
            self.proc.kill()
            self.proc.wait()
        self.proc = None
        left = sorted({comm(p) for p in tree if comm(p)})
        if left:
            complaint = complaint or f"left processes: {' '.join(left)}"
        if mounted(self.mount):
            complaint = complaint or "left its mount"
        if cgroups(self.cgroup):
            complaint = complaint or f"left {' '.join(cgroups(self.cgroup))}"
        complaint = complaint or self.faults()
        if complaint:
            for pid in tree:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            raise Failed(f"{self.name} {complaint}")

    def stop(self):
        """The same, and remove its folder, whatever happens."""
        try:
            self.stop_keep()
        finally:
            self.clean()

    def clean(self):
        """Remove everything of it by force. Safe to call again."""
        if self.proc:
            tree = [self.proc.pid] + _descendants(self.proc.pid)
            if self.proc.poll() is None:
                self.proc.kill()
                self.proc.wait()
            for pid in tree[1:]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.proc = None
        while mounted(self.mount):
            if subprocess.run(["umount", "-l", self.mount], capture_output=True).returncode:
                break
        groups = cgroups(self.cgroup)
        for top in groups:
            inside = sorted((d for d, _, _ in os.walk(top)), key=len, reverse=True)
            for d in inside:
                with contextlib.suppress(OSError):
                    for pid in read(d + "/cgroup.procs").split():
                        os.kill(int(pid), signal.SIGKILL)
            for d in inside:
                with contextlib.suppress(Failed):
                    wait_for(lambda d=d: os.rmdir(d) is None, "an empty group", timeout=5)
        if self in _judges:
            _judges.remove(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill_all(self):
        """SIGKILL the supervisor, as a crash; waits until its children are gone."""
        tree = _descendants(self.proc.pid)
        self.proc.kill()
        self.proc.wait()
        self.proc = None
        wait_for(lambda: not any(comm(p) for p in tree), "the dead judge's children to end")

    def pids(self, program):
        """Processes of it by program name ("judgefs-serve"), oldest first; without zombies and
        without their own children (a box's cell)."""
        found = {p for p in _descendants(self.proc.pid) if comm(p) == program}
        return sorted(p for p in found if not found & {_parent(p)})

    def descendants(self):
        return _descendants(self.proc.pid)

    def pid(self, program):
        return wait_for(lambda: self.pids(program), f"a {program}")[0]

    def kill(self, program, sig=signal.SIGKILL):
        """Signal every process of that program; Return: their pids."""
        pids = wait_for(lambda: self.pids(program), f"a {program}")
        for p in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(p, sig)
        if sig == signal.SIGKILL:
            wait_for(lambda: not any(comm(p) for p in pids), f"{program} to die")
        return pids

    # ---- what it says

    def log_tail(self, lines=40):
        try:
            return read(self.log).splitlines()[-lines:]
        except OSError:
            return []

    def log_has(self, text):
        return text in "\n".join(self.log_tail(100000))

    def faults(self):
        """What a sanitizer said, or None."""
        for line in self.log_tail(100000):
            if "Sanitizer" in line or "runtime error:" in line:
                return line
        return None

    # ---- problems

    def place(self, name, what):
        """Lay a package into STATE/problems: tests as a dict, or a folder to copy."""
        to = os.path.join(self.state, "problems", name)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        hidden = os.path.join(self.state, "problems", "." + name)	# never half seen
        shutil.rmtree(hidden, ignore_errors=True)
        if isinstance(what, dict):
            make_problem(hidden, what)
        else:
            shutil.copytree(what, hidden)
        shutil.rmtree(to, ignore_errors=True)
        os.rename(hidden, to)

    def install(self, name, what):
        """place() under a running judge, and wait until it is shown."""
        self.place(name, what)
        self.wait_problem(name)

    # ---- submissions

    def user_dir(self, uid):
        """users/NAME; made by its owner's first coming by."""
        def come_by():
            names = [n for n in os.listdir(self.mount)
                     if os.path.islink(os.path.join(self.mount, n, "sub"))]
            target = os.readlink(os.path.join(self.mount, names[0], "sub"))
            return os.path.normpath(os.path.join(self.mount, names[0], target, "../.."))
        return as_user(uid, come_by)

    def sub(self, uid, problem):
        """Path of the caller's real sub/ folder."""
        def look():
            link = os.path.join(self.mount, problem, "sub")
            return os.path.normpath(os.path.join(self.mount, problem, os.readlink(link)))
        return as_user(uid, look)

    def history(self, uid, problem, number=None):
        path = os.path.normpath(os.path.join(self.sub(uid, problem), "../history"))
        return path if number is None else os.path.join(path, str(number))

    def submit(self, uid, problem, name, content):
        """As `cp name MOUNT/problem/sub/` of that user; Return: the path under users/."""
        as_user(uid, write, os.path.join(self.mount, problem, "sub", name), content)
        return os.path.join(self.sub(uid, problem), name)

    def verdict(self, path):
        """The first line of PATH.verdict now."""
        return read(path + ".verdict").partition("\n")[0]

    def result(self, path):
        return json.loads(read(path + ".result.json"))

    def wait_final(self, path, timeout=PATIENCE):
        """Wait until result.json says final for what PATH holds; the verdict's first line."""
        return self.wait_result(path, timeout) and self.verdict(path)

    def wait_result(self, path, timeout=PATIENCE, every=0.02):
        """The same; result.json's object."""
        def final():
            try:
                got = self.result(path)
            except json.JSONDecodeError:
                return None
            return got if got.get("final") else None
        try:
            return wait_for(final, f"the verdict of {path}", timeout, every)
        except Failed as e:
            raise Failed(f"{e}; it says {self.verdict(path)!r}")

    # ---- the store

    def fsck(self):
        """`judgectl fsck STATE`: the invariants of docs/ARCHITECTURE.md hold."""
        got = run([JUDGECTL, "fsck", self.state])
        check(got.returncode == 0, f"fsck: {got.stdout.strip()}")


@contextlib.contextmanager
def running(judge):
    judge.start()
    try:
        yield judge
    finally:
        judge.stop()


def make_problem(folder, tests, ini=None, **files):
    """A plain package: {"1": (input, answer)}, problem.ini, further files by name."""
    os.makedirs(folder, exist_ok=True)
    for name, (given, answer) in tests.items():
        write(os.path.join(folder, name + ".in"), given)
        write(os.path.join(folder, name + ".ans"), answer)
    if ini is not None:
        write(os.path.join(folder, "problem.ini"), ini)
    for name, content in files.items():
        write(os.path.join(folder, name), content)


# --------------------------------------------------------------- clean-up

def _cleanup():
    for j in list(_judges):
        j.clean()


atexit.register(_cleanup)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
# What a killed judge leaves comes to us, so that clean() and the runner see it.
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)

#!/usr/bin/python3
"""What a host may lack or do: it is found, said with a remedy, and survived; nothing is weakened
silently. Each fault is made in mount namespaces of our own, by limits, or by a filter."""
import ctypes
import json
import os
import resource
import struct
import subprocess

import lib

lib.need_root()
folder = lib.tempfile.mkdtemp()
os.chmod(folder, 0o755)
state, mount = folder + "/state", folder + "/mount"
os.mkdir(mount)
VERSION = 2 if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 1
PATIENT = "[submit]\nsettle = 0s\n[limits]\ntime = 20s\n"
EACH_CGROUP = "for m in $(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/self/mounts); do %s $m; done"


def call(*argv, before=None, prefix=(), **kw):
    """Run a program where @before was done, in a mount namespace that ends with it."""
    if before or argv[0] == "unshare":
        lib.need_private_mounts()
    argv = [*prefix, *argv]
    if before:
        argv = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                f"set -e; {before}; exec \"$@\"", "sh", *argv]
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=2 * lib.PATIENCE, **kw)


def findings(**how):
    """What doctor says then: {row: finding}."""
    got = call(lib.JUDGECTL, "doctor", "--json", **how)
    try:
        rows = json.loads(got.stdout)
    except json.JSONDecodeError:
        raise lib.Failed(got.stdout)
    missing = any(r["level"] == "MISSING" for r in rows)
    lib.equal(got.returncode, 1 if missing else 0, "exit status")
    return {r["what"]: r for r in rows}


def fake(path, text):
    """A file of the kernel's that says something else."""
    name = folder + "/" + path.strip("/").replace("/", "-")
    lib.write(name, text + "\n" if text else "")
    return f"mount --bind {name} {path}"


def ulimit(kind, value):
    def lower():
        resource.setrlimit(kind, (value, value))
    return lower


def denied(*calls, error=1):
    """Filter system calls of x86-64 as a container's policy does: they fail with EPERM."""
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]
    for i, number in enumerate(calls):
        code.append(struct.pack("HBBI", 0x15, len(calls) - i, 0, number))
    code += [struct.pack("HBBI", 0x06, 0, 0, 0x7fff0000), struct.pack("HBBI", 0x06, 0, 0, 0x50000 | error)]

    class Program(ctypes.Structure):
        _fields_ = [("n", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    def filter_calls():
        program = Program(len(code), b"".join(code))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(22, 2, ctypes.byref(program), 0, 0):		# PR_SET_SECCOMP
            os._exit(111)
    return filter_calls


UNSHARE, FSOPEN = 272, 430
if VERSION == 1:
    NO_MEMORY = "umount -l /sys/fs/cgroup/memory"
    NO_PIDS = "umount -l /sys/fs/cgroup/pids"
else:
    NO_MEMORY = fake("/sys/fs/cgroup/cgroup.controllers", "cpu pids")
    NO_PIDS = fake("/sys/fs/cgroup/cgroup.controllers", "cpu memory")

# name, row, words of the remedy, how it is made
MISSING = [
    ("no cgroups", "cgroup version", "cgroup tree of its own",
     dict(before="umount -a -l -t cgroup,cgroup2")),
    ("no memory controller", "cgroup version", "mount the controllers", dict(before=NO_MEMORY)),
    ("no pids controller", "cgroup version", "mount the controllers", dict(before=NO_PIDS)),
    ("read-only cgroup tree", "cgroup tree", "remount,rw",
     dict(before=EACH_CGROUP % "mount -o remount,bind,ro")),
    ("no right to kill", "rights", "CapabilityBoundingSet",
     dict(prefix=["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"])),
    ("no right to administer", "rights", "--privileged",
     dict(prefix=["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"])),
    ("no namespaces", "namespaces", "sysctl user.max_", dict(preexec_fn=denied(UNSHARE))),
    ("no tmpfs", "file systems", "CONFIG_TMPFS", dict(preexec_fn=denied(FSOPEN))),
    ("old kernel", "kernel", "update the kernel", dict(prefix=["setarch", "--uname-2.6"])),
    ("no seccomp", "seccomp", "CONFIG_SECCOMP_FILTER",
     dict(before=fake("/proc/sys/kernel/seccomp/actions_avail", "kill log"))),
    ("no /dev/fuse", "fuse", "modprobe fuse", dict(before=fake("/dev/fuse", ""))),
    ("processes only in /proc", "proc", "remount",
     dict(before="mount -t proc -o subset=pid proc /proc")),
    ("few open files", "limits of this process", "ulimit -Hn 4096",
     dict(preexec_fn=ulimit(resource.RLIMIT_NOFILE, 200))),
    ("few processes", "limits of this process", "LimitNPROC",
     dict(preexec_fn=ulimit(resource.RLIMIT_NPROC, 300))),
    ("small files", "limits of this process", "ulimit -Hf unlimited",
     dict(preexec_fn=ulimit(resource.RLIMIT_FSIZE, 1 << 30))),
    ("little address space", "limits of this process", "ulimit -Hv unlimited",
     dict(preexec_fn=ulimit(resource.RLIMIT_AS, 8 << 30))),
    ("panic when out of memory", "out of memory", "sysctl vm.panic_on_oom=0",
     dict(before=fake("/proc/sys/vm/panic_on_oom", "2"))),
]
if os.path.exists("/proc/sys/vm/memfd_noexec"):
    MISSING.append(("no memfd of programs", "memfd", "sysctl vm.memfd_noexec=0",
                    dict(before=fake("/proc/sys/vm/memfd_noexec", "2"))))
if VERSION == 1:
    MISSING.append(("swap that is not counted", "swap", "swapoff -a",
                    dict(before=fake("/proc/swaps", "Filename\tType\n/dev/x partition 1 0 -2") +
                         "; mount -t tmpfs none /sys/fs/cgroup/memory; mkdir -p " +
                         findings()["cgroup memory controller"]["found"])))

COSTS = [
    ("hidepid", "proc", "hidepid=0", dict(before="mount -t proc -o hidepid=2 proc /proc")),
    ("stack", "limits of this process", "ulimit -Hs unlimited",
     dict(preexec_fn=ulimit(resource.RLIMIT_STACK, 8 << 20))),
    ("low pid_max", "processes", "sysctl kernel.pid_max",
     dict(before=fake("/proc/sys/kernel/pid_max", "1000"))),
    ("low threads-max", "processes", "sysctl kernel.threads-max",
     dict(before=fake("/proc/sys/kernel/threads-max", "1000"))),
    ("strict overcommit", "overcommit", "sysctl vm.overcommit_memory=0",
     dict(before=fake("/proc/sys/vm/overcommit_memory", "2"))),
    ("huge pages", "huge pages", "echo madvise",
     dict(before=fake("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never"))),
    ("one core of several", "cores", "two or more", dict(prefix=["taskset", "-c", "0"])),
    ("powersave", "governor", "cpupower",
     dict(before="mount -t tmpfs none /sys/devices/system/cpu; mkdir -p "
                 "/sys/devices/system/cpu/cpu0/cpufreq; echo powersave "
                 ">/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
]


@lib.test
def here_nothing_is_missing():
    got = findings()
    lib.equal([r for r in got.values() if r["level"] == "MISSING"], [])
    lib.check("true(1)" in got["a run in the sandbox"]["found"], got["a run in the sandbox"])


@lib.rows(MISSING)
def missing(row, remedy, how):
    """doctor has it in a row with a remedy; judgefs says the same and does not start."""
    got = findings(**how)[row]
    lib.equal(got["level"], "MISSING", str(got))
    lib.check(remedy in got["remedy"], got)
    lib.check(len(got["remedy"]) < 255, "the remedy is cut off")
    refused = call(lib.JUDGEFS, "-f", state, mount, **how)
    lib.equal(refused.returncode, 1, refused.stdout)
    lib.check(f"this host lacks: {row} (" in refused.stdout and remedy in refused.stdout,
              refused.stdout)
    lib.check(not os.path.exists(state), "it has begun")


@lib.rows(COSTS)
def costs(row, remedy, how):
    got = findings(**how)[row]
    lib.equal(got["level"], "costs", str(got))
    lib.check(remedy in got["remedy"], got)


# ------------------------------------------------------------------ what happens meanwhile

def group_of_ours(name):
    """Folders of a new group below our own one, given into our hands as by a service manager."""
    dirs = {c: r["found"] for c, r in ((c, findings()["cgroup " + c])
                                       for c in ("memory controller", "pids controller", "CPU time"))}
    made = sorted({os.path.join(d, name) for d in dirs.values()})
    for d in made:
        os.makedirs(d, exist_ok=True)
        if VERSION == 2:
            os.setxattr(d, "trusted.delegate", b"1")
    return os.path.join(dirs["memory controller"], name), made


def in_groups(made):
    """Each time a group in it: on v2 one that a judge was in has groups below, and takes nobody."""
    lower = [os.path.join(d, f"n{len(os.listdir(d))}") for d in made]
    for d in lower:
        if VERSION == 2:
            lib.write(os.path.dirname(d) + "/cgroup.subtree_control", "+memory +pids")
        os.mkdir(d)
        if VERSION == 2:
            os.setxattr(d, "trusted.delegate", b"1")

    def enter():
        for d in lower:
            lib.write(d + "/cgroup.procs", str(os.getpid()))
    return enter


@lib.test
def the_host_runs_out_of_memory():
    """Then it is not the program that was over its limit."""
    name = f"judgefs-test-{os.getpid()}-oom"
    memory, made = group_of_ours(name)
    run = [lib.JUDGECTL, "run", "--memory", "256M", "--", "/usr/bin/python3", "-c"]
    try:
        lib.write(memory + ("/memory.max" if VERSION == 2 else "/memory.limit_in_bytes"), str(96 << 20))
        if os.path.exists(memory + "/memory.swap.max"):
            lib.write(memory + "/memory.swap.max", "0")
        got = findings(preexec_fn=in_groups(made))["memory"]
        lib.equal((got["level"], "limit of the group" in got["found"]), ("costs", True), str(got))
        got = call(*run, "bytearray(160 << 20)", preexec_fn=in_groups(made))
        lib.equal(got.returncode, 2, got.stdout)
        lib.check("ran out of memory" in got.stdout, got.stdout)
        got = call(*run, "bytearray(10 << 20)", preexec_fn=in_groups(made))
        lib.equal((got.returncode, got.stdout), (0, ""))
    finally:
        for d in made:
            for below, _, _ in sorted(os.walk(d), reverse=True):
                lib.wait_for(lambda below=below: os.rmdir(below) is None, below)


def judge_there(source=lib.APLUSB_PY, **how):
    """A judge of its own where a fault was made: the verdict of a submission, and its limits."""
    judge = lib.Judge(problems={"aplusb": lib.APLUSB}, ini=PATIENT)
    lib.write(judge.folder + "/a.py", source)
    script = """ctl=$1 judgefs=$2; cd $3
$judgefs state mount || exit 3
until [ -d mount/aplusb ]; do sleep 0.05; done
grep "open files" /proc/$(cat state/run/judgefs.pid)/limits
timeout 100 $ctl submit --wait --mount mount aplusb a.py; status=$?
$judgefs --stop state; exit $status"""
    # What covers /tmp hides the programs and the state: they are at /mnt, too.
    at = "/mnt/" if "/mnt" in how.get("before", "") else "/tmp/"
    try:
        got = call("sh", "-c", script, "sh", *(path.replace("/tmp/", at, 1) for path in
                                               (lib.JUDGECTL, lib.JUDGEFS, judge.folder)), **how)
    finally:
        judge.clean()
    return got.stdout


FULL_TMP = """mount --rbind /tmp /mnt; mount -t tmpfs -o size=16k,mode=1777 none /tmp
cat /dev/zero >/tmp/filler 2>/dev/null || true; ! echo 1 >/tmp/more 2>/dev/null"""


# A tracer above us may change what we ask for. What is done nevertheless is done to namespaces of the test's own.
DROPS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
long syscall(long nr, ...)
{
    long (*next)(long, ...) = dlsym(RTLD_NEXT, "syscall"), a[6];
    va_list args;
    va_start(args, nr);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (nr == SYS_clone3)
        ((struct clone_args *)a[0])->flags &= ~strtoull(getenv("DROP"), NULL, 0);
    return next(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
"""


@lib.rows([("none", 0), ("mnt", 0x20000), ("pid", 0x20000000), ("net", 0x40000000), ("ipc", 0x8000000), ("uts", 0x4000000),
           ("cgroup", 0x2000000)])
def namespace_that_is_not_new(flag):
    if lib.SANITIZED:
        raise lib.Skip("a sanitizer wants to be loaded first")
    library = folder + "/drops.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=DROPS, text=True, check=True)
    got = call("unshare", "-m", "-p", "-n", "-i", "-u", "-C", "-f", "--propagation", "private", "--mount-proc",
               "env", f"LD_PRELOAD={library}", f"DROP={flag}", lib.JUDGECTL, "run", "--", "/bin/echo", "it runs")
    lib.check(("the cell has no namespaces of its own" if flag else "it runs") in got.stdout, got.stdout)
    lib.equal(got.returncode, 2 if flag else 0)


@lib.rows([
    ("full_tmp", dict(before=FULL_TMP)),
    ("few_open_files_for_now", dict(prefix=["sh", "-c", 'ulimit -Sn 32; exec "$@"', "sh"])),
    ("one_core", dict(prefix=["taskset", "-c", "0"])),
    ("hidepid", dict(before="mount -t proc -o hidepid=2 proc /proc")),
])
def judges_with(how):
    said = judge_there(**how)
    lib.check("\nAccepted" in said, said)
    if "-Sn 32" in str(how):
        lib.check("Max open files            32 " not in said, said)


@lib.test
def compiles_to_memory_though_not_asked_to():
    """vm.memfd_noexec = 1, of a pid namespace: what was not asked to be a program is none."""
    if not os.path.exists("/proc/sys/vm/memfd_noexec"):
        raise lib.Skip("the kernel has no vm.memfd_noexec")
    lib.make_problem(folder + "/p", lib.APLUSB)
    lib.write(folder + "/a.c", lib.APLUSB_C)
    got = call("unshare", "-p", "-f", "--mount-proc", "sh", "-c",
               'echo 1 >/proc/sys/vm/memfd_noexec; exec "$@"', "sh",
               lib.JUDGECTL, "judge", folder + "/p", folder + "/a.c")
    lib.starts(got.stdout, "Accepted")


FILL_PY = """import errno, os
full = 0
for where in "/box", "/tmp", "/dev/shm":
    for n in range(3000):
        try:
            with open(f"{where}/{n}", "wb") as f:
                f.write(b"x" * (4 << 20))
        except OSError as e:
            assert e.errno == errno.ENOSPC, e
            full += 1
            break
assert full == 3, full
""" + lib.APLUSB_PY


@lib.test
def the_box_is_full():
    """The program is told ENOSPC; the next one finds room."""
    judge = lib.Judge(problems={"aplusb": lib.APLUSB},
                      ini="[submit]\nsettle = 0s\n[limits]\ntime = 20s\nmemory = 1GiB\n")
    with lib.running(judge):
        for name in ("a.py", "b.py"):
            path = judge.submit(lib.ALICE, "aplusb", name, FILL_PY + f"# {name}\n")
            lib.equal(judge.wait_final(path), "Accepted", lib.read(path + ".verdict"))


# ------------------------------------------------------------------ the whole machine: make check-vm

def set_to(path, text):
    """Set a file of the kernel's; Return: what it was."""
    was = lib.read(path).strip()
    lib.write(path, text)
    return was


CRASH_PY = "import os\nos.abort()\n"


@lib.test
def no_core_of_a_run_reaches_a_program():
    """A core_pattern that is a pipe starts its program as root, outside of every box."""
    lib.need_guest()
    seen = folder + "/cores"
    helper = folder + "/helper"
    lib.write(helper, f"#!/bin/sh\necho $1 >>{seen}\nexec cat >/dev/null\n", 0o755)
    was = set_to("/proc/sys/kernel/core_pattern", f"|{helper} %p")
    try:
        got = call("python3", "-c", CRASH_PY, preexec_fn=ulimit(resource.RLIMIT_CORE, 1 << 30))
        lib.equal(got.returncode, -6)
        lib.wait_for(lambda: lib.read(seen), "the helper to be called for a program of the host")
        before = lib.read(seen)
        got = call(lib.JUDGECTL, "run", "--meta", folder + "/meta", "--", "/usr/bin/python3", "-c", CRASH_PY)
        lib.equal((got.returncode, json.loads(lib.read(folder + "/meta"))["signal"]), (0, 6))
        lib.equal(lib.read(seen), before)
        lib.check("|" in findings()["core dumps"]["found"], "doctor")
    finally:
        lib.write("/proc/sys/kernel/core_pattern", was)


@lib.test
def no_program_gets_swap():
    lib.need_guest()
    lib.check(len(lib.read("/proc/swaps").splitlines()) > 1, "the guest has no swap")
    meta = folder + "/meta"
    got = call(lib.JUDGECTL, "run", "--memory", "64M", "--meta", meta, "--", "/usr/bin/python3", "-c",
               "x = bytearray(100 << 20)")
    lib.equal((got.returncode, json.loads(lib.read(meta))["end"]), (0, "memory-limit"))
    used = sum(int(line.split()[3]) for line in lib.read("/proc/swaps").splitlines()[1:])
    lib.equal(used, 0, "swap in use, kB")
    lib.equal(findings()["swap"]["level"], "fine")


@lib.test
def user_namespaces_are_not_needed():
    lib.need_guest()
    was = set_to("/proc/sys/user/max_user_namespaces", "0")
    try:
        lib.check("\nAccepted" in judge_there(), "not judged")
    finally:
        lib.write("/proc/sys/user/max_user_namespaces", was)


@lib.test
def no_namespaces_are_left():
    lib.need_guest()
    was = set_to("/proc/sys/user/max_net_namespaces", "0")
    try:
        got = findings()["namespaces"]
        lib.equal(got["level"], "MISSING", str(got))
        refused = call(lib.JUDGEFS, "-f", state, mount)
        lib.equal(refused.returncode, 1)
        lib.check("this host lacks: namespaces" in refused.stdout, refused.stdout)
    finally:
        lib.write("/proc/sys/user/max_net_namespaces", was)


@lib.test
def the_clock_jumps():
    """A day forwards while one is judged, and back: times of the day decide nothing."""
    lib.need_guest()
    judge = lib.Judge(problems={"aplusb": lib.APLUSB}, ini=PATIENT)
    day = 86400
    with lib.running(judge):
        for jump, name in ((day, "a.py"), (-day, "b.py"), (-day, "c.py"), (day, "d.py")):
            path = judge.submit(lib.ALICE, "aplusb", name, "import time\ntime.sleep(1)\n" +
                                lib.APLUSB_PY + f"# {name}\n")
            lib.wait_for(lambda path=path: judge.verdict(path).startswith("Running"), "the run")
            lib.time.clock_settime(lib.time.CLOCK_REALTIME, lib.time.time() + jump)
            lib.equal(judge.wait_final(path), "Accepted")
        judge.fsck()


SLEEPER_PY = f"import time\ntime.sleep({4 * lib.SLOW})\n" + lib.APLUSB_PY


class Freezer:
    """Processes that no SIGKILL ends, as if they waited for a device: frozen by cgroup v1."""

    def __init__(self):
        self.mounted = None
        top = "/sys/fs/cgroup/freezer"
        if not os.path.exists(top + "/cgroup.procs"):
            top = self.mounted = folder + "/freezer"
            os.makedirs(top, exist_ok=True)
            if lib.run(["mount", "-t", "cgroup", "-o", "freezer", "none", top]).returncode:
                raise lib.Skip("no freezer of cgroup v1")
        self.group = f"{top}/judgefs-test-{os.getpid()}-ice"
        os.makedirs(self.group)

    def freeze(self, pid):
        lib.write(self.group + "/cgroup.procs", str(pid))
        lib.write(self.group + "/freezer.state", "FROZEN")
        lib.wait_for(lambda: lib.read(self.group + "/freezer.state") == "FROZEN\n", "ice")

    def end(self):
        if os.path.isdir(self.group):
            lib.write(self.group + "/freezer.state", "THAWED")
            lib.wait_for(lambda: os.rmdir(self.group) is None, "the thawed to end")
        if self.mounted:
            lib.run(["umount", self.mounted])
            self.mounted = None


def run_of(judge):
    """Process of a program that is judged."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            uid = os.stat("/proc/" + pid).st_uid
            if judge.first_uid <= uid < judge.first_uid + 4096 and lib.comm(pid).startswith("python"):
                return int(pid)
        except OSError:
            pass
    return None


@lib.test
def a_run_that_no_signal_ends():
    """It is given up: the submission is judged again elsewhere, and all goes on beside it."""
    ice = Freezer()
    judge = lib.Judge(problems={"aplusb": lib.APLUSB}, ini="[submit]\nsettle = 0s\n"
                      f"[limits]\ntime = {lib.SLOW}s\nwall = {8 * lib.SLOW}s\n")
    try:
        judge.start()
        path = judge.submit(lib.ALICE, "aplusb", "a.py", SLEEPER_PY)
        stuck = lib.wait_for(lambda: judge.verdict(path).startswith("Running") and run_of(judge), "the run")
        ice.freeze(stuck)
        lib.equal(judge.wait_final(path), "Accepted")
        lib.check(os.path.exists(f"/proc/{stuck}"), "it has ended after all")
        lib.check(judge.log_has("do not end"), "the log does not say so")
        path = judge.submit(lib.ALICE, "aplusb", "b.py", lib.APLUSB_PY)
        lib.equal(judge.wait_final(path), "Accepted")
        # The judge ends though this does not, and says what is left.
        judge.proc.send_signal(lib.signal.SIGTERM)
        judge.proc.wait(lib.PATIENCE)
        judge.proc = None
        lib.check(not lib.mounted(judge.mount), "still mounted")
        ice.end()
        lib.wait_for(lambda: not os.path.exists(f"/proc/{stuck}"), "it to end")
        lib.equal(lib.run([lib.JUDGEFS, "--stop", judge.state]).returncode, 0)
        lib.equal(lib.cgroups(judge.cgroup), [])
    finally:
        ice.end()
        judge.clean()


try:
    lib.main()
finally:
    lib.shutil.rmtree(folder)

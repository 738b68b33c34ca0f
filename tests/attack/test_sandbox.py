#!/usr/bin/python3
"""judgectl run from outside: what hostile programs try, what ordinary ones need, what stays."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

FOLDER = tempfile.mkdtemp(prefix="judgefs-attack.", dir=os.environ.get("TMPDIR", "/tmp"))
ATTACKS = os.path.join(FOLDER, "attacks")
SECRET = os.path.join(FOLDER, "secret")
META = os.path.join(FOLDER, "meta")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "attacks.c")


def setup():
    os.chmod(FOLDER, 0o755)
    lib.write(SECRET, "the answer is 42\n")
    os.chmod(SECRET, 0o644)
    subprocess.run(["gcc", "-O1", "-pthread", "-Wall", "-Wextra", "-o", ATTACKS, SOURCE], check=True)


def call(*argv, **how):
    return subprocess.run(argv, capture_output=True, text=True, timeout=2 * lib.PATIENCE,
                          **{"stdin": subprocess.DEVNULL, **how} if "input" not in how else how)


def boxed(*command, status=0, stdin="", **limits):
    """Run a command in the box: (meta, stdout, stderr)."""
    options = [f"--{k.replace('_', '-')}={v}" for k, v in limits.items()]
    if os.path.exists(META):
        os.unlink(META)
    got = call(lib.JUDGECTL, "run", "--meta", META, *options, "--", *command, input=stdin)
    lib.equal(got.returncode, status, f"exit status ({got.stderr.strip()})")
    meta = json.loads(lib.read(META)) if os.path.exists(META) else None
    return meta, got.stdout, got.stderr


def attack(*args, **limits):
    return boxed(ATTACKS, *args, **limits)[0]


def shut(*args, **limits):
    """The attack finds every way shut."""
    meta = attack(*args, **limits)
    lib.equal((meta["end"], meta.get("exit_code"), meta.get("syscall")), ("exited", 0, None))


def forbidden(name, *args):
    meta = attack(*args)
    lib.equal((meta["end"], meta.get("syscall")), ("forbidden", name))
    lib.check(meta["wall_us"] < 10e6, f"ended only after {meta['wall_us']} us")


# ------------------------------------------------------------ system calls, by name

OTHER_NAMES = {"x32": "x32 getpid", "no-such-call": "syscall 100000"}


def calls():
    """The rows of attacks.c: what is tried, and the name that must be told."""
    table = lib.read(SOURCE).partition("calls[] = {")[2].partition("\n};")[0]
    for name in re.findall(r'^\t\{ "([\w-]+)",', table, re.M):
        yield name, name, OTHER_NAMES.get(name, name.partition("-")[0])


@lib.rows(calls())
def call_is_forbidden(name, told):
    forbidden(told, "call", name)


@lib.test
def foreign_architecture_is_forbidden():
    forbidden("i386 getpid", "i386")


@lib.rows([(how, how) for how in ("caught", "blocked", "child", "thread", "alarm")])
def call_can_not_be_hidden(how):
    forbidden("socket", "hidden", how)


@lib.rows([("compile", "compile"), ("run", "run"), ("checker", "checker")])
def profile_forbids_ptrace(profile):
    meta = attack("call", "ptrace", profile=profile)
    lib.equal(meta["syscall"], "ptrace")


# ------------------------------------------------------------ what is not there

@lib.test
def host_files_are_not_there():
    shut("host_files", SECRET)


@lib.rows([(name, name) for name in ("proc", "write", "rights", "limits", "priority", "others",
                                     "network", "mounts", "names")])
def shut_is(name):
    shut(name)


@lib.test
def descriptors_are_not_inherited():
    fd = os.open(SECRET, os.O_RDONLY)
    os.set_inheritable(fd, True)
    try:
        got = subprocess.run([lib.JUDGECTL, "run", "--meta", META, "--", ATTACKS, "descriptors"],
                             pass_fds=[fd], timeout=lib.PATIENCE)
    finally:
        os.close(fd)
    lib.equal(got.returncode, 0)
    lib.equal(json.loads(lib.read(META))["exit_code"], 0, "a descriptor")


@lib.test
def groups_are_not_inherited():
    got = call(lib.JUDGECTL, "run", "--meta", META, "--", ATTACKS, "rights", extra_groups=[4, 27])
    lib.equal((got.returncode, json.loads(lib.read(META))["exit_code"]), (0, 0))


@lib.test
def environment_is_not_inherited():
    os.environ["SECRET"] = "42"
    try:
        shut("environment")
    finally:
        del os.environ["SECRET"]


@lib.rows([("descriptor", "echo x >&0"), ("dev", "echo x > /dev/stdin"),
           ("proc", "echo x > /proc/self/fd/0"), ("open_for_both", "echo x 1<>/proc/self/fd/0")])
def input_can_not_be_written(way):
    given = os.path.join(FOLDER, "input")
    lib.write(given, "input\n", 0o666)
    with open(given, "r+b", buffering=0) as f:
        subprocess.run([lib.JUDGECTL, "run", "--", "sh", "-c", way], stdin=f, check=True,
                       stderr=subprocess.DEVNULL, timeout=lib.PATIENCE)
    lib.equal(lib.read(given), "input\n")


# ------------------------------------------------------------ limits

@lib.rows([("fork", "bomb"), ("thread", "threads")])
def bomb_is_held(name):
    meta = attack(name, cpu_time="0.5s", wall_time="2s", processes=20)
    lib.check(meta["end"] in ("cpu-limit", "wall-limit", "signaled"), str(meta))


@lib.rows([("pause", "sleep"), ("SIGSTOP", "stop")])
def waiting_ends(name):
    meta = attack(name, wall_time="0.3s")
    lib.equal(meta["end"], "wall-limit")
    lib.check(meta["wall_us"] >= 300000, str(meta))


@lib.test
def daemons_end_with_the_program():
    meta = attack("daemon")
    lib.equal((meta["end"], meta["exit_code"]), ("exited", 0))


# ------------------------------------------------------------ judgectl run

@lib.test
def streams_and_exit_code():
    meta, out, err = boxed("sh", "-c", "cat; echo e >&2; exit 3", stdin="hello")
    lib.equal((out, err, meta["end"], meta["exit_code"]), ("hello", "e\n", "exited", 3))
    lib.check(meta["cpu_us"] > 0 and meta["wall_us"] > 0, str(meta))


@lib.test
def streams_can_be_opened_by_name():
    meta, out, err = boxed("sh", "-c", "cat /dev/stdin > /dev/stdout; echo e > /dev/stderr", stdin="a pipe")
    lib.equal((out, err, meta["exit_code"]), ("a pipe", "e\n", 0))


@lib.test
def streams_from_and_to_files():
    names = [os.path.join(FOLDER, n) for n in ("in", "out", "err")]
    lib.write(names[0], "hello")
    got = call(lib.JUDGECTL, "run", "--stdin", names[0], "--stdout", names[1], "--stderr",
               names[2], "--", "sh", "-c", "cat; echo e >&2", input="not this")
    lib.equal((got.returncode, lib.read(names[1]), lib.read(names[2])), (0, "hello", "e\n"))


@lib.test
def signal_is_told():
    meta, _, _ = boxed("sh", "-c", "kill -SEGV $$")
    lib.equal((meta["end"], meta["signal"]), ("signaled", signal.SIGSEGV))


@lib.test
def script_is_brought_along():
    script = os.path.join(FOLDER, "a script")
    lib.write(script, "#!/bin/sh\necho $1\n")
    os.chmod(script, 0o755)
    lib.equal(boxed(script, "x y")[1], "x y\n")
    got = call(lib.JUDGECTL, "run", "./a script", "z", cwd=FOLDER)
    lib.equal(got.stdout, "z\n")


@lib.rows([
    ("option", ["--weaken", "1", "--", "true"], "unknown option"),
    ("value", ["--memory", "lots", "--", "true"], "--memory 'lots'"),
    ("zero", ["--cpu-time", "0", "--", "true"], "must be positive"),
    ("command", ["--memory", "1M"], "no command"),
    ("profile", ["--profile", "root", "--", "true"], "unknown profile"),
    ("stdin", ["--stdin", "/nonexistent", "--", "true"], "/nonexistent"),
    ("path", ["--", "/nonexistent/x"], "/nonexistent/x"),
    ("program", ["--", "no-such-program"], "No such file"),
    ("folder", ["--", FOLDER], "no program"),
])
def refused_with_status_2(args, why):
    got = call(lib.JUDGECTL, "run", *args)
    lib.equal(got.returncode, 2)
    lib.check(why in got.stderr, f"{why!r} is not in {got.stderr!r}")
    lib.check(len(got.stderr.splitlines()) <= 5, got.stderr)


# What is missing is refused, never done without.

@lib.test
def without_root_it_is_refused():
    got = call(lib.JUDGECTL, "run", "true", user=lib.ALICE, group=lib.ALICE, extra_groups=[])
    lib.equal(got.returncode, 2)
    lib.check("sudo" in got.stderr, got.stderr)


@lib.test
def without_rights_it_is_refused():
    got = call("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin",
               lib.JUDGECTL, "run", "--", "true")
    lib.equal(got.returncode, 2, got.stderr)
    lib.check("judgectl doctor" in got.stderr, got.stderr)


@lib.test
def without_cgroups_it_is_refused():
    if not lib.mounted("/"):
        raise lib.Skip("in a chroot mounts can not be made private")
    hide = "umount -a -l -t cgroup,cgroup2; exec \"$@\""
    got = call("unshare", "-m", "sh", "-c", hide, "sh", lib.JUDGECTL, "run", "--", "true")
    lib.equal(got.returncode, 2, got.stderr)
    lib.check("cgroup" in got.stderr, got.stderr)
    got = call("unshare", "-m", "sh", "-c", hide, "sh", lib.JUDGECTL, "doctor")
    lib.equal(got.returncode, 1, got.stdout)
    lib.check("MISSING" in got.stdout, got.stdout)


@lib.test
def doctor_finds_nothing_missing_here():
    got = call(lib.JUDGECTL, "doctor")
    lib.equal(got.returncode, 0, got.stdout)
    for what in ("kernel", "memory controller", "pids", "namespaces", "seccomp", "swap", "disk"):
        lib.check(what in got.stdout, what)


# ------------------------------------------------------------ ordinary programs go unharmed

JAVA = """import java.nio.*; import java.nio.channels.*; import java.nio.file.*; import java.util.*;
public class A { public static void main(String[] args) throws Exception {
    Files.write(Paths.get("x"), "1".getBytes());
    FileChannel.open(Paths.get("x")).read(ByteBuffer.allocate(1));
    Scanner s = new Scanner(Channels.newInputStream(Channels.newChannel(System.in)));
    Thread t = new Thread(() -> System.out.println(s.nextInt() + s.nextInt()));
    t.start(); t.join(); } }
"""
GO = """package main
import "fmt"
func main() { var a, b int; fmt.Scan(&a, &b); c := make(chan int); go func() { c <- a + b }()
    fmt.Println(<-c) }
"""
RUST = """use std::io::*;
fn main() { let mut s = String::new(); stdin().read_to_string(&mut s).unwrap();
    let n: i64 = s.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum();
    std::thread::spawn(move || println!("{}", n)).join().unwrap(); }
"""
CPP = """#include <iostream>
#include <thread>
int main() { int a, b; std::cin >> a >> b; std::thread([=] { std::cout << a + b << "\\n"; }).join(); }
"""
NODE = """const s = require('fs').readFileSync('/dev/stdin', 'utf8').split(' ').map(Number);
new (require('worker_threads').Worker)(`console.log(${s[0] + s[1]})`, { eval: true });
"""
PYTHON = """import asyncio, multiprocessing, subprocess, sys, threading
a, b = map(int, input().split())
async def add(): return a + b
with multiprocessing.Pool(2) as p: assert p.map(abs, [-1]) == [1]
subprocess.run(["true"], check=True)
threading.Thread(target=print, args=(asyncio.run(add()),)).start()
"""
PASCAL = "var a, b: int64; begin readln(a, b); writeln(a + b); end.\n"
C = "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n"

LANGUAGES = [	# name, tool, file, text, commands
    ("c", "gcc", "a.c", C, "gcc -O2 -o a a.c && ./a"),
    ("cpp", "g++", "a.cpp", CPP, "g++ -O1 -pthread -o a a.cpp && ./a"),
    ("java", "javac", "A.java", JAVA, "javac A.java && java A"),
    ("node", "node", "a.js", NODE, "node a.js"),
    ("go", "go", "a.go", GO, "go build -o a a.go && ./a"),
    ("rust", "rustc", "a.rs", RUST, "rustc -O a.rs && ./a"),
    ("pascal", "fpc", "a.pas", PASCAL, "fpc -v0 a.pas >&2 && ./a"),
    ("python", "python3", "a.py", PYTHON, "python3 a.py"),
]


@lib.rows(LANGUAGES)
def language_works(tool, name, text, command):
    if not shutil.which(tool, path="/usr/local/bin:/usr/bin:/bin"):
        raise lib.Skip(f"{tool} is not installed")
    script = f"cat > {name} <<'END'\n{text}END\n{command}"
    for profile in ("compile", "run"):
        if profile == "run" and tool == "javac":
            continue		# it asks for sockets itself; compiling is no run
        meta, out, err = boxed("sh", "-c", script, stdin="20 22\n", cpu_time="60s", memory="2G",
                               processes=200, profile=profile)
        lib.equal((meta["end"], meta.get("syscall"), out), ("exited", None, "42\n"), err)


# ------------------------------------------------------------ outside nothing has changed

PER_SLOT = 16
CELLS = range(192 * PER_SLOT, 256 * PER_SLOT)	# those of the slots that judgectl takes
NODE = os.uname().nodename	# before the first run


def host_mounts():
    """Those that a cell has made; other tests work below /tmp."""
    with open("/proc/self/mounts") as f:
        return sorted(line for line in f if line.split()[2] in ("tmpfs", "proc") and
                      not line.split()[1].startswith("/tmp/"))


def uids():
    """Of all processes."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.add(os.stat(f"/proc/{pid}").st_uid)
        except OSError:
            pass
    return found


def left_behind():
    """Cells that nobody holds, with a group or a process. Others may be in use beside us."""
    cells = {uid - 70000 for uid in uids() if uid - 70000 in CELLS}
    for path in lib.cgroups("judgectl/slot-*"):
        slot, cell = path.rsplit("/slot-", 1)[1].split("-")
        cells.add(int(slot) * PER_SLOT + int(cell))
    return [n for n in cells if not os.path.exists(f"/run/judgefs-box/{70000 + n}")]


def children(pid):
    return lib.read(f"/proc/{pid}/task/{pid}/children").split()


@lib.rows([("kill", signal.SIGKILL), ("interrupt", signal.SIGINT), ("hangup", signal.SIGHUP)])
def client_that_ends_leaves_nothing(sig):
    mounts = host_mounts()
    proc = subprocess.Popen([lib.JUDGECTL, "run", "--", ATTACKS, "sleep"],
                            stdin=subprocess.DEVNULL, start_new_session=True)
    box = lib.wait_for(lambda: children(proc.pid), "judgefs-box")[0]
    init = lib.wait_for(lambda: children(box) and children(children(box)[0]) and children(box)[0],
                        "the program to run")
    ours = [box, init, *children(init)]
    os.killpg(proc.pid, sig)
    proc.wait(lib.PATIENCE)
    lib.wait_for(lambda: not any(map(lib.comm, ours)), "all of it to end")
    lib.wait_for(lambda: not left_behind(), "nothing to be left")
    lib.equal(host_mounts(), mounts)


@lib.test
def nothing_has_changed_outside():
    mounts = host_mounts()
    for name in ("bomb", "daemon", "sleep", "write"):
        attack(name, cpu_time="0.3s", wall_time="0.5s", processes=20)
    lib.wait_for(lambda: not left_behind(), "nothing to be left")
    lib.equal((host_mounts(), os.uname().nodename), (mounts, NODE))


try:
    lib.need_root()
    lib.need_programs("gcc", "setpriv", "unshare")
    lib.main(setup)
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)

#!/usr/bin/python3
"""judgectl run from outside: what is handed on, what ordinary programs need, what is refused, and
what stays when the client dies. What hostile programs try is in test_attacks.py."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib
from observer import Observer

FOLDER = tempfile.mkdtemp(prefix="judgefs-attack.", dir=os.environ.get("TMPDIR", "/tmp"))
SECRET = os.path.join(FOLDER, "secret")
META = os.path.join(FOLDER, "meta")


def setup():
    os.chmod(FOLDER, 0o755)
    lib.write(SECRET, "the answer is 42\n")
    os.chmod(SECRET, 0o644)


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


# ------------------------------------------------------------ what is not handed on

@lib.test
def descriptors_are_not_inherited():
    fd = os.open(SECRET, os.O_RDONLY)
    os.set_inheritable(fd, True)
    try:
        got = call(lib.JUDGECTL, "run", "--", "python3", "-c", "import os; print(os.listdir('/proc/self/fd'))",
                   pass_fds=[fd])
    finally:
        os.close(fd)
    lib.equal((got.returncode, got.stdout), (0, "['0', '1', '2', '3']\n"), "the third is the listing's")


@lib.test
def groups_are_not_inherited():
    got = call(lib.JUDGECTL, "run", "--", "id", "-G", extra_groups=[4, 27])
    lib.equal(len(got.stdout.split()), 1, got.stdout)


@lib.test
def environment_is_not_inherited():
    got = call(lib.JUDGECTL, "run", "--", "env", env=dict(os.environ, SECRET="42"))
    names = sorted(line.partition("=")[0] for line in got.stdout.splitlines())
    lib.equal(names, ["HOME", "PATH"])


@lib.rows([("descriptor", "echo x >&0"), ("dev", "echo x > /dev/stdin"),
           ("proc", "echo x > /proc/self/fd/0"), ("open_for_both", "echo x 1<>/proc/self/fd/0")])
def input_can_not_be_written(way):
    given = os.path.join(FOLDER, "input")
    lib.write(given, "input\n", 0o666)
    with open(given, "r+b", buffering=0) as f:
        subprocess.run([lib.JUDGECTL, "run", "--", "sh", "-c", way], stdin=f, check=True,
                       stderr=subprocess.DEVNULL, timeout=lib.PATIENCE)
    lib.equal(lib.read(given), "input\n")


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
    lib.need_private_mounts()
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

def children(pid):
    """Of all its threads."""
    return [child for task in os.listdir(f"/proc/{pid}/task")
            for child in lib.read(f"/proc/{pid}/task/{task}/children").split()]


@lib.rows([("kill", signal.SIGKILL), ("interrupt", signal.SIGINT), ("hangup", signal.SIGHUP)])
def client_that_ends_leaves_nothing(sig):
    with contextlib.closing(Observer(FOLDER, ())) as observer:
        proc = subprocess.Popen([lib.JUDGECTL, "run", "--", "sleep", "1000"],
                                stdin=subprocess.DEVNULL, start_new_session=True)
        box = lib.wait_for(lambda: children(proc.pid), "judgefs-box")[0]
        init = lib.wait_for(lambda: children(box) and children(children(box)[0]) and children(box)[0],
                            "the program to run")
        ours = [box, init, *children(init)]
        os.killpg(proc.pid, sig)
        proc.wait(lib.PATIENCE)
        lib.wait_for(lambda: not any(map(lib.comm, ours)), "all of it to end")
        observer.check()


try:
    lib.need_root()
    lib.need_programs("setpriv", "unshare")
    lib.main(setup)
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)

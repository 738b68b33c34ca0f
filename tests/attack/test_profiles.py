#!/usr/bin/python3
"""The lists of system calls seen from inside and from outside: every profile is there, what is on
the host is no channel, and runtimes beyond those of languages.d go unharmed too."""
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

FOLDER = tempfile.mkdtemp(prefix="judgefs-profiles.", dir=os.environ.get("TMPDIR", "/tmp"))
PROFILES = ("compile", "step", "run", "checker", "interactor", "generator")
HOST_FILE = "/usr/bin/env"	# read-only inside, the host's own inode


def start(profile, command, **how):
    meta = os.path.join(FOLDER, f"meta.{profile}")
    return meta, subprocess.Popen(
        [lib.JUDGECTL, "run", "--profile", profile, "--meta", meta, "--cpu-time", "60s", "--wall-time", "240s",
         "--memory", "2G", "--processes", "300", "--", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, **how)


def boxed(profile, command, stdin=""):
    meta, proc = start(profile, command)
    out, err = proc.communicate(stdin, timeout=4 * lib.PATIENCE)
    lib.equal(proc.returncode, 0, err)
    return json.loads(lib.read(meta)), out, err


# ------------------------------------------------------------ every profile

TOOLS_FINE = {"compile": "fine", "step": "fine"}
CALLS = [	# what is tried in Python, how it ends: by what is raised, or by which call
    ("socket.socket(socket.AF_INET)", {"compile": "EAFNOSUPPORT", "step": "EAFNOSUPPORT"}, "socket"),
    ("socket.socket(socket.AF_UNIX)", {}, "EAFNOSUPPORT"),
    ("call(165)", {}, "mount"),
    ("call(101)", {}, "ptrace"),
    ("call(250)", {}, "keyctl"),
    ("call(29)", {}, "shmget"),
    ("call(300)", {}, "fanotify_init"),
    ("call(425, 8, 0)", {}, "ENOSYS"),			# io_uring_setup
    ("call(435, 0, 0)", {}, "ENOSYS"),			# clone3
    ("call(253)", {}, "ENOSYS"),			# inotify_init
    ("call(28, ctypes.c_void_p(PAGE), 4096, ctypes.c_long(12))", {}, "EINVAL"),	# MADV_MERGEABLE
    ("call(28, ctypes.c_void_p(PAGE), 4096, ctypes.c_long(12 | 1 << 32))", {}, "EINVAL"),
    ("call(56, ctypes.c_long(0x10000000), 0, 0, 0, 0)", {}, "clone"),	# a user namespace
    ("call(56, ctypes.c_long(1 << 32 | 0x20000), 0, 0, 0, 0)", {}, "clone"),
    ("call(9, None, 4096, 3, ctypes.c_long(1 << 32 | 0x40022), -1, ctypes.c_long(0))", {}, "ENOMEM"),
    ("call(319, b'x', ctypes.c_long(1 << 32 | 4))", {}, "ENOMEM"),
    ("os.setgroups([0])", {}, "EPERM"),
    ("os.setuid(0)", {}, "EPERM"),
    ("os.statvfs('/usr')", {}, "ENOSYS"),
    ("fcntl.fcntl(open('/usr/bin/env'), fcntl.F_SETLEASE, fcntl.F_RDLCK)", {}, "EINVAL"),
    ("fcntl.fcntl(open('/usr/bin/env'), fcntl.F_GETLEASE)", {}, "EINVAL"),
    ("fcntl.fcntl(os.open('/usr', 0), fcntl.F_NOTIFY, 1)", {}, "EINVAL"),
    ("fcntl.ioctl(0, 0x5412, b'x')", {}, "ENOTTY"),	# TIOCSTI
    ("os.posix_fadvise(os.open('/usr/bin/env', 0), 0, 0, os.POSIX_FADV_DONTNEED)", {}, "fine"),
    ("os.fsync(os.open('/usr/bin/env', 0))", {}, "fine"),
    ("fcntl.lockf(open('/tmp/x', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)", {}, "fine"),
    ("fcntl.lockf(open('/tmp/x', 'w'), fcntl.LOCK_EX)", TOOLS_FINE, "ENOLCK"),
    ("fcntl.flock(open('/tmp/x', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)", TOOLS_FINE, "ENOLCK"),
    ("fcntl.fcntl(open('/tmp/x', 'w'), 37, bytes(32))", TOOLS_FINE, "ENOLCK"),	# F_OFD_SETLK
    ("os.setresuid(-1, os.getuid(), -1)", {}, "fine"),
]

TRY = """import ctypes, errno, fcntl, os, socket
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
PAGE = libc.mmap(None, 4096, 3, 0x22, -1, ctypes.c_long(0))
def call(*args):
    if libc.syscall(*args) < 0: raise OSError(ctypes.get_errno(), '')
try: %s
except OSError as e: print(errno.errorcode[e.errno], end='')
else: print('fine', end='')
"""


@lib.rows((profile, profile) for profile in PROFILES)
def calls_of(profile):
    for tried, differs, usual in CALLS:
        meta, out, err = boxed(profile, ["python3", "-c", TRY % tried])
        lib.equal(meta.get("syscall") or out, differs.get(profile, usual), f"{tried} {err}")


@lib.test
def unknown_profile_is_refused():
    _, proc = start("root", ["true"])
    _, err = proc.communicate(timeout=lib.PATIENCE)
    lib.equal(proc.returncode, 2)
    lib.check("unknown profile 'root'" in err, err)


# ------------------------------------------------------------ the host's inodes

HOLD = """import fcntl, sys
f = open('%s')
try: %s
except OSError as e: print(e.strerror)
print('held', flush=True); sys.stdin.readline()
"""
NOBLOCK = "fcntl.LOCK_NB | fcntl.LOCK_"
LOCKS = [	# name, profile, how, what the program hears
    ("flock", "run", f"fcntl.flock(f, {NOBLOCK}EX)", "No locks available\nheld\n"),
    ("record", "run", f"fcntl.lockf(f, {NOBLOCK}SH)", "held\n"),
    ("tools_flock", "step", f"fcntl.flock(f, {NOBLOCK}EX)", "held\n"),
    ("tools_record", "step", f"fcntl.lockf(f, {NOBLOCK}SH)", "held\n"),
]


@lib.rows(LOCKS)
def lock_in_a_box_is_not_seen_outside(profile, how, said):
    _, proc = start(profile, ["python3", "-c", HOLD % (HOST_FILE, how)])
    lib.equal("".join(proc.stdout.readline() for _ in said.splitlines()), said)
    with open(HOST_FILE, "rb") as f:
        inode = f":{os.fstat(f.fileno()).st_ino} "
        lib.check(inode not in lib.read("/proc/locks"), "the host knows of it")
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    proc.communicate("\n", timeout=lib.PATIENCE)


@lib.rows(LOCKS)
def lock_outside_is_not_seen_in_a_box(profile, how, said):
    with open(HOST_FILE, "rb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        fcntl.lockf(f, fcntl.LOCK_SH)
        _, out, err = boxed(profile, ["python3", "-c", HOLD % (HOST_FILE, how)], "\n")
    lib.equal(out, said, err)


@lib.test
def nothing_of_the_host_is_in_proc():
    _, out, _ = boxed("run", ["sh", "-c", "cd /proc; echo *"])
    named = [n for n in out.split() if not n.isdigit()]
    lib.equal(sorted(set(named) - {"self", "thread-self"}), [])


# ------------------------------------------------------------ more runtimes

ADD = [	# name, what must be installed, files, command
    ("pypy3", "pypy3", {"a.py": "print(sum(map(int, input().split())))\n"}, "pypy3 a.py"),
    ("ruby", "ruby", {"a.rb": "puts gets.split.map(&:to_i).sum\n"}, "ruby a.rb"),
    ("perl", "perl", {"a.pl": 'my ($a, $b) = split / /, <STDIN>; print $a + $b, "\\n";\n'}, "perl a.pl"),
    ("php", "php", {"a.php": '<?php [$a, $b] = explode(" ", fgets(STDIN)); echo $a + $b, "\\n";\n'}, "php a.php"),
    ("lua", "lua5.4", {"a.lua": 'print(io.read("n") + io.read("n"))\n'}, "lua5.4 a.lua"),
    ("tcl", "tclsh", {"a.tcl": "puts [expr [join [split [gets stdin]] +]]\n"}, "tclsh a.tcl"),
    ("awk", "awk", {}, "awk '{ print $1 + $2 }'"),
    ("ocaml", "ocamlopt", {"a.ml": 'let () = Scanf.scanf " %d %d" (fun a b -> Printf.printf "%d\\n" (a + b))\n'},
     "ocamlopt a.ml -o a && ./a"),
    ("haskell", "ghc", {"a.hs": "main = interact ((++ \"\\n\") . show . sum . map read . words)\n"}, "ghc -v0 a.hs && ./a"),
    ("lisp", "sbcl", {"a.lisp": '(format t "~a~%" (+ (read) (read)))\n'}, "sbcl --script a.lisp"),
    ("scheme", "guile", {"a.scm": "(display (+ (read) (read))) (newline)\n"}, "guile --no-auto-compile a.scm"),
    ("erlang", "erl", {}, "erl -noshell -eval '{ok,[A,B]}=io:fread(\"\",\"~d ~d\"),io:format(\"~p~n\",[A+B]),halt().'"),
    ("csharp", "mcs", {"a.cs": "using System; class P { static void Main() { var s = Console.ReadLine().Split(); "
                               "Console.WriteLine(int.Parse(s[0]) + int.Parse(s[1])); } }\n"}, "mcs a.cs && mono a.exe"),
    ("shell", "bash", {}, "bash -c 'read a b; echo $((a + b))'"),
    ("make", "make", {"Makefile": "all: a b\n\t@read a b; echo $$((a + b))\na b:\n\t@sleep 0\n"}, "make -s -j3 -O"),
    ("sqlite", "python3", {"a.py": "import sqlite3\na, b = map(int, input().split())\nc = sqlite3.connect('x.db')\n"
                                   "c.execute('create table t (v)'); c.execute('insert into t values (?)', (a + b,))\n"
                                   "c.commit(); print(sqlite3.connect('x.db').execute('select v from t').fetchone()[0])\n"},
     "python3 a.py"),
    ("files", "tar", {"a": "42\n"}, "tar cf x.tar a && rm a && tar xpf x.tar && cp -a a b && sort b && ls -l >/dev/null && rm -r a b"),
]


@lib.rows(ADD)
def runtime(tool, files, command):
    if not shutil.which(tool, path="/usr/local/bin:/usr/bin:/bin"):
        raise lib.Skip(f"{tool} is not installed")
    script = "".join(f"cat > {name} <<'END'\n{text}END\n" for name, text in files.items()) + command
    for profile in ("run", "step"):
        meta, out, err = boxed(profile, ["sh", "-c", script], "20 22\n")
        lib.equal((meta["end"], meta.get("syscall"), out), ("exited", None, "42\n"), err)


try:
    lib.need_root()
    lib.main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)

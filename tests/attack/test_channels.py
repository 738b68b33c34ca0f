#!/usr/bin/python3
"""What two cells share at the same time: nothing that one can set and the other can see.

channels.table has a row for each way: one program in one cell does it and keeps it; another in a second
cell looks, and then somebody on the host does. It has seen something when the expression is true.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import lib

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = tempfile.mkdtemp(prefix="judgefs-channels.", dir=os.environ.get("TMPDIR", "/tmp"))
PROGRAM = os.path.join(FOLDER, "channels")
ROWS = [re.split(r"\t+", line) for line in lib.read(HERE + "/channels.table").splitlines()
        if line and not line.startswith("#")]


def setup():
    lib.need_programs("gcc")
    os.chmod(FOLDER, 0o755)
    text = '#include "attack.h"\n'
    for i, (_, keep, see) in enumerate(ROWS):
        text += f"static void keep{i}(void) {{ (void)({keep}); }}\nstatic int see{i}(void) {{ return ({see}) ? 1 : 0; }}\n"
    text += "int main(int argc, char **argv) {\nchar c; pid_t me = getpid();\n"
    for i, (name, _, _) in enumerate(ROWS):
        text += (f'if (argc > 2 && strcmp(argv[2], "{name}") == 0) {{\nif (strcmp(argv[1], "see") == 0) return see{i}();\n'
                 f"keep{i}(); if (getpid() != me) for (;;) pause(); }}\n")
    text += 'printf("%d\\n", getuid()); fflush(stdout); while (read(0, &c, 1) > 0) ; _exit(0); }\n'
    lib.write(PROGRAM + ".c", text)
    got = lib.run(["gcc", "-O0", "-w", "-pthread", "-I", HERE, "-o", PROGRAM, PROGRAM + ".c"])
    lib.check(got.returncode == 0, got.stdout)


def boxed(*args, **how):
    return subprocess.Popen([lib.JUDGECTL, "run", "--wall-time=2min", "--", PROGRAM, *args], stdout=subprocess.PIPE,
                            text=True, **how)


@lib.rows([(name, name) for name, _, _ in ROWS])
def not_seen(name):
    meta = os.path.join(FOLDER, "meta")
    with boxed("keep", name, stdin=subprocess.PIPE) as keeper:
        try:
            uid = keeper.stdout.readline().strip()
            lib.check(uid.isdigit(), "the first ended at once")
            got = lib.run([lib.JUDGECTL, "run", "--meta", meta, "--", PROGRAM, "see", name])
            lib.equal(got.returncode, 0, got.stdout)
            text = lib.read(meta)
            lib.check('"exited"' in text and re.search(r'"exit_code": ?0\b', text), f"it was seen: {text}")
            lib.check(keeper.poll() is None, "the first did not stay")
        finally:
            keeper.stdin.close()
            keeper.wait(lib.PATIENCE)


@lib.test
def uids_differ():
    with boxed("keep", "-", stdin=subprocess.PIPE) as a, boxed("keep", "-", stdin=subprocess.PIPE) as b:
        uids = [p.stdout.readline().strip() for p in (a, b)]
        for p in (a, b):
            p.stdin.close()
            p.wait(lib.PATIENCE)
    lib.check(uids[0] != uids[1] and all(int(u) >= 70000 for u in uids), str(uids))


try:
    lib.need_root()
    lib.main(setup)
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)

#!/usr/bin/python3
"""The command judgefs: its options, its refusals, its life in the background."""
import os
import shutil

import lib

lib.need_root()
judge = lib.Judge(problems={"aplusb": lib.APLUSB})


def judgefs(*args, uid=None):
    return lib.run([lib.JUDGEFS, *args], uid=uid, cwd="/")


def folder(name):
    path = os.path.join(judge.folder, name)
    os.makedirs(path, exist_ok=True)
    return path


@lib.rows([
    ("no arguments", [], 2, "it needs a STATE and a MOUNTPOINT"),
    ("one argument", ["STATE"], 2, "it needs a STATE and a MOUNTPOINT"),
    ("three arguments", ["STATE", "MOUNT", "x"], 2, "it needs a STATE and a MOUNTPOINT"),
    ("unknown option", ["--frobnicate", "STATE", "MOUNT"], 2, "judgefs --help"),
    ("unknown mount option", ["-o", "ro,frob", "STATE", "MOUNT"], 2, "unknown mount option 'frob'"),
    ("no mount point", ["-f", "STATE", "MOUNT/none"], 1, "No such file or directory"),
    ("file as mount point", ["-f", "STATE", "FILE"], 1, "is no directory"),
    ("file as state", ["-f", "FILE", "MOUNT"], 1, "open STATE"),
    ("state below the mount", ["-f", "MOUNT/state", "MOUNT"], 1, "is below the mount point"),
    ("no parent of state", ["-f", "STATE/a/b", "MOUNT"], 1, "make STATE"),
    ("help", ["--help"], 0, "usage: judgefs"),
    ("version", ["--version"], 0, "judgefs "),
])
def answers_to(args, code, says):
    lib.write(os.path.join(judge.folder, "FILE"), "")
    named = {"STATE": folder("s"), "MOUNT": folder("m"), "FILE": judge.folder + "/FILE"}
    for state in (named["STATE"], named["MOUNT"] + "/state"):
        os.makedirs(state, exist_ok=True)		# a judge with the defaults may run meanwhile
        lib.write(state + "/judge.ini", f"[sandbox]\ncgroup = {judge.cgroup}\n")
    for short, full in named.items():
        args = [a.replace(short, full) for a in args]
    got = judgefs(*args)
    lib.equal(got.returncode, code, got.stdout)
    lib.check(says in got.stdout, got.stdout)
    lib.check(not lib.mounted(named["MOUNT"]), "mounted")


@lib.test
def an_ordinary_user_is_refused():
    got = judgefs(folder("s"), folder("m"), uid=lib.ALICE)
    lib.equal(got.returncode, 1)
    lib.check("needs root" in got.stdout, got.stdout)


@lib.test
def a_state_that_others_can_write_is_refused():
    path = folder("open")
    os.chmod(path, 0o777)
    got = judgefs("-f", path, folder("m"))
    lib.equal(got.returncode, 1)
    lib.check("writable by root only" in got.stdout, got.stdout)


@lib.test
def missing_system_users_are_named():
    path = folder("users")
    lib.write(path + "/judge.ini", "[judge]\nuser = nosuchuser\n")
    got = judgefs("-f", path, folder("m"))
    lib.equal(got.returncode, 1)
    lib.check("adduser --system" in got.stdout, got.stdout)


@lib.test
def check_names_every_fault():
    path = folder("faults")
    lib.write(path + "/judge.ini", "[judge]\nworkers = many\n[limit]\ntime = 1s\n")
    shutil.copytree(lib.TOP + "/examples/languages.d", path + "/languages.d")
    with open(path + "/languages.d/c17.ini", "a") as f:
        f.write("\nfrob = 1\n")
    lines = lib.read(path + "/languages.d/c17.ini").count("\n")
    got = judgefs("--check", path)
    lib.equal(got.returncode, 1)
    for fault in ("judge.ini:2: workers", "judge.ini:4: unknown section [limit]",
                  f"languages.d/c17.ini:{lines}: unknown key 'frob'"):
        lib.check(fault in got.stdout, f"no {fault!r} in {got.stdout!r}")


@lib.test
def check_names_the_faults_of_problems():
    path = folder("problems-faults")
    shutil.copytree(lib.TOP + "/examples/languages.d", path + "/languages.d")
    lib.make_problem(path + "/problems/fine", lib.APLUSB)
    lib.equal(judgefs("--check", path).returncode, 0)
    lib.make_problem(path + "/problems/bad", lib.APLUSB, ini="[limits]\ntime = long\n[tset]\nx = 1\n")
    lib.make_problem(path + "/problems/empty", {})
    got = judgefs("--check", path)
    lib.equal(got.returncode, 1)
    for fault in ("problems/bad/problem.ini:2: ", "problems/bad/problem.ini:4: ", "problems/empty"):
        lib.check(fault in got.stdout, f"no {fault!r} in {got.stdout!r}")
    lib.check("problems/fine" not in got.stdout, got.stdout)


@lib.test
def check_looks_for_the_users():
    path = folder("users")
    lib.write(path + "/judge.ini", "[judge]\nuser = root\nworker-user = nobodyhere\n")
    got = judgefs("--check", path)
    lib.equal(got.returncode, 1)
    for fault in ("user 'root' is root", "no system user 'nobodyhere'"):
        lib.check(fault in got.stdout, f"no {fault!r} in {got.stdout!r}")


@lib.test
def check_prints_settings_that_read_back():
    path = folder("fine")
    lib.write(path + "/judge.ini", "[limits]\nmemory = 1GiB\n")
    got = judgefs("--check", path)
    lib.equal(got.returncode, 0, got.stdout)
    lib.check("memory = 1GiB\n" in got.stdout, got.stdout)
    lib.write(path + "/judge.ini", got.stdout)
    lib.equal(judgefs("--check", path).stdout, got.stdout)


@lib.test
def goes_to_the_background_when_it_is_up():
    got = judgefs(judge.state, judge.mount)
    try:
        lib.equal((got.returncode, got.stdout), (0, ""))
        lib.check(lib.mounted(judge.mount), "not mounted")
        lib.check("README.txt" in os.listdir(judge.mount), "the mount does not answer")
        lib.equal(lib.read(judge.state + "/run/mount").strip(), judge.mount)
        lib.check("is up" in lib.read(judge.state + "/judgefs.log"), "nothing in the log")
        judge.wait_problem("aplusb")
        kinds = [line.split()[2] for line in lib.read("/proc/self/mounts").splitlines()
                 if line.split()[1] == judge.mount]
        lib.equal(kinds, ["fuse.judgefs"])
    finally:
        end = judgefs("--stop", judge.state)
    lib.equal(end.returncode, 0, end.stdout)
    lib.check("ended the judge" in end.stdout, end.stdout)
    lib.check(not lib.mounted(judge.mount), "still mounted")
    lib.equal(os.listdir(judge.state + "/run"), [])
    lib.equal(lib.cgroups(judge.cgroup), [])
    lib.check("no judge runs" in judgefs("--stop", judge.state).stdout, "a second --stop")
    lib.check("no judge runs" in judgefs("--stop", judge.folder + "/none").stdout, "without STATE")


@lib.test
def mounts_by_mount():
    helper = "/sbin/mount.fuse.judgefs"			# as `make install` makes it
    made = not os.path.lexists(helper)
    if made:
        os.symlink(lib.JUDGEFS, helper)
    try:
        got = lib.run(["mount", "-t", "fuse.judgefs", "-o", "noatime,dev,suid,x-test=1",
                       judge.state, judge.mount])
        lib.equal(got.returncode, 0, got.stdout)
        options = [line.split()[3] for line in lib.read("/proc/self/mounts").splitlines()
                   if line.split()[1] == judge.mount][0].split(",")
        for wanted in ("nosuid", "nodev", "noatime", "allow_other", "default_permissions"):
            lib.check(wanted in options, f"{wanted} is not in {options}")
        got = lib.run(["mount", "-t", "fuse.judgefs", "-o", "frob", judge.state, judge.mount])
        lib.check(got.returncode != 0 and "frob" in got.stdout, got.stdout)
    finally:
        if made:
            os.unlink(helper)
        lib.run(["umount", judge.mount])
        judgefs("--stop", judge.state)


SLOW = """import time
a, b = map(int, input().split())
time.sleep(0.5)
print(a + b)
"""


@lib.test
def read_only_still_judges_what_was_accepted():
    judge.start()
    path = judge.submit(lib.ALICE, "aplusb", "a.py", SLOW)
    judge.stop_keep()					# accepted, and not judged to the end
    judge.options = ["-o", "ro"]
    judge.start()
    lib.raises(30, lib.as_user, lib.ALICE, lib.write, path, "x")	# EROFS
    lib.equal(judge.wait_final(path), "Accepted")
    judge.stop_keep()


lib.main()

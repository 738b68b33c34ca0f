#!/usr/bin/python3
"""judgectl's verbs that speak with a judge: submit, wait, import, status, rejudge, fsck."""
import json
import os
import sqlite3

import lib

lib.need_root()
judge = lib.Judge(problems={"aplusb": lib.APLUSB})
files = os.path.join(judge.folder, "files")


def setup():
    judge.start()
    os.mkdir(files)
    for name, text in (("good.c", lib.APLUSB_C), ("wrong.py", "print(3)\n"), ("empty.c", ""),
                       ("text.xyz", "no program\n")):
        lib.write(os.path.join(files, name), text)


def ctl(*args, uid=None):
    return lib.run([lib.JUDGECTL, *args], uid=uid)


def submit(name, *args, uid=lib.ALICE):
    return ctl("submit", "--wait", "--mount", judge.mount, *args, "aplusb",
               os.path.join(files, name), uid=uid)


@lib.rows([("good", "good.c", 0, "Accepted\n"),
           ("wrong", "wrong.py", 1, "Wrong answer on test 2\n"),
           ("unknown", "text.xyz", 1, "Compile error\n")])
def submit_waits(name, status, first):
    got = submit(name)
    lib.starts(got.stdout, first)
    lib.equal(got.returncode, status)


@lib.test
def submit_finds_the_mount():
    got = ctl("submit", "--wait", "--state", judge.state, "aplusb", files + "/good.c", uid=lib.BOB)
    lib.starts(got.stdout, "Accepted\n")


@lib.rows([("empty", "empty.c", "empty"), ("missing", "missing.c", "No such file"),
           ("folder", ".", "not a regular file")])
def submit_refuses(name, why):
    got = submit(name)
    lib.equal(got.returncode, 2)
    lib.check(why in got.stdout, got.stdout)


@lib.test
def submit_to_no_problem():
    got = ctl("submit", "--mount", judge.mount, "nosuch", files + "/good.c", uid=lib.ALICE)
    lib.equal(got.returncode, 2)


@lib.test
def wait_takes_any_of_the_names():
    path = judge.submit(lib.ALICE, "aplusb", "w.c", lib.APLUSB_C)
    for suffix in ("", ".verdict", ".result.json"):
        got = ctl("wait", path + suffix, uid=lib.ALICE)
        lib.starts(got.stdout, "Accepted\n", suffix)
        lib.equal(got.returncode, 0)
    judge.submit(lib.ALICE, "aplusb", "x.py", "print(1)\n")
    got = ctl("wait", path, path[:-3] + "x.py", uid=lib.ALICE)
    lib.equal(got.returncode, 1)
    lib.check("==> " in got.stdout and "Wrong answer" in got.stdout, got.stdout)
    got = ctl("wait", path + ".no", uid=lib.ALICE)
    lib.equal(got.returncode, 2)
    lib.check("no such submission" in got.stdout, got.stdout)


@lib.test
def wait_ends_with_its_timeout():
    path = judge.submit(lib.ALICE, "aplusb", "loop.py", "while True: pass\n")
    got = ctl("wait", "--timeout", "1ms", path, uid=lib.ALICE)
    lib.equal(got.returncode, 2)
    lib.check("timed out" in got.stdout, got.stdout)
    lib.starts(judge.wait_final(path), "Time limit exceeded")


@lib.test
def import_installs():
    package = os.path.join(judge.folder, "new problem")
    os.umask(0o077)
    lib.make_problem(package, lib.APLUSB, ini="[problem]\ntitle = New\n")
    os.umask(0o022)
    got = ctl("import", "--state", judge.state, package)
    lib.equal(got.returncode, 1)
    lib.check("choose one with --name" in got.stdout, got.stdout)
    got = ctl("import", "--state", judge.state, "--name", "new", package)
    lib.check("new: installed" in got.stdout, got.stdout)
    lib.equal(got.returncode, 0)
    judge.wait_problem("new")
    path = judge.submit(lib.ALICE, "new", "a.py", lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Accepted")

    # Over the old version; a broken one changes nothing.
    lib.write(package + "/1.ans", "4\n")
    got = ctl("import", "--state", judge.state, "--name", "new", package + "/")
    lib.equal(got.returncode, 0)
    path = judge.submit(lib.ALICE, "new", "b.py", lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Wrong answer on test 1")
    got = ctl("import", "--state", judge.state, "--name", "NEW", package)
    lib.equal(got.returncode, 1)
    lib.check("differs only in case from the problem 'new'" in got.stdout, got.stdout)
    lib.write(package + "/problem.ini", "[problem]\ntypo = 1\n[limits]\nmemory = 5\n")
    got = ctl("import", "--state", judge.state, "--name", "new", package)
    lib.equal(got.returncode, 1)
    lib.equal(got.stdout.count("problem.ini:2"), 1, got.stdout)
    lib.equal(got.stdout.count("problem.ini:4"), 1, got.stdout)
    lib.check(os.path.isdir(judge.mount + "/new"), "the problem is gone")
    lib.equal([n for n in os.listdir(judge.state + "/problems") if n.startswith(".")], [])


@lib.test
def status_tells():
    got = ctl("status", "--state", judge.state)
    lib.equal(got.returncode, 0)
    for part in (" waiting, ", "1 worker", "aplusb", "Python 3"):
        lib.check(part in got.stdout, f"{part} is not in {got.stdout}")
    got = json.loads(ctl("status", "--json", "--state", judge.state).stdout)
    lib.equal(len(got["workers"]), 1)
    got = ctl("status", "--state", judge.state, uid=lib.ALICE)
    lib.equal(got.returncode, 2)


@lib.rows([
    ("no_verb", ["frob"], "unknown verb 'frob'"),
    ("value_missing", ["status", "--state"], "--state needs a value"),
    ("letter_without", ["judge", "-l"], "-l needs a value"),
    ("option", ["verify", "--frob"], "unknown option '--frob'"),
    ("letter", ["submit", "-wq"], "unknown option '-q'"),
    ("unclear", ["run", "--std", "x", "--", "true"], "unknown option '--std'"),
    ("time", ["run", "--cpu-time", "soon"], "--cpu-time 'soon' is no time"),
    ("size", ["run", "--memory", "1Q"], "--memory '1Q' is no size"),
    ("count", ["run", "--files", "x"], "--files 'x' is no number"),
    ("timeout", ["wait", "--timeout", "5x", "a.c"], "--timeout '5x' is no time"),
])
def wrong_usage(args, why):
    got = ctl(*args)
    lib.equal(got.returncode, 2)
    lib.check(why in got.stdout.split("\n")[0], got.stdout)


@lib.test
def rejudge_judges_again():
    path = judge.submit(lib.ALICE, "aplusb", "again.py", lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Accepted")
    before = judge.result(path)
    got = ctl("rejudge", "--state", judge.state, str(before["id"]))
    lib.equal(got.returncode, 0, got.stdout)
    lib.wait_for(lambda: judge.wait_result(path)["attempt"] == before["attempt"] + 1,
                 "the second attempt")
    got = ctl("rejudge", "--state", judge.state, "nosuch")
    lib.equal(got.returncode, 2)
    got = ctl("rejudge", "--state", judge.state, "aplusb")
    lib.equal(got.returncode, 0)
    lib.wait_for(lambda: judge.wait_result(path)["attempt"] == before["attempt"] + 2,
                 "the third attempt")


@lib.test
def fsck_finds_breaches():
    judge.fsck()
    for name in ("judge.db", "judge.db-wal", "judge.db-shm"):
        st = os.stat(f"{judge.state}/db/{name}")
        lib.check(st.st_uid != 0, f"{name} is root's")
    db = sqlite3.connect(judge.state + "/db/judge.db")
    blob = db.execute("SELECT digest FROM submission LIMIT 1").fetchone()[0]
    db.close()
    path = f"{judge.state}/blobs/{blob[:2]}/{blob[2:]}"
    os.rename(path, path + ".away")
    try:
        got = ctl("fsck", judge.state)
    finally:
        os.rename(path + ".away", path)
    lib.equal(got.returncode, 1)
    lib.check("has no blob" in got.stdout, got.stdout)
    judge.fsck()
    got = ctl("fsck", judge.folder)
    lib.equal(got.returncode, 2)


lib.main(setup)

#!/usr/bin/python3
"""From cp to the verdict, with all programs of a judge."""
import errno
import os
import re
import shutil
import time

import lib

lib.need_root()
judge = lib.Judge(problems={"aplusb": lib.APLUSB}, workers=2, ini="[submit]\nsettle = 1min\n")
GUESS = os.path.join(lib.TOP, "examples/problems/guess")
quick = lib.Judge(problems={"aplusb": lib.APLUSB, "guess": GUESS}, ini="[submit]\nsettle = 0s\n")
FIRST_LINES = re.compile(r"Not judged|Queued, \d+ before it|Compiling|Running(?: test \d+ of \d+)?|"
                         r"Accepted|Wrong answer on test 1|Compile error|Runtime error on test 1")
WRONG_PY = "print(7)\n"
SLEEPS_PY = "import time\ntime.sleep(600)\n"
_count = 0


def fresh(suffix=".py"):
    global _count
    _count += 1
    return f"s{_count}{suffix}"


def attempts(j, uid, name):
    """[(number, source, first line of the verdict)] of one name in history/."""
    top, got = j.history(uid, "aplusb"), []
    for number in sorted(map(int, os.listdir(top))):
        if os.path.exists(f"{top}/{number}/{name}"):
            got.append((number, lib.read(f"{top}/{number}/{name}"),
                        lib.read(f"{top}/{number}/verdict").split("\n")[0]))
    return got


@lib.test
def a_copy_is_judged_and_its_progress_seen():
    name = fresh(".c")
    source = os.path.join(judge.folder, name)
    lib.write(source, lib.APLUSB_C, 0o644)
    sub = judge.sub(lib.ALICE, "aplusb")
    lib.as_user(lib.ALICE, shutil.copy, source, sub)
    seen = []

    def final():
        line = judge.verdict(f"{sub}/{name}")
        if not seen or seen[-1] != line:
            seen.append(line)
        return judge.result(f"{sub}/{name}").get("final")
    lib.wait_for(final, "the verdict", every=0.001)
    lib.equal(judge.verdict(f"{sub}/{name}"), "Accepted")
    for line in seen:
        lib.check(FIRST_LINES.fullmatch(line), f"odd first line {line!r}")
    lib.check(len(seen) > 1, f"no progress was seen: {seen}")
    lib.equal(attempts(judge, lib.ALICE, name), [(1, lib.APLUSB_C, "Accepted")])


@lib.test
def the_same_content_is_not_judged_again():
    name = fresh()
    path = judge.submit(lib.ALICE, "aplusb", name, WRONG_PY)
    lib.starts(judge.wait_final(path), "Wrong answer")
    before = judge.result(path)
    for again in (lambda: lib.write(path, WRONG_PY), lambda: os.utime(path),
                  lambda: os.chmod(path, 0o600)):
        lib.as_user(lib.ALICE, again)
        lib.starts(judge.wait_final(path), "Wrong answer")
        lib.equal(judge.result(path)["id"], before["id"], "id")
    lib.equal(len(attempts(judge, lib.ALICE, name)), 1)


@lib.test
def a_young_attempt_is_replaced():
    name = fresh()
    # What has its verdict already would stay.
    path = judge.submit(lib.ALICE, "aplusb", name, SLEEPS_PY)
    judge.submit(lib.ALICE, "aplusb", name, lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Accepted")
    lib.equal([a[1:] for a in attempts(judge, lib.ALICE, name)], [(lib.APLUSB_PY, "Accepted")])


@lib.test
def an_old_attempt_is_kept():
    name = fresh()
    path = quick.submit(lib.ALICE, "aplusb", name, WRONG_PY)
    lib.starts(quick.wait_final(path), "Wrong answer")
    quick.submit(lib.ALICE, "aplusb", name, lib.APLUSB_PY)
    lib.equal(quick.wait_final(path), "Accepted")
    lib.equal([a[1:] for a in attempts(quick, lib.ALICE, name)],
              [(WRONG_PY, "Wrong answer on test 1"), (lib.APLUSB_PY, "Accepted")])


@lib.test
def what_was_removed_is_judged_all_the_same():
    name = fresh()

    def hurry(sub):
        lib.write(f"{sub}/{name}", lib.APLUSB_PY)
        os.unlink(f"{sub}/{name}")
    lib.as_user(lib.ALICE, hurry, quick.sub(lib.ALICE, "aplusb"))
    lib.wait_for(lambda: [a[2] for a in attempts(quick, lib.ALICE, name)] == ["Accepted"],
                 "the verdict in history")
    lib.check(name not in os.listdir(quick.sub(lib.ALICE, "aplusb")), "is back")


@lib.rows([
    ("option", "-rf.py"), ("blank", "a b.py"), ("quotes", "it's \"quoted\".py"),
    ("UTF-8", "l\u00f6sung.py"), ("format", "%s%n.py"), ("shell", "$(reboot).py"),
    ("semicolon", "a;b.py"), ("longest", "x" * 240 + ".py"), ("glob", "*.py"),
    ("backslash", "\\n.py"), ("dots", "a...py"),
])
def any_name_has_its_verdict(name):
    path = quick.submit(lib.BOB, "aplusb", name, lib.APLUSB_PY)
    lib.equal(quick.wait_final(path), "Accepted")
    lib.equal(quick.result(path)["user"], str(lib.BOB))


@lib.rows([
    ("no suffix", "program", "x\n"),
    ("unknown suffix", "a.xyz", "x\n"),
    ("binary garbage", "b.c", bytes(range(256)) * 20),
    ("not text", "c.py", b"\xff\xfe\x00print"),
])
def nonsense_has_a_verdict_too(name, content):
    path = quick.submit(lib.BOB, "aplusb", name, content)
    line = quick.wait_final(path)
    lib.check(line.split(" on test ")[0] in ("Compile error", "Runtime error"), line)


@lib.rows([
    ("accepted", "accepted/halves.py", "Accepted", "Accepted"),
    ("wrong", "wrong_answer/one_by_one.py", "Wrong answer on test 1", "more than ten questions"),
    ("not_flushed", "time_limit_exceeded/no_flush.c", "Idleness limit exceeded on test 1",
     "Hint: did you flush"),
])
def interactive(source, line, words):
    path = quick.submit(lib.ALICE, "guess", os.path.basename(source),
                        lib.read(f"{GUESS}/submissions/{source}"))
    lib.equal(quick.wait_final(path), line)
    lib.check(words in lib.read(path + ".verdict"), lib.read(path + ".verdict"))
    lib.check("Flush" in lib.read(f"{quick.mount}/guess/README.txt"), "README.txt")


@lib.test
def too_large_is_refused_at_once():
    path = quick.sub(lib.BOB, "aplusb") + "/huge.c"
    lib.raises(errno.EFBIG, lib.as_user, lib.BOB, lib.write, path, "x" * 10_000_000)
    lib.starts(quick.verdict(path), "Not judged")


@lib.test
def two_users_while_serve_dies():
    """Nothing is lost, nothing is judged twice, and where the kernel RESENDS nobody sees an error."""
    each = 20
    pids = []
    for uid in (lib.ALICE, lib.BOB):
        sub = quick.sub(uid, "aplusb")
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                lib.as_user(uid, hand_in, sub, each)
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    for _ in range(3):
        time.sleep(0.15)		# a moment of the load, whichever
        quick.kill("judgefs-serve")
        lib.wait_for(lambda: quick.pids("judgefs-serve"), "the next server")
    for pid in pids:
        lib.equal(os.waitpid(pid, 0)[1], 0, "status of a submitter")
    for uid in (lib.ALICE, lib.BOB):
        sub = quick.sub(uid, "aplusb")
        for i in range(each):
            want = "Accepted" if i % 2 else "Wrong answer on test 1"
            lib.equal(quick.wait_final(f"{sub}/k{i}.py"), want)
            lib.equal([a[2] for a in attempts(quick, uid, f"k{i}.py")], [want])
    quick.fsck()


def hand_in(sub, each):
    for i in range(each):
        while not handed_in(f"{sub}/k{i}.py", (lib.APLUSB_PY if i % 2 else WRONG_PY) + f"# {i}\n"):
            pass
        time.sleep(0.02)


def handed_in(path, text):
    """False: the server died with a call of ours, and the kernel gives it to nobody else."""
    try:
        lib.write(path, text)
        lib.read(path + ".verdict")
        return True
    except OSError as e:
        if e.errno != errno.EIO or lib.RESENDS:
            raise
        return False


def setup():
    ini = f"{quick.state}/problems/guess/problem.ini"
    lib.write(ini, lib.read(ini).replace("time = 1s", f"time = {lib.SLOW}s").replace("wall = 3s", f"wall = {3 * lib.SLOW}s"))
    judge.start()
    quick.start()


lib.main(setup=setup)

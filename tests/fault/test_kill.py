#!/usr/bin/python3
"""Programs of a judge are killed at every point of a submission's way: nothing is lost, nothing
is judged twice, and what must hold of the store holds."""
import multiprocessing
import os
import random
import sqlite3

import lib

lib.need_root()
PROGRAMS = ("judgefs-serve", "judgefs-sched", "judgefs-publish", "judgefs-worker", "judgefs-box")
judge = lib.Judge(problems={"aplusb": lib.APLUSB}, workers=2)

# Some tenths of a second of CPU time in each test: long enough to be met there.
SLOW_PY = "a, b = map(int, input().split())\nfor _ in range(3000000): pass\nprint(a + b)\n"
count = 0


def query(sql):
    db = sqlite3.connect(f"file:{judge.state}/db/judge.db?mode=ro", uri=True, timeout=30)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def sound(total=None):
    """Each submission has one outcome, is done and shown; the invariants hold."""
    lib.wait_for(lambda: not query("SELECT id FROM submission WHERE state != 2"
                                   " OR published != change"), "all to be judged and shown")
    bad = query("SELECT id, (SELECT count(*) FROM outcome WHERE submission = id) AS n"
                " FROM submission WHERE n != 1")
    lib.equal(bad, [], "outcomes")
    bad = query("SELECT id FROM file WHERE judged AND gone = 0 AND (state != 2 OR submission = 0)")
    lib.equal(bad, [], "files not handed in")
    if total is not None:
        lib.equal(query("SELECT count(*) FROM submission")[0][0], total, "submissions")
    judge.fsck()


def hand_in(content):
    global count
    count += 1
    return judge.submit(lib.ALICE, "aplusb", f"s{count}.py", content + f"# {count}\n")


def back(program, dead):
    """A successor of each of the dead is there."""
    lib.wait_for(lambda: len([p for p in judge.pids(program) if p not in dead]) >= len(dead),
                 f"another {program}")


# ---------------------------------------------------------------- one at a time

def accepted(path):
    pass


def running(path):
    lib.wait_for(lambda: judge.verdict(path).startswith("Running"), "it to run")


def judged(path):
    """The outcome is stored; it may be shown or not."""
    name = os.path.basename(path)
    lib.wait_for(lambda: query(f"SELECT id FROM submission WHERE name = '{name}' AND state = 2"),
                 "its outcome")


@lib.rows([(f"{program[8:]} {point.__name__}", program, point)
           for point in (accepted, running, judged) for program in PROGRAMS])
def killed(program, point):
    path = hand_in(SLOW_PY)
    point(path)
    dead = judge.kill(program)
    lib.equal(judge.wait_final(path), "Accepted")
    back(program, dead)
    sound(count)


@lib.test
def killed_with_a_writer():
    """The server dies while a file is open and half written: the writer goes on."""
    def write():
        with open(os.path.join(judge.mount, "aplusb", "sub", "half.py"), "w") as f:
            f.write(lib.APLUSB_PY[:20])
            f.flush()
            lib.write(judge.folder + "/half", "")
            lib.wait_for(lambda: os.path.exists(judge.folder + "/go"), "the kill")
            f.write(lib.APLUSB_PY[20:])
    os.chmod(judge.folder, 0o777)
    for name in ("half", "go"):
        if os.path.exists(os.path.join(judge.folder, name)):
            os.unlink(os.path.join(judge.folder, name))
    writer = multiprocessing.Process(target=lib.as_user, args=(lib.BOB, write))
    writer.start()
    try:
        lib.wait_for(lambda: os.path.exists(judge.folder + "/half"), "half of the file")
        judge.kill("judgefs-serve")
        judge.kill("judgefs-sched")
        lib.write(judge.folder + "/go", "")
        writer.join(lib.PATIENCE)
        lib.equal(writer.exitcode, 0, "the writer")
    finally:
        writer.kill()
    path = os.path.join(judge.sub(lib.BOB, "aplusb"), "half.py")
    lib.equal(judge.wait_final(path), "Accepted")
    lib.equal(lib.as_user(lib.BOB, lib.read, path), lib.APLUSB_PY)
    global count
    count += 1
    sound(count)


@lib.rows([("accepted", accepted), ("running", running), ("judged", judged)])
def all_killed(point):
    """The supervisor and with it all of the judge, as at a loss of power; then a new start."""
    path = hand_in(SLOW_PY)
    point(path)
    judge.kill_all()
    lib.run(["umount", "-l", judge.mount])
    judge.start()
    lib.equal(judge.wait_final(path), "Accepted")
    sound(count)


@lib.test
def replaced_while_running():
    """A younger content takes the attempt's place at once; of the older one nothing is left."""
    path = hand_in("while True: pass\n")
    running(path)
    judge.submit(lib.ALICE, "aplusb", os.path.basename(path), lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Accepted")
    name = os.path.basename(path)
    lib.equal(len(query(f"SELECT id FROM submission WHERE name = '{name}'")), 1, "submissions")
    sound(count)


# ---------------------------------------------------------------- two hundred

def writer(uid, n, problem):
    def write_all():
        sub = os.path.join(judge.mount, problem, "sub")
        for i in range(n):
            right = i % 4 != 0
            lib.write(os.path.join(sub, f"n{i}.py"),
                      (lib.APLUSB_PY if right else "print(3)\n") + f"# {uid} {i}\n")
    lib.as_user(uid, write_all)


@lib.test
def two_hundred():
    n, before = 100, count
    chosen = random.Random(7)
    kills = [p for p in ("judgefs-serve", "judgefs-sched", "judgefs-worker") for _ in range(3)]
    chosen.shuffle(kills)
    users = (lib.ALICE, lib.BOB)
    writers = [multiprocessing.Process(target=writer, args=(u, n, "aplusb")) for u in users]

    def done():
        return query("SELECT count(*) FROM submission WHERE state = 2")[0][0] - before

    for w in writers:
        w.start()
    try:
        for i, program in enumerate(kills):
            # Spread over the whole of it: the first while files are still being written.
            lib.wait_for(lambda: done() >= i * 2 * n // len(kills) * 3 // 4, "some to be judged")
            dead = judge.kill(program)
            back(program, dead)
        for w in writers:
            w.join(lib.PATIENCE)
            lib.equal(w.exitcode, 0, "a writer")
    finally:
        for w in writers:
            w.kill()
    for uid in users:
        sub = judge.sub(uid, "aplusb")
        for i in range(n):
            wanted = "Accepted" if i % 4 else "Wrong answer on test 2"
            lib.equal(judge.wait_final(os.path.join(sub, f"n{i}.py")), wanted, f"n{i}.py")
    sound(before + 2 * n)


lib.main(judge.start)

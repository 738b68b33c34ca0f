#!/usr/bin/python3
"""The disk of the state is full: nothing that was accepted is lost, the judge waits and says so."""
import os
import sqlite3

import lib

lib.need_root()
SLOW_PY = "a, b = map(int, input().split())\nfor _ in range(20000000): pass\nprint(a + b)\n"
INI = "[submit]\nreserve = 0\n[limits]\ntime = 20s\n"
judge = lib.Judge()


def start():
    lib.check(lib.run(["mount", "-t", "tmpfs", "-o", "size=48m,mode=755", "none",
                       judge.state]).returncode == 0, "no tmpfs")
    judge.configure(workers=1, ini=INI)
    judge.place("aplusb", lib.APLUSB)
    judge.start()


def fill():
    """Not a byte is left; what the database has for its log is taken away before."""
    db = sqlite3.connect(f"{judge.state}/db/judge.db", timeout=30)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    fd = os.open(judge.state + "/filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    os.write(fd, b"x" * size)
            except OSError:
                pass
    finally:
        os.close(fd)


@lib.test
def full_while_one_runs():
    path = judge.submit(lib.ALICE, "aplusb", "a.py", SLOW_PY)
    lib.wait_for(lambda: judge.verdict(path).startswith("Running"), "it to run")
    sched = judge.pid("judgefs-sched")
    fill()
    lib.wait_for(lambda: judge.log_has("tried again while there is no room"), "the log to say so")
    lib.wait_for(lambda: "can not write" in lib.read(judge.mount + "/health.txt"), "health.txt")
    status = lib.run([lib.JUDGECTL, "status", "--state", judge.state])
    lib.equal(status.returncode, 0, status.stdout)
    lib.equal(judge.pid("judgefs-sched"), sched, "the scheduler")
    os.unlink(judge.state + "/filler")
    lib.equal(judge.wait_final(path), "Accepted")
    lib.wait_for(lambda: "can not write" not in lib.read(judge.mount + "/health.txt"), "health.txt")
    path = judge.submit(lib.ALICE, "aplusb", "b.py", lib.APLUSB_PY)
    lib.equal(judge.wait_final(path), "Accepted")
    judge.fsck()


try:
    lib.main(start)
finally:
    judge.clean()
    lib.run(["umount", judge.state])
    lib.run(["rm", "-rf", judge.folder])

# attack: locks and leases on the verdict, held while it is to be written
# by: student
# expect: shut
import fcntl, os, signal
signal.signal(signal.SIGIO, signal.SIG_IGN)
write(SUB + "/l.py", "print(7)\n")
final("l.py")
held = []
for suffix in ("", ".verdict", ".result.json"):
    fd = os.open(SUB + "/l.py" + suffix, os.O_RDONLY)
    held.append(fd)
    for what in (lambda: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB), lambda: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK),
                 lambda: fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB), lambda: fcntl.fcntl(fd, fcntl.F_NOTIFY, 0x8000003f)):
        try:
            what()
        except OSError:
            pass
write(SUB + "/l.py", RIGHT)
assert final("l.py") == "Accepted"

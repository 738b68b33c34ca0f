# attack: say by the publisher's ioctl that a handle writes a verdict
# by: student
# expect: shut
import fcntl, os, struct
write(SUB + "/i.py", "print(7)\n")
final("i.py")
for path in (SUB + "/i.py", SUB + "/i.py.verdict"):
    fd = os.open(path, os.O_RDONLY)
    for size in (0, 8, 16):
        for nr in range(0, 32):
            for kind in (ord("j"), ord("J"), 0xf5):
                for direction in (0, 1, 2, 3):
                    try:
                        fcntl.ioctl(fd, direction << 30 | size << 16 | kind << 8 | nr, bytes(size))
                    except OSError:
                        pass
    refused(os.pwrite, fd, b"Accepted\n", 0)
    os.close(fd)
assert verdict("i.py").startswith("Wrong answer")

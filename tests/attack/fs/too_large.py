# attack: a huge source, a sparse one, and one that is made huge by every call
# by: student
# expect: shut
import os
path = SUB + "/large.py"
fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
refused(os.ftruncate, fd, 1 << 40)
refused(os.pwrite, fd, b"x", 1 << 40)
refused(os.posix_fallocate, fd, 0, 1 << 40)
refused(os.ftruncate, fd, 1 << 62)
try:
    for i in range(100000):
        os.write(fd, b"x" * 65536)
    raise lib.Failed("six gigabytes were taken")
except OSError as e:
    assert e.errno in (27, 122), e
try:
    os.close(fd)
except OSError:
    pass
os.unlink(path)

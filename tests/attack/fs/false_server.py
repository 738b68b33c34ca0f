# attack: call oneself an NFS server, whose open files count as complete
# by: student
# expect: shut
import ctypes, os
libc = ctypes.CDLL(None)
assert libc.prctl(15, b"ganesha.nfsd", 0, 0, 0) == 0
fd = os.open(SUB + "/server.py", os.O_WRONLY | os.O_CREAT, 0o600)
os.write(fd, RIGHT.encode())
os.fsync(fd)
refused(os.listdir, OTHER)
os.close(fd)
assert final("server.py") == "Accepted"

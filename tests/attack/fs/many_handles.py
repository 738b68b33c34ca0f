# attack: keep two thousand handles open
# by: student
# expect: shut
import os, resource
write(SUB + "/h.py", RIGHT)
fds = []
try:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for i in range(2000):
        fds.append(os.open(SUB + "/h.py", os.O_RDONLY))
except OSError:
    pass
assert final("h.py") == "Accepted"
for fd in fds:
    os.close(fd)

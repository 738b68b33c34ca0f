# attack: unusual ways to open: direct, temporary, path only, synchronous, append, exclusive
# by: student
# expect: shut
import os
write(SUB + "/o.py", RIGHT)
for flags in (os.O_DIRECT, os.O_TMPFILE, os.O_PATH, os.O_SYNC, os.O_APPEND, os.O_NOATIME, os.O_DIRECTORY, os.O_NONBLOCK, 1 << 30):
    for path in (SUB, SUB + "/o.py", SUB + "/o.py.verdict"):
        for mode in (os.O_RDONLY, os.O_RDWR):
            try:
                os.close(os.open(path, flags | mode, 0o600))
            except OSError:
                pass
refused(os.open, SUB + "/o.py", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
assert final("o.py") == "Accepted"

# attack: times before 1970, after 2500 and with impossible parts
# by: student
# expect: shut
import os
write(SUB + "/t.py", RIGHT)
for t in (-1, -(1 << 40), 0, 1 << 34, 1 << 40):
    try:
        os.utime(SUB + "/t.py", (t, t))
    except (OSError, OverflowError):
        pass
os.listdir(SUB)
assert final("t.py") == "Accepted"

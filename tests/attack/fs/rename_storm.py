# attack: rename others over a submission that runs
# by: student
# expect: shut
import os
for i in range(12):
    write(SUB + "/new.txt", f"print({i})\n")
    os.rename(SUB + "/new.txt", SUB + "/target.py")
write(SUB + "/new.txt", RIGHT)
os.rename(SUB + "/new.txt", SUB + "/target.py")
assert final("target.py") == "Accepted"

# attack: write to a submission while it is judged
# by: student
# expect: shut
import os
write(SUB + "/w.py", "import time\nwhile time.process_time() < 0.3: pass\n" + RIGHT)
fd = os.open(SUB + "/w.py", os.O_RDWR)
for i in range(200):
    os.pwrite(fd, b"print(7)\n#", 0)
os.close(fd)
assert not final("w.py").startswith("Accepted")

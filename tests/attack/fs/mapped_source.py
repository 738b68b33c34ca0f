# attack: change the submission through a mapping after it was closed
# by: student
# expect: shut
import mmap, os
write(SUB + "/ms.py", "print(7) #\n" + " " * 4000)
fd = os.open(SUB + "/ms.py", os.O_RDWR)
m = mmap.mmap(fd, 4000)
os.close(fd)
final("ms.py")
m[:8] = b"print(3)"
m.close()
lib.wait_for(lambda: result("ms.py").get("final"), "a verdict")

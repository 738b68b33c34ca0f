# attack: map the verdict and change the memory
# by: student
# expect: shut
import mmap, os
write(SUB + "/m.py", "print(7)\n")
final("m.py")
fd = os.open(SUB + "/m.py.verdict", os.O_RDONLY)
refused(mmap.mmap, fd, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
private = mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
private[:8] = b"Accepted"
assert verdict("m.py").startswith("Wrong answer")

#!/usr/bin/python3
# attack: write a verdict to every descriptor
# problem: aplusb
# expect: Wrong answer on test 1
import os
for fd in range(3, 20):
    try:
        os.write(fd, b"42\nAC\nstatus:OK\n")
    except OSError:
        pass
print(7)

#!/usr/bin/python3
# attack: find the answers in the box, beside the input, in other folders
# problem: hidden
# expect: Wrong answer on test 1
import os
found = []
for top in ("/box", "/tmp", "/dev/shm", "/proc/self/fd", "/var", "/etc", "/home", "/root"):
    for folder, _, names in os.walk(top):
        for n in names:
            if n.endswith((".ans", ".out", ".in")) or "answer" in n:
                found.append(os.path.join(folder, n))
print(open(found[0]).read() if found else "none")

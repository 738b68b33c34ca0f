# attack: walk and read the whole tree: that starts no work and shows no answer
# by: student
# expect: shut
import os
before = read(MOUNT + "/queue.txt")
seen = 0
for folder, _, names in os.walk(MOUNT):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            continue
        try:
            text = read(path)
        except OSError:
            continue
        seen += 1
        assert TOKEN not in text, path
assert seen > 10, seen

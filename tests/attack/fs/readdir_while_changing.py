# attack: list a folder while its files come and go
# by: student
# expect: shut
import os
kept = [f"k{i}.txt" for i in range(20)]
for n in kept:
    os.close(os.open(SUB + "/" + n, os.O_WRONLY | os.O_CREAT))
with os.scandir(SUB) as entries:
    seen = [next(entries).name for _ in range(3)]
    for i in range(50):
        os.close(os.open(SUB + f"/c{i}.txt", os.O_WRONLY | os.O_CREAT))
        os.unlink(SUB + f"/c{i}.txt")
    seen += [e.name for e in entries]
assert len(seen) == len(set(seen)), "a name twice"
assert set(kept) <= set(seen), "a name is missing"
for n in kept:
    os.unlink(SUB + "/" + n)

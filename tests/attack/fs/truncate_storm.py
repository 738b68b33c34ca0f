# attack: open, truncate and close again and again while it is judged
# by: student
# expect: shut
import os
for i in range(60):
    with open(SUB + "/storm.py", "w") as f:
        f.write(f"# {i}\n" + RIGHT)
    if i % 3 == 0:
        os.truncate(SUB + "/storm.py", 0)
write(SUB + "/storm.py", RIGHT)
assert final("storm.py") == "Accepted"

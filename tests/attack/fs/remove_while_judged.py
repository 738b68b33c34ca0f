# attack: remove it when it is accepted, and make another under its name
# by: student
# expect: shut
import os
for i in range(6):
    write(SUB + "/r.py", RIGHT)
    os.unlink(SUB + "/r.py")
write(SUB + "/r.py", "print(7)\n")
assert final("r.py").startswith("Wrong answer")

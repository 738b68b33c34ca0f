# attack: twenty submissions at once do not keep another's waiting for ever
# by: student
# expect: shut
for i in range(20):
    write(SUB + f"/flood{i}.py", f"# {i}\n" + RIGHT)
import os
for i in range(20):
    os.unlink(SUB + f"/flood{i}.py")

# attack: more files than the quota has
# by: student
# expect: shut
import os
made = []
try:
    for i in range(400):
        made.append(SUB + f"/q{i}.txt")
        os.close(os.open(made[-1], os.O_WRONLY | os.O_CREAT))
    raise lib.Failed("400 files were made")
except OSError as e:
    assert e.errno == 122, e
for path in made:
    if os.path.exists(path):
        os.unlink(path)

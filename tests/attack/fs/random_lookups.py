# attack: ten thousand names that do not exist, in every folder
# by: student
# expect: shut
import os
before = sorted(os.listdir(MOUNT + "/users"))
for i in range(10000):
    for folder in (MOUNT, MOUNT + "/users", SUB, MOUNT + "/aplusb")[i % 4:i % 4 + 1]:
        assert not os.path.lexists(f"{folder}/no-such-{i}")
assert sorted(os.listdir(MOUNT + "/users")) == before

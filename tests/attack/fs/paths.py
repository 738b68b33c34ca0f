# attack: paths that go up, round and out
# by: student
# expect: shut
import os
for path in (SUB + "/../../../../../../../../../../etc/shadow", MOUNT + "/aplusb/sub/../../../../etc/shadow", MOUNT + "/users/20001/../20003/aplusb/sub/victim.py",
             MOUNT + "/users/../users/20003/aplusb/history", MOUNT + "/." + "/." * 2000 + "/users/20003/aplusb/sub"):
    refused(os.open, path, os.O_RDONLY)

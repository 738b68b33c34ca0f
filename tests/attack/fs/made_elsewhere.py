# attack: make files where only the judge makes some
# by: student
# expect: shut
import os
for folder in (MOUNT, MOUNT + "/aplusb", MOUNT + "/users", MOUNT + "/users/20001", MOUNT + "/users/20001/aplusb", SUB + "/../history"):
    for fn, *args in ((write, folder + "/x.py", RIGHT), (os.mkdir, folder + "/x"), (os.symlink, "x", folder + "/x"), (os.mkfifo, folder + "/x")):
        refused(fn, *args)
for fn, *args in ((os.unlink, MOUNT + "/README.txt"), (os.rename, MOUNT + "/aplusb", MOUNT + "/b"), (os.rmdir, MOUNT + "/aplusb"), (write, MOUNT + "/queue.txt", "")):
    refused(fn, *args)

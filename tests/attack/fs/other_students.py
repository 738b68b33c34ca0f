# attack: read, list, write and remove what is another's
# by: student
# expect: shut
import os
for fn, *args in ((os.listdir, OTHER), (read, OTHER + "/victim.py"), (read, OTHER + "/victim.py.verdict"),
                  (write, OTHER + "/x.py", RIGHT), (os.unlink, OTHER + "/victim.py"), (os.rmdir, OTHER),
                  (os.rename, OTHER + "/victim.py", SUB + "/stolen.py"), (os.chmod, OTHER, 0o777),
                  (os.chown, OTHER, os.getuid(), -1), (os.listdir, OTHER + "/../history"), (os.stat, OTHER + "/victim.py")):
    refused(fn, *args)
write(SUB + "/given.py", RIGHT)
refused(os.rename, SUB + "/given.py", OTHER + "/given.py")
refused(os.chown, SUB + "/given.py", 20003, -1)

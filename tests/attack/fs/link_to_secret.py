# attack: a symbolic link to the answers or another's file as the submission
# by: student
# expect: shut
import os
for target in ("@SECRET@", "@STATE@/problems/aplusb/1.ans", OTHER + "/victim.py", "/etc/shadow", "x.py"):
    refused(os.symlink, target, SUB + "/link.py")

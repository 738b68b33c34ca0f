# attack: a hard link to another's file, to a result, to a file of the problem
# by: student
# expect: shut
import os
write(SUB + "/mine.py", RIGHT)
for source in (OTHER + "/victim.py", SUB + "/mine.py", SUB + "/mine.py.verdict", MOUNT + "/README.txt", "/etc/passwd"):
    refused(os.link, source, SUB + "/hard.py")

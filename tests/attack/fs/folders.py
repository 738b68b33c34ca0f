# attack: a flood of folders, and folders in the place of files
# by: student
# expect: shut
import os
for i in range(200):
    refused(os.mkdir, SUB + f"/d{i}")
    refused(os.mkdir, MOUNT + f"/d{i}")
    refused(os.mkdir, MOUNT + f"/users/x{i}")

# attack: FIFOs, devices and sockets as the submission
# by: student
# expect: shut
import os, socket, stat
refused(os.mkfifo, SUB + "/fifo.py")
for mode in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK):
    refused(os.mknod, SUB + "/dev.py", mode | 0o666, os.makedev(1, 3))
refused(socket.socket(socket.AF_UNIX).bind, SUB + "/sock.py")

# attack: a writer that is stopped for ever keeps nobody else waiting
# by: student
# expect: shut
import os, signal
child = os.fork()
if child == 0:
    fd = os.open(SUB + "/never.py", os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(fd, b"print(3)\n")
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(0)
os.waitpid(child, os.WUNTRACED)
write(SUB + "/now.py", RIGHT)
assert final("now.py") == "Accepted"
assert verdict("never.py").startswith("Not judged"), verdict("never.py")
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)

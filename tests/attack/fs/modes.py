# attack: set-user-id bits, owners, attributes and labels
# by: student
# expect: shut
import os
write(SUB + "/mode.py", RIGHT)
path = SUB + "/mode.py"
for mode in (0o4755, 0o2755, 0o1777, 0o7777):
    try:
        os.chmod(path, mode)
    except OSError:
        pass
    assert os.stat(path).st_mode & 0o6000 == 0 or os.statvfs(path).f_flag & os.ST_NOSUID
refused(os.chown, path, 0, 0)
for name in ("security.capability", "trusted.x", "system.posix_acl_access", "security.selinux"):
    refused(os.setxattr, path, name, b"x" * 20)
try:
    os.setxattr(path, "user.x", b"x" * 60000)
except OSError:
    pass

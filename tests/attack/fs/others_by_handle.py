# attack: another's file by a made-up handle
# by: student
# expect: shut
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open(MOUNT, os.O_RDONLY)
for ino in range(1, 3000):
    handle = (16).to_bytes(4, "little") + (0x81).to_bytes(4, "little") + ino.to_bytes(8, "little") + bytes(8)
    assert libc.open_by_handle_at(fd, handle, os.O_RDONLY) < 0

"""The observer outside: what of the host must be the same before and after an attack.

    observer = Observer(folder, uids)   makes canaries below folder, and looks
    ...an attack...
    observer.check()                    waits until all is as it was; fails with what is not
    observer.check(CHEAP)               what can be looked at after each attack

    beat = Heartbeat(path)              does the host go on meanwhile? start(), longest_gap()

Others use the host at the same time: what can be told by its owner is looked at by the uids of
the boxes, and what may come and go is given a moment. Nothing here waits for a fixed time.
"""
import fcntl
import hashlib
import mmap
import os
import struct
import time

import lib

SHARED = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/etc", "/root", "/home")
SYSCTLS = ("kernel/core_pattern", "kernel/domainname", "kernel/hostname", "kernel/printk", "fs/suid_dumpable",
           "kernel/randomize_va_space", "vm/overcommit_memory", "kernel/modprobe")
PER_SLOT = 16
FIRST_UID = 70000
CHEAP = ("canaries", "files", "processes", "ipc", "keys", "locks", "mounts", "sysctls", "clock")
DEAR = ("sockets", "groups")	# some ten milliseconds each
CELLS = range(FIRST_UID + 192 * PER_SLOT, FIRST_UID + 256 * PER_SLOT)	# uids of judgectl run


class Observer:
    def __init__(self, folder, uids):
        """uids: of the boxes of a judge of ours; those of judgectl run are added."""
        self.uids = set(uids)
        self.canaries = [self.make(os.path.join(d, f"judgefs-canary-{os.getpid()}")) for d in
                         (folder, "/tmp", "/var/tmp", "/dev/shm") if os.path.isdir(d)]
        self.kmsg = self.open_kmsg()
        self.first = self.look(CHEAP + DEAR)

    def make(self, path):
        lib.write(path, "a canary\n", 0o666)
        # A read would move atime: relatime does when it is older than mtime.
        os.utime(path, (1000000000, 1100000000))
        return path

    def close(self):
        for path in self.canaries:
            os.unlink(path)

    def ours(self, uid):
        """A box's uid, unless somebody else's box has it just now."""
        return uid in self.uids or (uid in CELLS and not os.path.exists(f"/run/judgefs-box/{uid}"))

    # ---- what is looked at

    def look(self, names):
        return {name: getattr(self, "see_" + name)() for name in names}

    def see_canaries(self):
        seen = []
        for path in self.canaries:
            fd = os.open(path, os.O_RDONLY | os.O_NOATIME | os.O_NOFOLLOW)
            try:
                st = os.fstat(fd)
                seen.append((path, hashlib.sha256(os.read(fd, 1 << 20)).hexdigest(), st.st_mode, st.st_uid,
                             st.st_nlink, st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_atime_ns,
                             tuple(os.listxattr(path))))
            finally:
                os.close(fd)
        return seen

    def see_files(self):
        """Of a box's uid, or core files, where anybody may leave some."""
        seen = []
        for folder in SHARED:
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            for e in entries:
                try:
                    if self.ours(e.stat(follow_symlinks=False).st_uid):
                        seen.append(e.path)
                except OSError:
                    pass
                if e.name == "core" or e.name.startswith("core."):
                    seen.append(e.path)
        return sorted(seen)

    def see_processes(self):
        seen = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                uid = os.stat(f"/proc/{pid}").st_uid
                if self.ours(uid):
                    groups = lib.read(f"/proc/{pid}/cgroup").split()[-1]
                    seen.append(f"{pid} of {uid} in {groups}: {lib.comm(pid)}")
            except OSError:
                pass
        return seen

    def see_sockets(self):
        seen = []
        for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
            try:
                rows = lib.read("/proc/net/" + name).splitlines()[1:]
            except OSError:
                continue
            seen += [(name, r.split()[1], r.split()[2]) for r in rows if self.ours(int(r.split()[7]))]
        return seen

    def see_ipc(self):
        seen = []
        for name in ("shm", "sem", "msg"):
            head, *rows = [r.split() for r in lib.read("/proc/sysvipc/" + name).splitlines()]
            for r in rows:
                row = dict(zip(head, r))
                if self.ours(int(row["uid"])) or self.ours(int(row["cuid"])):
                    seen.append((name, row["key"], row["cuid"]))
        return seen

    def see_keys(self):
        try:
            rows = lib.read("/proc/key-users").splitlines()
        except OSError:
            return []
        return [r for r in rows if self.ours(int(r.split(":")[0]))]

    def see_locks(self):
        """On a canary, or on a program that every box sees."""
        inodes = set()
        for path in (*self.canaries, "/usr/bin/true", "/usr/bin/env", "/etc/ld.so.cache"):
            if os.path.exists(path):
                st = os.stat(path)
                inodes.add(f"{os.major(st.st_dev):02x}:{os.minor(st.st_dev):02x}:{st.st_ino}")
        return [row for row in lib.read("/proc/locks").splitlines() if inodes & set(row.split())]

    def see_mounts(self):
        """Tests of others mount below /tmp, tracers below /sys."""
        seen = []
        for row in lib.read("/proc/self/mountinfo").splitlines():
            fields = row.split()
            if not fields[4].startswith(("/tmp/", "/sys/kernel/")):
                seen.append(" ".join(fields[3:5] + fields[fields.index("-") + 1:][:2]))
        return sorted(seen)

    def see_groups(self):
        """Of cells that nobody has."""
        seen = []
        for path in lib.cgroups("judgectl/slot-*"):
            slot, cell = map(int, path.rpartition("/slot-")[2].split("-"))
            if self.ours(FIRST_UID + slot * PER_SLOT + cell):
                seen.append(path)
        return seen

    def see_sysctls(self):
        return [lib.read("/proc/sys/" + s) for s in SYSCTLS if os.path.exists("/proc/sys/" + s)] + \
               [os.uname().nodename]

    def see_clock(self):
        """Wall clock and monotonic clock go together, but for what keeps them right."""
        offset = time.time() - time.monotonic()
        if not hasattr(self, "offset"):
            self.offset = offset
        return ["set"] if abs(offset - self.offset) > 60 else []

    # ---- the kernel's log

    def open_kmsg(self):
        try:
            fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
            os.lseek(fd, 0, os.SEEK_END)
            return fd
        except OSError:
            return None

    def kernel_lines(self):
        """How much the kernel has said since it was last asked; None where that can not be seen."""
        if self.kmsg is None:
            return None
        n = 0
        while True:
            try:
                os.read(self.kmsg, 8192)
                n += 1
            except BlockingIOError:
                return n
            except OSError:		# EPIPE: overwritten meanwhile
                n += 1

    # ---- the judgement

    def check(self, names=CHEAP + DEAR):
        def same():
            self.now = self.look(names)
            return not self.differences()
        try:
            lib.wait_for(same, "the host to be as it was", timeout=20)
        except lib.Failed:
            why = self.differences()
            self.first.update(self.now)		# the next attack is not to blame for it
            raise lib.Failed("outside has changed: " + "; ".join(why))

    def differences(self):
        """What there is now and was not; of some also what there was and is not."""
        why = []
        for name, now in self.now.items():
            first = self.first[name]
            why += [f"{name}: new: {x}" for x in now if x not in first]
            if name in ("canaries", "mounts", "sysctls"):
                why += [f"{name}: gone: {x}" for x in first if x not in now]
        return why


class Heartbeat:
    """A process that does a small write, read and fork again and again, and locks its file.
    On a loaded host its pauses say little: what counts is that it went on."""

    def __init__(self, path):
        self.path = path
        self.shared = mmap.mmap(-1, 4096)
        self.began = time.monotonic()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.beat(parent)
            finally:
                os._exit(0)

    def beat(self, parent):
        last = time.monotonic()
        while os.getppid() == parent:
            with open(self.path, "w+b") as f:
                fcntl.flock(f, fcntl.LOCK_EX)
                f.write(b"beat")
                f.seek(0)
                f.read()
            child = os.fork()
            if child == 0:
                os._exit(0)
            os.waitpid(child, 0)
            now = time.monotonic()
            longest, = struct.unpack("d", self.shared[:8])
            self.shared[:16] = struct.pack("dd", max(longest, now - last), now)
            last = now
            time.sleep(0.03)

    def start(self):
        self.began = time.monotonic()
        self.shared[:8] = struct.pack("d", 0)

    def longest_gap(self):
        """In seconds, since start()."""
        longest, last = struct.unpack("dd", self.shared[:16])
        return max(longest, time.monotonic() - max(last, self.began))

    def close(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.unlink(self.path)

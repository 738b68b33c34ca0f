#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"

/* @old: the root directory so far. To enter a namespace is to stand at its real root. */
static int leave_chroot(int old, int ns)
{
	int tree, r = 0;

	if (setns(ns, CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	tree = open_tree(old, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return -errno;
	if (move_mount(tree, "", old, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0 ||
	    fchdir(tree) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		r = -errno;
	io_close(tree);
	return r;
}

int root_private(struct diag *diag)
{
	int old, ns, r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return diag_fail(diag, -errno, "make the mounts private");
	old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	r = old < 0 || ns < 0 ? -errno : leave_chroot(old, ns);
	io_close(old);
	io_close(ns);
	return r < 0 ? diag_fail(diag, r, "make the chroot a root of its own") : 0;
}

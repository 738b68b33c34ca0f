#include "sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/io.h"
#include "base/root.h"
#include "sandbox/scratch.h"

#define SCRATCH_AT	"/.scratch"	/* root's alone; its folders are bound to their places */
#define NEW_ROOT_AT	"/proc"		/* a folder that every host has, covered for a moment */

#define MODE_DEV	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define MODE_BIND	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define MODE_PROC	(MODE_BIND | MOUNT_ATTR_NOEXEC)

static const struct { const char *path; mode_t mode; } folders[] = {
	{ "etc", 0755 },	{ "dev", 0755 },	{ "dev/shm", 0755 },
	{ "proc", 0555 },	{ "box", 0755 },	{ "tmp", 0755 },
	{ "root", 0700 },	{ "home", 0755 },	{ "var", 0755 },
	{ ".scratch", 0700 },
};

static const char *const devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
};

static const struct { const char *path, *target; } links[] = {
	{ "dev/fd", "/proc/self/fd" },		{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },	{ "dev/stderr", "/proc/self/fd/2" },
	{ "var/tmp", "/tmp" },
};

/* A piece of the host, copied before the new root covers anything. */
struct piece {
	char *path;
	char *link;		/* its target, when it is a link */
	int tree;
	bool is_dir;
	uint64_t attributes;
};

struct pieces {
	struct piece *v;
	size_t n;
};

static void pieces_release(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].link);
		io_close(p->v[i].tree);
	}
	free(p->v);
}

/* Appends; missing ones are left out. */
static int copy_piece(struct pieces *all, const char *path, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };
	struct piece p = { .tree = -1, .attributes = attributes };
	struct piece *more;
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	more = reallocarray(all->v, all->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	all->v = more;
	p.path = strdup(path);
	all->v[all->n++] = p;
	more = &all->v[all->n - 1];
	if (!p.path)
		return -ENOMEM;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			return -errno;
		target[n] = '\0';
		more->link = strdup(target);
		return more->link ? 0 : -ENOMEM;
	}
	more->is_dir = S_ISDIR(st.st_mode);
	more->tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
			       AT_SYMLINK_NOFOLLOW);
	if (more->tree < 0)
		return -errno;
	return mount_setattr(more->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0 ?
	       -errno : 0;
}

/* FROM:TO: a folder of the host under another name. */
static int copy_renamed(struct pieces *all, const char *from, size_t len, const char *to)
{
	size_t n = all->n;
	char *path = strndup(from, len), *place = strdup(to);
	int r = path && place ? copy_piece(all, path, MODE_BIND) : -ENOMEM;

	if (r == 0 && all->n > n) {
		free(all->v[n].path);
		all->v[n].path = place;
		place = NULL;
	}
	free(path);
	free(place);
	return r;
}

static bool goes_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "/..")); at += 3)
		if (at[3] == '/' || at[3] == ':' || at[3] == '\0')
			return true;
	return false;
}

static int copy_pattern(struct pieces *all, const char *pattern, struct diag *diag)
{
	const char *colon = strrchr(pattern, ':');
	glob_t found = { 0 };
	int r = 0;

	if (pattern[0] != '/' || goes_up(pattern) || (colon && colon[1] != '/'))
		return diag_fail(diag, -EINVAL, "'%s' can not be bound into the box", pattern);
	if (colon) {
		r = copy_renamed(all, pattern, colon - pattern, colon + 1);
		return r < 0 ? diag_fail(diag, r, "bind '%s'", pattern) : 0;
	}
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && r == 0; i++)
			r = copy_piece(all, found.gl_pathv[i], MODE_BIND);
	globfree(&found);
	return r < 0 ? diag_fail(diag, r, "bind '%s'", pattern) : 0;
}

static int copy_pieces(struct pieces *all, const struct strv *binds, struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < binds->n && r == 0; i++)
		r = copy_pattern(all, binds->v[i], diag);
	for (size_t i = 0; i < ARRAY_SIZE(devices) && r == 0; i++) {
		r = copy_piece(all, devices[i], MODE_DEV);
		if (r < 0)
			diag_fail(diag, r, "bind '%s'", devices[i]);
	}
	return r;
}

/* -------------------------------------------------- the working directory is the new root */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), r;

	if (fd < 0)
		return -errno;
	r = io_write(fd, text, strlen(text));
	if (r == 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	io_close(fd);
	return r;
}

static int make_parents(const char *path)
{
	char dir[PATH_MAX];

	for (const char *p = path; (p = strchr(p, '/')); p++) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(p - path), path);
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int attach(const struct piece *p)
{
	const char *path = p->path + 1;		/* below the working directory */
	int r = make_parents(path);

	if (r < 0)
		return r;
	if (p->link)
		return symlink(p->link, path) < 0 && errno != EEXIST ? -errno : 0;
	if (p->is_dir)
		r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
	else
		r = write_file(path, "");
	if (r < 0 && r != -EEXIST)
		return r;
	return move_mount(p->tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

static int attach_all(const struct pieces *all, struct diag *diag)
{
	for (size_t i = 0; i < all->n; i++) {
		int r = attach(&all->v[i]);

		if (r < 0)
			return diag_fail(diag, r, "bind '%s'", all->v[i].path);
	}
	return 0;
}

/* Names for the two uids that a program may meet. */
static int write_names(uid_t uid, struct diag *diag)
{
	char passwd[256], group[256];
	int r;

	snprintf(passwd, sizeof(passwd), "root:x:0:0:root:/root:/bin/sh\n"
		 "judge:x:%u:%u:judge:/tmp:/bin/sh\n", uid, uid);
	snprintf(group, sizeof(group), "root:x:0:\njudge:x:%u:\n", uid);
	r = write_file("etc/passwd", passwd);
	if (r == 0)
		r = write_file("etc/group", group);
	if (r == 0)
		r = write_file("etc/hosts", "127.0.0.1\tlocalhost box\n");
	return r < 0 ? diag_fail(diag, r, "write /etc/passwd of the cell") : 0;
}

static int furnish(struct diag *diag)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if ((mkdir(folders[i].path, 0700) < 0 && errno != EEXIST) ||
		    chmod(folders[i].path, folders[i].mode) < 0)
			return diag_fail(diag, -errno, "make /%s of the cell", folders[i].path);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].target, links[i].path) < 0)
			return diag_fail(diag, -errno, "make /%s of the cell", links[i].path);
	return 0;
}

/* Of this pid namespace; others' processes can not be seen, nothing of the host (who holds which
 * lock, how busy it is), and nothing can be written. */
static int mount_proc(int *ret_writable, struct diag *diag)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	int context = fsopen("proc", FSOPEN_CLOEXEC), fd = -1, tree = -1, r = 0;

	if (context < 0)
		return diag_fail(diag, -errno, "open /proc of the cell");
	if (fsconfig(context, FSCONFIG_SET_STRING, "hidepid", "invisible", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "subset", "pid", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    (fd = fsmount(context, FSMOUNT_CLOEXEC, MODE_PROC)) < 0 ||
	    move_mount(fd, "", AT_FDCWD, "proc", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    (tree = open_tree(AT_FDCWD, "proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)) < 0 ||
	    mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		r = diag_fail(diag, -errno, "mount /proc of the cell");
	if (r == 0)
		*ret_writable = tree;
	else
		io_close(tree);
	io_close(fd);
	io_close(context);
	return r;
}

static int new_root(struct diag *diag)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), fd = -1, r = 0;

	if (context < 0)
		return diag_fail(diag, -errno, "make the root of the cell (tmpfs)");
	if (fsconfig(context, FSCONFIG_SET_STRING, "size", "4M", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    (fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)) < 0 ||
	    move_mount(fd, "", AT_FDCWD, NEW_ROOT_AT, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    fchdir(fd) < 0)
		r = diag_fail(diag, -errno, "make the root of the cell (tmpfs)");
	io_close(fd);
	io_close(context);
	return r;
}

/* The old root comes to lie on top of the new one, and is taken away with all below it. */
static int enter_root(struct diag *diag)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return diag_fail(diag, -errno, "pivot_root");
	if (umount2(".", MNT_DETACH) < 0)
		return diag_fail(diag, -errno, "take the host's root away");
	if (chdir("/") < 0 || mount_setattr(AT_FDCWD, "/", 0, &attr, sizeof(attr)) < 0)
		return diag_fail(diag, -errno, "make the root of the cell read-only");
	return 0;
}

static int attach_scratch(int scratch, struct diag *diag)
{
	if (move_mount(scratch, "", AT_FDCWD, SCRATCH_AT, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return diag_fail(diag, -errno, "mount the scratch space");
	for (size_t i = 0; i < SCRATCH_DIRS; i++) {
		char from[64];

		snprintf(from, sizeof(from), SCRATCH_AT "/%s", scratch_dirs[i].name);
		if (mount(from, scratch_dirs[i].at, NULL, MS_BIND, NULL) < 0)
			return diag_fail(diag, -errno, "mount %s", scratch_dirs[i].at);
	}
	/* Every run begins there: it is inherited. */
	return chdir(BOX_DIR) < 0 ? diag_fail(diag, -errno, "enter " BOX_DIR) : 0;
}

int mounts_scratch(int scratch, struct diag *diag)
{
	for (size_t i = 0; i < SCRATCH_DIRS; i++)
		if (umount2(scratch_dirs[i].at, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return diag_fail(diag, -errno, "unmount %s", scratch_dirs[i].at);
	if (umount2(SCRATCH_AT, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		return diag_fail(diag, -errno, "unmount the scratch space");
	return attach_scratch(scratch, diag);
}

int mounts_build(const struct strv *binds, int scratch, uid_t uid, int *ret_proc,
		 struct diag *diag)
{
	struct pieces all = { 0 };
	int proc = -1, r;

	umask(022);
	r = root_private(diag);
	if (r == 0)
		r = copy_pieces(&all, binds, diag);
	if (r == 0)
		r = new_root(diag);
	if (r == 0)
		r = furnish(diag);
	if (r == 0)
		r = attach_all(&all, diag);
	if (r == 0)
		r = write_names(uid, diag);
	if (r == 0)
		r = mount_proc(&proc, diag);
	if (r == 0)
		r = enter_root(diag);
	if (r == 0)
		r = attach_scratch(scratch, diag);
	pieces_release(&all);
	if (r < 0)
		io_close(proc);
	else
		*ret_proc = proc;
	return r;
}

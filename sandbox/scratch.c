#include "sandbox/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/io.h"
#include "base/strv.h"
#include "sandbox/wire.h"

#define MAX_DEPTH	32
#define PAGE		4096

const struct scratch_dir scratch_dirs[SCRATCH_DIRS] = {
	{ "box", BOX_DIR }, { "tmp", "/tmp" }, { "shm", "/dev/shm" },
};

struct scratch {
	int mount;
	int dir[SCRATCH_DIRS];
	struct stat fresh[SCRATCH_DIRS];
	struct statfs space;		/* when nothing was in it */
	int64_t size, inodes;		/* limits that are set */
};

static int set_limit(int context, const char *key, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	return fsconfig(context, FSCONFIG_SET_STRING, key, text, 0) < 0 ? -errno : 0;
}

static int new_tmpfs(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), fd = -1, r = 0;

	if (context < 0)
		return -errno;
	if (fsconfig(context, FSCONFIG_SET_STRING, "mode", "0700", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		r = -errno;
	if (r == 0) {
		/* The time of an access would tell the next run that a folder was listed. */
		fd = fsmount(context, FSMOUNT_CLOEXEC,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
		r = fd < 0 ? -errno : fd;
	}
	io_close(context);
	return r;
}

/* Root's and sticky: the program can neither change the folder nor tag it. */
static int make_dir(int mount, const char *name)
{
	int fd;

	if (mkdirat(mount, name, 0700) < 0)
		return -errno;
	fd = openat(mount, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 01777) < 0) {
		io_close(fd);
		return -errno;
	}
	return fd;
}

int scratch_make(int ret[SCRATCH_FDS], struct diag *diag)
{
	int fds[SCRATCH_FDS] = { -1, -1, -1, -1 }, r;

	fds[0] = new_tmpfs();
	r = fds[0];
	for (size_t i = 0; i < SCRATCH_DIRS && r >= 0; i++)
		r = fds[1 + i] = make_dir(fds[0], scratch_dirs[i].name);
	if (r < 0) {
		scratch_close(fds);
		return diag_fail(diag, r, "make scratch space (tmpfs)");
	}
	for (size_t i = 0; i < SCRATCH_FDS; i++)
		ret[i] = fds[i];
	return 0;
}

void scratch_close(int fds[SCRATCH_FDS])
{
	for (size_t i = 0; i < SCRATCH_FDS; i++) {
		io_close(fds[i]);
		fds[i] = -1;
	}
}

int scratch_new(int fds[SCRATCH_FDS], struct scratch **ret)
{
	struct scratch *s = calloc(1, sizeof(*s));
	int r = s ? 0 : -ENOMEM;

	if (r == 0 && fstatfs(fds[0], &s->space) < 0)
		r = -errno;
	for (size_t i = 0; i < SCRATCH_DIRS && r == 0; i++)
		r = fstat(fds[1 + i], &s->fresh[i]) < 0 ? -errno : 0;
	if (r < 0) {
		free(s);
		return r;
	}
	s->mount = fds[0];
	for (size_t i = 0; i < SCRATCH_DIRS; i++)
		s->dir[i] = fds[1 + i];
	for (size_t i = 0; i < SCRATCH_FDS; i++)
		fds[i] = -1;		/* transferred */
	*ret = s;
	return 0;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SCRATCH_DIRS; i++)
		io_close(s->dir[i]);
	io_close(s->mount);
	free(s);
}

static int reconfigure(struct scratch *s, int64_t size, int64_t inodes)
{
	int context, r;

	if (size == s->size && inodes == s->inodes)
		return 0;
	context = fspick(s->mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (context < 0)
		return -errno;
	r = set_limit(context, "size", size);
	if (r == 0)
		r = set_limit(context, "nr_inodes", inodes);
	if (r == 0 && fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		r = -errno;
	io_close(context);
	if (r == 0) {
		s->size = size;
		s->inodes = inodes;
	}
	return r;
}

static bool valid_name(const char *name)
{
	int depth = 0;

	if (*name == '\0' || strlen(name) >= PATH_MAX)
		return false;
	for (const char *part = name;; part++) {
		size_t len = strcspn(part, "/");

		if (len == 0 || len > NAME_MAX || (len == 1 && part[0] == '.') ||
		    (len == 2 && part[0] == '.' && part[1] == '.') || ++depth > MAX_DEPTH)
			return false;
		part += len;
		if (*part == '\0')
			return true;
	}
}

/* The folder that @name's last part lies in; folders on the way are made. */
static int open_parent(int dir, const char *name, const char **ret_last)
{
	int at = dup(dir), r = at < 0 ? -errno : 0;
	const char *slash;

	while (r == 0 && (slash = strchr(name, '/'))) {
		char part[NAME_MAX + 1];
		int next;

		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		r = io_mkdir(at, part, 0755);
		next = r < 0 ? r : io_open_beneath(at, part, O_RDONLY | O_DIRECTORY, 0);
		r = next < 0 ? next : 0;
		io_close(at);
		at = next;
		name = slash + 1;
	}
	*ret_last = name;
	return r < 0 ? r : at;
}

static int place_file(int dir, const char *name, const struct box_file *f)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), r;
	int64_t n;

	if (fd < 0)
		return -errno;
	n = io_copy(fd, f->fd);
	r = n < 0 ? n : 0;
	if (r == 0 && fchmod(fd, f->mode & 0555) < 0)
		r = -errno;
	io_close(fd);
	return r;
}

static int place_dir(int dir, const char *name, mode_t mode)
{
	int fd, r = io_mkdir(dir, name, 0700);

	if (r < 0)
		return r;
	fd = io_open_beneath(dir, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	r = fchmod(fd, mode & 0777) < 0 ? -errno : 0;
	io_close(fd);
	return r;
}

static int place(int box, const struct box_file *f)
{
	const char *last;
	int dir = open_parent(box, f->name, &last), r;

	if (dir < 0)
		return dir;
	r = S_ISDIR(f->mode) ? place_dir(dir, last, f->mode) : place_file(dir, last, f);
	io_close(dir);
	return r;
}

/* What placing takes, so that the program still has all that its limits say. */
static int room(const struct box_file *files, size_t n, int64_t *ret_bytes, int64_t *ret_inodes,
		struct diag *diag)
{
	for (size_t i = 0; i < n; i++) {
		const struct box_file *f = &files[i];
		struct stat st = { 0 };

		if (!valid_name(f->name))
			return diag_fail(diag, -EINVAL, "'%s' can not be placed in the box", f->name);
		if (!S_ISDIR(f->mode) && (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode)))
			return diag_fail(diag, -EINVAL, "'%s' is no regular file", f->name);
		*ret_bytes += (st.st_size + PAGE - 1) / PAGE * PAGE;
		for (const char *p = f->name; p; p = strchr(p + 1, '/'))
			(*ret_inodes)++;
	}
	return 0;
}

int scratch_fill(struct scratch *s, const struct box_limits *limits,
		 const struct box_file *files, size_t n, struct diag *diag)
{
	/* tmpfs counts in pages: a limit below one would be none ("0") at all. */
	int64_t bytes = (limits->disk_bytes + PAGE - 1) / PAGE * PAGE;
	int64_t inodes = limits->files + SCRATCH_DIRS + 1;
	int r = room(files, n, &bytes, &inodes, diag);

	if (r < 0)
		return r;
	r = reconfigure(s, bytes, inodes);
	if (r < 0)
		return diag_fail(diag, r, "set the limits of the scratch space");
	for (size_t i = 0; i < n; i++) {
		r = place(s->dir[0], &files[i]);
		if (r < 0)
			return diag_fail(diag, r, "place '%s' in the box", files[i].name);
	}
	return 0;
}

/* ------------------------------------------------------------------ collecting */

struct collection {
	struct box_file *files;
	size_t n, size, max;
	int64_t bytes_left;
};

static int add_file(struct collection *c, int fd, const char *name, const struct stat *st)
{
	struct box_file f = { .fd = -1, .mode = 0444 | (st->st_mode & 0111 ? 0111 : 0) };
	int r;

	if (c->n == c->max || st->st_size > c->bytes_left)
		return 0;
	if (c->n == c->size) {
		size_t size = c->size ? 2 * c->size : 16;
		struct box_file *more = reallocarray(c->files, size, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->files = more;
		c->size = size;
	}
	f.name = strdup(name);
	f.fd = io_memfd("collected", "", 0);
	f.size = f.fd < 0 ? f.fd : io_copy(f.fd, fd);
	r = !f.name ? -ENOMEM : f.size < 0 ? (int)f.size : io_memfd_seal(f.fd);
	if (r < 0) {
		free(f.name);
		io_close(f.fd);
		return r;
	}
	c->bytes_left -= f.size;
	c->files[c->n++] = f;
	return 0;
}

static int collect_dir(struct collection *c, int dir, const char *prefix, int depth);

/* Anything but regular files and folders is passed by; so is what root placed. */
static int collect_one(struct collection *c, int dir, const char *prefix, const char *name, int depth)
{
	int fd = io_open_beneath(dir, name, O_RDONLY, 0), r = 0;
	char path[PATH_MAX];
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0) {
		r = -errno;
	} else if (snprintf(path, sizeof(path), "%s%s", prefix, name) >= (int)sizeof(path) - 1) {
		r = 0;
	} else if (S_ISREG(st.st_mode) && st.st_uid != 0) {
		r = add_file(c, fd, path, &st);
	} else if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH) {
		strcat(path, "/");
		r = collect_dir(c, fd, path, depth + 1);
	}
	io_close(fd);
	return r;
}

static int collect_dir(struct collection *c, int dir, const char *prefix, int depth)
{
	struct strv names = { 0 };
	int r = io_list(dir, ".", &names);

	for (size_t i = 0; i < names.n && r == 0; i++)
		r = collect_one(c, dir, prefix, names.v[i], depth);
	strv_release(&names);
	return r;
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct box_file *)a)->name, ((const struct box_file *)b)->name);
}

int scratch_collect(struct scratch *s, const struct box_limits *limits, struct box_file **ret,
		    size_t *ret_n, struct diag *diag)
{
	struct collection c = { .bytes_left = limits->disk_bytes, .max = WIRE_MAX_FILES };
	int r;

	r = collect_dir(&c, s->dir[0], "", 1);
	if (r < 0) {
		wire_files_release(c.files, c.n);
		return diag_fail(diag, r, "collect the files of the box");
	}
	if (c.n)
		qsort(c.files, c.n, sizeof(*c.files), compare_files);
	*ret = c.files;
	*ret_n = c.n;
	return 0;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool scratch_used(const struct scratch *s)
{
	struct statfs now;

	if (fstatfs(s->mount, &now) < 0)
		return true;
	/* The limits may differ, what is taken of them may not. Placed files are root's: the
	 * program can not have removed them. */
	if (now.f_blocks - now.f_bfree != s->space.f_blocks - s->space.f_bfree ||
	    now.f_files - now.f_ffree != s->space.f_files - s->space.f_ffree)
		return true;
	for (size_t i = 0; i < SCRATCH_DIRS; i++) {
		struct stat st;

		if (fstat(s->dir[i], &st) < 0 || !same_time(st.st_ctim, s->fresh[i].st_ctim))
			return true;
	}
	return false;
}

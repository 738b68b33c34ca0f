#include "fs/mountpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"

#define LOOK_US		(5 * INT64_C(1000000))
#define PAUSE_US	(50 * INT64_C(1000))

/* ------------------------------------------------------------- what is mounted */

/* "\040" and the like in /proc/self/mountinfo. */
static void unescape(char *text)
{
	char *to = text;

	for (char *from = text; *from; to++) {
		unsigned int c;

		if (from[0] == '\\' && sscanf(from + 1, "%3o", &c) == 1) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The type of what is mounted on top at @path; -ENOENT when nothing is. */
static int mounted_type(const char *path, char *ret, size_t size)
{
	char *line = NULL;
	size_t room = 0;
	int r = -ENOENT;
	FILE *f;

	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return -errno;
	while (getline(&line, &room, f) > 0) {
		char *at = NULL, *dash = strstr(line, " - "), *type, *save = NULL;

		/* id parent major:minor root MOUNT-POINT options... - TYPE source options */
		if (!dash)
			continue;
		*dash = '\0';
		type = strtok_r(dash + 3, " ", &save);
		at = strtok_r(line, " ", &save);
		for (int field = 0; at && field < 4; field++)
			at = strtok_r(NULL, " ", &save);
		if (!at || !type)
			continue;
		unescape(at);
		if (strcmp(at, path) == 0) {
			snprintf(ret, size, "%s", type);
			r = 0;
		}
	}
	free(line);
	fclose(f);
	return r;
}

bool mountpoint_mounted(const char *path)
{
	char type[64];

	return mounted_type(path, type, sizeof(type)) == 0 && strcmp(type, MOUNTPOINT_TYPE) == 0;
}

/* ------------------------------------------------------------- before */

/* "a/../b/" -> "/cwd/b" by the words alone: the file system may not answer. */
static int absolute(const char *path, char **ret)
{
	char *full = NULL, *out, *save = NULL;
	size_t len = 0;

	if (path[0] == '/') {
		full = strdup(path);
	} else {
		char *cwd = getcwd(NULL, 0);

		if (!cwd)
			return -errno;
		if (asprintf(&full, "%s/%s", cwd, path) < 0)
			full = NULL;
		free(cwd);
	}
	out = full ? malloc(strlen(full) + 2) : NULL;
	if (!out) {
		free(full);
		return -ENOMEM;
	}
	for (char *part = strtok_r(full, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") == 0) {
			while (len > 0 && out[--len] != '/')
				;
			continue;
		}
		out[len++] = '/';
		memcpy(out + len, part, strlen(part));
		len += strlen(part);
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	free(full);
	*ret = out;
	return 0;
}

/* stat() in a child: -ETIMEDOUT when it does not come back. */
static int look(const char *path)
{
	struct pollfd p = { .events = POLLIN };
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		struct stat st;

		_exit(stat(path, &st) == 0 ? 0 : errno);
	}
	p.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p.fd < 0 || poll(&p, 1, LOOK_US / 1000) <= 0) {
		kill(pid, SIGKILL);		/* not waited for: it may not die before an answer */
		io_close(p.fd);
		return -ETIMEDOUT;
	}
	io_close(p.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int mountpoint_check(const char *path, char **ret, struct diag *diag)
{
	char *full = NULL, *real = NULL, type[64];
	struct stat st;
	int r;

	r = absolute(path, &full);
	if (r < 0)
		return diag_fail(diag, r, "mount point '%s'", path);
	/* A judge may have been mounted over a dead one. */
	for (int tries = 0; (r = look(full)) == -ENOTCONN && mountpoint_mounted(full) && tries < 16;
	     tries++) {
		log_info("taking away the mount of a judge that died at %s", full);
		if (umount2(full, MNT_DETACH | UMOUNT_NOFOLLOW) < 0) {
			r = -errno;
			break;
		}
	}
	if (r == -ETIMEDOUT)
		r = diag_fail(diag, -EINVAL, "mount point '%s' does not answer; try: umount -l %s",
			      path, full);
	else if (r < 0)
		diag_fail(diag, r, "mount point '%s'", path);
	if (r < 0)
		goto out;

	real = realpath(full, NULL);
	if (!real || stat(real, &st) < 0) {
		r = diag_fail(diag, -errno, "mount point '%s'", path);
		goto out;
	}
	if (!S_ISDIR(st.st_mode)) {
		r = diag_fail(diag, -EINVAL, "mount point '%s' is no directory", path);
		goto out;
	}
	if (mounted_type(real, type, sizeof(type)) == 0) {
		r = diag_fail(diag, -EINVAL, "mount point '%s' is in use: a file system of type %s is "
			      "mounted there", path, type);
		goto out;
	}
	*ret = real;
	real = NULL;
out:
	free(full);
	free(real);
	return r;
}

int mountpoint_open(int *ret, struct diag *diag)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return diag_fail(diag, -EINVAL, "/dev/fuse is not there: the kernel's FUSE module is "
				 "missing; try: modprobe fuse");
	if (fd < 0)
		return diag_fail(diag, -errno, "open /dev/fuse");
	*ret = fd;
	return 0;
}

/* ------------------------------------------------------------- during, after */

int mountpoint_mount(const char *path, int fuse, unsigned long flags, struct diag *diag)
{
	char options[160];

	flags |= MS_NOSUID | MS_NODEV;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other,"
		 "default_permissions", fuse);
	if (mount("judgefs", path, MOUNTPOINT_TYPE, flags & ~MS_RDONLY, options) < 0)
		return diag_fail(diag, -errno, "mount on %s", path);
	/* This only changes the flags of the mount point: no request goes to the server. */
	if ((flags & MS_RDONLY) && mount(NULL, path, NULL, flags | MS_REMOUNT | MS_BIND, NULL) < 0) {
		int r = diag_fail(diag, -errno, "make the mount on %s read-only", path);

		umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
		return r;
	}
	return 0;
}

int mountpoint_answers(const char *path)
{
	struct stat st;
	int r = 0;
	DIR *d;

	if (stat(path, &st) < 0)
		return -errno;
	d = opendir(path);
	if (!d)
		return -errno;
	errno = 0;
	if (!readdir(d))
		r = errno ? -errno : -ENODATA;
	closedir(d);
	return r;
}

int mountpoint_umount(const char *path, int64_t wait_us)
{
	int64_t deadline = clock_mono_us() + wait_us;
	struct timespec pause = clock_timespec(PAUSE_US);

	while (umount2(path, UMOUNT_NOFOLLOW) < 0) {
		if (errno == EINVAL || errno == ENOENT)
			return 0;		/* somebody was faster */
		if (errno != EBUSY || clock_mono_us() > deadline)
			return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
		nanosleep(&pause, NULL);
	}
	return 0;
}

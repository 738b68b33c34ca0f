/*
 * objects.c - compiled programs in a folder
 */
#include "judge/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/log.h"

#define MAGIC		"judgefs object 2 "
#define HEAD_LEN	(sizeof(MAGIC) - 1 + 64 + 1 + 64 + 1)	/* magic, name, digest */
#define STALE_S		3600		/* a temporary file that is so old belongs to nobody */

struct objects {
	int dir;
	int64_t max_bytes, reserve_bytes;
	int64_t unseen_bytes;		/* added since all were counted */
};

/* ------------------------------------------------------------- finding */

static bool head_right(const struct buf *b, const struct digest *key)
{
	char head[HEAD_LEN + 1];
	struct digest d;

	if (b->len < HEAD_LEN ||
	    digest_data(b->data + HEAD_LEN, b->len - HEAD_LEN, &d) < 0)
		return false;
	snprintf(head, sizeof(head), MAGIC "%s %s\n", key->hex, d.hex);
	return memcmp(b->data, head, HEAD_LEN) == 0;
}

struct compiled *objects_find(struct objects *o, const struct digest *key, const struct lang *lang)
{
	struct compiled *c = NULL;
	struct buf b = { 0 };
	int64_t size;
	int fd, r;

	if (!o)
		return NULL;
	fd = io_open_regular(o->dir, key->hex, &size);
	if (fd < 0)
		return NULL;
	r = io_read_fd(fd, 2 * OBJECT_MAX, &b);
	if (r == 0 && b.failed)
		r = -ENOMEM;
	if (r == 0)
		r = head_right(&b, key) ?
		    compiled_decode(b.data + HEAD_LEN, b.len - HEAD_LEN, lang, &c) : -EBADMSG;
	if (r == -EBADMSG) {
		log_warn(OBJECTS_DIR "/%s is broken: removed", key->hex);
		unlinkat(o->dir, key->hex, 0);
	}
	if (r == 0)
		futimens(fd, NULL);	/* used now */
	buf_release(&b);
	io_close(fd);
	return c;
}

/* ------------------------------------------------------------- adding */

struct object {
	char *name;
	int64_t size, used_ns;
};

static int older(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	return x->used_ns < y->used_ns ? -1 : x->used_ns > y->used_ns;
}

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool look(const struct objects *o, char *name, struct object *ret)
{
	struct stat st;

	if (fstatat(o->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (name[0] == '.' && time(NULL) - st.st_mtime < STALE_S)
		return false;		/* somebody writes it */
	*ret = (struct object){ name, st.st_size, nanoseconds(st.st_mtim) };
	if (name[0] == '.')
		ret->used_ns = 0;
	return true;
}

/* Remove what was not used for the longest time, until a little less than all is left. */
static void trim(struct objects *o)
{
	int64_t keep = o->max_bytes - o->max_bytes / 16, sum = 0;
	struct strv names = { 0 };
	struct object *v = NULL;
	size_t n = 0;

	if (io_list(o->dir, ".", &names) == 0 && names.n > 0)
		v = calloc(names.n, sizeof(*v));
	for (size_t i = 0; v && i < names.n; i++)
		if (look(o, names.v[i], &v[n]))
			sum += v[n++].size;
	if (n > 0 && sum >= o->max_bytes - o->max_bytes / 32) {
		qsort(v, n, sizeof(*v), older);
		for (size_t i = 0; i < n && sum > keep; sum -= v[i++].size)
			unlinkat(o->dir, v[i].name, 0);
	}
	o->unseen_bytes = 0;
	free(v);
	strv_release(&names);
}

static int room(const struct objects *o, int64_t bytes)
{
	struct statvfs v;

	if (bytes > OBJECT_MAX || bytes > o->max_bytes / 8)
		return -EFBIG;
	if (fstatvfs(o->dir, &v) < 0)
		return -errno;
	return (int64_t)v.f_bavail * (int64_t)v.f_frsize - bytes < o->reserve_bytes ? -ENOSPC : 0;
}

static int store(const struct objects *o, const struct digest *key, const struct buf *body)
{
	char name[64], head[HEAD_LEN + 1];
	struct digest d;
	int fd = -1, r = digest_data(body->data, body->len, &d);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), ".new-%d", getpid());
	snprintf(head, sizeof(head), MAGIC "%s %s\n", key->hex, d.hex);
	unlinkat(o->dir, name, 0);
	fd = openat(o->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = io_write(fd, head, HEAD_LEN);
	if (r == 0)
		r = io_write(fd, body->data, body->len);
	if (r == 0 && renameat(o->dir, name, o->dir, key->hex) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(o->dir, name, 0);
	io_close(fd);
	return r;
}

int objects_add(struct objects *o, const struct digest *key, const struct compiled *c)
{
	struct buf b = { 0 };
	int r;

	if (!o || o->max_bytes == 0 || !c->ok)
		return 0;
	r = room(o, c->bytes);
	if (r == 0)
		r = compiled_encode(c, &b);
	if (r == 0) {
		o->unseen_bytes += (int64_t)b.len;
		/* Others add as well: so all are counted now and then, not always. */
		if (o->unseen_bytes > o->max_bytes / 32)
			trim(o);
		r = store(o, key, &b);
	}
	buf_release(&b);
	return r;
}

/* ------------------------------------------------------------- the whole */

int objects_open(int dirfd, int64_t max_bytes, int64_t reserve_bytes, struct objects **ret)
{
	struct objects *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	*o = (struct objects){ -1, max_bytes, reserve_bytes, max_bytes };
	o->dir = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dir < 0) {
		free(o);
		return -errno;
	}
	if (max_bytes == 0)
		trim(o);
	*ret = o;
	return 0;
}

void objects_free(struct objects *o)
{
	if (o)
		io_close(o->dir);
	free(o);
}

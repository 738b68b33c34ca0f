#include "fs/quota.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "fs/fs.h"

#define BUCKETS	256

struct account {
	struct account *next;
	int64_t user, bytes;
};

struct quota {
	pthread_mutex_t lock;		/* of what follows */
	struct account *buckets[BUCKETS];
};

int quota_new(struct quota **ret)
{
	struct quota *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return -ENOMEM;
	pthread_mutex_init(&q->lock, NULL);
	*ret = q;
	return 0;
}

void quota_free(struct quota *q)
{
	if (q == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (q->buckets[i] != NULL) {
			struct account *a = q->buckets[i];

			q->buckets[i] = a->next;
			free(a);
		}
	pthread_mutex_destroy(&q->lock);
	free(q);
}

struct sum {
	struct fs *fs;
	int64_t bytes;
	int r;
};

static bool add_file(void *ctx, const struct file_row *row)
{
	struct sum *sum = ctx;
	struct stat st;
	int r = spool_stat(sum->fs, row->id, &st);

	if (r == 0)
		sum->bytes += st.st_size;
	else if (r != -ENOENT)		/* of a row without a spool file nothing can be written */
		sum->r = r;
	return sum->r == 0;
}

/* Whoever changes a size comes here first: none changes while it is counted. Locked. */
static int get(struct fs *fs, int64_t user, struct account **ret)
{
	struct account **at = &fs->quota->buckets[(uint64_t)user % BUCKETS], *a;
	struct sum sum = { fs, 0, 0 };
	int r;

	for (a = *at; a != NULL && a->user != user; a = a->next)
		;
	if (a != NULL) {
		*ret = a;
		return 0;
	}
	r = store_user_files(fs->store, user, add_file, &sum);
	if (r == 0)
		r = sum.r;
	if (r < 0)
		return r;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	*a = (struct account){ *at, user, sum.bytes };
	*at = *ret = a;
	return 0;
}

static int check_disk(struct fs *fs, int64_t bytes)
{
	struct statvfs disk;

	if (fstatvfs(store_spool_dir(fs->store), &disk) < 0)
		return -errno;
	return (int64_t)(disk.f_bavail * disk.f_frsize) < fs->settings.reserve_bytes + bytes ?
		-ENOSPC : 0;
}

int quota_take(struct fs *fs, int64_t user, int64_t bytes)
{
	struct account *a;
	int r;

	r = bytes > 0 ? check_disk(fs, bytes) : 0;
	if (r < 0)
		return r;
	pthread_mutex_lock(&fs->quota->lock);
	r = get(fs, user, &a);
	if (r == 0 && bytes > 0 && a->bytes + bytes > fs->settings.quota_bytes)
		r = -EDQUOT;
	if (r == 0)
		a->bytes += bytes;
	pthread_mutex_unlock(&fs->quota->lock);
	return r;
}

void quota_give(struct fs *fs, int64_t user, int64_t bytes)
{
	struct account *a;

	pthread_mutex_lock(&fs->quota->lock);
	if (get(fs, user, &a) == 0)
		a->bytes -= bytes;
	pthread_mutex_unlock(&fs->quota->lock);
}

int quota_file(struct fs *fs, int64_t user)
{
	int64_t files;
	int r;

	r = check_disk(fs, 0);
	if (r == 0)
		r = store_count_files(fs->store, user, &files);
	if (r < 0)
		return r;
	return files < fs->settings.quota_files ? 0 : -EDQUOT;
}

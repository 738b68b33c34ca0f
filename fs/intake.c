#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "fs/results.h"

#define BUCKETS		1024
#define RETRY_US	1000000
/* So long an open that a dead server took may wait to be handed out again. */
#define UNSURE_US	5000000

struct entry {
	struct entry *next;
	int64_t file;
	int handles;
	struct upload u;
};

struct intake {
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t changed;
	bool stop;
	struct entry *buckets[BUCKETS];
	struct unsure {
		uint64_t fh, node;
	} *unsure;			/* opened for a dead server, perhaps never answered */
	size_t nunsure;
	int64_t unsure_due_us;
};

/* ------------------------------------------------------------- the spool */

int spool_open(struct fs *fs, int64_t file, int flags)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "%" PRId64, file);
	fd = openat(store_spool_dir(fs->store), name, flags | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int spool_stat(struct fs *fs, int64_t file, struct stat *ret)
{
	char name[32];

	snprintf(name, sizeof(name), "%" PRId64, file);
	return fstatat(store_spool_dir(fs->store), name, ret, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* ------------------------------------------------------------- entries */

static struct entry **find(struct intake *in, int64_t file)
{
	struct entry **e = &in->buckets[(uint64_t)file % BUCKETS];

	while (*e != NULL && (*e)->file != file)
		e = &(*e)->next;
	return e;
}

static void get(struct intake *in, int64_t file, struct upload *ret)
{
	struct entry *e;

	pthread_mutex_lock(&in->lock);
	e = *find(in, file);
	*ret = e != NULL ? e->u : (struct upload){ 0 };
	pthread_mutex_unlock(&in->lock);
}

/* What says nothing any more is dropped. Locked by the intake's lock. */
static void tidy(struct entry **at)
{
	struct entry *e = *at;

	if (e->handles > 0 || !upload_idle(&e->u))
		return;
	*at = e->next;
	free(e);
}

static int put(struct intake *in, int64_t file, const struct upload *u, int handles)
{
	struct entry **at;
	int r = 0;

	pthread_mutex_lock(&in->lock);
	at = find(in, file);
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL) {
			r = -ENOMEM;
			goto out;
		}
		(*at)->file = file;
	}
	if (u != NULL)
		(*at)->u = *u;
	(*at)->handles += handles;
	if ((*at)->u.due_us != 0)
		pthread_cond_signal(&in->changed);
	tidy(at);
out:
	pthread_mutex_unlock(&in->lock);
	return r;
}

int intake_handle(struct fs *fs, int64_t file, int step)
{
	return put(fs->intake, file, NULL, step);
}

bool intake_idle(struct fs *fs, int64_t file)
{
	struct upload u;

	get(fs->intake, file, &u);
	return upload_idle(&u);
}

static bool has_handles(struct intake *in, int64_t file)
{
	struct entry *e;
	bool has;

	pthread_mutex_lock(&in->lock);
	e = *find(in, file);
	has = e != NULL && e->handles > 0;
	pthread_mutex_unlock(&in->lock);
	return has;
}

/* ------------------------------------------------------------- accepting */

/* From here on a close or fsync may be answered with 0. */
static int accept_content(struct fs *fs, struct file_row *row, int64_t size)
{
	struct stat st;
	int fd, r = 0;

	fd = spool_open(fs, row->id, O_RDONLY);
	if (fd < 0)
		return fd;
	if (fsync(fd) < 0 || fstat(fd, &st) < 0)
		r = -errno;
	io_close(fd);
	if (r == 0)
		r = store_file_received(fs->store, row->id, size, clock_us(st.st_mtim));
	if (r < 0)
		return r;
	row->state = row->judged ? FILE_RECEIVED : FILE_CLEAN;
	row->size = size;
	if (row->judged && !row->gone)
		r = results_refresh(fs, row);
	if (r < 0)		/* accepted it is: what is shown can be mended later */
		log_error("file %" PRId64 ": show as queued: %s", row->id, strerror(-r));
	return 0;
}

/*
 * Is the content what was judged last? Then its result is shown again, durably, before the store
 * says that nothing is left to be done: we may die in between, and nobody would publish it again.
 */
static int show_known(struct fs *fs, const struct file_row *row, const struct blob_ref *blob)
{
	struct file_row as = *row;
	struct submission_row sub;
	int r;

	if (row->gone || row->submission == 0 ||
	    store_submission(fs->store, row->submission, &sub) < 0 ||
	    strcmp(sub.blob.digest.hex, blob->digest.hex) != 0)
		return 0;
	as.state = FILE_CLEAN;
	r = results_refresh(fs, &as);
	for (int kind = 0; r == 0 && kind < RESULT_KINDS; kind++)
		r = results_sync(fs, row->id, kind);
	return r;
}

/* The complete content becomes a submission, unless it is the one that was judged last. */
static int complete(struct fs *fs, struct file_row *row)
{
	int64_t id = 0, replaced = 0;
	struct blob_ref blob;
	int fd, r;

	if (!row->judged)
		return row->state == FILE_RECEIVED ? store_file_clean(fs->store, row->id) : 0;
	fd = spool_open(fs, row->id, O_RDONLY);
	if (fd < 0)
		return fd;
	r = blobs_put_fd(store_blobs(fs->store), fd, &blob);
	io_close(fd);
	if (r == 0)
		r = show_known(fs, row, &blob);
	if (r == 0)
		r = store_submit(fs->store, row->id, &blob, fs->settings.settle_us, &id,
				 &replaced);
	if (r == -ESTALE)
		return 0;	/* written to since: its next acceptance comes */
	if (r < 0)
		return r;
	if (replaced != 0)
		bell_replaced(fs->bell, replaced);
	bell_ring(fs->bell);
	r = store_file_by_id(fs->store, row->id, row);
	if (r == 0 && id == 0 && !row->gone)
		r = results_refresh(fs, row);
	if (r < 0)
		log_error("file %" PRId64 ": show its result again: %s", row->id, strerror(-r));
	return 0;
}

static int carry_out(struct fs *fs, struct file_row *row, unsigned todo, int64_t size, int failed)
{
	int r = 0;

	if (todo & UPLOAD_REFUSE)
		return -failed;
	if (todo & UPLOAD_MARK && row->state != FILE_DRAFT) {
		r = store_file_dirty(fs->store, row->id);
		row->state = FILE_DRAFT;
	}
	if (r == 0 && todo & UPLOAD_ACCEPT && !row->gone)
		r = accept_content(fs, row, size);
	if (r == 0 && todo & UPLOAD_COMPLETE)
		r = complete(fs, row);
	return r;
}

static struct upload_times times(const struct fs *fs)
{
	return (struct upload_times){ fs->settings.quiet_fsync_us, fs->settings.quiet_us };
}

/* Emptied, or a torso: what is shown must not be of another content. */
static void show_draft(struct fs *fs, const struct file_row *row, int failed)
{
	if (row->judged && !row->gone && row->state == FILE_DRAFT &&
	    results_draft(fs, row, failed) < 0)
		log_error("file %" PRId64 ": what is shown beside it is old", row->id);
}

int intake_event(struct fs *fs, struct file_row *row, enum upload_what what, bool server,
		 int64_t size, int error)
{
	struct upload_facts f = { server, size, error, clock_mono_us() };
	struct upload_times t = times(fs);
	struct upload u;
	unsigned todo;
	int r, failed;

	get(fs->intake, row->id, &u);
	failed = u.failed;
	todo = upload_event(&u, what, &f, &t);
	r = carry_out(fs, row, todo, size, u.failed);
	if (r < 0 && what == UPLOAD_RELEASED) {
		/* Nobody hears of it, and the writer is away all the same: the timer goes on. */
		log_error("file %" PRId64 ": accept: %s; trying again", row->id, strerror(-r));
		u.dirty = true;
		u.received = false;
		u.due_us = f.now_us + RETRY_US;
		r = 0;
	}
	if (r == 0)
		r = put(fs->intake, row->id, &u, 0);
	if (r == 0 && (what == UPLOAD_RELEASED || what == UPLOAD_TIMER) && upload_idle(&u))
		show_draft(fs, row, failed);
	return r;
}

int intake_settle(struct fs *fs, struct file_row *row)
{
	struct upload u;
	int r;

	get(fs->intake, row->id, &u);
	if (!u.received || u.writers > 0)
		return 0;
	r = complete(fs, row);
	if (r < 0)
		return r;
	u.received = false;
	u.due_us = 0;
	return put(fs->intake, row->id, &u, 0);
}

void intake_forget(struct fs *fs, const struct file_row *row)
{
	static const struct upload nothing;
	struct stat st = { .st_size = 0 };
	int r;

	if (has_handles(fs->intake, row->id))
		return;
	quota_take(fs, row->user, 0);
	spool_stat(fs, row->id, &st);
	r = store_file_forget(fs->store, row->id);
	if (r == 0) {
		quota_give(fs, row->user, st.st_size);
		put(fs->intake, row->id, &nothing, 0);
	} else if (r != -EBUSY && r != -ENOENT)
		log_error("file %" PRId64 ": forget: %s", row->id, strerror(-r));
}

/* ------------------------------------------------------------- timers */

/* Its quiet is over. Locked. */
static int submit_due(struct fs *fs, int64_t file)
{
	struct file_row row;
	struct stat st;
	int r;

	r = store_file_by_id(fs->store, file, &row);
	if (r == 0)
		r = spool_stat(fs, file, &st);
	if (r == 0)
		r = intake_event(fs, &row, UPLOAD_TIMER, false, st.st_size, 0);
	if (r == 0 && row.gone)
		intake_forget(fs, &row);
	return r;
}

static void on_due(struct fs *fs, int64_t file)
{
	struct upload u;
	int r = 0;

	fs_lock(fs, file);
	get(fs->intake, file, &u);
	if (u.due_us != 0 && u.due_us <= clock_mono_us())	/* else somebody was faster */
		r = submit_due(fs, file);
	if (r < 0) {
		u.due_us = clock_mono_us() + RETRY_US;
		if (r == -ENOENT)	/* row or bytes are away: there is nothing to try again */
			u = (struct upload){ .writers = u.writers };
		put(fs->intake, file, &u, 0);
		log_error("file %" PRId64 ": submit: %s%s", file, strerror(-r),
			  r == -ENOENT ? "" : "; trying again");
	}
	fs_unlock(fs, file);
}

/* Opens that a dead server took and that nobody ever asked for again: no writer waits there. */
static void drop_unsure(struct fs *fs)
{
	struct intake *in = fs->intake;
	struct handle h;

	for (size_t i = 0; i < in->nunsure; i++) {
		struct unsure *u = &in->unsure[i];

		if (handles_get(fs->handles, u->fh, &h) == 0 && !(h.flags & HANDLE_SURE))
			file_release(fs, node_from_ino(u->node), u->fh);
	}
	in->nunsure = 0;
}

/* The file whose timer is due; 0 with the time of the next one. Locked. */
static int64_t next_due(struct intake *in, int64_t now, int64_t *ret_when)
{
	*ret_when = in->nunsure > 0 ? in->unsure_due_us : INT64_MAX;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct entry *e = in->buckets[i]; e != NULL; e = e->next) {
			if (e->u.due_us == 0)
				continue;
			if (e->u.due_us <= now)
				return e->file;
			if (e->u.due_us < *ret_when)
				*ret_when = e->u.due_us;
		}
	return 0;
}

static void *run(void *arg)
{
	struct fs *fs = arg;
	struct intake *in = fs->intake;

	pthread_mutex_lock(&in->lock);
	while (!in->stop) {
		int64_t now = clock_mono_us(), when;
		int64_t file = next_due(in, now, &when);

		if (file == 0 && when > now) {
			struct timespec until = clock_timespec(when);

			if (when == INT64_MAX)
				pthread_cond_wait(&in->changed, &in->lock);
			else
				pthread_cond_timedwait(&in->changed, &in->lock, &until);
			continue;
		}
		pthread_mutex_unlock(&in->lock);
		if (file != 0)
			on_due(fs, file);
		else
			drop_unsure(fs);
		pthread_mutex_lock(&in->lock);
	}
	pthread_mutex_unlock(&in->lock);
	return NULL;
}

/* ------------------------------------------------------------- life */

int intake_new(struct intake **ret)
{
	struct intake *in = calloc(1, sizeof(*in));
	pthread_condattr_t attr;

	if (in == NULL)
		return -ENOMEM;
	pthread_mutex_init(&in->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&in->changed, &attr);
	pthread_condattr_destroy(&attr);
	*ret = in;
	return 0;
}

void intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	if (in->started) {
		pthread_mutex_lock(&in->lock);
		in->stop = true;
		pthread_cond_signal(&in->changed);
		pthread_mutex_unlock(&in->lock);
		pthread_join(in->thread, NULL);
	}
	for (size_t i = 0; i < BUCKETS; i++)
		while (in->buckets[i] != NULL) {
			struct entry *e = in->buckets[i];

			in->buckets[i] = e->next;
			free(e);
		}
	free(in->unsure);
	pthread_cond_destroy(&in->changed);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

struct recovery {
	struct fs *fs;
	int r;
};

static void note_unsure(struct recovery *rec, uint64_t fh, const struct handle *h)
{
	struct intake *in = rec->fs->intake;
	struct unsure *more;

	more = realloc(in->unsure, (in->nunsure + 1) * sizeof(*more));
	if (more == NULL) {
		rec->r = -ENOMEM;
		return;
	}
	in->unsure = more;
	more[in->nunsure++] = (struct unsure){ fh, h->node };
}

static void recover_handle(void *ctx, uint64_t fh, const struct handle *h)
{
	struct node n = node_from_ino(h->node);
	struct recovery *rec = ctx;
	struct upload u;

	if (rec->r == 0 && !(h->flags & HANDLE_SURE))
		note_unsure(rec, fh, h);
	if (n.kind != NODE_FILE || rec->r < 0)
		return;
	get(rec->fs->intake, n.row, &u);
	if (h->flags & HANDLE_WRITER && !(h->flags & HANDLE_SERVER))
		u.writers++;
	if (h->error != 0)
		u.failed = h->error;
	rec->r = put(rec->fs->intake, n.row, &u, 1);
}

/* What was written and not yet accepted, under a handle that is still open. */
static void recover_content(void *ctx, uint64_t fh, const struct handle *h)
{
	struct node n = node_from_ino(h->node);
	struct recovery *rec = ctx;
	struct file_row row;
	struct upload u;
	struct stat st;

	(void)fh;
	if (n.kind != NODE_FILE || rec->r < 0 || !(h->flags & HANDLE_WRITER) ||
	    store_file_by_id(rec->fs->store, n.row, &row) < 0 ||
	    spool_stat(rec->fs, n.row, &st) < 0)
		return;
	get(rec->fs->intake, n.row, &u);
	u.dirty = row.state == FILE_DRAFT && st.st_size > 0;
	if (u.dirty && u.writers == 0)
		u.due_us = clock_mono_us() + rec->fs->settings.quiet_us;
	rec->r = put(rec->fs->intake, n.row, &u, 0);
}

static bool recover_received(void *ctx, const struct file_row *row)
{
	struct recovery *rec = ctx;
	struct upload u;

	get(rec->fs->intake, row->id, &u);
	u.received = true;
	u.dirty = false;
	u.due_us = u.writers > 0 ? 0 : clock_mono_us();
	rec->r = put(rec->fs->intake, row->id, &u, 0);
	/* The dead server may have come to this or not. */
	if (rec->r == 0 && row->judged && !row->gone && results_refresh(rec->fs, row) < 0)
		log_error("file %" PRId64 ": what is shown beside it is old", row->id);
	return rec->r == 0;
}

static bool recover_gone(void *ctx, const struct file_row *row)
{
	struct recovery *rec = ctx;

	if (row->state != FILE_RECEIVED)
		intake_forget(rec->fs, row);
	return true;
}

int intake_start(struct fs *fs, struct diag *diag)
{
	struct recovery rec = { fs, 0 };
	int r;

	handles_each(fs->handles, recover_handle, &rec);
	handles_each(fs->handles, recover_content, &rec);
	r = rec.r;
	if (r == 0)
		r = store_files_received(fs->store, recover_received, &rec);
	if (r == 0)
		r = rec.r;
	if (r == 0)
		r = store_files_gone(fs->store, recover_gone, &rec);
	if (r < 0)
		return diag_fail(diag, r, "take up what was open");
	fs->intake->unsure_due_us = clock_mono_us() + UNSURE_US;
	r = -pthread_create(&fs->intake->thread, NULL, run, fs);
	if (r < 0)
		return diag_fail(diag, r, "start the intake's thread");
	fs->intake->started = true;
	return 0;
}

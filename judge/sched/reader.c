#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/strv.h"
#include "judge/sched/sched.h"

#define PROBLEMS	"problems"
#define DEPTH_MAX	32

/* A state of a folder that was seen and is not in the store: too young, or being calibrated. */
struct seen {
	char *name;
	char digest[65];
	bool read;
	int64_t read_us;		/* when */
};

struct reader {
	struct sched *s;
	pthread_t thread;
	bool started;
	int wake;			/* eventfd: something was found, or the reader is done */
	/* the reader's own */
	struct seen *seen;
	size_t nseen;
	bool warned;
	/* between both */
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool wanted, at_once, busy;
	atomic_bool stop;
	struct found *found, **tail;
};

/* ------------------------------------------------------------- a folder's state on disk */

/* Names, sizes and times of all that is in it: cheap, and different after any change. */
static int tree_state(int dirfd, const char *path, int depth, struct buf *ret)
{
	struct strv names = { 0 };
	int fd = -1, r;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	fd = io_open_beneath(dirfd, path, O_RDONLY | O_DIRECTORY, 0);
	r = fd < 0 ? fd : io_list(fd, ".", &names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct stat st;

		if (fstatat(fd, names.v[i], &st, AT_SYMLINK_NOFOLLOW) < 0) {
			r = errno == ENOENT ? 0 : -errno;
			continue;
		}
		buf_printf(ret, "%d %s%c%o %lld %lld.%09ld\n", depth, names.v[i], '\0', st.st_mode,
			   S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_size,
			   S_ISDIR(st.st_mode) ? 0LL : (long long)st.st_mtim.tv_sec,
			   S_ISDIR(st.st_mode) ? 0L : st.st_mtim.tv_nsec);
		if (S_ISDIR(st.st_mode))
			r = tree_state(fd, names.v[i], depth + 1, ret);
	}
	strv_release(&names);
	io_close(fd);
	return r == 0 && ret->failed ? -ENOMEM : r;
}

static void words_state(const struct strv *words, struct buf *ret)
{
	for (size_t i = 0; i < words->n; i++)
		buf_printf(ret, " %s", words->v[i]);
	buf_puts(ret, "\n");
}

/* What else a read problem depends on: this program, the defaults, the languages. */
static void context_state(const struct sched *s, struct buf *ret)
{
	buf_printf(ret, "%s %d\n", VERSION, JOB_VERSION);
	buf_add(ret, &s->settings.limits, sizeof(s->settings.limits));
	for (size_t i = 0; i < s->langs->n; i++) {
		const struct lang *l = s->langs->v[i];

		buf_printf(ret, "%s %s %s %s\n", l->id, l->version ? l->version : "",
			   l->missing ? l->missing : "", l->source);
		words_state(&l->compile, ret);
		words_state(&l->run, ret);
		words_state(&l->aliases, ret);
		words_state(&l->suffixes, ret);
	}
}

static int package_digest(const struct sched *s, int dirfd, const char *name, char ret[65])
{
	struct buf state = { 0 };
	struct digest digest;
	int r;

	context_state(s, &state);
	r = tree_state(dirfd, name, 0, &state);
	if (r == 0)
		r = digest_data(state.data, state.len, &digest);
	if (r == 0)
		memcpy(ret, digest.hex, 65);
	buf_release(&state);
	return r;
}

/* ------------------------------------------------------------- the thread */

static void reader_report(struct reader *rd, struct found *f)
{
	uint64_t one = 1;

	pthread_mutex_lock(&rd->lock);
	if (f != NULL) {
		*rd->tail = f;
		rd->tail = &f->next;
	}
	pthread_mutex_unlock(&rd->lock);
	if (write(rd->wake, &one, sizeof(one)) < 0)
		log_error("wake the scheduler: %s", strerror(errno));
}

static struct found *found_new(const char *name, const char *digest)
{
	struct found *f = calloc(1, sizeof(*f));

	if (f != NULL)
		f->name = strdup(name);
	if (f == NULL || f->name == NULL) {
		free(f);
		return NULL;
	}
	snprintf(f->digest, sizeof(f->digest), "%s", digest);
	return f;
}

void found_free(struct found *f)
{
	free(f->name);
	problem_free(f->problem);
	free(f);
}

static struct seen *seen_get(struct reader *rd, const char *name)
{
	struct seen *more;

	for (size_t i = 0; i < rd->nseen; i++)
		if (strcmp(rd->seen[i].name, name) == 0)
			return &rd->seen[i];
	more = reallocarray(rd->seen, rd->nseen + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	rd->seen = more;
	rd->seen[rd->nseen] = (struct seen){ .name = strdup(name) };
	return rd->seen[rd->nseen].name != NULL ? &rd->seen[rd->nseen++] : NULL;
}

static void seen_drop(struct reader *rd, const char *name)
{
	for (size_t i = 0; i < rd->nseen; i++) {
		if (strcmp(rd->seen[i].name, name) != 0)
			continue;
		free(rd->seen[i].name);
		rd->seen[i] = rd->seen[--rd->nseen];
		return;
	}
}

static mode_t entry_type(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
}

/* Folders; and links, which nobody follows, so that it is said why they are not shown. */
static bool is_package(int dirfd, const char *name)
{
	mode_t type = entry_type(dirfd, name);

	return name[0] != '.' && (type == S_IFDIR || type == S_IFLNK);
}

/* The one that is shown keeps its name; of two new ones the first in the alphabet gets it. */
static bool has_twin(struct reader *rd, int dirfd, const char *name, char twin[65])
{
	struct problem_row row;

	if (!problem_id_twin(dirfd, name, twin))
		return false;
	if (store_problem_by_name(rd->s->store, twin, &row) == 0 && row.installed)
		return true;
	if (store_problem_by_name(rd->s->store, name, &row) == 0 && row.installed)
		return false;
	return strcmp(twin, name) < 0;
}

static void package_read(struct reader *rd, int dirfd, const char *name, const char *digest,
			 int unreadable)
{
	struct sched *s = rd->s;
	struct found *f = found_new(name, digest);
	struct diag diag = { "" };
	char twin[65];
	int fd = -1, r;

	if (f == NULL)
		return;
	if (entry_type(dirfd, name) == S_IFLNK) {
		r = diag_fail(&diag, -EINVAL, "it is a link: lay the folder itself here");
	} else if (unreadable < 0) {
		r = diag_fail(&diag, unreadable, "read the folder");
	} else if (!problem_id_valid(name)) {
		r = diag_fail(&diag, -EINVAL, "'%s' can not be a problem's name: letters, digits, "
			      "\"_\", \"-\" and \".\"", name);
	} else if (has_twin(rd, dirfd, name, twin)) {
		r = diag_fail(&diag, -EINVAL, "its name differs only in case from '%s': "
			      "one of them needs another name", twin);
	} else {
		fd = io_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
		r = fd < 0 ? diag_fail(&diag, fd, "open") :
		    problem_load(fd, name, s->langs, &s->settings.limits, store_blobs(s->store),
				 &f->problem, NULL, &diag);
	}
	io_close(fd);
	if (r < 0)
		snprintf(f->why, sizeof(f->why), "%s",
			 diag.text[0] != '\0' ? diag.text : strerror(-r));
	reader_report(rd, f);
}

/*
 * One that was found broken is read again when somebody asks: the cause may have been this host's.
 * Till then it is as one that was never read, so that it is read once for all who ask.
 */
static bool package_retry(struct reader *rd, const struct package_row *known)
{
	int r = store_problem_broken(rd->s->store, known->name, "", known->why);

	if (r < 0)
		log_error("problem '%s' is not read again: %s", known->name, strerror(-r));
	seen_drop(rd, known->name);
	return r == 0;
}

/* When it opened or closed since it was installed, or 0: its README.txt says which it is. */
static int64_t package_turned_us(struct reader *rd, const char *name)
{
	int64_t now = clock_wall_us();
	struct problem_row row;

	if (store_problem_by_name(rd->s->store, name, &row) < 0 || !row.installed)
		return 0;
	if (row.close_us > row.changed_us && row.close_us <= now)
		return row.close_us;
	return row.open_us > row.changed_us && row.open_us <= now ? row.open_us : 0;
}

static void package_look(struct reader *rd, int dirfd, const char *name, bool at_once)
{
	struct package_row known;
	char digest[65] = "";
	struct seen *seen;
	int64_t turned_us;
	int r, unreadable;
	bool same;

	unreadable = package_digest(rd->s, dirfd, name, digest);
	if (unreadable == -ENOENT)
		return;
	if (unreadable < 0)
		snprintf(digest, sizeof(digest), "unreadable: %d", -unreadable);
	r = store_package(rd->s->store, name, &known);
	same = r == 0 && strcmp(known.digest, digest) == 0;
	turned_us = same && !known.broken ? package_turned_us(rd, name) : 0;
	if (same && turned_us == 0 && !(known.broken && at_once && package_retry(rd, &known))) {
		seen_drop(rd, name);
		return;
	}
	/* Somebody may be copying still: it must look the same twice. */
	seen = seen_get(rd, name);
	if (seen == NULL)
		return;
	same = strcmp(seen->digest, digest) == 0;
	if (same && seen->read && seen->read_us >= turned_us)
		return;
	memcpy(seen->digest, digest, sizeof(digest));
	seen->read = same || at_once;
	seen->read_us = clock_wall_us();
	if (seen->read)
		package_read(rd, dirfd, name, digest, unreadable);
}

struct names {
	struct reader *reader;
	const struct strv *there;
};

static bool package_gone(void *ctx, const struct package_row *row)
{
	struct names *names = ctx;
	struct found *f;

	if (strv_has(names->there, row->name))
		return true;
	f = found_new(row->name, "");
	if (f == NULL)
		return false;
	f->removed = true;
	reader_report(names->reader, f);
	return true;
}

static void folder_look(struct reader *rd, bool at_once)
{
	struct strv names = { 0 }, there = { 0 };
	struct names gone = { rd, &there };
	int fd, r;

	fd = io_open_beneath(rd->s->statefd, PROBLEMS, O_RDONLY | O_DIRECTORY, 0);
	r = fd < 0 ? fd : io_list(fd, ".", &names);
	if (r < 0 && !rd->warned)
		log_warn("read " PROBLEMS "/: %s", strerror(-r));
	rd->warned = r < 0;
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (is_package(fd, names.v[i]))
			r = strv_add(&there, names.v[i]);
	/* Only when the whole folder could be read is that which is missing in it removed. */
	if (r == 0)
		store_list_packages(rd->s->store, 0, package_gone, &gone);
	for (size_t i = 0; r == 0 && i < there.n && !rd->stop; i++)
		package_look(rd, fd, there.v[i], at_once);
	for (size_t i = rd->nseen; i-- > 0;)
		if (r == 0 && !strv_has(&there, rd->seen[i].name))
			seen_drop(rd, rd->seen[i].name);
	strv_release(&names);
	strv_release(&there);
	io_close(fd);
}

static void *reader_main(void *arg)
{
	struct reader *rd = arg;
	bool at_once;

	pthread_mutex_lock(&rd->lock);
	for (;;) {
		while (!rd->wanted && !rd->stop)
			pthread_cond_wait(&rd->more, &rd->lock);
		if (rd->stop)
			break;
		at_once = rd->at_once;
		rd->wanted = rd->at_once = false;
		rd->busy = true;
		pthread_mutex_unlock(&rd->lock);
		folder_look(rd, at_once);
		pthread_mutex_lock(&rd->lock);
		rd->busy = false;
		pthread_mutex_unlock(&rd->lock);
		reader_report(rd, NULL);
		pthread_mutex_lock(&rd->lock);
	}
	pthread_mutex_unlock(&rd->lock);
	return NULL;
}

/* ------------------------------------------------------------- from the loop */

int reader_start(struct sched *s, struct diag *diag)
{
	struct reader *rd = calloc(1, sizeof(*rd));
	int r;

	if (rd == NULL)
		return -ENOMEM;
	s->reader = rd;
	rd->s = s;
	rd->tail = &rd->found;
	pthread_mutex_init(&rd->lock, NULL);
	pthread_cond_init(&rd->more, NULL);
	rd->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (rd->wake < 0)
		return diag_fail(diag, -errno, "the reader of problems");
	r = pthread_create(&rd->thread, NULL, reader_main, rd);
	if (r != 0)
		return diag_fail(diag, -r, "the reader of problems");
	rd->started = true;
	return 0;
}

void reader_look(struct sched *s, bool at_once)
{
	struct reader *rd = s->reader;

	pthread_mutex_lock(&rd->lock);
	/* The regular look may be left out while one goes on; what was asked for is not. */
	if (at_once || !rd->busy) {
		rd->wanted = true;
		rd->at_once = rd->at_once || at_once;
		pthread_cond_signal(&rd->more);
	}
	pthread_mutex_unlock(&rd->lock);
}

int reader_fd(const struct sched *s)
{
	return s->reader->wake;
}

bool reader_busy(const struct sched *s)
{
	struct reader *rd = s->reader;
	bool busy;

	pthread_mutex_lock(&rd->lock);
	busy = rd->busy || rd->wanted || rd->found != NULL;
	pthread_mutex_unlock(&rd->lock);
	return busy;
}

struct found *reader_take(struct sched *s)
{
	struct reader *rd = s->reader;
	struct found *f;
	uint64_t count;

	if (read(rd->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("the reader of problems: %s", strerror(errno));
	pthread_mutex_lock(&rd->lock);
	f = rd->found;
	rd->found = NULL;
	rd->tail = &rd->found;
	pthread_mutex_unlock(&rd->lock);
	return f;
}

void reader_stop(struct sched *s)
{
	struct reader *rd = s->reader;
	struct found *f, *next;

	if (rd == NULL)
		return;
	if (rd->started) {
		pthread_mutex_lock(&rd->lock);
		rd->stop = true;
		pthread_cond_signal(&rd->more);
		pthread_mutex_unlock(&rd->lock);
		pthread_join(rd->thread, NULL);
	}
	for (f = rd->found; f != NULL; f = next) {
		next = f->next;
		found_free(f);
	}
	for (size_t i = 0; i < rd->nseen; i++)
		free(rd->seen[i].name);
	free(rd->seen);
	io_close(rd->wake);
	pthread_mutex_destroy(&rd->lock);
	pthread_cond_destroy(&rd->more);
	free(rd);
	s->reader = NULL;
}

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/strv.h"
#include "judge/sched.h"

#define PROBLEMS	"problems"
#define DEPTH_MAX	32
#define PROBE_US	INT64_C(60000000)	/* CPU time of a test while the limit is not known */

/* What the reader found under one name. */
struct found {
	struct found *next;
	char *name;
	char digest[65];
	bool removed;
	struct problem *problem;	/* NULL: removed or broken */
	char why[1024];
};

/* A state of a folder that was seen and is not in the store: too young, or being calibrated. */
struct seen {
	char *name;
	char digest[65];
	bool read;
};

struct loader {
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
	struct settings of_limits = { .limits = s->settings.limits };

	buf_printf(ret, "%s %d\n", VERSION, JOB_VERSION);
	buf_add(ret, &of_limits.limits, sizeof(of_limits.limits));
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

/* ------------------------------------------------------------- the reader's thread */

static void loader_report(struct loader *l, struct found *f)
{
	uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	if (f != NULL) {
		*l->tail = f;
		l->tail = &f->next;
	}
	pthread_mutex_unlock(&l->lock);
	if (write(l->wake, &one, sizeof(one)) < 0)
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

static void found_free(struct found *f)
{
	free(f->name);
	problem_free(f->problem);
	free(f);
}

static struct seen *seen_get(struct loader *l, const char *name)
{
	struct seen *more;

	for (size_t i = 0; i < l->nseen; i++)
		if (strcmp(l->seen[i].name, name) == 0)
			return &l->seen[i];
	more = reallocarray(l->seen, l->nseen + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	l->seen = more;
	l->seen[l->nseen] = (struct seen){ .name = strdup(name) };
	return l->seen[l->nseen].name != NULL ? &l->seen[l->nseen++] : NULL;
}

static void seen_drop(struct loader *l, const char *name)
{
	for (size_t i = 0; i < l->nseen; i++) {
		if (strcmp(l->seen[i].name, name) != 0)
			continue;
		free(l->seen[i].name);
		l->seen[i] = l->seen[--l->nseen];
		return;
	}
}

static void package_read(struct loader *l, int dirfd, const char *name, const char *digest,
			 int unreadable)
{
	struct sched *s = l->s;
	struct found *f = found_new(name, digest);
	struct diag diag = { "" };
	int fd = -1, r;

	if (f == NULL)
		return;
	if (unreadable < 0) {
		r = diag_fail(&diag, unreadable, "read the folder");
	} else if (!problem_id_valid(name)) {
		r = diag_fail(&diag, -EINVAL, "'%s' can not be a problem's name: letters, digits, "
			      "\"_\", \"-\" and \".\"", name);
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
	loader_report(l, f);
}

static void package_look(struct loader *l, int dirfd, const char *name, bool at_once)
{
	struct buf known = { 0 };
	char digest[65] = "";
	struct seen *seen;
	int r, unreadable;
	bool same;

	unreadable = package_digest(l->s, dirfd, name, digest);
	if (unreadable == -ENOENT)
		return;
	if (unreadable < 0)
		snprintf(digest, sizeof(digest), "unreadable: %d", -unreadable);
	r = store_problem_digest(l->s->store, name, &known);
	same = r == 0 && strcmp(buf_text(&known), digest) == 0;
	buf_release(&known);
	if (same) {
		seen_drop(l, name);
		return;
	}
	/* Somebody may be copying still: it must look the same twice. */
	seen = seen_get(l, name);
	if (seen == NULL)
		return;
	same = strcmp(seen->digest, digest) == 0;
	if (same && seen->read)
		return;
	memcpy(seen->digest, digest, sizeof(digest));
	seen->read = same || at_once;
	if (seen->read)
		package_read(l, dirfd, name, digest, unreadable);
}

struct names {
	struct loader *loader;
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
	loader_report(names->loader, f);
	return true;
}

static bool is_folder(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void loader_look(struct loader *l, bool at_once)
{
	struct strv names = { 0 }, there = { 0 };
	struct names gone = { l, &there };
	int fd, r;

	fd = io_open_beneath(l->s->statefd, PROBLEMS, O_RDONLY | O_DIRECTORY, 0);
	r = fd < 0 ? fd : io_list(fd, ".", &names);
	if (r < 0 && !l->warned)
		log_warn("read " PROBLEMS "/: %s", strerror(-r));
	l->warned = r < 0;
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (names.v[i][0] != '.' && is_folder(fd, names.v[i]))
			r = strv_add(&there, names.v[i]);
	/* Only when the whole folder could be read is that which is missing in it removed. */
	if (r == 0)
		store_list_packages(l->s->store, 0, package_gone, &gone);
	for (size_t i = 0; r == 0 && i < there.n && !l->stop; i++)
		package_look(l, fd, there.v[i], at_once);
	for (size_t i = l->nseen; i-- > 0;)
		if (r == 0 && !strv_has(&there, l->seen[i].name))
			seen_drop(l, l->seen[i].name);
	strv_release(&names);
	strv_release(&there);
	io_close(fd);
}

static void *loader_main(void *arg)
{
	struct loader *l = arg;
	bool at_once;

	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (!l->wanted && !l->stop)
			pthread_cond_wait(&l->more, &l->lock);
		if (l->stop)
			break;
		at_once = l->at_once;
		l->wanted = l->at_once = false;
		l->busy = true;
		pthread_mutex_unlock(&l->lock);
		loader_look(l, at_once);
		pthread_mutex_lock(&l->lock);
		l->busy = false;
		pthread_mutex_unlock(&l->lock);
		loader_report(l, NULL);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ------------------------------------------------------------- from the loop */

int problems_start(struct sched *s, struct diag *diag)
{
	struct loader *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	s->loader = l;
	l->s = s;
	l->tail = &l->found;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->more, NULL);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0)
		return diag_fail(diag, -errno, "the reader of problems");
	r = pthread_create(&l->thread, NULL, loader_main, l);
	if (r != 0)
		return diag_fail(diag, -r, "the reader of problems");
	l->started = true;
	return 0;
}

void problems_look(struct sched *s, bool at_once)
{
	struct loader *l = s->loader;

	pthread_mutex_lock(&l->lock);
	/* The regular look may be left out while one goes on; what was asked for is not. */
	if (at_once || !l->busy) {
		l->wanted = true;
		l->at_once = l->at_once || at_once;
		pthread_cond_signal(&l->more);
	}
	pthread_mutex_unlock(&l->lock);
}

int problems_fd(const struct sched *s)
{
	return s->loader->wake;
}

bool problems_busy(const struct sched *s)
{
	struct loader *l = s->loader;
	bool busy;

	pthread_mutex_lock(&l->lock);
	busy = l->busy || l->wanted || l->found != NULL;
	pthread_mutex_unlock(&l->lock);
	return busy;
}

/* ------------------------------------------------------------- installing */

static void problem_broken(struct sched *s, const char *name, const char *digest, const char *why)
{
	int r;

	log_warn("problem '%s': %s", name, why);
	r = store_problem_broken(s->store, name, digest, why);
	if (r < 0)
		sched_fatal(s, r, "note a broken problem");
	root_health(s);
}

static void problem_install(struct sched *s, const struct problem *p, const char *digest)
{
	const struct job job = { .problem = p };
	struct buf spec = { 0 }, readme = { 0 };
	int r;

	problem_readme(p, s->langs, &readme);
	r = job_encode(&job, &spec);
	if (r == 0 && (spec.failed || readme.failed))
		r = -ENOMEM;
	if (r == 0)
		r = store_problem_install(s->store, p, buf_text(&spec), buf_text(&readme), digest,
					  NULL);
	buf_release(&spec);
	buf_release(&readme);
	if (r == -EINVAL) {
		problem_broken(s, p->id, digest, "a file has a name that can not be shown");
		return;
	}
	if (r < 0) {
		sched_fatal(s, r, "install a problem");
		return;
	}
	log_info("problem '%s' is installed: %zu tests", p->id, p->ntests);
	root_health(s);
}

/* ------------------------------------------------------------- calibration
 *
 * A problem without a time limit gets one from its accepted references: judged
 * one after another by the workers, each a job of its own with time to spare.
 */

struct calibration {
	struct calibration *next;
	struct problem *problem;
	char digest[65];
	int64_t wall_us;		/* as the package has it */
	size_t reference;		/* which is judged */
	int64_t id;			/* of its job, negative */
	int64_t slowest_us;		/* < 0: none was judged */
	int losses;
};

static void calibration_free(struct calibration *c)
{
	if (c == NULL)
		return;
	problem_free(c->problem);
	free(c);
}

static struct calibration *calibration_find(struct sched *s, int64_t id)
{
	for (struct calibration *c = s->calibrations; c != NULL; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static void calibration_remove(struct sched *s, struct calibration *c)
{
	struct calibration **at = &s->calibrations;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	queue_remove(&s->queue, c->id);
	calibration_free(c);
}

static void calibration_forget(struct sched *s, const char *name)
{
	for (struct calibration *c = s->calibrations; c != NULL; c = c->next) {
		if (strcmp(c->problem->id, name) != 0)
			continue;
		calibration_remove(s, c);
		return;
	}
}

static void calibration_broken(struct sched *s, struct calibration *c, const char *why)
{
	problem_broken(s, c->problem->id, c->digest, why);
	calibration_remove(s, c);
}

static const struct reference *calibration_reference(const struct calibration *c)
{
	return &c->problem->references[c->reference];
}

/* Queue the next reference that counts; after the last one the limit is known. */
static void calibration_next(struct sched *s, struct calibration *c)
{
	struct problem *p = c->problem;

	while (c->reference < p->nreferences && (!p->references[c->reference].defines_time ||
						 p->references[c->reference].skip != NULL))
		c->reference++;
	if (c->reference < p->nreferences) {
		c->id = --s->last_calibration;
		if (queue_add(&s->queue, 0, c->id, false) < 0)
			sched_fatal(s, -ENOMEM, "calibrate");
		return;
	}
	if (c->slowest_us < 0) {
		calibration_broken(s, c, "no time limit, and no accepted submission that can be "
				   "run here to get one from");
		return;
	}
	p->limits.cpu_us = problem_limit_from(p, c->slowest_us);
	p->limits.wall_us = c->wall_us;
	problem_install(s, p, c->digest);
	calibration_remove(s, c);
}

static void calibration_start(struct sched *s, struct found *f)
{
	struct calibration *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		sched_fatal(s, -ENOMEM, "calibrate");
		return;
	}
	c->problem = f->problem;
	f->problem = NULL;		/* transferred */
	memcpy(c->digest, f->digest, sizeof(c->digest));
	c->slowest_us = -1;
	c->wall_us = c->problem->limits.wall_us;
	c->next = s->calibrations;
	s->calibrations = c;
	c->problem->limits.cpu_us = PROBE_US;
	c->problem->limits.wall_us = 0;
	log_info("problem '%s': its time limit is measured", c->problem->id);
	calibration_next(s, c);
}

void calibration_dispatch(struct sched *s, int64_t id, struct client *client)
{
	struct calibration *c = calibration_find(s, id);
	struct job job = { .id = id, .attempt = 1, .run_all = true };

	if (c == NULL)
		return;
	job.problem = c->problem;
	job.program = calibration_reference(c)->program;
	if (work_send(client, &job) < 0)
		calibration_broken(s, c, "its time limit can not be measured");
}

void calibration_outcome(struct sched *s, int64_t id, const struct outcome *o)
{
	struct calibration *c = calibration_find(s, id);
	struct diag why = { "" };

	if (c == NULL)
		return;			/* a newer version took its place */
	if (o->verdict == VERDICT_JE && c->losses + 1 < SCHED_LOSSES) {
		c->losses++;
		calibration_next(s, c);
		return;
	}
	if (o->verdict != VERDICT_AC) {
		diag_fail(&why, -EINVAL, "%s: it should be accepted and is not: %s%s%s%s%s",
			  calibration_reference(c)->path, verdict_words(o->verdict)->words,
			  o->test != NULL ? " on test " : "", o->test != NULL ? o->test : "",
			  o->message != NULL ? ": " : "", o->message != NULL ? o->message : "");
		calibration_broken(s, c, why.text);
		return;
	}
	if (o->cpu_us > c->slowest_us)
		c->slowest_us = o->cpu_us;
	c->reference++;
	calibration_next(s, c);
}

void calibration_lost(struct sched *s, int64_t id)
{
	struct calibration *c = calibration_find(s, id);
	struct diag why = { "" };

	if (c == NULL)
		return;
	if (++c->losses < SCHED_LOSSES) {
		calibration_next(s, c);
		return;
	}
	diag_fail(&why, -EINVAL, "%s: the worker died in every attempt",
		  calibration_reference(c)->path);
	calibration_broken(s, c, why.text);
}

/* ------------------------------------------------------------- what the reader found */

static void found_take(struct sched *s, struct found *f)
{
	int r;

	calibration_forget(s, f->name);
	if (f->removed) {
		r = store_problem_remove(s->store, f->name);
		if (r < 0)
			sched_fatal(s, r, "remove a problem");
		log_info("problem '%s' is removed", f->name);
		root_health(s);
	} else if (f->problem == NULL) {
		problem_broken(s, f->name, f->digest, f->why);
	} else if (f->problem->limits.cpu_us == 0) {
		calibration_start(s, f);
	} else {
		problem_install(s, f->problem, f->digest);
	}
}

void problems_take(struct sched *s)
{
	struct loader *l = s->loader;
	struct found *f, *next;
	uint64_t count;

	if (read(l->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("the reader of problems: %s", strerror(errno));
	pthread_mutex_lock(&l->lock);
	f = l->found;
	l->found = NULL;
	l->tail = &l->found;
	pthread_mutex_unlock(&l->lock);
	for (; f != NULL; f = next) {
		next = f->next;
		if (!s->stop)
			found_take(s, f);
		found_free(f);
	}
}

struct report {
	struct sched *s;
	struct buf *text;
};

static bool report_package(void *ctx, const struct package_row *row)
{
	struct report *report = ctx;

	if (row->broken)
		buf_printf(report->text, "%s: not shown: %s\n", row->name, row->why);
	else
		buf_printf(report->text, "%s: installed\n", row->name);
	return true;
}

void problems_answer(struct sched *s)
{
	struct buf text = { 0 }, answer = { 0 };
	struct report report = { s, &text };
	bool asked = false;

	for (size_t i = 0; i < s->nclients; i++)
		asked |= s->clients[i]->wants_scan;
	if (!asked || problems_busy(s) || s->calibrations != NULL)
		return;
	store_list_packages(s->store, 0, report_package, &report);
	buf_puts(&answer, "{\"op\":\"scan\",\"report\":");
	buf_json(&answer, buf_text(&text));
	buf_puts(&answer, "}");
	for (size_t i = 0; i < s->nclients; i++) {
		if (!s->clients[i]->wants_scan)
			continue;
		s->clients[i]->wants_scan = false;
		client_send(s->clients[i], &answer);
	}
	buf_release(&text);
	buf_release(&answer);
}

void problems_stop(struct sched *s)
{
	struct loader *l = s->loader;

	if (l == NULL)
		return;
	if (l->started) {
		pthread_mutex_lock(&l->lock);
		l->stop = true;
		pthread_cond_signal(&l->more);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->thread, NULL);
	}
	s->stop = true;
	problems_take(s);		/* frees what was found last */
	while (s->calibrations != NULL)
		calibration_remove(s, s->calibrations);
	for (size_t i = 0; i < l->nseen; i++)
		free(l->seen[i].name);
	free(l->seen);
	io_close(l->wake);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->more);
	free(l);
	s->loader = NULL;
}

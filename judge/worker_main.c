/*
 * judgefs-worker - takes a job, judges it, says what came of it
 *
 *	judgefs-worker --state FD --box FD --slot N
 *
 * It sees blobs and a box, neither the store nor the mount. The socket to the
 * scheduler is what cancels a job: while one is judged nothing comes on it but
 * `cancel`, or its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "judge/compile.h"
#include "judge/handed.h"
#include "judge/job.h"
#include "judge/link.h"
#include "judge/objects.h"
#include "judge/prepare.h"
#include "judge/settings.h"

#define CONNECT_US	INT64_C(10000000)
#define RECONNECT_MS	20		/* one that hangs up at once is not asked without pause */
#define CACHE_BYTES	(64 << 20)	/* of compiled programs */
#define PROGRESS_US	INT64_C(20000)	/* between two lines about tests */

struct worker {
	int statefd, boxfd, slot;
	int sock;
	struct judge_env env;
	int64_t id, attempt;		/* of the job in hand */
	int64_t progress_us;
};

static volatile sig_atomic_t asked_to_end;

static void on_term(int signal)
{
	(void)signal;
	_exit(0);
}

static void on_hup(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

/* SIGHUP waits until no job is in hand: it is blocked but in next_frame(). */
static void signals_setup(void)
{
	struct sigaction term = { .sa_handler = on_term }, hup = { .sa_handler = on_hup };
	sigset_t set;

	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGHUP, &hup, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* ------------------------------------------------------------- saying */

static int say(struct worker *w, struct buf *frame)
{
	int r = frame->failed ? -ENOMEM : link_send(w->sock, frame->data, frame->len);

	buf_release(frame);
	return r;
}

static void say_progress(void *ctx, enum job_stage stage, size_t test, size_t ntests)
{
	struct worker *w = ctx;
	struct buf frame = { 0 };
	int64_t now = clock_mono_us();

	if (stage == JOB_RUNNING && now - w->progress_us < PROGRESS_US)
		return;
	w->progress_us = now;
	buf_printf(&frame, "{\"op\":\"progress\",\"attempt\":%" PRId64 ",\"id\":%" PRId64
		   ",\"stage\":\"%s\",\"test\":%zu,\"tests\":%zu}", w->attempt, w->id,
		   stage == JOB_COMPILING ? "compiling" : "running", test, ntests);
	say(w, &frame);		/* when nobody listens the job is cancelled */
}

/* @o, or why there is none. */
static int say_outcome(struct worker *w, const struct outcome *o, const char *failed)
{
	struct buf frame = { 0 };
	int r = 0;

	buf_printf(&frame, "{\"op\":\"outcome\",\"id\":%" PRId64 ",\"attempt\":%" PRId64, w->id,
		   w->attempt);
	if (failed == NULL) {
		buf_puts(&frame, ",\"outcome\":");
		r = outcome_encode(o, &frame);
	} else {
		buf_puts(&frame, ",\"failed\":");
		buf_json(&frame, failed);
	}
	buf_puts(&frame, "}");
	if (r < 0) {
		buf_release(&frame);
		return r;
	}
	return say(w, &frame);
}

/* ------------------------------------------------------------- judging */

static int judge(struct worker *w, const json_t *frame, struct diag *diag)
{
	struct outcome outcome = { 0 };
	struct job *job = NULL;
	char *text = NULL;
	int r;

	w->progress_us = 0;
	text = json_dumps(json_object_get(frame, "job"), JSON_COMPACT);
	r = text != NULL ? job_decode(text, strlen(text), &job, diag) :
			   diag_fail(diag, -EBADMSG, "a job without a job");
	if (r == 0)
		r = job_judge(job, &w->env, &outcome, diag);
	if (r == 0) {
		r = say_outcome(w, &outcome, NULL);
		if (r == -EMSGSIZE)
			r = say_outcome(w, NULL, "the outcome is too long to be told");
	} else if (r == -ECANCELED) {
		r = say_outcome(w, NULL, "cancelled");
	} else if (r != -EPIPE) {
		log_error("submission %" PRId64 ": %s", w->id, diag->text);
		r = say_outcome(w, NULL, diag->text[0] != '\0' ? diag->text : strerror(-r));
	} else {
		r = diag_fail(diag, -EIO, "the box is gone");	/* and so are we */
	}
	outcome_release(&outcome);
	job_free(job);
	free(text);
	return r;
}

/* ------------------------------------------------------------- the loop */

/* Return: 0; -EPIPE: the scheduler is gone; -ECANCELED: to end; -EIO: the box is gone. */
static int next_frame(struct worker *w, json_t **ret, struct diag *diag)
{
	struct pollfd fds[] = {
		{ .fd = w->sock, .events = POLLIN },
		{ .fd = w->boxfd, .events = POLLRDHUP },
	};
	sigset_t none;

	sigemptyset(&none);
	while (!asked_to_end) {
		if (ppoll(fds, ARRAY_SIZE(fds), NULL, &none) < 0) {
			if (errno != EINTR)
				return diag_fail(diag, -errno, "wait");
			continue;
		}
		if (fds[1].revents)
			return diag_fail(diag, -EIO, "the box is gone");
		return link_recv(w->sock, ret, diag);
	}
	return -ECANCELED;
}

static int serve_scheduler(struct worker *w, struct diag *diag)
{
	json_t *frame = NULL;
	int r;

	while ((r = next_frame(w, &frame, diag)) == 0) {
		const char *op = json_string_value(json_object_get(frame, "op"));

		/* A `cancel` that came too late is for a job that is done. */
		if (op != NULL && strcmp(op, "job") == 0) {
			w->id = json_integer_value(json_object_get(frame, "id"));
			w->attempt = json_integer_value(json_object_get(frame, "attempt"));
			r = judge(w, frame, diag);
		}
		json_decref(frame);
		frame = NULL;
		if (r < 0)
			break;
	}
	return r;
}

static int work(struct worker *w, struct diag *diag)
{
	int r;

	for (;;) {
		w->sock = link_connect(w->statefd, "worker", w->slot, CONNECT_US, diag);
		if (w->sock < 0)
			return w->sock;
		w->env.cancel_fd = w->sock;
		r = serve_scheduler(w, diag);
		io_close(w->sock);
		if (r == -ECANCELED)
			return 0;
		if (r == -EIO || r == -ENOMEM)
			return r;
		diag->text[0] = '\0';	/* the scheduler is gone: there will be another */
		poll(NULL, 0, RECONNECT_MS);
	}
}

static int open_prepared(struct worker *w, struct diag *diag)
{
	int fd = io_open_beneath(w->statefd, PREPARED_DIR, O_RDONLY | O_DIRECTORY, 0), r;

	r = fd < 0 ? diag_fail(diag, fd, "open " PREPARED_DIR) :
		     prepared_open(fd, &w->env.prepared, diag);
	io_close(fd);
	return r;
}

static int open_objects(struct worker *w, struct diag *diag)
{
	struct settings s = { 0 };
	int fd = -1, r;

	r = settings_load(w->statefd, &s, diag);
	if (r < 0)
		return r;
	r = fd = io_open_beneath(w->statefd, OBJECTS_DIR, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0)
		r = objects_open(fd, s.cache_bytes, 2 * s.reserve_bytes, &w->env.objects);
	io_close(fd);
	settings_release(&s);
	return r < 0 ? diag_fail(diag, r, "open " OBJECTS_DIR) : 0;
}

static int worker_open(struct worker *w, struct diag *diag)
{
	int fd, r;

	r = box_connect(w->boxfd, &w->env.box);
	if (r < 0)
		return diag_fail(diag, r, "the box");
	fd = io_open_beneath(w->statefd, "blobs", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return diag_fail(diag, fd, "open blobs");
	r = blobs_open_dir(fd, &w->env.blobs);
	io_close(fd);
	if (r == 0)
		r = compile_cache_new(CACHE_BYTES, &w->env.cache);
	if (r < 0)
		return diag_fail(diag, r, "open blobs");
	r = open_prepared(w, diag);
	return r == 0 ? open_objects(w, diag) : r;
}

int main(int argc, char **argv)
{
	struct worker w = { .sock = -1, .env = { .progress = say_progress, .ctx = &w } };
	struct handed handed;
	struct diag diag = { "" };
	int r;

	log_init("judgefs-worker");
	if (handed_read(argc, argv, "judgefs-worker", &handed) < 0)
		return 2;
	w.statefd = handed.statefd;
	w.boxfd = handed.boxfd;
	w.slot = handed.slot;
	signals_setup();
	r = worker_open(&w, &diag);
	if (r == 0)
		r = work(&w, &diag);
	if (r < 0)
		log_error("slot %d: %s", w.slot, diag.text);
	compile_cache_free(w.env.cache);
	prepared_free(w.env.prepared);
	objects_free(w.env.objects);
	blobs_free(w.env.blobs);
	box_free(w.env.box);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

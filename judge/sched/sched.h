/*
 * sched.h - the inside of judgefs-sched, for judge/sched/ alone
 *
 *	sched.c		the loop: settings, signals, time
 *	client.c	who is connected, and who may say what
 *	sub.c		submissions that are not at rest, and what is stored of them
 *	work.c		from the queue to a worker and back
 *	publish.c	what the mount shows: progress, verdicts, files of the root
 *	reader.c	STATE/problems: a thread that looks and reads
 *	problem.c	what it found: installed, broken, removed
 *	calibration.c	a time limit from the accepted submissions
 *	root.c		the texts of README.txt, languages.txt, queue.txt, health.txt; status
 *
 * One thread but for the reader of packages, one poll(2), nothing that waits for
 * a client. All of it can be forgotten: the store is asked again at the start.
 * When the store itself fails there is nothing to be done here: sched_fatal().
 */
#ifndef JUDGE_SCHED_SCHED_H
#define JUDGE_SCHED_SCHED_H

#include <poll.h>
#include <pthread.h>

#include "base/base.h"
#include "base/clock.h"
#include "judge/job.h"
#include "judge/lang.h"
#include "judge/link.h"
#include "judge/prepare.h"
#include "judge/queue.h"
#include "judge/settings.h"
#include "judge/store.h"

#define SCHED_LOOK_US		INT64_C(2000000)	/* between looks at STATE/problems, the store */
#define SCHED_LOSSES		3		/* workers lost before it is a judge error */
#define SCHED_TRIES		10		/* and, over all restarts, attempts without an outcome */

/* A worker has this much more time than the limits of its job add up to, and a tenth of it for
 * each test; a test of the scheduler has no patience. */
extern int64_t sched_slack_us;

enum role { ROLE_NONE, ROLE_SERVE, ROLE_WORKER, ROLE_PUBLISHER, ROLE_CONTROL, ROLES };

/* A frame that the publisher has not answered. */
struct unanswered {
	int64_t user, id;		/* the submission and its user; 0: a file of the root */
	int64_t sent_us;		/* monotonic */
};

struct client {
	struct link link;
	uid_t uid;
	enum role role;
	int slot;
	bool dead;			/* closed and forgotten at the end of the turn */
	/* worker: what it does. A job that was taken from it keeps it busy until it answers. */
	bool busy;
	int64_t work, attempt;		/* a submission's id, or a calibration's */
	struct buf job;			/* as it was sent: what comes back must fit it */
	int64_t started_us, deadline_us;	/* monotonic */
	int64_t jobs;
	/* publisher */
	struct unanswered sent[LINK_WRITERS];
	int nsent;
	bool stuck;			/* all of them are, and it was said */
	/* control */
	bool wants_scan;
};

/* A submission that is not at rest: to be judged, or to be shown. */
struct sub {
	int64_t id, attempt, change;
	int64_t place, problem, number;
	struct blob_ref blob;
	int64_t received_us;
	char user[64], problem_name[65], name[256];
	int64_t user_id;
	enum submission_state state;
	struct client *worker;		/* while RUNNING */
	int losses, retries;
	bool background;		/* rejudged: waits for all others */
	bool held;			/* QUEUED, but its problem is to be read first */
	/* the publisher's */
	int64_t before;			/* while QUEUED, as it was looked up last */
	enum feedback feedback;		/* while RUNNING: how much the line may tell */
	char line[96];			/* progress as it is; "" when DONE */
	char line_sent[96];
	int64_t line_us, retry_us;	/* monotonic: sent last; not before */
	int failures;
	bool again;			/* rejudged, and its result.json may still say "final" */
};

/* A file of the mount's root. */
enum root_file { ROOT_README, ROOT_LANGUAGES, ROOT_QUEUE, ROOT_HEALTH, ROOT_FILES };

struct root_text {
	char *text;			/* as it is to be; NULL before it was rendered */
	bool dirty;
	int64_t retry_us;
	int failures;
};

struct reader;
struct calibration;

/* What the reader of STATE/problems found under one name. */
struct found {
	struct found *next;
	char *name;
	char digest[65];
	bool removed;
	struct problem *problem;	/* NULL: removed or broken */
	char why[1024];
};

struct sched {
	int statefd, listenfd, signalfd;
	uid_t worker_uid;
	bool stop, reload;
	int trouble;			/* -errno that passes, a full disk: nothing is judged meanwhile */
	int64_t trouble_us;		/* monotonic: when to look whether it has passed */
	int fatal;			/* -errno: the store is of no use */
	struct settings settings;
	struct langs *langs;
	struct prepared *prepared;	/* only looked at */
	struct diag reload_fault;	/* why the last reload was refused, or "" */
	struct store *store;

	struct client **clients;
	size_t nclients;
	struct sub **subs;		/* by id */
	size_t nsubs;
	int64_t last_id;		/* newest submission that was seen */
	bool holds;			/* some are held */
	struct queue queue;
	int64_t look_us;		/* monotonic: when to look again */
	bool bell;

	struct root_text root[ROOT_FILES];
	int64_t queue_us;		/* queue.txt was rendered last */
	int64_t places_us;		/* the lines of who waits were */
	int64_t judged, judging_us;	/* since the start: for the waiting time */

	struct reader *reader;
	struct calibration *calibrations;
	int64_t last_calibration;	/* ids go down from 0 */
};

/** sched_run() - until SIGTERM (0), or the store fails (-errno); @statefd, @listenfd stay the caller's */
int sched_run(int statefd, int listenfd, struct diag *diag);

/* sched.c */
void sched_fatal(struct sched *s, int r, const char *what);

/* client.c */
void client_accept(struct sched *s);
void client_read(struct sched *s, struct client *c);
void client_send(struct client *c, const struct buf *json);	/* a failure makes it dead */
void clients_sweep(struct sched *s);			/* the dead ones are forgotten */
void clients_release(struct sched *s);
struct client *sched_publisher(const struct sched *s);	/* NULL when there is none */
struct client *sched_idle_worker(const struct sched *s);

/* sub.c: each call leaves the submission at rest, in the queue, or forgotten */
struct sub *sub_find(struct sched *s, int64_t id);
void sub_forget(struct sched *s, struct sub *sub);
void subs_look(struct sched *s);			/* what is new in the store */
void subs_look_again(struct sched *s);			/* what was seen may be QUEUED again */
void sub_hold(struct sched *s, struct sub *sub);	/* until subs_unhold(): all problems are read */
void subs_unhold(struct sched *s);
void sub_requeue(struct sched *s, struct sub *sub);

/** sub_lease() - RUNNING with its next attempt; @worker -1: it ends without one
 * Return: 0; -ESTALE: it was replaced, and is forgotten; another -errno after sched_fatal().
 */
int sub_lease(struct sched *s, struct sub *sub, const struct lang *lang, int worker,
	      int64_t deadline_us);
void sub_done(struct sched *s, struct sub *sub, const struct outcome *o);	/* after sub_lease() */
void sub_judge_error(struct sched *s, struct sub *sub, const char *why);	/* the same */

/* work.c */
void work_dispatch(struct sched *s);
void work_progress(struct sched *s, struct client *c, const json_t *o);
void work_outcome(struct sched *s, struct client *c, const json_t *o);
void work_lost(struct sched *s, struct client *c);	/* its connection ended */
void work_replaced(struct sched *s, int64_t id);

/** work_send() - hand a job to an idle worker; Return: 0, -ENOMEM */
int work_send(struct client *c, const struct job *job);

/* publish.c */
void publish_step(struct sched *s);
void publish_place(struct sched *s, struct sub *sub);	/* "Queued, K before it" */
void publish_answer(struct sched *s, struct client *c, const json_t *o);
void publish_lost(struct sched *s);			/* the publisher is gone */
int64_t publish_next_us(const struct sched *s);		/* monotonic; INT64_MAX: nothing is due */
void root_set(struct sched *s, enum root_file file, struct buf *text);	/* takes the text */
const char *root_name(enum root_file file);

/* reader.c */
int reader_start(struct sched *s, struct diag *diag);
void reader_stop(struct sched *s);
int reader_fd(const struct sched *s);			/* readable: problems_take() */
void reader_look(struct sched *s, bool at_once);
bool reader_busy(const struct sched *s);		/* settings and languages are in use */
struct found *reader_take(struct sched *s);		/* a list: found_free() each */
void found_free(struct found *f);

/* problem.c */
void problems_take(struct sched *s);
bool problems_pending(const struct sched *s);		/* some are to be read or measured */
void problems_answer(struct sched *s);			/* who asked for a scan, once all is done */
void problem_install(struct sched *s, const struct problem *p, const char *digest);
void problem_broken(struct sched *s, const char *name, const char *digest, const char *why);

/* calibration.c */
void calibration_start(struct sched *s, struct found *f);	/* takes the problem */
void calibration_forget(struct sched *s, const char *name);
void calibration_dispatch(struct sched *s, int64_t id, struct client *c);
void calibration_outcome(struct sched *s, int64_t id, const struct outcome *o);
void calibration_lost(struct sched *s, int64_t id);
void calibrations_stop(struct sched *s);

/* root.c */
void root_refresh(struct sched *s);			/* README.txt, languages.txt */
void root_health(struct sched *s);
void root_queue(struct sched *s);
void sched_status(struct sched *s, struct buf *json);

#endif

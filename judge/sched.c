#include "judge/sched.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"

#define QUEUE_TXT_US	INT64_C(1000000)
#define LANGUAGES	"languages.d"

void sched_fatal(struct sched *s, int r, const char *what)
{
	if (s->fatal == 0)
		log_error("%s: %s: starting anew", what, strerror(-r));
	s->fatal = r;
	s->stop = true;
}

/* ------------------------------------------------------------- clients */

void client_send(struct client *c, const struct buf *json)
{
	int r;

	if (c->dead)
		return;
	r = json->failed ? -ENOMEM : link_put(&c->link, json->data, json->len);
	if (r < 0)
		c->dead = true;
}

struct client *sched_publisher(struct sched *s)
{
	for (size_t i = 0; i < s->nclients; i++)
		if (s->clients[i]->role == ROLE_PUBLISHER && !s->clients[i]->dead)
			return s->clients[i];
	return NULL;
}

/* The one that had the fewest jobs, so that all have their caches warm. */
struct client *sched_idle_worker(struct sched *s)
{
	struct client *best = NULL;

	for (size_t i = 0; i < s->nclients; i++) {
		struct client *c = s->clients[i];

		if (c->role == ROLE_WORKER && !c->dead && !c->busy &&
		    (best == NULL || c->jobs < best->jobs))
			best = c;
	}
	return best;
}

static void client_accept(struct sched *s)
{
	struct client **more, *c = NULL;
	uid_t uid;
	int fd;

	fd = accept4(s->listenfd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	more = reallocarray(s->clients, s->nclients + 1, sizeof(*more));
	if (more != NULL)
		s->clients = more;
	if (more != NULL && link_peer(fd, &uid) == 0)
		c = calloc(1, sizeof(*c));
	if (c == NULL) {
		io_close(fd);
		return;
	}
	link_init(&c->link, fd);
	c->uid = uid;
	s->clients[s->nclients++] = c;
}

static void client_lost(struct sched *s, struct client *c)
{
	if (c->role == ROLE_WORKER)
		work_lost(s, c);
	if (c->role == ROLE_PUBLISHER)
		publish_lost(s);
	link_release(&c->link);
	free(c);
}

static void clients_sweep(struct sched *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nclients; i++) {
		struct client *c = s->clients[i];

		if (!c->dead)
			s->clients[kept++] = c;
		else
			client_lost(s, c);
	}
	s->nclients = kept;
}

/* ------------------------------------------------------------- what they say */

/* Who comes in another's place knows that the other is dead, before its connection says so. */
static void predecessor_end(struct sched *s, const struct client *c, int slot)
{
	for (size_t i = 0; i < s->nclients; i++)
		if (s->clients[i] != c && s->clients[i]->role == c->role &&
		    s->clients[i]->slot == slot)
			s->clients[i]->dead = true;
}

static void on_hello(struct sched *s, struct client *c, const json_t *o)
{
	static const char *const names[ROLES] = {
		[ROLE_SERVE] = "serve", [ROLE_WORKER] = "worker",
		[ROLE_PUBLISHER] = "publisher", [ROLE_CONTROL] = "control",
	};
	bool trusted = c->uid == 0 || c->uid == getuid();
	const char *role = json_string_value(json_object_get(o, "role"));
	enum role is = ROLE_NONE;

	for (int i = 0; i < ROLES; i++)
		if (role != NULL && names[i] != NULL && strcmp(names[i], role) == 0)
			is = i;
	if (is == ROLE_NONE || !(trusted || (is == ROLE_WORKER && c->uid == s->worker_uid))) {
		log_warn("a client of uid %u may not be '%s'", (unsigned)c->uid,
			 role != NULL ? role : "");
		c->dead = true;
		return;
	}
	c->role = is;
	if (is == ROLE_WORKER || is == ROLE_PUBLISHER)
		predecessor_end(s, c, json_integer_value(json_object_get(o, "slot")));
	c->slot = json_integer_value(json_object_get(o, "slot"));
	if (is == ROLE_SERVE)
		s->bell = true;		/* it may have died between a commit and the bell */
}

static void on_bell(struct sched *s, struct client *c, const json_t *o)
{
	(void)c;
	(void)o;
	s->bell = true;
}

static void on_replaced(struct sched *s, struct client *c, const json_t *o)
{
	(void)c;
	work_replaced(s, json_integer_value(json_object_get(o, "id")));
	s->bell = true;
}

static void on_scan(struct sched *s, struct client *c, const json_t *o)
{
	(void)o;
	c->wants_scan = true;
	problems_look(s, true);
}

static void on_status(struct sched *s, struct client *c, const json_t *o)
{
	struct buf answer = { 0 };

	(void)o;
	sched_status(s, &answer);
	client_send(c, &answer);
	buf_release(&answer);
}

struct rejudging {
	struct sched *s;
	int64_t problem, count;
	int r;
};

static bool rejudge_one(void *ctx, const struct submission_row *row)
{
	struct rejudging *all = ctx;
	int r;

	if (row->problem != all->problem || row->state != SUBMISSION_DONE)
		return true;
	r = work_rejudge(all->s, row->id);
	all->count += r == 0;
	if (r < 0 && r != -ESTALE)
		all->r = r;
	return all->r == 0;
}

static void on_rejudge(struct sched *s, struct client *c, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "problem"));
	int64_t id = json_integer_value(json_object_get(o, "id"));
	struct rejudging all = { .s = s };
	struct buf answer = { 0 };
	struct problem_row problem;

	if (name == NULL) {
		all.r = work_rejudge(s, id);
		all.count = all.r == 0;
	} else {
		all.r = store_problem_by_name(s->store, name, &problem);
		all.problem = all.r == 0 ? problem.id : 0;
		if (all.r == 0)
			all.r = store_list_all(s->store, 0, rejudge_one, &all);
	}
	if (all.r < 0)
		buf_printf(&answer, "{\"op\":\"rejudge\",\"error\":\"%s\"}",
			   all.r == -ESTALE ? "is being judged, or is not there" :
			   all.r == -ENOENT ? "no such problem" : strerror(-all.r));
	else
		buf_printf(&answer, "{\"op\":\"rejudge\",\"count\":%lld}", (long long)all.count);
	client_send(c, &answer);
	buf_release(&answer);
}

/* Which role may say it, and what is done then. */
static const struct {
	const char *op;
	enum role role;
	void (*fn)(struct sched *s, struct client *c, const json_t *o);
} ops[] = {
	{ "hello",	ROLE_NONE,	on_hello },
	{ "bell",	ROLE_SERVE,	on_bell },
	{ "replaced",	ROLE_SERVE,	on_replaced },
	{ "progress",	ROLE_WORKER,	work_progress },
	{ "outcome",	ROLE_WORKER,	work_outcome },
	{ "published",	ROLE_PUBLISHER,	publish_answer },
	{ "scan",	ROLE_CONTROL,	on_scan },
	{ "status",	ROLE_CONTROL,	on_status },
	{ "rejudge",	ROLE_CONTROL,	on_rejudge },
};

static void client_said(struct sched *s, struct client *c, const json_t *o)
{
	const char *op = json_string_value(json_object_get(o, "op"));

	for (size_t i = 0; op != NULL && i < ARRAY_SIZE(ops); i++) {
		if (strcmp(ops[i].op, op) != 0 || ops[i].role != c->role)
			continue;
		ops[i].fn(s, c, o);
		return;
	}
	log_warn("a client of uid %u said what it may not: '%s'", (unsigned)c->uid,
		 op != NULL ? op : "");
	c->dead = true;
}

static void client_read(struct sched *s, struct client *c)
{
	json_t *o = NULL;
	int r, end;

	end = link_fill(&c->link);
	/* What was said before the end counts: an outcome may be in it. */
	while (!c->dead && (r = link_next(&c->link, &o)) != 0) {
		if (r < 0) {
			log_warn("a client of uid %u sends nonsense", (unsigned)c->uid);
			c->dead = true;
			return;
		}
		client_said(s, c, o);
		json_decref(o);
		o = NULL;
	}
	if (end < 0)
		c->dead = true;
}

/* ------------------------------------------------------------- settings */

static int languages_load(struct sched *s, struct langs **ret, struct diag *diag)
{
	struct langs *langs = NULL;
	int r;

	r = langs_load(s->statefd, LANGUAGES, &langs, diag);
	if (r < 0)
		return r;
	langs_probe(langs);
	*ret = langs;
	return 0;
}

static int settings_take(struct sched *s, struct diag *diag)
{
	struct settings settings = { 0 };
	struct langs *langs = NULL;
	const struct passwd *pw;
	int r;

	r = settings_load(s->statefd, &settings, diag);
	if (r < 0)
		return r;
	r = languages_load(s, &langs, diag);
	if (r < 0) {
		settings_release(&settings);
		return r;
	}
	settings_release(&s->settings);
	langs_free(s->langs);
	s->settings = settings;
	s->langs = langs;
	pw = getpwnam(s->settings.worker_user);
	s->worker_uid = pw != NULL ? pw->pw_uid : getuid();
	return 0;
}

/* Not while packages are read or measured: they use the languages. */
static void settings_reload(struct sched *s)
{
	struct diag diag = { "" };

	if (problems_busy(s) || s->calibrations != NULL)
		return;
	s->reload = false;
	if (settings_take(s, &diag) < 0) {
		log_error("%s: the old settings stay", diag.text);
		return;
	}
	log_info("settings and languages were read again");
	root_refresh(s);
	problems_look(s, true);
}

/* ------------------------------------------------------------- the loop */

static void read_signals(struct sched *s)
{
	struct signalfd_siginfo info;

	while (read(s->signalfd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			s->reload = true;
		else
			s->stop = true;
	}
}

static void check_time(struct sched *s)
{
	int64_t now = clock_mono_us();

	for (size_t i = 0; i < s->nclients; i++) {
		struct client *c = s->clients[i];

		if (c->busy && now > c->deadline_us && !c->dead) {
			log_error("worker %d does not answer: its attempt is lost", c->slot);
			c->dead = true;
		}
	}
	if (now >= s->look_us) {
		s->look_us = now + SCHED_LOOK_US;
		s->bell = true;
		root_refresh(s);
		problems_look(s, false);
	}
	if (now >= s->queue_us + QUEUE_TXT_US) {
		s->queue_us = now;
		root_queue(s);
	}
}

static int next_timeout_ms(const struct sched *s)
{
	int64_t now = clock_mono_us(), until = s->look_us, next = publish_next_us(s);

	for (size_t i = 0; i < s->nclients; i++)
		if (s->clients[i]->dead)
			return 0;
	if (next < until)
		until = next;
	if (s->queue_us + QUEUE_TXT_US < until)
		until = s->queue_us + QUEUE_TXT_US;
	return until <= now ? 0 : (until - now) / 1000 + 1;
}

#define FIXED	3	/* descriptors before the clients' */

static int wait_for_event(struct sched *s, struct pollfd *fds)
{
	size_t n = s->nclients;

	fds[0] = (struct pollfd){ .fd = s->signalfd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = s->listenfd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = problems_fd(s), .events = POLLIN };
	for (size_t i = 0; i < n; i++) {
		struct link *l = &s->clients[i]->link;

		fds[FIXED + i] = (struct pollfd){
			.fd = l->fd, .events = POLLIN | (link_waiting(l) ? POLLOUT : 0),
		};
	}
	if (poll(fds, FIXED + n, next_timeout_ms(s)) < 0)
		return errno == EINTR ? 0 : -errno;
	for (size_t i = 0; i < n; i++) {
		struct client *c = s->clients[i];

		if (fds[FIXED + i].revents & POLLOUT && link_flush(&c->link) < 0)
			c->dead = true;
		if (fds[FIXED + i].revents & (POLLIN | POLLHUP | POLLERR))
			client_read(s, c);
	}
	if (fds[0].revents)
		read_signals(s);
	if (fds[2].revents)
		problems_take(s);
	if (fds[1].revents)
		client_accept(s);
	return 0;
}

static int sched_loop(struct sched *s)
{
	struct pollfd *fds = NULL, *more;
	int r = 0;

	s->bell = true;
	problems_look(s, true);
	while (!s->stop && r == 0) {
		clients_sweep(s);
		if (s->reload)
			settings_reload(s);
		if (s->bell)
			work_look(s);
		check_time(s);
		work_dispatch(s);
		problems_answer(s);
		publish_step(s);
		more = reallocarray(fds, FIXED + s->nclients, sizeof(*fds));
		if (more == NULL) {
			r = -ENOMEM;
			break;
		}
		fds = more;
		if (!s->stop)
			r = wait_for_event(s, fds);
	}
	free(fds);
	return s->fatal < 0 ? s->fatal : r;
}

static int sched_open(struct sched *s, struct diag *diag)
{
	sigset_t set;
	int r;

	/* First of all: the supervisor may say SIGHUP at any time. */
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signalfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signalfd < 0)
		return diag_fail(diag, -errno, "signals");
	if (fcntl(s->listenfd, F_SETFL, fcntl(s->listenfd, F_GETFL) | O_NONBLOCK) < 0)
		return diag_fail(diag, -errno, "the listening socket");
	r = settings_take(s, diag);
	if (r == 0)
		r = store_open(s->statefd, &s->store, diag);
	return r < 0 ? r : problems_start(s, diag);
}

int sched_run(int statefd, int listenfd, struct diag *diag)
{
	struct sched s = { .statefd = statefd, .listenfd = listenfd, .signalfd = -1 };
	int r;

	r = sched_open(&s, diag);
	if (r == 0) {
		root_refresh(&s);
		r = sched_loop(&s);
		if (r < 0)
			diag_fail(diag, r, "the scheduler ends");
	}
	problems_stop(&s);
	for (size_t i = 0; i < s.nclients; i++) {
		link_release(&s.clients[i]->link);
		free(s.clients[i]);
	}
	free(s.clients);
	for (size_t i = 0; i < s.nsubs; i++)
		free(s.subs[i]);
	free(s.subs);
	for (int i = 0; i < ROOT_FILES; i++)
		free(s.root[i].text);
	queue_release(&s.queue);
	store_close(s.store);
	langs_free(s.langs);
	settings_release(&s.settings);
	io_close(s.signalfd);
	return r;
}

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "judge/sched/sched.h"

#define HELLO_MAX	4096		/* bytes of who has not said who he is */

static bool is_trusted(uid_t uid)
{
	return uid == 0 || uid == getuid();
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

struct client *sched_publisher(const struct sched *s)
{
	for (size_t i = 0; i < s->nclients; i++)
		if (s->clients[i]->role == ROLE_PUBLISHER && !s->clients[i]->dead)
			return s->clients[i];
	return NULL;
}

/* The one that had the fewest jobs, so that all have their caches warm. */
struct client *sched_idle_worker(const struct sched *s)
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

/* Who is not the judge's own user may come often, but not without end. */
static bool may_come(const struct sched *s, uid_t uid)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nclients; i++)
		n += s->clients[i]->uid == uid;
	return is_trusted(uid) || n < 2 * SETTINGS_MAX_WORKERS;
}

void client_accept(struct sched *s)
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
	if (more != NULL && link_peer(fd, &uid) == 0 && may_come(s, uid))
		c = calloc(1, sizeof(*c));
	if (c == NULL) {
		io_close(fd);
		return;
	}
	link_init(&c->link, fd);
	c->uid = uid;
	s->clients[s->nclients++] = c;
}

static void client_free(struct client *c)
{
	link_release(&c->link);
	buf_release(&c->job);
	free(c);
}

static void client_lost(struct sched *s, struct client *c)
{
	if (c->role == ROLE_WORKER)
		work_lost(s, c);
	if (c->role == ROLE_PUBLISHER)
		publish_lost(s);
	client_free(c);
}

void clients_sweep(struct sched *s)
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

void clients_release(struct sched *s)
{
	for (size_t i = 0; i < s->nclients; i++)
		client_free(s->clients[i]);
	free(s->clients);
}

/* ------------------------------------------------------------- what they say */

/* Who comes in another's place knows that the other is dead, before its connection says so. */
static void predecessor_end(struct sched *s, const struct client *c)
{
	for (size_t i = 0; i < s->nclients; i++)
		if (s->clients[i] != c && s->clients[i]->role == c->role &&
		    s->clients[i]->slot == c->slot)
			s->clients[i]->dead = true;
}

static void on_hello(struct sched *s, struct client *c, const json_t *o)
{
	static const char *const names[ROLES] = {
		[ROLE_SERVE] = "serve", [ROLE_WORKER] = "worker",
		[ROLE_PUBLISHER] = "publisher", [ROLE_CONTROL] = "control",
	};
	const char *role = json_string_value(json_object_get(o, "role"));
	int64_t slot = json_integer_value(json_object_get(o, "slot"));
	enum role is = ROLE_NONE;

	for (int i = 0; i < ROLES; i++)
		if (role != NULL && names[i] != NULL && strcmp(names[i], role) == 0)
			is = i;
	if (is == ROLE_NONE || slot < 0 || slot >= SETTINGS_MAX_WORKERS ||
	    !(is_trusted(c->uid) || (is == ROLE_WORKER && c->uid == s->worker_uid))) {
		log_warn("a client of uid %u may not be '%s'", (unsigned)c->uid,
			 role != NULL ? role : "");
		c->dead = true;
		return;
	}
	c->role = is;
	c->slot = slot;
	if (is == ROLE_WORKER || is == ROLE_PUBLISHER)
		predecessor_end(s, c);
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
	if (s->trouble == 0)
		reader_look(s, true);
}

static void on_status(struct sched *s, struct client *c, const json_t *o)
{
	struct buf answer = { 0 };

	(void)o;
	sched_status(s, &answer);
	client_send(c, &answer);
	buf_release(&answer);
}

static void on_rejudge(struct sched *s, struct client *c, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "problem"));
	int64_t id = json_integer_value(json_object_get(o, "id")), count = 1;
	struct buf answer = { 0 };
	struct problem_row problem;
	int r;

	if (name == NULL) {
		r = store_rejudge(s->store, id);
	} else {
		r = store_problem_by_name(s->store, name, &problem);
		if (r == 0)
			r = store_rejudge_problem(s->store, problem.id, &count);
	}
	if (r == 0)
		subs_look_again(s);
	if (r < 0)
		buf_printf(&answer, "{\"op\":\"rejudge\",\"error\":\"%s\"}",
			   r == -ESTALE ? "is being judged, or is not there" :
			   r == -ENOENT ? "no such problem" : strerror(-r));
	else
		buf_printf(&answer, "{\"op\":\"rejudge\",\"count\":%lld}", (long long)count);
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

void client_read(struct sched *s, struct client *c)
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
	if (end < 0 || (c->role == ROLE_NONE && c->link.in.len > HELLO_MAX))
		c->dead = true;
}

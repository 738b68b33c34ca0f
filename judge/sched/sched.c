#include "judge/sched/sched.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
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

	if (problems_pending(s))
		return;
	s->reload = false;
	if (settings_take(s, &diag) < 0) {
		log_error("%s: the old settings stay", diag.text);
		return;
	}
	log_info("settings and languages were read again");
	root_refresh(s);
	reader_look(s, true);
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
		reader_look(s, false);
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
	fds[2] = (struct pollfd){ .fd = reader_fd(s), .events = POLLIN };
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
	reader_look(s, true);
	while (!s->stop && r == 0) {
		clients_sweep(s);
		if (s->reload)
			settings_reload(s);
		if (s->bell)
			work_look(s);
		check_time(s);
		if (s->holds && !problems_pending(s))
			work_held(s);
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
	return r < 0 ? r : reader_start(s, diag);
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
	reader_stop(&s);
	calibrations_stop(&s);
	clients_release(&s);
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

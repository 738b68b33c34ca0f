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
#define STEADY_US	INT64_C(60000000)	/* who lived so long was well */
#define PAUSE_MIN_US	INT64_C(1000000)	/* after a full disk, doubled each time */
#define PAUSE_MAX_US	INT64_C(30000000)
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
	if (s->worker_uid == 0) {
		/* Once: the workers run as what the supervisor read at the start. */
		pw = getpwnam(s->settings.worker_user);
		s->worker_uid = pw != NULL ? pw->pw_uid : getuid();
	}
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
		s->reload_fault = diag;
		root_health(s);
		return;
	}
	s->reload_fault.text[0] = '\0';
	log_info("settings and languages were read again");
	root_refresh(s);
	reader_look(s, true);
}

/* ------------------------------------------------------------- a full disk */

/*
 * It passes, and dying of it again and again would end the whole judge. So all is forgotten but
 * the clients may come, and health.txt says why nothing is judged; the work is found again in
 * the store when there is room.
 */
static bool passes(int r)
{
	return r == -ENOSPC || r == -EDQUOT;
}

static void work_begin(struct sched *s)
{
	s->bell = true;
	reader_look(s, true);
}

static void trouble_look(struct sched *s, int64_t now)
{
	int r;

	if (s->trouble == 0 || now < s->trouble_us)
		return;
	r = store_probe(s->store);
	if (r == 0) {
		log_info("there is room again: judging goes on");
		s->trouble = 0;
		work_begin(s);
	} else if (passes(r)) {
		s->trouble_us = now + SCHED_LOOK_US;
	} else {
		sched_fatal(s, r, "look whether there is room");
	}
	root_health(s);
}

/* ------------------------------------------------------------- the loop */

static void read_signals(int fd, bool *stop, bool *reload)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		*(info.ssi_signo == SIGHUP ? reload : stop) = true;
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
	trouble_look(s, now);
	if (now >= s->look_us) {
		s->look_us = now + SCHED_LOOK_US;
		s->bell = true;
		root_refresh(s);
		if (s->trouble == 0)
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
		read_signals(s->signalfd, &s->stop, &s->reload);
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

	if (s->trouble == 0)
		work_begin(s);
	while (!s->stop && r == 0) {
		clients_sweep(s);
		if (s->reload)
			settings_reload(s);
		if (s->bell && s->trouble == 0)
			subs_look(s);
		check_time(s);
		if (s->holds && !problems_pending(s))
			subs_unhold(s);
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
	int dir = io_open_beneath(s->statefd, PREPARED_DIR, O_RDONLY | O_DIRECTORY, 0);
	int r = dir == -ENOENT ? 0 : dir;

	if (dir >= 0)
		r = prepared_open(dir, &s->prepared, diag);
	io_close(dir);
	if (r == 0)
		r = settings_take(s, diag);
	if (r == 0)
		r = store_open(s->statefd, &s->store, diag);
	return r < 0 ? r : reader_start(s, diag);
}

/* From the store until the end; nothing of it is left. */
static int sched_live(struct sched *s, struct diag *diag)
{
	int r;

	r = sched_open(s, diag);
	if (r == 0) {
		root_refresh(s);
		r = sched_loop(s);
		if (r < 0)
			diag_fail(diag, r, "the scheduler ends");
	}
	reader_stop(s);
	calibrations_stop(s);
	clients_release(s);
	for (size_t i = 0; i < s->nsubs; i++)
		free(s->subs[i]);
	free(s->subs);
	for (int i = 0; i < ROOT_FILES; i++)
		free(s->root[i].text);
	queue_release(&s->queue);
	store_close(s->store);
	langs_free(s->langs);
	prepared_free(s->prepared);
	settings_release(&s->settings);
	return r;
}

static int signals_open(int *ret_fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_fd < 0 ? -errno : 0;
}

int sched_run(int statefd, int listenfd, struct diag *diag)
{
	struct pollfd signals = { .fd = -1, .events = POLLIN };
	bool stop = false, reload;	/* each life reads the settings */
	int64_t pause_us = 0;
	int r, trouble = 0;

	/* First of all: the supervisor may say SIGHUP at any time. */
	r = signals_open(&signals.fd);
	if (r < 0)
		return diag_fail(diag, r, "signals");
	if (fcntl(listenfd, F_SETFL, fcntl(listenfd, F_GETFL) | O_NONBLOCK) < 0)
		r = diag_fail(diag, -errno, "the listening socket");
	while (r == 0 && !stop) {
		int64_t begun_us = clock_mono_us();
		struct sched s = {
			.statefd = statefd, .listenfd = listenfd, .signalfd = signals.fd,
			.trouble = trouble, .trouble_us = begun_us + pause_us,
		};

		r = sched_live(&s, diag);
		if (!passes(r))
			break;
		log_error("%s: it is tried again while there is no room", diag->text);
		trouble = r;
		pause_us = clock_mono_us() - begun_us > STEADY_US ? 0 : pause_us * 2;
		pause_us = pause_us < PAUSE_MIN_US ? PAUSE_MIN_US :
			   pause_us > PAUSE_MAX_US ? PAUSE_MAX_US : pause_us;
		diag->text[0] = '\0';
		/* While the store can not be opened there is no loop that would hear of the end. */
		r = poll(&signals, 1, PAUSE_MIN_US / 1000) < 0 ? -errno : 0;
		read_signals(signals.fd, &stop, &reload);
	}
	io_close(signals.fd);
	return r;
}

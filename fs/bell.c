#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "fs/bell.h"
#include "judge/link.h"

#define REPLACED_MAX	256		/* more at once are dropped: their outcomes are too */
#define RETRY_MS	200

struct bell {
	pthread_t thread;
	bool started;
	int statefd, wake;		/* wake: an eventfd */
	pthread_mutex_t lock;		/* of what follows */
	bool stop, ring;
	int64_t replaced[REPLACED_MAX];
	size_t nreplaced;
};

static void wake(struct bell *b)
{
	uint64_t one = 1;

	if (write(b->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_warn("bell: %s", strerror(errno));
}

void bell_ring(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->ring = true;
	pthread_mutex_unlock(&b->lock);
	wake(b);
}

void bell_replaced(struct bell *b, int64_t submission)
{
	pthread_mutex_lock(&b->lock);
	if (b->nreplaced < REPLACED_MAX)
		b->replaced[b->nreplaced++] = submission;
	pthread_mutex_unlock(&b->lock);
	wake(b);
}

static bool stopped(struct bell *b)
{
	bool stop;

	pthread_mutex_lock(&b->lock);
	stop = b->stop;
	pthread_mutex_unlock(&b->lock);
	return stop;
}

/* What there is to say; Return: 0 or -errno when nobody hears it any more. */
static int speak(struct bell *b, int sock, bool ring)
{
	int64_t replaced[REPLACED_MAX];
	char text[96];
	size_t n;
	int r = 0;

	pthread_mutex_lock(&b->lock);
	n = b->nreplaced;
	memcpy(replaced, b->replaced, n * sizeof(replaced[0]));
	b->nreplaced = 0;
	ring = ring || b->ring;
	b->ring = false;
	pthread_mutex_unlock(&b->lock);

	for (size_t i = 0; r == 0 && i < n; i++) {
		snprintf(text, sizeof(text), "{\"op\":\"replaced\",\"id\":%" PRId64 "}",
			 replaced[i]);
		r = link_send(sock, text, strlen(text));
	}
	if (r == 0 && ring) {
		strcpy(text, "{\"op\":\"bell\"}");
		r = link_send(sock, text, strlen(text));
	}
	return r;
}

/* The scheduler says nothing to us: anything readable is its end. */
static bool wait_for_news(struct bell *b, int sock, int timeout_ms)
{
	struct pollfd fds[] = { { b->wake, POLLIN, 0 }, { sock, POLLIN, 0 } };
	uint64_t count;

	if (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0 && errno != EINTR)
		return false;
	if (fds[0].revents != 0 && read(b->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return false;
	return fds[1].revents == 0;
}

static void *run(void *arg)
{
	struct bell *b = arg;
	struct diag diag = { "" };
	bool away = false;

	while (!stopped(b)) {
		int sock = link_connect(b->statefd, "serve", 0, 0, &diag);
		int r;

		if (sock < 0) {
			if (!away)
				log_info("the scheduler is away: %s", diag.text);
			away = true;
			wait_for_news(b, -1, RETRY_MS);
			continue;
		}
		away = false;
		r = speak(b, sock, true);
		while (r == 0 && wait_for_news(b, sock, -1) && !stopped(b))
			r = speak(b, sock, false);
		io_close(sock);
	}
	return NULL;
}

int bell_new(int statefd, struct bell **ret, struct diag *diag)
{
	struct bell *b = calloc(1, sizeof(*b));
	int r;

	if (b == NULL)
		return -ENOMEM;
	pthread_mutex_init(&b->lock, NULL);
	b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->statefd = fcntl(statefd, F_DUPFD_CLOEXEC, 3);
	if (b->wake < 0 || b->statefd < 0) {
		r = diag_fail(diag, -errno, "bell");
		goto out;
	}
	r = -pthread_create(&b->thread, NULL, run, b);
	if (r < 0) {
		diag_fail(diag, r, "start the bell's thread");
		goto out;
	}
	b->started = true;
	*ret = b;
	b = NULL;		/* transferred */
out:
	bell_free(b);
	return r;
}

void bell_free(struct bell *b)
{
	if (b == NULL)
		return;
	if (b->started) {
		pthread_mutex_lock(&b->lock);
		b->stop = true;
		pthread_mutex_unlock(&b->lock);
		wake(b);
		pthread_join(b->thread, NULL);
	}
	io_close(b->wake);
	io_close(b->statefd);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

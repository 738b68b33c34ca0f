#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "judge/judgectl/remote.h"
#include "judge/link.h"

#define TEXT_MAX	(64 << 20)
#define LOOK_MS		500		/* where inotify says nothing: over NFS */

int ctl_state_open(const char *path, struct diag *diag)
{
	int fd;

	if (path == NULL)
		path = CTL_STATE;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? diag_fail(diag, -errno, "open STATE '%s'", path) : fd;
}

int ctl_ask(int statefd, const char *question, json_t **ret, struct diag *diag)
{
	int sock, r;

	sock = link_connect(statefd, "control", 0, 0, diag);
	if (sock < 0)
		return sock;
	r = link_send(sock, question, strlen(question));
	if (r == 0)
		r = link_recv(sock, ret, diag);
	io_close(sock);
	/* It hangs up on whom it does not trust. */
	return r < 0 ? diag_fail(diag, r == -EPIPE ? -EPERM : r, "ask the scheduler") : 0;
}

int ctl_mount(const char *given, const char *state, struct buf *ret)
{
	struct diag diag = { "" };
	int fd;

	if (given != NULL) {
		buf_puts(ret, given);
		return ret->failed ? -ENOMEM : 0;
	}
	fd = ctl_state_open(state, &diag);
	if (fd < 0 || io_read_at(fd, "run/mount", PATH_MAX, ret) < 0 || ret->len == 0)
		buf_puts(ret, "/judge");
	io_close(fd);
	while (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		ret->data[--ret->len] = '\0';
	return ret->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------- waiting */

static const char *const suffixes[] = { ".verdict", ".result.json", ".compile.txt" };

/* The source's path: what the person named, without a result's suffix. */
static int source_path(const char *path, struct buf *ret)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && strcmp(path + len - n, suffixes[i]) == 0) {
			buf_add(ret, path, len - n);
			return ret->failed ? -ENOMEM : 0;
		}
	}
	buf_puts(ret, path);
	return ret->failed ? -ENOMEM : 0;
}

static int read_beside(const char *source, const char *suffix, struct buf *ret)
{
	struct buf path = { 0 };
	int fd, r;

	buf_printf(&path, "%s%s", source, suffix);
	if (path.failed)
		return -ENOMEM;
	fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	r = fd < 0 ? -errno : io_read_fd(fd, TEXT_MAX, ret);
	io_close(fd);
	buf_release(&path);
	return r;
}

/* Return: 1 with the verdict's code when it is final, 0 when it is not yet, -errno. */
static int look(const char *source, char ret_code[16])
{
	struct buf text = { 0 };
	json_t *o = NULL;
	char *code = NULL;
	bool final = false;
	int r;

	r = read_beside(source, ".result.json", &text);
	/* Read in the moment of a change it may be no JSON: looked at again. */
	if (r == 0 && json_parse(buf_text(&text), text.len, &o, NULL) == 0) {
		r = json_get_bool(o, "final", &final, NULL);
		if (r == 0)
			r = json_get_text(o, "verdict", &code, NULL);
		if (r == 0 && final)
			snprintf(ret_code, 16, "%s", code != NULL ? code : "");
	}
	free(code);
	json_decref(o);
	buf_release(&text);
	return r < 0 ? r : final;
}

static int wait_final(const char *source, int64_t timeout_us, char ret_code[16])
{
	struct pollfd p = { .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .events = POLLIN };
	int64_t until = clock_mono_us() + timeout_us;
	struct buf path = { 0 };
	char events[4096];
	int r;

	buf_printf(&path, "%s.result.json", source);
	if (p.fd >= 0 && !path.failed)
		inotify_add_watch(p.fd, path.data, IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF);
	buf_release(&path);
	while ((r = look(source, ret_code)) == 0) {
		if (timeout_us > 0 && clock_mono_us() > until) {
			r = -ETIMEDOUT;
			break;
		}
		poll(&p, 1, LOOK_MS);
		while (p.fd >= 0 && read(p.fd, events, sizeof(events)) > 0)
			;
	}
	io_close(p.fd);
	return r < 0 ? r : 0;
}

int ctl_wait(const char *verb, const char *path, int64_t timeout_us, bool heading)
{
	struct buf source = { 0 }, verdict = { 0 };
	int status = CTL_FAILED, r;
	char code[16] = "";

	r = source_path(path, &source);
	if (r == 0)
		r = wait_final(source.data, timeout_us, code);
	if (r == 0)
		r = read_beside(source.data, ".verdict", &verdict);
	if (r == -ENOENT) {
		fprintf(stderr, "judgectl %s: %s: no such submission: is it in a sub/ folder?\n",
			verb, path);
	} else if (r < 0) {
		fprintf(stderr, "judgectl %s: %s: %s\n", verb, path, strerror(-r));
	} else {
		if (heading)
			printf("==> %s <==\n", source.data);
		fwrite(buf_text(&verdict), 1, verdict.len, stdout);
		status = strcmp(code, "AC") == 0 ? CTL_YES :
			 strcmp(code, "JE") == 0 ? CTL_FAILED : CTL_NO;
	}
	buf_release(&source);
	buf_release(&verdict);
	return status;
}

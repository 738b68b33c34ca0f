#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "judge/link.h"

#define RETRY_MS	50
#define READ_BYTES	65536

/* Through /proc, since the state's path may be longer than a socket's address. */
static int connect_once(int statefd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	snprintf(to.sun_path, sizeof(to.sun_path), "/proc/self/fd/%d/" LINK_PATH, statefd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	r = -errno;
	io_close(fd);
	return r;
}

int link_connect(int statefd, const char *role, int slot, int64_t wait_us, struct diag *diag)
{
	int64_t until = clock_mono_us() + wait_us;
	char hello[96];
	int fd, r;

	while ((fd = connect_once(statefd)) < 0 && clock_mono_us() < until) {
		if (fd != -ECONNREFUSED && fd != -ENOENT && fd != -EAGAIN && fd != -EINTR)
			break;
		poll(NULL, 0, RETRY_MS);
	}
	if (fd < 0)
		return diag_fail(diag, fd, "connect to %s of the state folder%s", LINK_PATH,
				 fd == -EACCES ? " (try sudo)" : "");
	snprintf(hello, sizeof(hello), "{\"op\":\"hello\",\"role\":\"%s\",\"slot\":%d}", role, slot);
	r = link_send(fd, hello, strlen(hello));
	if (r < 0) {
		io_close(fd);
		return diag_fail(diag, r, "greet the scheduler");
	}
	return fd;
}

int link_send(int sock, const char *json, size_t len)
{
	return msg_send(sock, json, len, NULL, 0);
}

int link_recv(int sock, json_t **ret, struct diag *diag)
{
	struct msg m = { .nfds = 0 };
	int r;

	r = msg_recv(sock, &m);
	if (r == 0 && json_parse(buf_text(&m.body), m.body.len, ret, diag) < 0)
		r = -EBADMSG;
	msg_release(&m);
	return r;
}

int link_peer(int sock, uid_t *ret)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	*ret = cred.uid;
	return 0;
}

/* ------------------------------------------------------------- never waiting */

void link_init(struct link *l, int fd)
{
	*l = (struct link){ .fd = fd };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void link_release(struct link *l)
{
	io_close(l->fd);
	l->fd = -1;
	buf_release(&l->in);
	buf_release(&l->out);
	l->in_done = l->out_done = 0;
}

bool link_waiting(const struct link *l)
{
	return l->out_done < l->out.len;
}

int link_flush(struct link *l)
{
	while (link_waiting(l)) {
		ssize_t n = send(l->fd, l->out.data + l->out_done, l->out.len - l->out_done,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		l->out_done += n;
	}
	buf_release(&l->out);
	l->out_done = 0;
	return 0;
}

int link_put(struct link *l, const char *json, size_t len)
{
	int r;

	if (l->out.len - l->out_done > MSG_MAX_BYTES)
		return -ENOBUFS;
	r = msg_put(&l->out, json, len);
	return r < 0 ? r : link_flush(l);
}

/* One read a call: a peer that never stops talking gets its turn like the others. */
int link_fill(struct link *l)
{
	char chunk[READ_BYTES];
	ssize_t n;

	/* recv() without room for them: descriptors that a peer sends are dropped. */
	n = recv(l->fd, chunk, sizeof(chunk), 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	if (n == 0)
		return -EPIPE;
	if (l->in_done > 0) {
		l->in.len -= l->in_done;
		memmove(l->in.data, l->in.data + l->in_done, l->in.len);
		l->in_done = 0;
	}
	buf_add(&l->in, chunk, n);
	return l->in.failed ? -ENOMEM : 0;
}

int link_next(struct link *l, json_t **ret)
{
	const char *at = buf_text(&l->in) + l->in_done;
	size_t body = 0;
	int r;

	r = msg_peek(at, l->in.len - l->in_done, &body);
	if (r <= 0)
		return r;
	if (json_parse(at + MSG_HEADER_BYTES, body, ret, NULL) < 0)
		return -EBADMSG;
	l->in_done += MSG_HEADER_BYTES + body;
	return 1;
}

/* ------------------------------------------------------------- names as text */

void link_hex(struct buf *b, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		buf_printf(b, "%02x", (unsigned char)*bytes);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

int link_unhex(const char *hex, struct buf *ret)
{
	for (; *hex != '\0'; hex += 2) {
		int high = hex_digit(hex[0]), low = high < 0 ? -1 : hex_digit(hex[1]);
		char byte = high * 16 + low;

		if (low < 0 || byte == '\0')
			return -EBADMSG;
		buf_add(ret, &byte, 1);
	}
	return ret->failed ? -ENOMEM : 0;
}

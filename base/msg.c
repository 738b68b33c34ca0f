#include "base/msg.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/io.h"

struct header {
	uint32_t magic;			/* so that a stream out of step is noticed */
	uint32_t len;
};

#define MSG_MAGIC	0x6a666d31	/* "jfm1" */

_Static_assert(sizeof(struct header) == MSG_HEADER_BYTES, "a frame's header");

union control {
	char bytes[CMSG_SPACE(MSG_MAX_FDS * sizeof(int))];
	struct cmsghdr align;
};

static int send_all(int sock, const void *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(sock, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = (const char *)data + n;
		len -= n;
	}
	return 0;
}

int msg_send(int sock, const void *body, size_t len, const int *fds, size_t nfds)
{
	struct header header = { MSG_MAGIC, len };
	struct iovec iov[2] = { { &header, sizeof(header) }, { (void *)body, len } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	union control control = { { 0 } };
	size_t sent;
	ssize_t n;
	int r;

	if (len > MSG_MAX_BYTES || nfds > MSG_MAX_FDS)
		return -EMSGSIZE;
	if (nfds > 0) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do {
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	sent = n;
	if (sent < sizeof(header)) {
		r = send_all(sock, (const char *)&header + sent, sizeof(header) - sent);
		if (r < 0)
			return r;
		sent = sizeof(header);
	}
	sent -= sizeof(header);
	return sent == len ? 0 : send_all(sock, (const char *)body + sent, len - sent);
}

/* What came beside the header belongs to @ret from here on. */
static int take_fds(struct msghdr *m, struct msg *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (ret->nfds < MSG_MAX_FDS)
				ret->fds[ret->nfds++] = fd;
			else
				io_close(fd);
		}
	}
	return m->msg_flags & MSG_CTRUNC ? -EBADMSG : 0;
}

static int recv_all(int sock, void *data, size_t len)
{
	ssize_t n = io_read(sock, data, len);

	if (n < 0)
		return n == -ECONNRESET ? -EPIPE : n;
	return (size_t)n == len ? 0 : -EPIPE;
}

static int recv_body(int sock, uint32_t len, struct msg *ret)
{
	char chunk[65536];

	while (len > 0) {
		size_t n = len < sizeof(chunk) ? len : sizeof(chunk);
		int r = recv_all(sock, chunk, n);

		if (r < 0)
			return r;
		buf_add(&ret->body, chunk, n);
		len -= n;
	}
	return ret->body.failed ? -ENOMEM : 0;
}

int msg_recv(int sock, struct msg *ret)
{
	struct header header;
	struct iovec iov = { &header, sizeof(header) };
	union control control;
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;
	int r;

	msg_release(ret);
	do {
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 || errno == ECONNRESET ? -EPIPE : -errno;
	r = take_fds(&m, ret);
	if (r == 0)
		r = recv_all(sock, (char *)&header + n, sizeof(header) - n);
	if (r == 0 && (header.magic != MSG_MAGIC || header.len > MSG_MAX_BYTES))
		r = -EBADMSG;
	if (r == 0)
		r = recv_body(sock, header.len, ret);
	if (r < 0)
		msg_release(ret);
	return r;
}

void msg_release(struct msg *m)
{
	for (size_t i = 0; i < m->nfds; i++)
		io_close(m->fds[i]);
	m->nfds = 0;
	buf_release(&m->body);
}

int msg_put(struct buf *b, const void *body, size_t len)
{
	struct header header = { MSG_MAGIC, len };

	if (len > MSG_MAX_BYTES)
		return -EMSGSIZE;
	buf_add(b, &header, sizeof(header));
	buf_add(b, body, len);
	return b->failed ? -ENOMEM : 0;
}

int msg_peek(const void *data, size_t len, size_t *ret_body)
{
	struct header header;

	if (len < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	if (header.magic != MSG_MAGIC || header.len > MSG_MAX_BYTES)
		return -EBADMSG;
	if (len - sizeof(header) < header.len)
		return 0;
	*ret_body = header.len;
	return 1;
}

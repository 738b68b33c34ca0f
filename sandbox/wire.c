#include "sandbox/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"

#define FILES_PER_FRAME	32

struct wire wire_open(const struct msg *m)
{
	return (struct wire){ .at = m->body.data, .end = m->body.data + m->body.len };
}

static const char *take(struct wire *w, size_t len)
{
	const char *at = w->at;

	if (w->bad || (size_t)(w->end - w->at) < len) {
		w->bad = true;
		return NULL;
	}
	w->at += len;
	return at;
}

int64_t wire_int(struct wire *w)
{
	const char *at = take(w, sizeof(int64_t));
	int64_t n = 0;

	if (at)
		memcpy(&n, at, sizeof(n));
	return n;
}

const char *wire_text(struct wire *w)
{
	int64_t len = wire_int(w);
	const char *at = NULL;

	if (len >= 0 && len < w->end - w->at)
		at = take(w, len + 1);
	if (!at || at[len] != '\0' || strlen(at) != (size_t)len) {
		w->bad = true;
		return "";
	}
	return at;
}

int wire_words(struct wire *w, struct strv *ret)
{
	int64_t n = wire_int(w);

	for (int64_t i = 0; i < n && !w->bad; i++) {
		const char *text = wire_text(w);
		int r = w->bad ? 0 : strv_add(ret, text);

		if (r < 0)
			return r;
	}
	return w->bad || n < 0 ? -EBADMSG : 0;
}

int wire_end(const struct wire *w)
{
	return w->bad || w->at != w->end ? -EBADMSG : 0;
}

void wire_put_int(struct buf *b, int64_t n)
{
	buf_add(b, &n, sizeof(n));
}

void wire_put_text(struct buf *b, const char *text)
{
	wire_put_int(b, strlen(text));
	buf_add(b, text, strlen(text) + 1);
}

void wire_put_words(struct buf *b, const struct strv *words)
{
	wire_put_int(b, words->n);
	for (size_t i = 0; i < words->n; i++)
		wire_put_text(b, words->v[i]);
}

int wire_send(int sock, struct buf *b, const int *fds, size_t nfds)
{
	int r = b->failed ? -ENOMEM : msg_send(sock, b->data, b->len, fds, nfds);

	buf_release(b);
	return r;
}

int wire_send_op(int sock, enum wire_op op)
{
	struct buf b = { 0 };

	wire_put_int(&b, op);
	return wire_send(sock, &b, NULL, 0);
}

int wire_send_failure(int sock, int r, const struct diag *diag)
{
	struct buf b = { 0 };

	wire_put_int(&b, WIRE_FAILED);
	wire_put_int(&b, r);
	wire_put_text(&b, diag->text);
	return wire_send(sock, &b, NULL, 0);
}

int wire_failure(struct wire *w, struct diag *diag)
{
	int64_t r = wire_int(w);
	const char *text = wire_text(w);

	if (wire_end(w) < 0 || r >= 0 || r < -4095)
		return diag_fail(diag, -EBADMSG, "a frame that makes no sense");
	/* -EINVAL: the text says it all already. */
	diag_fail(diag, -EINVAL, "%s", text);
	return r;
}

int wire_expect(int sock, enum wire_op op, struct diag *diag)
{
	struct msg m = { 0 };
	struct wire w;
	int64_t got;
	int r;

	r = msg_recv(sock, &m);
	if (r < 0)
		return diag_fail(diag, r, "waiting for the other side");
	w = wire_open(&m);
	got = wire_int(&w);
	if (got == WIRE_FAILED)
		r = wire_failure(&w, diag);
	else if (got != op || wire_end(&w) < 0)
		r = diag_fail(diag, -EBADMSG, "a frame that makes no sense");
	msg_release(&m);
	return r;
}

static int send_files(int sock, const struct box_file *files, size_t n)
{
	for (size_t at = 0; at < n; at += FILES_PER_FRAME) {
		size_t count = n - at < FILES_PER_FRAME ? n - at : FILES_PER_FRAME, nfds = 0;
		int fds[FILES_PER_FRAME], r;
		struct buf b = { 0 };

		wire_put_int(&b, WIRE_FILES);
		wire_put_int(&b, count);
		for (size_t i = at; i < at + count; i++) {
			wire_put_text(&b, files[i].name);
			wire_put_int(&b, files[i].mode);
			wire_put_int(&b, files[i].size);
			if (!S_ISDIR(files[i].mode))
				fds[nfds++] = files[i].fd;
		}
		r = wire_send(sock, &b, fds, nfds);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One FILES frame; *@at of @n files are there already. */
static int read_files_frame(struct wire *w, struct msg *m, struct box_file *files, size_t n,
			    size_t *at)
{
	size_t fd = 0;
	int64_t count;

	if (wire_int(w) != WIRE_FILES)
		return -EBADMSG;
	count = wire_int(w);
	if (count <= 0 || (uint64_t)count > n - *at)
		return -EBADMSG;
	for (int64_t i = 0; i < count; i++) {
		struct box_file *f = &files[(*at)++];

		f->fd = -1;
		f->name = strdup(wire_text(w));
		f->mode = wire_int(w);
		f->size = wire_int(w);
		if (!f->name)
			return -ENOMEM;
		if (S_ISDIR(f->mode))
			continue;
		if (fd == m->nfds)
			return -EBADMSG;
		f->fd = m->fds[fd];
		m->fds[fd++] = -1;
	}
	return fd == m->nfds ? wire_end(w) : -EBADMSG;
}

/* @ret is filled also on failure. */
static int read_files(int sock, int64_t n, struct box_file **ret, size_t *ret_n)
{
	struct msg m = { 0 };
	int r = 0;

	*ret = NULL;
	*ret_n = 0;
	if (n < 0 || n > WIRE_MAX_FILES)
		return -EBADMSG;
	if (n == 0)
		return 0;
	*ret = calloc(n, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	while (r == 0 && *ret_n < (size_t)n) {
		r = msg_recv(sock, &m);
		if (r == 0) {
			struct wire w = wire_open(&m);

			r = read_files_frame(&w, &m, *ret, n, ret_n);
		}
	}
	msg_release(&m);
	return r;
}

void wire_files_release(struct box_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(files[i].name);
		io_close(files[i].fd);
	}
	free(files);
}

/* In the order of struct box_limits, for both directions. */
static const size_t limit_fields[] = {
	offsetof(struct box_limits, cpu_us),	offsetof(struct box_limits, wall_us),
	offsetof(struct box_limits, memory_bytes), offsetof(struct box_limits, output_bytes),
	offsetof(struct box_limits, processes),	offsetof(struct box_limits, files),
	offsetof(struct box_limits, disk_bytes),
};

/* The descriptors of a run; a bit of the mask for each that is there. */
static const size_t fd_fields[] = {
	offsetof(struct box_spec, exe_fd),	offsetof(struct box_spec, stdin_fd),
	offsetof(struct box_spec, stdout_fd),	offsetof(struct box_spec, stderr_fd),
};

#define FIELD(s, offset, type)	(*(type *)((char *)(s) + (offset)))

int wire_send_spec(int sock, const struct box_spec *spec, size_t more)
{
	int fds[ARRAY_SIZE(fd_fields)], r;
	struct buf b = { 0 };
	int64_t mask = 0;
	size_t nfds = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fd_fields); i++) {
		int fd = FIELD(spec, fd_fields[i], const int);

		if (fd >= 0) {
			mask |= 1 << i;
			fds[nfds++] = fd;
		}
	}
	wire_put_int(&b, WIRE_RUN);
	wire_put_int(&b, more);
	wire_put_text(&b, spec->profile);
	wire_put_words(&b, &spec->argv);
	wire_put_words(&b, &spec->env);
	wire_put_int(&b, mask);
	for (size_t i = 0; i < ARRAY_SIZE(limit_fields); i++)
		wire_put_int(&b, FIELD(&spec->limits, limit_fields[i], const int64_t));
	wire_put_int(&b, spec->linger_us);
	wire_put_int(&b, spec->patience);
	wire_put_int(&b, spec->collect);
	wire_put_int(&b, spec->nfiles);
	r = wire_send(sock, &b, fds, nfds);
	return r < 0 ? r : send_files(sock, spec->files, spec->nfiles);
}

int wire_read_spec(int sock, struct wire *w, struct msg *m, struct box_spec *ret,
		   size_t *ret_more)
{
	struct box_spec spec = { .exe_fd = -1, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1,
				 .cancel_fd = -1 };
	int64_t more = wire_int(w), mask, nfiles, patience;
	size_t fd = 0;
	int r;

	spec.profile = strdup(wire_text(w));
	r = spec.profile ? 0 : -ENOMEM;
	if (r == 0)
		r = wire_words(w, &spec.argv);
	if (r == 0)
		r = wire_words(w, &spec.env);
	mask = wire_int(w);
	for (size_t i = 0; i < ARRAY_SIZE(fd_fields); i++) {
		if (mask & 1 << i && fd < m->nfds) {
			FIELD(&spec, fd_fields[i], int) = m->fds[fd];
			m->fds[fd++] = -1;
		} else if (mask & 1 << i) {
			w->bad = true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(limit_fields); i++)
		FIELD(&spec.limits, limit_fields[i], int64_t) = wire_int(w);
	spec.linger_us = wire_int(w);
	patience = wire_int(w);
	spec.collect = wire_int(w) != 0;
	nfiles = wire_int(w);
	if (patience < 0 || patience > 9)
		w->bad = true;
	spec.patience = patience;
	if (r == 0)
		r = fd == m->nfds && more >= 0 && more < BOX_TOGETHER_MAX ? wire_end(w) : -EBADMSG;
	if (r == 0)
		r = read_files(sock, nfiles, &spec.files, &spec.nfiles);
	if (r < 0) {
		wire_spec_release(&spec);
		return r;
	}
	*ret = spec;
	*ret_more = more;
	return 0;
}

void wire_spec_release(struct box_spec *spec)
{
	free((char *)spec->profile);
	strv_release(&spec->argv);
	strv_release(&spec->env);
	for (size_t i = 0; i < ARRAY_SIZE(fd_fields); i++)
		io_close(FIELD(spec, fd_fields[i], int));
	wire_files_release(spec->files, spec->nfiles);
}

int wire_send_report(int sock, const struct box_report *report)
{
	struct buf b = { 0 };
	int r;

	wire_put_int(&b, WIRE_REPORT);
	wire_put_int(&b, report->end);
	wire_put_int(&b, report->code);
	wire_put_text(&b, report->syscall);
	wire_put_int(&b, report->cpu_us);
	wire_put_int(&b, report->wall_us);
	wire_put_int(&b, report->awake);
	wire_put_int(&b, report->started_us);
	wire_put_int(&b, report->ended_us);
	wire_put_int(&b, report->memory_bytes);
	wire_put_int(&b, report->nfiles);
	r = wire_send(sock, &b, NULL, 0);
	return r < 0 ? r : send_files(sock, report->files, report->nfiles);
}

int wire_read_report(int sock, struct wire *w, struct box_report *ret)
{
	struct box_report report = { 0 };
	int64_t end, nfiles;
	int r;

	end = wire_int(w);
	report.end = end;
	report.code = wire_int(w);
	snprintf(report.syscall, sizeof(report.syscall), "%s", wire_text(w));
	report.cpu_us = wire_int(w);
	report.wall_us = wire_int(w);
	report.awake = wire_int(w) != 0;
	report.started_us = wire_int(w);
	report.ended_us = wire_int(w);
	report.memory_bytes = wire_int(w);
	nfiles = wire_int(w);
	r = wire_end(w);
	if (r == 0 && (end < 0 || end > BOX_NOT_STARTED))
		r = -EBADMSG;
	if (r == 0)
		r = read_files(sock, nfiles, &report.files, &report.nfiles);
	if (r < 0)
		wire_files_release(report.files, report.nfiles);
	else
		*ret = report;
	return r;
}

/*
 * package.h - packages that a test writes as one text, and what loading them gives
 *
 *	"@ path\ncontent...@ path\ncontent"	each "@ " at the start of a line begins a file
 */
#ifndef TESTS_PACKAGE_H
#define TESTS_PACKAGE_H

#include "judge/problem.h"
#include "tests/unit/folder.h"
#include "tests/unit/languages.h"

struct loaded {
	struct folder folder;
	struct langs *langs;
	struct blobs *blobs;
	struct problem *p;		/* NULL when it failed */
	struct buf report;
	struct diag diag;
	int r;
};

static inline void package_write(struct folder *f, const char *text)
{
	char path[512];

	while (strncmp(text, "@ ", 2) == 0) {
		const char *body = strchr(text, '\n') + 1, *end = strstr(body, "\n@ ");
		size_t len = *body == '@' ? 0 : end ? (size_t)(end + 1 - body) : strlen(body);

		snprintf(path, sizeof(path), "%.*s", (int)(body - 1 - text - 2), text + 2);
		folder_bytes(f, path, body, len);
		text = body + len;
	}
	CHECK_TEXT(text, "");
}

/* Loads what is in l->folder. */
static inline void package_load(struct loaded *l, const char *id)
{
	struct limits limits;

	limits_default(&limits);
	l->langs = few_languages();
	CHECK_INT(blobs_new_table(&l->blobs), 0);
	l->r = problem_load(l->folder.fd, id, l->langs, &limits, l->blobs, &l->p, &l->report, &l->diag);
	CHECK(l->r == 0 || l->p == NULL);
}

static inline struct loaded package_of(const char *text)
{
	struct loaded l = { .folder = folder_new() };

	package_write(&l.folder, text);
	package_load(&l, "test");
	return l;
}

/* One that must be right. */
static inline struct loaded package_good(const char *text)
{
	struct loaded l = package_of(text);

	if (l.r < 0)
		fail_msg("%s\n%s", l.diag.text, buf_text(&l.report));
	return l;
}

static inline void loaded_release(struct loaded *l)
{
	problem_free(l->p);
	blobs_free(l->blobs);
	langs_free(l->langs);
	buf_release(&l->report);
	folder_remove(&l->folder);
}

static inline const struct problem_file *file_shown(const struct problem *p, const char *path)
{
	for (size_t i = 0; i < p->nfiles; i++)
		if (strcmp(p->files[i].path, path) == 0)
			return &p->files[i];
	return NULL;
}

static inline void check_blob(struct blobs *b, const struct blob_ref *ref, const char *text)
{
	struct buf got = { 0 };
	int fd = blobs_get(b, &ref->digest);

	CHECK(fd >= 0);
	CHECK_INT(io_read_fd(fd, 1 << 20, &got), 0);
	CHECK_TEXT(buf_text(&got), text);
	buf_release(&got);
	io_close(fd);
}

static inline const struct reference *reference_of(const struct problem *p, const char *path)
{
	for (size_t i = 0; i < p->nreferences; i++)
		if (strcmp(p->references[i].path, path) == 0)
			return &p->references[i];
	fail_msg("no reference '%s'", path);
	return NULL;
}

#endif

/*
 * prepared.c - looking at what was prepared
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "judge/prepare.h"

#define LIST_MAX	(1 << 20)
#define WHY_MAX		4096		/* a longer one is none of ours */
#define WORDS_MAX	(8 << 20)
#define UNLESS		".unless"

struct prepared {
	int dir;
};

int prepared_open(int dirfd, struct prepared **ret, struct diag *diag)
{
	struct prepared *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	/* Opened anew: the lock of prepare_all() is of this description. */
	p->dir = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->dir < 0) {
		free(p);
		return diag_fail(diag, -errno, "open the folder of what is prepared");
	}
	*ret = p;
	return 0;
}

void prepared_free(struct prepared *p)
{
	if (p)
		io_close(p->dir);
	free(p);
}

int prepared_dir(const struct prepared *p)
{
	return p->dir;
}

/* ------------------------------------------------------------- .list */

void prepared_list_release(struct prepared_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(files[i].name);
	free(files);
}

static int list_add(char *line, struct prepared_file **files, size_t *n)
{
	struct prepared_file f = { 0 }, *more;
	long long size;
	int at = 0;

	if (sscanf(line, "%lld %64s %n", &size, f.sha256, &at) != 2 || at == 0 || size < 0 ||
	    line[at] == '\0')
		return -EINVAL;
	more = reallocarray(*files, *n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*files = more;
	f.size = size;
	f.name = strdup(line + at);
	if (!f.name)
		return -ENOMEM;
	more[(*n)++] = f;
	return 0;
}

int prepared_list(int dir, struct prepared_file **ret, size_t *ret_n)
{
	struct prepared_file *files = NULL;
	struct buf text = { 0 };
	char *save = NULL, *line;
	size_t n = 0;
	int r = io_read_at(dir, ".list", LIST_MAX, &text);

	if (r == 0 && text.failed)
		r = -ENOMEM;
	line = r == 0 && text.len > 0 ? strtok_r(text.data, "\n", &save) : NULL;
	for (; line && r == 0; line = strtok_r(NULL, "\n", &save))
		r = list_add(line, &files, &n);
	if (r == 0 && n == 0)
		r = -EINVAL;
	buf_release(&text);
	if (r < 0) {
		prepared_list_release(files, n);
		return r;
	}
	*ret = files;
	*ret_n = n;
	return 0;
}

/* ------------------------------------------------------------- an entry */

static int entry_open(const struct prepared *p, const struct lang *lang)
{
	if (!p || !lang->prepared)
		return -ENOENT;
	return io_open_beneath(p->dir, lang->prepared, O_RDONLY | O_DIRECTORY, 0);
}

static bool entry_whole(int dir)
{
	struct prepared_file *files = NULL;
	struct stat st;
	size_t n = 0;
	bool whole = prepared_list(dir, &files, &n) == 0;

	for (size_t i = 0; i < n && whole; i++)
		whole = fstatat(dir, files[i].name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && st.st_size == files[i].size;
	prepared_list_release(files, n);
	return whole;
}

bool prepared_there(const struct prepared *p, const struct lang *lang)
{
	int dir = entry_open(p, lang);
	bool there = dir >= 0 && entry_whole(dir);

	io_close(dir);
	return there;
}

enum prepared_state prepared_state(const struct prepared *p, const struct lang *lang,
				   struct buf *why)
{
	char name[80];

	if (!lang->prepared)
		return PREPARED_NOTHING;
	if (prepared_there(p, lang))
		return PREPARED_READY;
	snprintf(name, sizeof(name), "%.64s.failed", lang->prepared);
	return p && io_read_at(p->dir, name, WHY_MAX, why) == 0 ? PREPARED_FAILED : PREPARED_NOT_YET;
}

/* ------------------------------------------------------------- X.unless */

static bool word_char(unsigned char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct words {
	char *text;			/* divided by NULs */
	char **v;			/* sorted */
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void words_release(struct words *w)
{
	free(w->text);
	free(w->v);
}

static int words_read(int dir, const char *name, struct words *ret)
{
	struct buf text = { 0 };
	char *save = NULL;
	size_t lines = 1;
	int r = io_read_at(dir, name, WORDS_MAX, &text);

	if (r < 0 || text.len == 0)
		goto out;
	ret->text = buf_steal(&text);
	r = ret->text ? 0 : -ENOMEM;
	for (const char *p = ret->text; p && *p; p++)
		lines += *p == '\n';
	ret->v = r == 0 ? calloc(lines, sizeof(*ret->v)) : NULL;
	if (!ret->v) {
		r = -ENOMEM;
		goto out;
	}
	for (char *w = strtok_r(ret->text, "\n", &save); w; w = strtok_r(NULL, "\n", &save))
		ret->v[ret->n++] = w;
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
out:
	buf_release(&text);
	return r;
}

static bool words_has(const struct words *w, const char *mark, const char *word, size_t len)
{
	char key[256], *k = key;
	int n = snprintf(key, sizeof(key), "%s%.*s", mark, (int)len, word);

	if (n >= (int)sizeof(key) || w->n == 0)
		return false;
	return bsearch(&k, w->v, w->n, sizeof(*w->v), compare) != NULL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool joins(char c)
{
	return word_char(c) || c == '#' || c == '%' || c == ':' || c == '\\';
}

/* A line that goes on in the next, in the middle of a word or of ##. */
static bool goes_on(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl;

	for (; p < end && (p = memchr(p, '\\', end - p)); p++) {
		for (nl = p + 1; nl < end && blank(*nl);)
			nl++;
		if (p > text && joins(p[-1]) && nl + 1 < end && *nl == '\n' && joins(nl[1]))
			return true;
	}
	return false;
}

/* 1.5i, 2.il: C's own, or complex<> when that is there, without a word of it. */
static bool imaginary(const char *text, size_t at, size_t n)
{
	bool number = isdigit((unsigned char)text[at]) ||
		      (at > 1 && text[at - 1] == '.' && isdigit((unsigned char)text[at - 2]));

	for (size_t i = at; i < at + n && number; i++)
		if (strchr("iIjJ", text[i]))
			return true;
	return false;
}

/* Words that are put together can not be seen: what does that speaks for all of them. */
static bool words_meet(const struct words *w, const char *text, size_t len)
{
	static const char define[] = "define";
	bool defined = false;		/* this word is, by the one before it */

	if (memmem(text, len, "##", 2) || memmem(text, len, "%:", 2) || memmem(text, len, "??", 2) ||
	    goes_on(text, len))
		return true;
	for (size_t i = 0, n; i < len; i += n + 1) {
		for (n = 0; i + n < len && word_char(text[i + n]);)
			n++;
		if (n == 0)
			continue;
		if (imaginary(text, i, n) || words_has(w, "", text + i, n) ||
		    (defined && words_has(w, "#", text + i, n)))
			return true;
		defined = n == strlen(define) && memcmp(text + i, define, n) == 0;
	}
	return false;
}

static int entry_unless(int dir, const char *file, const char *text, size_t len, struct strv *ret)
{
	size_t n = strlen(file) - strlen(UNLESS);
	struct words w = { 0 };
	int r = words_read(dir, file, &w);
	char *name;

	if (r == 0 && words_meet(&w, text, len)) {
		name = strndup(file, n);
		r = name ? strv_add(ret, name) : -ENOMEM;
		free(name);
	}
	words_release(&w);
	return r;
}

static bool is_unless(const char *name)
{
	size_t n = strlen(name), m = strlen(UNLESS);

	return n > m && strcmp(name + n - m, UNLESS) == 0;
}

int prepared_unless(const struct prepared *p, const struct lang *lang, const char *text, size_t len,
		    struct strv *ret)
{
	struct prepared_file *files = NULL;
	size_t n = 0;
	int dir = entry_open(p, lang);
	int r = dir < 0 ? dir : prepared_list(dir, &files, &n);

	for (size_t i = 0; i < n && r == 0; i++)
		if (is_unless(files[i].name))
			r = entry_unless(dir, files[i].name, text, len, ret);
	prepared_list_release(files, n);
	io_close(dir);
	return r;
}

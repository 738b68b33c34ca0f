#include "fs/review.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "base/strv.h"
#include "fs/state.h"
#include "judge/blob.h"
#include "judge/lang.h"
#include "judge/problem.h"
#include "judge/settings.h"

struct review {
	int statefd;
	struct settings settings;
	struct langs *langs;
	struct buf faults;
};

static void review_settings(struct review *rv)
{
	struct diag diag = { "" };

	struct account ignored;

	if (settings_load(rv->statefd, &rv->settings, &diag) < 0) {
		diag_collected(&diag);
		return;
	}
	if (state_account(rv->settings.user, &ignored, &diag) < 0)
		diag_collected(&diag);
	if (state_account(rv->settings.worker_user, &ignored, &diag) < 0)
		diag_collected(&diag);
}

static void review_languages(struct review *rv)
{
	struct diag diag = { "" };

	if (faccessat(rv->statefd, "languages.d", F_OK, 0) == 0 &&
	    langs_load(rv->statefd, "languages.d", &rv->langs, &diag) < 0)
		diag_collected(&diag);
}

/* "problem.ini:3: ..." -> "problems/ID/problem.ini:3: ..." */
static void add_lines(struct buf *ret, const char *id, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char *line = strndup(lines, len);
		bool summary = line && strncmp(line, id, strlen(id)) == 0 && line[strlen(id)] == ':';

		if (line && len > 0 && !summary)
			buf_printf(ret, "problems/%s/%s\n", id, line);
		free(line);
		lines += len + (lines[len] != '\0');
	}
}

static int review_problem(struct review *rv, const char *id, struct blobs *blobs)
{
	struct problem *p = NULL;
	struct buf report = { 0 };
	struct diag diag = { "" };
	char path[512];
	int fd, r;

	snprintf(path, sizeof(path), "problems/%s", id);
	fd = io_open_beneath(rv->statefd, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd == -ENOTDIR ? 0 : fd;		/* a file: nobody's business */
	r = problem_load(fd, id, rv->langs, &rv->settings.limits, blobs, &p, &report, &diag);
	if (r < 0 && report.len > 0)
		add_lines(&rv->faults, id, buf_text(&report));
	else if (r < 0)
		buf_printf(&rv->faults, "problems/%s: %s\n", id, diag.text);
	problem_free(p);
	buf_release(&report);
	io_close(fd);
	return 0;
}

static void review_problems(struct review *rv)
{
	struct strv names = { 0 };
	struct blobs *blobs = NULL;
	int r;

	r = io_list(rv->statefd, "problems", &names);
	if (r == 0)
		r = blobs_new_table(&blobs);
	for (size_t i = 0; i < names.n && r == 0; i++)
		if (names.v[i][0] != '.')
			r = review_problem(rv, names.v[i], blobs);
	if (r < 0 && r != -ENOENT)
		buf_printf(&rv->faults, "problems: %s\n", strerror(-r));
	blobs_free(blobs);
	strv_release(&names);
}

int review_state(const char *path)
{
	struct review rv = { .statefd = -1 };
	struct buf settings = { 0 };
	int status;

	rv.statefd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rv.statefd < 0) {
		log_error("open STATE '%s': %s", path, strerror(errno));
		return 1;
	}
	diag_collect(&rv.faults);
	review_settings(&rv);
	review_languages(&rv);
	diag_collect(NULL);
	/* With languages or limits that are not known a problem's faults would be others'. */
	if (rv.faults.len == 0 && rv.langs)
		review_problems(&rv);
	status = rv.faults.len > 0;
	if (status == 0)
		settings_print(&rv.settings, &settings);
	fputs(buf_text(status ? &rv.faults : &settings), stdout);
	langs_free(rv.langs);
	settings_release(&rv.settings);
	buf_release(&rv.faults);
	buf_release(&settings);
	io_close(rv.statefd);
	return status;
}

/*
 * verb_doctor.c - what this host has or lacks
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "judge/judgectl/env.h"
#include "judge/judgectl/judgectl.h"
#include "sandbox/box.h"

#define MAX_FINDINGS	64

static const struct {
	const char *word, *color;
} levels[] = {
	[BOX_FINE]	= { "fine",	"\033[32m" },
	[BOX_COSTS]	= { "costs",	"\033[33m" },
	[BOX_MISSING]	= { "MISSING",	"\033[31m" },
};

/* Colours for a person's terminal only: https://no-color.org */
static bool colored(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* A whole run, as `judgectl run` does it. */
static int try_run(struct box_report *ret, struct diag *diag)
{
	struct box_spec spec = {
		.profile = "run", .exe_fd = -1, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1,
		.cancel_fd = -1,
		.limits = { .cpu_us = 10000000, .wall_us = 30000000, .memory_bytes = 64 << 20,
			    .output_bytes = 1 << 20, .processes = 1, .files = 1,
			    .disk_bytes = 1 << 20 },
	};
	struct box_settings settings = { 0 };
	struct box *box = NULL;
	int sock = -1, r;
	pid_t pid = -1;

	r = box_settings_default(&settings);
	settings.cgroup = "judgectl";
	if (r == 0)
		r = strv_add(&spec.argv, "/bin/true");
	if (r == 0)
		r = ctl_box_spawn(&settings, &sock, &pid, diag);
	if (r == 0)
		r = box_connect(sock, &box);
	if (r == 0)
		r = box_run(box, &spec, ret, diag);
	box_free(box);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	strv_release(&spec.argv);
	box_settings_release(&settings);
	return r;
}

static void probe_run(struct box_finding *f)
{
	struct box_report report = { 0 };
	struct diag diag = { 0 };
	int r;

	*f = (struct box_finding){ .what = "a run in the sandbox", .level = BOX_FINE };
	if (geteuid() != 0) {
		snprintf(f->found, sizeof(f->found), "not looked at without root");
		f->level = BOX_COSTS;
		return;
	}
	r = try_run(&report, &diag);
	if (r == 0 && report.end == BOX_EXITED && report.code == 0) {
		snprintf(f->found, sizeof(f->found), "true(1) in %.1f ms", report.wall_us / 1000.0);
	} else {
		f->level = BOX_MISSING;
		snprintf(f->found, sizeof(f->found), "failed (%s)",
			 r < 0 ? strerror(-r) : box_end_name(report.end));
		snprintf(f->remedy, sizeof(f->remedy), "%.250s", r < 0 ? diag.text :
			 "true(1) did not end as it should");
	}
	box_report_release(&report);
}

static void print_text(const struct box_finding *f, size_t n)
{
	bool color = colored();

	for (size_t i = 0; i < n; i++) {
		printf("%-26s %s%-8s%s %s\n", f[i].what, color ? levels[f[i].level].color : "",
		       levels[f[i].level].word, color ? "\033[0m" : "", f[i].found);
		if (*f[i].remedy)
			printf("%-26s %-8s -> %s\n", "", "", f[i].remedy);
	}
}

static void print_json(const struct box_finding *f, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? ",\n {\"what\":" : "[{\"what\":");
		buf_json(&b, f[i].what);
		buf_puts(&b, ",\"level\":");
		buf_json(&b, levels[f[i].level].word);
		buf_puts(&b, ",\"found\":");
		buf_json(&b, f[i].found);
		buf_puts(&b, ",\"remedy\":");
		buf_json(&b, f[i].remedy);
		buf_puts(&b, "}");
	}
	buf_puts(&b, "]\n");
	fputs(buf_text(&b), stdout);
	buf_release(&b);
}

int verb_doctor(int argc, char **argv)
{
	struct box_finding f[MAX_FINDINGS + 1];
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	size_t n, missing = 0;

	if (argc > 1 && !json)
		return ctl_usage(argv[0], "'%s': no arguments are taken but --json", argv[1]);
	limits_lift();			/* as judgefs does */
	n = box_probe(f, MAX_FINDINGS);
	probe_run(&f[n++]);
	for (size_t i = 0; i < n; i++)
		missing += f[i].level == BOX_MISSING;
	if (json)
		print_json(f, n);
	else
		print_text(f, n);
	if (missing && !json)
		printf("\n%zu missing: programs can not be judged safely on this host\n", missing);
	return missing ? CTL_NO : CTL_YES;
}

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "judge/sched/sched.h"

/* ------------------------------------------------------------- installing */

void problem_broken(struct sched *s, const char *name, const char *digest, const char *why)
{
	int r;

	log_warn("problem '%s': %s", name, why);
	r = store_problem_broken(s->store, name, digest, why);
	if (r < 0)
		sched_fatal(s, r, "note a broken problem");
	root_health(s);
}

void problem_install(struct sched *s, const struct problem *p, const char *digest)
{
	const struct job job = { .problem = p };
	struct buf spec = { 0 }, readme = { 0 };
	int r;

	problem_readme(p, s->langs, &readme);
	r = job_encode(&job, &spec);
	if (r == 0 && (spec.failed || readme.failed))
		r = -ENOMEM;
	if (r == 0)
		r = store_problem_install(s->store, p, buf_text(&spec), buf_text(&readme), digest,
					  NULL);
	buf_release(&spec);
	buf_release(&readme);
	if (r == -EINVAL) {
		problem_broken(s, p->id, digest, "a file has a name that can not be shown");
		return;
	}
	if (r < 0) {
		sched_fatal(s, r, "install a problem");
		return;
	}
	log_info("problem '%s' is installed: %zu test%s", p->id, p->ntests,
		 p->ntests == 1 ? "" : "s");
	root_health(s);
}

/* ------------------------------------------------------------- what the reader found */

static void found_take(struct sched *s, struct found *f)
{
	int r;

	calibration_forget(s, f->name);
	if (f->removed) {
		r = store_problem_remove(s->store, f->name);
		if (r < 0)
			sched_fatal(s, r, "remove a problem");
		log_info("problem '%s' is removed", f->name);
		root_health(s);
	} else if (f->problem == NULL) {
		problem_broken(s, f->name, f->digest, f->why);
	} else if (f->problem->limits.cpu_us == 0) {
		calibration_start(s, f);
	} else {
		problem_install(s, f->problem, f->digest);
	}
}

void problems_take(struct sched *s)
{
	struct found *f, *next;

	for (f = reader_take(s); f != NULL; f = next) {
		next = f->next;
		if (!s->stop)
			found_take(s, f);
		found_free(f);
	}
}

static bool report_package(void *ctx, const struct package_row *row)
{
	struct buf *text = ctx;

	buf_clean(text, row->name, strlen(row->name));
	buf_puts(text, row->broken ? ": not shown: " : ": installed");
	buf_clean(text, row->why, strlen(row->why));
	buf_puts(text, "\n");
	return true;
}

bool problems_pending(const struct sched *s)
{
	return s->trouble != 0 || reader_busy(s) || s->calibrations != NULL;
}

void problems_answer(struct sched *s)
{
	struct buf text = { 0 }, answer = { 0 };
	bool asked = false;

	for (size_t i = 0; i < s->nclients; i++)
		asked |= s->clients[i]->wants_scan;
	if (!asked || problems_pending(s))
		return;
	store_list_packages(s->store, 0, report_package, &text);
	buf_puts(&answer, "{\"op\":\"scan\",\"report\":");
	buf_json(&answer, buf_text(&text));
	buf_puts(&answer, "}");
	for (size_t i = 0; i < s->nclients; i++) {
		if (!s->clients[i]->wants_scan)
			continue;
		s->clients[i]->wants_scan = false;
		client_send(s->clients[i], &answer);
	}
	buf_release(&text);
	buf_release(&answer);
}

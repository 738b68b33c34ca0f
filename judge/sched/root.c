#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/units.h"
#include "judge/sched/sched.h"

#define HOST_FILE	"run/host"	/* below STATE: what judgefs found when it started */
#define MOUNT_FILE	"run/mount"
#define QUEUE_SHOWN	50		/* lines of queue.txt */
#define TEXT_MAX	(64 << 10)

/* ------------------------------------------------------------- README.txt, languages.txt */

static const char readme[] =
	"This folder is a judge. You hand in a program by copying it in; the verdict is a\n"
	"file beside the program. No account, no browser, no client.\n"
	"\n"
	"The problems; one of them, its limits and languages; handing in; the verdict:\n"
	"\n"
	"    ls %1$s\n"
	"    cat %1$s/PROBLEM/README.txt\n"
	"    cp hello.c %1$s/PROBLEM/sub/\n"
	"    cat %1$s/PROBLEM/sub/hello.c.verdict\n"
	"\n"
	"Every problem has its statement, samples/ and, under your name alone,\n"
	"\n"
	"    sub/        what you handed in, and beside NAME what became of it:\n"
	"                NAME.verdict      for you: the first line is the verdict\n"
	"                NAME.result.json  the same for programs\n"
	"                NAME.compile.txt  what the compiler said, where it said something\n"
	"    history/    every attempt with its source and verdict, kept\n"
	"\n"
	"While a program is judged the first line of its .verdict says \"Queued, 3 before it\",\n"
	"\"Compiling\" or \"Running test 4 of 10\"; then it is one of:\n"
	"\n"
	"    Accepted                 right, and within all limits\n"
	"    Wrong answer             ran well, but the output is not right\n"
	"    Presentation error       right but for blanks or line ends\n"
	"    Compile error            see NAME.compile.txt\n"
	"    Runtime error            it crashed, or ended with a status other than 0\n"
	"    Time limit exceeded      it used more CPU time than the problem allows\n"
	"    Idleness limit exceeded  it waited for something that never came\n"
	"    Memory limit exceeded    it used more memory than the problem allows\n"
	"    Output limit exceeded    it wrote too much\n"
	"    Security violation       it did what no solution needs, named there\n"
	"    Not shown                this problem tells no results\n"
	"    Judge error              our fault, never yours; it is tried again\n"
	"\n"
	"Copy a better version over the old one as often as you like. The suffix names the\n"
	"language (see languages.txt); a first line with \"judgefs: language=NAME\" in a comment\n"
	"overrules it. Nobody but you and the staff sees what you hand in.\n"
	"\n"
	"What waits and runs now: queue.txt. What is wrong with this judge, if anything: health.txt.\n";

static void mount_path(const struct sched *s, struct buf *ret)
{
	if (io_read_at(s->statefd, MOUNT_FILE, TEXT_MAX, ret) < 0 || ret->len == 0)
		buf_puts(ret, "/judge");
	while (ret->len > 0 && ret->data[ret->len - 1] == '\n')
		ret->data[--ret->len] = '\0';
}

static void root_readme(struct sched *s)
{
	struct buf text = { 0 }, mount = { 0 };

	mount_path(s, &mount);
	buf_printf(&text, readme, buf_text(&mount));
	if (s->settings.contact[0] != '\0')
		buf_printf(&text, "\nQuestions: %s\n", s->settings.contact);
	root_set(s, ROOT_README, &text);
	buf_release(&mount);
	buf_release(&text);
}

void root_refresh(struct sched *s)
{
	struct buf languages = { 0 };

	root_readme(s);
	langs_table(s->langs, &languages);
	root_set(s, ROOT_LANGUAGES, &languages);
	buf_release(&languages);
	root_health(s);
}

/* ------------------------------------------------------------- health.txt */

struct health {
	struct buf *text;
	size_t problems, broken, judge_errors;
};

static bool health_package(void *ctx, const struct package_row *row)
{
	struct health *h = ctx;

	h->problems++;
	if (!row->broken)
		return true;
	if (h->broken++ == 0)
		buf_puts(h->text, "\nProblems that are not shown, or only in an older version:\n");
	buf_puts(h->text, "  ");
	buf_clean(h->text, row->name, strlen(row->name));
	buf_puts(h->text, ": ");
	buf_clean(h->text, row->why, strlen(row->why));
	buf_puts(h->text, "\n");
	return true;
}

#define JUDGE_ERRORS_SHOWN	20

/* Whose they are is not for every reader; the cause is in the log. */
static bool health_judge_error(void *ctx, const struct submission_row *row)
{
	struct health *h = ctx;

	if (h->judge_errors++ == 0)
		buf_puts(h->text, "\nSubmissions that could not be judged (causes: judgefs.log; when"
				  " mended: judgectl rejudge ID):\n");
	if (h->judge_errors <= JUDGE_ERRORS_SHOWN)
		buf_printf(h->text, "  %" PRId64 "\n", row->id);
	return true;
}

static size_t workers(const struct sched *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nclients; i++)
		n += s->clients[i]->role == ROLE_WORKER && !s->clients[i]->dead;
	return n;
}

static void health_languages(const struct sched *s, struct buf *text)
{
	bool first = true;

	for (size_t i = 0; i < s->langs->n; i++) {
		const struct lang *l = s->langs->v[i];

		if (l->missing == NULL)
			continue;
		if (first)
			buf_puts(text, "\nLanguages that are not available here:\n");
		first = false;
		buf_printf(text, "  %s: %s\n", l->name, l->missing);
	}
}

/* Not what is under way: it costs time only, and is none of a student's troubles. */
static void health_prepared(const struct sched *s, struct buf *text)
{
	bool first = true;

	for (size_t i = 0; i < s->langs->n; i++) {
		const struct lang *l = s->langs->v[i];
		struct buf why = { 0 };

		if (prepared_state(s->prepared, l, &why) == PREPARED_FAILED) {
			if (first)
				buf_puts(text, "\nLanguages that could not be prepared, so that compiling"
					       " takes longer (again at the next start or SIGHUP):\n");
			first = false;
			buf_printf(text, "  %s: ", l->name);
			buf_clean(text, buf_text(&why), strcspn(buf_text(&why), "\n"));
			buf_puts(text, "\n");
		}
		buf_release(&why);
	}
}

void root_health(struct sched *s)
{
	struct buf text = { 0 }, body = { 0 };
	struct health h = { .text = &body };

	if (s->trouble != 0)
		buf_printf(&text, "The judge can not write (%s): nothing is judged until it can, and"
			   " nothing is lost.\n", strerror(-s->trouble));
	/* One line a finding, made by who could look: root. */
	if (io_read_at(s->statefd, HOST_FILE, TEXT_MAX, &body) == 0 && body.len > 0)
		buf_printf(&text, "%sThis host:\n%s", text.len > 0 ? "\n" : "", body.data);
	buf_release(&body);
	if (s->reload_fault.text[0] != '\0') {
		buf_puts(&body, "\nA fault in the configuration; the settings before it stay:\n  ");
		buf_clean(&body, s->reload_fault.text, strlen(s->reload_fault.text));
		buf_puts(&body, "\n");
	}
	store_list_packages(s->store, 0, health_package, &h);
	store_list_judge_errors(s->store, 0, health_judge_error, &h);
	if (h.judge_errors > JUDGE_ERRORS_SHOWN)
		buf_printf(&body, "  ... and %zu more\n", h.judge_errors - JUDGE_ERRORS_SHOWN);
	health_languages(s, &body);
	health_prepared(s, &body);
	/* Sections are divided by a blank line. */
	buf_puts(&text, buf_text(&body) + (text.len == 0 && body.len > 0));
	if (text.len == 0)
		buf_puts(&text, "Nothing is wrong.\n");
	root_set(s, ROOT_HEALTH, &text);
	buf_release(&body);
	buf_release(&text);
}

/* ------------------------------------------------------------- queue.txt, status */

/* From what the last ones took; 0 before any was judged. */
static int64_t waiting_us(const struct sched *s)
{
	size_t n = workers(s);

	if (s->judged == 0 || n == 0)
		return 0;
	return s->judging_us / s->judged * (int64_t)queue_length(&s->queue) / (int64_t)n;
}

static void status_prepared(const struct sched *s, const struct lang *l, struct buf *json)
{
	static const char *const words[] = {
		[PREPARED_NOTHING] = NULL, [PREPARED_READY] = "yes", [PREPARED_NOT_YET] = "not yet",
		[PREPARED_FAILED] = "failed: ",
	};
	struct buf why = { 0 }, text = { 0 };
	enum prepared_state state = prepared_state(s->prepared, l, &why);

	if (words[state])
		buf_puts(&text, words[state]);
	buf_clean(&text, buf_text(&why), why.len);
	buf_json(json, words[state] ? buf_text(&text) : NULL);
	buf_release(&text);
	buf_release(&why);
}

/* Who hands in what is nobody else's business: problems are named, users are not. */
static void queue_lines(const struct sched *s, struct buf *text)
{
	const struct sub *next[QUEUE_SHOWN] = { NULL };
	size_t length = queue_length(&s->queue);

	for (size_t i = 0; i < s->nsubs; i++) {
		const struct sub *sub = s->subs[i];
		int64_t before;

		if (sub->state == SUBMISSION_RUNNING)
			buf_printf(text, "  %-8" PRId64 " %-24s %s\n", sub->id, sub->problem_name,
				   sub->line);
		if (sub->state != SUBMISSION_QUEUED)
			continue;
		before = queue_before(&s->queue, sub->id);
		if (before >= 0 && before < QUEUE_SHOWN)
			next[before] = sub;
	}
	for (size_t i = 0; i < QUEUE_SHOWN; i++)
		if (next[i] != NULL)
			buf_printf(text, "  %-8" PRId64 " %-24s Queued, %zu before it\n",
				   next[i]->id, next[i]->problem_name, i);
	if (length > QUEUE_SHOWN)
		buf_printf(text, "  ... and %zu more\n", length - QUEUE_SHOWN);
}

static size_t running(const struct sched *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nclients; i++)
		n += s->clients[i]->busy;
	return n;
}

static void queue_text(const struct sched *s, struct buf *text)
{
	char wait[32];

	buf_printf(text, "%zu waiting, %zu running, %zu worker%s\n", queue_length(&s->queue),
		   running(s), workers(s), workers(s) == 1 ? "" : "s");
	if (workers(s) == 0)
		buf_puts(text, "No worker is there: nothing is judged now, and nothing is lost.\n");
	if (waiting_us(s) > 0) {
		format_duration(waiting_us(s), wait);
		buf_printf(text, "Who comes now waits about %s.\n", wait);
	}
	queue_lines(s, text);
}

void root_queue(struct sched *s)
{
	struct buf text = { 0 };

	queue_text(s, &text);
	root_set(s, ROOT_QUEUE, &text);
	buf_release(&text);
}

static bool status_problem(void *ctx, const struct package_row *row)
{
	struct buf *json = ctx;

	buf_printf(json, "%s{\"name\":", json->data[json->len - 1] == '[' ? "" : ",");
	buf_json(json, row->name);
	buf_puts(json, ",\"broken\":");
	buf_json(json, row->broken ? row->why : NULL);
	buf_puts(json, "}");
	return true;
}

void sched_status(struct sched *s, struct buf *json)
{
	const char *comma = "";
	struct buf text = { 0 };

	queue_text(s, &text);
	buf_puts(json, "{\"op\":\"status\",\"text\":");
	buf_json(json, buf_text(&text));
	buf_puts(json, ",\"queue\":[");
	for (size_t i = 0; i < s->nsubs; i++) {
		const struct sub *sub = s->subs[i];

		buf_printf(json, "%s{\"id\":%" PRId64 ",\"state\":\"%s\",\"user\":", comma, sub->id,
			   submission_state_name(sub->state));
		buf_json(json, sub->user);
		buf_puts(json, ",\"problem\":");
		buf_json(json, sub->problem_name);
		buf_puts(json, ",\"name\":");
		buf_json(json, sub->name);
		buf_puts(json, "}");
		comma = ",";
	}
	buf_puts(json, "],\"workers\":[");
	comma = "";
	for (size_t i = 0; i < s->nclients; i++) {
		const struct client *c = s->clients[i];

		if (c->role != ROLE_WORKER || c->dead)
			continue;
		buf_printf(json, "%s{\"slot\":%d,\"submission\":%" PRId64 ",\"jobs\":%" PRId64 "}",
			   comma, c->slot, c->busy ? c->work : 0, c->jobs);
		comma = ",";
	}
	buf_puts(json, "],\"problems\":[");
	store_list_packages(s->store, 0, status_problem, json);
	buf_puts(json, "],\"languages\":[");
	comma = "";
	for (size_t i = 0; i < s->langs->n; i++) {
		buf_printf(json, "%s{\"name\":", comma);
		buf_json(json, s->langs->v[i]->name);
		buf_puts(json, ",\"missing\":");
		buf_json(json, s->langs->v[i]->missing);
		buf_puts(json, ",\"prepared\":");
		status_prepared(s, s->langs->v[i], json);
		buf_puts(json, "}");
		comma = ",";
	}
	buf_puts(json, "]}");
	buf_release(&text);
}

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "judge/sched/sched.h"

#define MS		INT64_C(1000)
#define STUCK_US	(10000 * MS)	/* that long for an answer: somebody keeps it from us */
#define ROOT		0		/* no user's id: the files of the root */
#define RUNNING_US	(100 * MS)	/* between two progress lines of one submission */
#define QUEUED_US	(1000 * MS)	/* and this much more for each one before it: */
#define QUEUED_STEP_US	(50 * MS)	/* a queue of thousands must not keep the mount busy */
#define RETRY_US	(1000 * MS)	/* after a failure of the publisher's */

static const char *const root_names[ROOT_FILES] = {
	[ROOT_README] = "README.txt",
	[ROOT_LANGUAGES] = "languages.txt",
	[ROOT_QUEUE] = "queue.txt",
	[ROOT_HEALTH] = "health.txt",
};

static const char *const suffixes[RESULT_KINDS] = {
	[RESULT_VERDICT] = "verdict",
	[RESULT_JSON] = "result.json",
	[RESULT_COMPILE] = "compile.txt",
};

const char *root_name(enum root_file file)
{
	return root_names[file];
}

void root_set(struct sched *s, enum root_file file, struct buf *text)
{
	struct root_text *root = &s->root[file];
	char *now = buf_steal(text);

	if (now == NULL || (root->text != NULL && strcmp(now, root->text) == 0)) {
		free(now);
		return;
	}
	free(root->text);
	root->text = now;
	root->dirty = true;
}

/* ------------------------------------------------------------- what is unanswered */

static bool is_unanswered(const struct client *p, int64_t user)
{
	for (int i = 0; i < p->nsent; i++)
		if (p->sent[i].user == user)
			return true;
	return false;
}

/* The last place is the root's: what users do must not keep health.txt from being read. */
static bool may_send(const struct client *p, int64_t user)
{
	int places = user == ROOT || is_unanswered(p, ROOT) ? LINK_WRITERS : LINK_WRITERS - 1;

	return p->nsent < places && !link_waiting(&p->link) && !is_unanswered(p, user);
}

static void frame_send(struct client *p, int64_t user, int64_t id, const struct buf *frame)
{
	p->sent[p->nsent++] = (struct unanswered){ user, id, clock_mono_us() };
	client_send(p, frame);
}

static void answered(struct client *p, int64_t id)
{
	for (int i = 0; i < p->nsent; i++) {
		if (p->sent[i].id != id)
			continue;
		p->sent[i] = p->sent[--p->nsent];
		return;
	}
}

/* Said once, until somebody's is answered again. */
static void watch_stuck(struct client *p, int64_t now)
{
	int stuck = 0;

	for (int i = 0; i < p->nsent; i++)
		stuck += p->sent[i].user != ROOT && now - p->sent[i].sent_us >= STUCK_US;
	if (stuck == LINK_WRITERS - 1 && !p->stuck)
		log_error("%d users keep the publisher waiting in their folders: nobody else's"
			  " verdicts are shown until one of them lets go", stuck);
	p->stuck = stuck == LINK_WRITERS - 1;
}

/* ------------------------------------------------------------- what is due, and when */

/* INT64_MAX: nothing. A final verdict waits for nobody, a line for the one before it to age. */
static int64_t sub_due(const struct client *p, const struct sub *sub)
{
	int64_t due;

	if (!may_send(p, sub->user_id))
		return INT64_MAX;
	if (sub->state == SUBMISSION_DONE)
		return sub->retry_us;
	if (strcmp(sub->line, sub->line_sent) == 0)
		return INT64_MAX;
	due = sub->line_us + (sub->state == SUBMISSION_RUNNING ? RUNNING_US :
			      QUEUED_US + sub->before * QUEUED_STEP_US);
	return due > sub->retry_us ? due : sub->retry_us;
}

static int64_t root_due(const struct client *p, const struct root_text *root)
{
	return root->dirty && may_send(p, ROOT) ? root->retry_us : INT64_MAX;
}

int64_t publish_next_us(const struct sched *s)
{
	const struct client *p = sched_publisher(s);
	int64_t next = INT64_MAX, due;

	if (p == NULL)
		return INT64_MAX;
	for (size_t i = 0; i < s->nsubs; i++) {
		due = sub_due(p, s->subs[i]);
		next = due < next ? due : next;
	}
	for (int i = 0; i < ROOT_FILES; i++) {
		due = root_due(p, &s->root[i]);
		next = due < next ? due : next;
	}
	return next;
}

/* ------------------------------------------------------------- frames */

static void frame_texts(struct sched *s, const struct sub *sub, struct buf *frame)
{
	const char *comma = "";

	for (int kind = 0; kind < RESULT_KINDS; kind++) {
		struct buf text = { 0 };
		int r;

		r = store_shown(s->store, sub->id, kind, &text);
		if (r < 0)
			frame->failed = true;
		if (r == 0 && text.len > 0) {
			buf_printf(frame, "%s\"%s\":", comma, suffixes[kind]);
			buf_json(frame, text.data);
			comma = ",";
		}
		buf_release(&text);
	}
}

/* As judgefs-serve has it for a content that was just accepted. */
static void frame_again(const struct sub *sub, struct buf *frame)
{
	struct buf text = { 0 };

	buf_printf(&text, "{\"final\":false,\"state\":\"%s\",\"id\":%" PRId64 ",\"problem\":",
		   submission_state_name(sub->state), sub->id);
	buf_json(&text, sub->problem_name);
	buf_puts(&text, ",\"user\":");
	buf_json(&text, sub->user);
	buf_puts(&text, ",\"file\":");
	buf_json(&text, sub->name);
	buf_puts(&text, ",\"verdict\":null}\n");
	buf_printf(frame, ",\"%s\":", suffixes[RESULT_JSON]);
	buf_json(frame, buf_text(&text));
	buf_release(&text);
}

static void sub_publish(struct sched *s, struct client *p, struct sub *sub)
{
	bool final = sub->state == SUBMISSION_DONE;
	struct buf frame = { 0 };

	buf_printf(&frame, "{\"op\":\"publish\",\"id\":%" PRId64 ",\"change\":%" PRId64
		   ",\"final\":%s,\"user\":", sub->id, final ? sub->change : 0,
		   final ? "true" : "false");
	buf_json(&frame, sub->user);
	buf_puts(&frame, ",\"problem\":");
	buf_json(&frame, sub->problem_name);
	buf_puts(&frame, ",\"name\":\"");
	link_hex(&frame, sub->name);
	buf_puts(&frame, "\",\"texts\":{");
	if (final)
		frame_texts(s, sub, &frame);
	else
		buf_printf(&frame, "\"%s\":\"%s\\n\"", suffixes[RESULT_VERDICT], sub->line);
	if (!final && sub->again)
		frame_again(sub, &frame);
	buf_puts(&frame, "}}");
	if (frame.failed) {
		/* Replaced in this moment, or out of memory: looked at again. */
		sub->retry_us = clock_mono_us() + RETRY_US;
		s->bell = true;
		buf_release(&frame);
		return;
	}
	sub->line_us = clock_mono_us();
	snprintf(sub->line_sent, sizeof(sub->line_sent), "%s", sub->line);
	frame_send(p, sub->user_id, sub->id, &frame);
	buf_release(&frame);
}

static void root_publish(struct client *p, enum root_file file, struct root_text *root)
{
	struct buf frame = { 0 };

	buf_printf(&frame, "{\"op\":\"publish\",\"root\":\"%s\",\"text\":", root_names[file]);
	buf_json(&frame, root->text);
	buf_puts(&frame, "}");
	root->dirty = false;
	frame_send(p, ROOT, 0, &frame);
	buf_release(&frame);
}

/* ------------------------------------------------------------- whose turn it is */

void publish_place(struct sched *s, struct sub *sub)
{
	int64_t before = queue_before(&s->queue, sub->id);

	sub->before = before > 0 ? before : 0;
	snprintf(sub->line, sizeof(sub->line), "Queued, %" PRId64 " before it", sub->before);
}

static void queued_lines(struct sched *s, int64_t now)
{
	if (now < s->places_us + QUEUED_US)
		return;
	s->places_us = now;
	for (size_t i = 0; i < s->nsubs; i++)
		if (s->subs[i]->state == SUBMISSION_QUEUED)
			publish_place(s, s->subs[i]);
}

/* Verdicts first, the oldest before the others; then the root; then who runs, who waits. */
static struct sub *sub_next(struct sched *s, const struct client *p, enum submission_state state,
			    int64_t now)
{
	struct sub *next = NULL;

	for (size_t i = 0; i < s->nsubs; i++) {
		struct sub *sub = s->subs[i];

		if (sub->state == state && sub_due(p, sub) <= now &&
		    (next == NULL || (state == SUBMISSION_DONE ? sub->change < next->change :
							         sub->line_us < next->line_us)))
			next = sub;
	}
	return next;
}

static bool publish_one(struct sched *s, struct client *p, int64_t now)
{
	struct sub *sub;

	sub = sub_next(s, p, SUBMISSION_DONE, now);
	for (int i = 0; sub == NULL && i < ROOT_FILES; i++) {
		if (root_due(p, &s->root[i]) <= now) {
			root_publish(p, i, &s->root[i]);
			return true;
		}
	}
	if (sub == NULL)
		sub = sub_next(s, p, SUBMISSION_RUNNING, now);
	if (sub == NULL)
		sub = sub_next(s, p, SUBMISSION_QUEUED, now);
	if (sub != NULL)
		sub_publish(s, p, sub);
	return sub != NULL;
}

void publish_step(struct sched *s)
{
	struct client *p = sched_publisher(s);
	int64_t now = clock_mono_us();

	if (p == NULL)
		return;
	watch_stuck(p, now);
	queued_lines(s, now);
	while (publish_one(s, p, now))
		;
}

/* ------------------------------------------------------------- answers */

/* One second, then more and more slowly, a minute at most. */
static int64_t retry_after_us(int failures)
{
	return RETRY_US << (failures < 7 ? failures - 1 : 6);
}

static void root_answer(struct sched *s, const char *name, bool failed)
{
	for (int i = 0; i < ROOT_FILES; i++) {
		struct root_text *root = &s->root[i];

		if (strcmp(root_names[i], name) != 0)
			continue;
		root->failures = failed ? root->failures + 1 : 0;
		if (failed) {
			root->dirty = true;
			root->retry_us = clock_mono_us() + retry_after_us(root->failures);
		}
	}
}

static void sub_answer(struct sched *s, int64_t id, int64_t change, bool failed)
{
	struct sub *sub = sub_find(s, id);
	int r = 0;

	if (sub != NULL) {
		sub->failures = failed ? sub->failures + 1 : 0;
		sub->again = sub->again && (failed || change != 0);
		if (failed) {
			sub->line_sent[0] = '\0';
			sub->retry_us = clock_mono_us() + retry_after_us(sub->failures);
		}
	}
	if (failed || change == 0)
		return;
	r = store_published(s->store, id, change);
	if (r < 0 && r != -ENOENT)
		sched_fatal(s, r, "note what is published");
	/* With another change than was sent there is something newer to show. */
	if (sub != NULL && sub->state == SUBMISSION_DONE && sub->change == change)
		sub_forget(s, sub);
}

void publish_answer(struct sched *s, struct client *c, const json_t *o)
{
	const char *root = json_string_value(json_object_get(o, "root"));
	const char *failed = json_string_value(json_object_get(o, "failed"));
	int64_t id = json_integer_value(json_object_get(o, "id"));

	answered(c, root != NULL ? 0 : id);
	if (failed != NULL)
		log_warn("publish: %s", failed);
	if (root == NULL)
		sub_answer(s, id, json_integer_value(json_object_get(o, "change")),
			   failed != NULL);
	else
		root_answer(s, root, failed != NULL);
}

/* What it was told last may not have been shown. */
void publish_lost(struct sched *s)
{
	for (size_t i = 0; i < s->nsubs; i++)
		s->subs[i]->line_sent[0] = '\0';
	for (int i = 0; i < ROOT_FILES; i++)
		s->root[i].dirty = s->root[i].text != NULL;
}

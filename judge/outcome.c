#include "judge/outcome.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strv.h"

int outcome_init(struct outcome *o, const struct problem *p, const struct lang *lang)
{
	int r = 0;

	*o = (struct outcome){ .verdict = VERDICT_SK, .max_score = 1 };
	o->tests = calloc(p->ntests ? p->ntests : 1, sizeof(*o->tests));
	if (!o->tests)
		return -ENOMEM;
	for (; r == 0 && o->ntests < p->ntests; o->ntests++) {
		struct test_result *t = &o->tests[o->ntests];
		const struct test *from = &p->tests[o->ntests];

		t->sample = from->sample;
		t->verdict = VERDICT_SK;
		t->exit_code = -1;
		r = text_copy(&t->name, from->name);
		if (r == 0)
			r = text_copy(&t->group, from->group ? from->group : "");
	}
	if (r == 0 && lang) {
		r = text_copy(&o->lang_id, lang->id);
		if (r == 0)
			r = text_copy(&o->lang_name, lang->name);
		if (r == 0)
			r = text_copy(&o->lang_version, lang->version);
	}
	if (r < 0)
		outcome_release(o);
	return r;
}

int outcome_set(struct outcome *o, enum verdict v, const char *why)
{
	free(o->message);
	o->verdict = v;
	return text_copy(&o->message, why);
}

int outcome_refused(const struct problem *p, const struct lang *lang, const char *why,
		    struct outcome *ret)
{
	struct outcome o;
	int r = outcome_init(&o, p, lang);

	if (r < 0)
		return r;
	o.compile_failed = true;
	r = outcome_set(&o, VERDICT_CE, why);
	if (r < 0)
		outcome_release(&o);
	else
		*ret = o;
	return r;
}

/* ------------------------------------------------------------- of a job? */

static bool text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool test_fits(const struct test_result *t, const struct test *of)
{
	return text_same(t->name, of->name) && text_same(t->group, of->group ? of->group : "") &&
	       t->sample == of->sample;
}

int outcome_fits(const struct outcome *o, const struct job *job, struct diag *diag)
{
	const struct problem *p = job->problem;
	const struct lang *lang = job->program.lang;
	bool named = !o->test, accepted = o->ntests > 0;

	if (o->ntests != p->ntests)
		return diag_fail(diag, -EINVAL, "an outcome of %zu tests, not %zu", o->ntests,
				 p->ntests);
	for (size_t i = 0; i < o->ntests; i++) {
		if (!test_fits(&o->tests[i], &p->tests[i]))
			return diag_fail(diag, -EINVAL, "an outcome of another test than '%s'",
					 p->tests[i].name);
		named = named || strcmp(o->test, o->tests[i].name) == 0;
		accepted = accepted && o->tests[i].verdict == VERDICT_AC;
	}
	if (!named)
		return diag_fail(diag, -EINVAL, "an outcome decided by an unknown test");
	if (o->verdict == VERDICT_SK || (o->verdict == VERDICT_AC) != accepted ||
	    o->score > o->max_score)
		return diag_fail(diag, -EINVAL, "an outcome that contradicts its tests");
	if (lang && !text_same(o->lang_id, lang->id))
		return diag_fail(diag, -EINVAL, "an outcome in another language than %s", lang->id);
	return 0;
}

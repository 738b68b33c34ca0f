/*
 * outcome_code.c - an outcome as JSON, and back
 */
#include <errno.h>
#include <stdlib.h>

#include "judge/fields.h"
#include "judge/job.h"

static const struct field outcome_fields[] = {
	F(outcome, VERDICT, verdict, ANY),
	F(outcome, TEXT, test, ANY),
	F(outcome, SHOWN, message, ANY),
	F(outcome, REAL, score, 0, INT64_MAX),
	F(outcome, REAL, max_score, 0, INT64_MAX),
	F(outcome, SHOWN, compile_text, ANY),
	F(outcome, INT64, compile_cpu_us, TIME),
	F(outcome, BOOL, compile_failed, ANY),
	F(outcome, INT64, cpu_us, TIME),
	F(outcome, INT64, wall_us, TIME),
	F(outcome, INT64, memory_bytes, BYTES),
	F(outcome, TEXT, lang_id, ANY),
	F(outcome, SHOWN, lang_name, ANY),
	F(outcome, SHOWN, lang_version, ANY),
};

static const struct field result_fields[] = {
	F(test_result, TEXT, name, ANY),
	F(test_result, TEXT, group, ANY),
	F(test_result, BOOL, sample, ANY),
	F(test_result, VERDICT, verdict, ANY),
	F(test_result, INT64, cpu_us, TIME),
	F(test_result, INT64, wall_us, TIME),
	F(test_result, INT64, memory_bytes, BYTES),
	F(test_result, INT, exit_code, -1, 255),
	F(test_result, INT, signal, 0, 64),
	F(test_result, INT, runs, 0, LIMITS_MAX_CONFIRM + 1),
	F(test_result, INT64, slowest_us, TIME),
	F(test_result, SHOWN, message, ANY),
	F(test_result, SHOWN, staff_message, ANY),
	F(test_result, SHOWN, difference, ANY),
	F(test_result, SHOWN, said, ANY),
};

int outcome_encode(const struct outcome *o, struct buf *ret)
{
	buf_printf(ret, "{\"version\":%d", JOB_VERSION);
	fields_put(ret, FIELDS(outcome), o);
	buf_key(ret, "tests");
	buf_puts(ret, "[");
	for (size_t i = 0; i < o->ntests; i++) {
		buf_key(ret, NULL);
		buf_puts(ret, "{");
		fields_put(ret, FIELDS(result), &o->tests[i]);
		buf_puts(ret, "}");
	}
	buf_puts(ret, "]}");
	return ret->failed ? -ENOMEM : 0;
}

static int fill_result(const json_t *o, void *ret, struct diag *diag)
{
	struct test_result *t = ret;
	int r = fields_get(o, FIELDS(result), t, diag);

	if (r == 0 && (!t->name || !t->group))
		r = diag_fail(diag, -EINVAL, "it has no name or group");
	return r;
}

int outcome_decode(const char *text, size_t len, struct outcome *ret, struct diag *diag)
{
	struct outcome o = { 0 };
	json_t *frame = NULL;
	int r = frame_read(text, len, &frame, diag);

	if (r == 0)
		r = fields_get(frame, FIELDS(outcome), &o, diag);
	if (r == 0)
		r = fields_list(frame, "tests", MAX_TESTS, sizeof(struct test_result), fill_result,
			     &o.tests, &o.ntests, diag);
	json_decref(frame);
	if (r < 0) {
		diag_prefix(diag, "outcome");
		outcome_release(&o);
		return r;
	}
	*ret = o;
	return 0;
}

static void test_result_release(struct test_result *t)
{
	free(t->name);
	free(t->group);
	free(t->message);
	free(t->staff_message);
	free(t->difference);
	free(t->said);
}

void outcome_release(struct outcome *o)
{
	for (size_t i = 0; i < o->ntests; i++)
		test_result_release(&o->tests[i]);
	free(o->tests);
	free(o->test);
	free(o->message);
	free(o->compile_text);
	free(o->lang_id);
	free(o->lang_name);
	free(o->lang_version);
	*o = (struct outcome){ 0 };
}

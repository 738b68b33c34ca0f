/*
 * check: verdict and first difference of pairs of texts, and the flags
 */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "judge/check.h"

#define T	CHECK_TOKENS
#define L	CHECK_LINES
#define B	CHECK_BYTES

static const struct row {
	enum check_type type;
	const char *flags;
	bool presentation;
	const char *ans, *out;
	enum verdict verdict;
	const char *difference;		/* NULL: not looked at when wrong, none when right */
} rows[] = {
	/* tokens as text */
	{ T, "", 0, "1 2\n", "1 2\n", VERDICT_AC, NULL },
	{ T, "", 0, "1 2\n", "  1\r\n\t2", VERDICT_AC, NULL },
	{ T, "", 0, "", "", VERDICT_AC, NULL },
	{ T, "", 0, "", " \n\n", VERDICT_AC, NULL },
	{ T, "", 0, "Yes", "YES", VERDICT_AC, NULL },
	{ T, "case_sensitive", 0, "Yes", "YES", VERDICT_WA,
	  "line 1, column 2: expected 'Yes', got 'YES'" },
	{ T, "", 0, "1\n2 7\n", "1\n2 8\n", VERDICT_WA,
	  "line 2, column 3: expected '7', got '8'" },
	{ T, "", 0, "1 2", "1", VERDICT_WA,
	  "line 1, column 2: expected '2', got the end of the output" },
	{ T, "", 0, "1", "1\n\n5", VERDICT_WA,
	  "line 3, column 1: expected the end of the output, got '5'" },
	{ T, "", 0, "1", "", VERDICT_WA,
	  "line 1, column 1: expected '1', got the end of the output" },
	{ T, "", 0, "12", "1 2", VERDICT_WA, "line 1, column 2: expected '12', got '1'" },
	{ T, "", 0, "1", "1.0", VERDICT_WA, NULL },
	{ T, "", 0, "\xc3\xa9 a", "\xc3\xa9 b", VERDICT_WA,
	  "line 1, column 3: expected 'a', got 'b'" },
	{ T, "", 0, "a", "\x1b[31ma", VERDICT_WA,
	  "line 1, column 1: expected 'a', got '\\x1b[31ma'" },

	/* blanks that count */
	{ T, "space_change_sensitive", 0, "1 2\n", "1 2\n", VERDICT_AC, NULL },
	{ T, "space_change_sensitive", 0, "1 2\n", "1  2\n", VERDICT_WA,
	  "line 1, column 3: expected '2', got a space" },
	{ T, "space_change_sensitive", 0, "1 2\n", "1 2", VERDICT_WA,
	  "line 1, column 4: expected the end of the line, got the end of the output" },
	{ T, "space_change_sensitive", 0, "1 2\n", "1\t2\n", VERDICT_WA,
	  "line 1, column 2: expected a space, got a tab" },
	{ T, "space_change_sensitive", 1, "1 2\n", "1  2\n", VERDICT_PE, NULL },
	{ T, "space_change_sensitive", 1, "1 2\n", "1  3\n", VERDICT_WA, NULL },
	{ T, "space_change_sensitive", 1, "1 2\n", "1 2\n\n", VERDICT_PE, NULL },
	{ T, "space_change_sensitive", 1, "ab", "AB", VERDICT_AC, NULL },

	/* numbers */
	{ T, "float_tolerance 1e-6", 0, "0.0314", "3.14000000e-2", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "1000000", "1000000.9", VERDICT_AC, NULL },
	{ T, "float_absolute_tolerance 1e-6", 0, "1000000", "1000000.9", VERDICT_WA, NULL },
	{ T, "float_relative_tolerance 1e-6", 0, "1000000", "1000000.9", VERDICT_AC, NULL },
	{ T, "float_relative_tolerance 1e-6", 0, "0", "1e-9", VERDICT_WA, NULL },
	{ T, "float_absolute_tolerance 1e-6", 0, "0", "-1e-9", VERDICT_AC, NULL },
	{ T, "float_absolute_tolerance 1e-6 float_relative_tolerance 1e-2", 0, "100", "100.9",
	  VERDICT_AC, NULL },
	{ T, "float_tolerance 0", 0, "1.50", "+1.5", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "3.14", "3.2", VERDICT_WA,
	  "line 1, column 3: expected '3.14', got '3.2' (off by 0.06)" },
	{ T, "float_tolerance 1e-6", 0, "3.14", "pi", VERDICT_WA,
	  "line 1, column 1: expected '3.14', got 'pi', which is no number" },
	{ T, "float_tolerance 1e-6", 0, "1", "nan", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "inf", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "0x1", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "1,0", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "1.0abc", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "1e", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", ".", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "0.5", ".5", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "5", "5.", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "nan", "NaN", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "nan", "7", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "inf", "1e9999", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1e99999", "2e99999", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "1e99999", "1e99999", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6", 0, "1", "1e99999", VERDICT_WA, NULL },
	{ T, "float_tolerance 1e-6", 0, "x 1.0", "X 1", VERDICT_AC, NULL },
	{ T, "float_tolerance 1e-6 case_sensitive", 0, "x 1.0", "X 1", VERDICT_WA, NULL },

	/* lines */
	{ L, "", 0, "a b\nc\n", "a b  \r\nc\n\n\n", VERDICT_AC, NULL },
	{ L, "", 0, "a b\nc\n", "a  b\nc\n", VERDICT_WA,
	  "line 1, column 3: expected 'a b', got 'a  b'" },
	{ L, "", 1, "a b\nc\n", "a  b\nc\n", VERDICT_PE, NULL },
	{ L, "", 1, "a b\nc\n", "a b c\n", VERDICT_PE, NULL },
	{ L, "", 1, "a b\nc\n", "a b\n\nc\n", VERDICT_PE,
	  "line 2, column 1: expected 'c', got the end of the line" },
	{ L, "", 1, "a b\nc\n", "a b\nd\n", VERDICT_WA,
	  "line 2, column 1: expected 'c', got 'd'" },
	{ L, "", 1, "a b\nc\n", "a b\n", VERDICT_WA,
	  "line 1, column 4: expected 'c', got the end of the output" },
	{ L, "", 0, "a", "a\nb\n", VERDICT_WA,
	  "line 2, column 1: expected the end of the output, got 'b'" },
	{ L, "", 0, "", "\n \n", VERDICT_AC, NULL },

	/* bytes */
	{ B, "", 0, "a\n", "a\n", VERDICT_AC, NULL },
	{ B, "", 0, "a\n", "a", VERDICT_WA,
	  "line 1, column 2: expected the end of the line, got the end of the output" },
	{ B, "", 1, "a\n", "a", VERDICT_PE, NULL },
	{ B, "", 1, "a\n", "A\n", VERDICT_WA, "line 1, column 1: expected 'a', got 'A'" },
	{ B, "", 0, "", "", VERDICT_AC, NULL },
};

static void check_row(const struct row *row, enum verdict *verdict, char **difference)
{
	struct check c = { .type = row->type, .absolute = -1, .relative = -1,
			   .presentation = row->presentation };
	struct check_result res = { 0 };
	struct diag diag = { "" };
	struct strv flags = { 0 };

	c.case_sensitive = row->type == CHECK_LINES;
	assert_int_equal(strv_split(&flags, row->flags), 0);
	assert_int_equal(check_text(&c, &flags, row->ans, strlen(row->ans), row->out,
				    strlen(row->out), &res, &diag), 0);
	*verdict = res.verdict;
	*difference = res.difference;
	res.difference = NULL;
	check_result_release(&res);
	strv_release(&flags);
}

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *difference = NULL;
		enum verdict v;

		check_row(&rows[i], &v, &difference);
		if (v != rows[i].verdict)
			fail_msg("'%s' against '%s' (%s): %s, not %s", rows[i].ans, rows[i].out,
				 rows[i].flags, verdict_words(v)->code,
				 verdict_words(rows[i].verdict)->code);
		if (v == VERDICT_AC)
			assert_null(difference);
		else
			assert_non_null(difference);
		if (rows[i].difference)
			assert_string_equal(difference, rows[i].difference);
		free(difference);
	}
}

static const struct { const char *words; int r; } flag_rows[] = {
	{ "", 0 },
	{ "case_sensitive space_change_sensitive", 0 },
	{ "float_tolerance 1e-6 case_sensitive", 0 },
	{ "float_tolerance", -EINVAL },
	{ "float_tolerance x", -EINVAL },
	{ "float_tolerance nan", -EINVAL },
	{ "float_tolerance -1", -EINVAL },
	{ "case", -EINVAL },
};

static void test_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flag_rows); i++) {
		struct check c = { .absolute = -1, .relative = -1 };
		struct diag diag = { "" };
		struct strv words = { 0 };

		assert_int_equal(strv_split(&words, flag_rows[i].words), 0);
		assert_int_equal(check_flags(&c, &words, &diag), flag_rows[i].r);
		assert_int_equal(diag.text[0] != '\0', flag_rows[i].r != 0);
		strv_release(&words);
	}
}

/* Wrong flags of a test leave the result alone. */
static void test_bad_flags(void **state)
{
	struct check_result res = { .verdict = VERDICT_SK };
	struct check c = { .type = CHECK_TOKENS, .absolute = -1, .relative = -1 };
	struct diag diag = { "" };
	struct strv words = { 0 };

	(void)state;
	assert_int_equal(strv_add(&words, "nonsense"), 0);
	assert_int_equal(check_text(&c, &words, "", 0, "", 0, &res, &diag), -EINVAL);
	assert_int_equal(res.verdict, VERDICT_SK);
	assert_non_null(strstr(diag.text, "nonsense"));
	strv_release(&words);
}

/* NULs, a token of megabytes, millions of tokens: linear, and a short difference. */
static void test_hostile(void **state)
{
	const size_t n = 8 << 20;
	const struct check c = { .type = CHECK_TOKENS, .absolute = 1e-6, .relative = 1e-6 };
	char *ans = malloc(n), *out = malloc(n);
	static const char fills[][2] = { "1", "a", "\0", "1 ", "\n", "\xff", "\x1b" };
	int64_t start = clock_mono_us();

	(void)state;
	assert_non_null(ans);
	assert_non_null(out);
	for (size_t i = 0; i < ARRAY_SIZE(fills); i++) {
		struct check_result res = { 0 };
		struct diag diag = { "" };

		for (size_t k = 0; k < n; k++)
			ans[k] = out[k] = fills[i][k % (fills[i][1] ? 2 : 1)];
		out[n - 2] = '2';
		for (int type = CHECK_TOKENS; type <= CHECK_BYTES; type++) {
			struct check t = c;

			t.type = type;
			t.presentation = true;
			assert_int_equal(check_text(&t, NULL, ans, n, out, n, &res, &diag), 0);
			assert_int_equal(res.verdict, VERDICT_WA);
			assert_non_null(res.difference);
			assert_true(strlen(res.difference) < 600);
			assert_null(strpbrk(res.difference, "\n\t\x1b"));
			check_result_release(&res);
		}
	}
	/* A quadratic walk would take hours. */
	assert_true(clock_mono_us() - start < 60 * 1000000LL);
	free(ans);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_bad_flags),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

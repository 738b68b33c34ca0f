/* the words of every verdict */
#include "tests/unit/check.h"

#include <errno.h>

#include "judge/verdict.h"

static void test_codes(void **state)
{
	enum verdict got = VERDICT_PC;

	(void)state;
	for (int v = 0; v < VERDICTS; v++) {
		const struct verdict_words *w = verdict_words(v);

		CHECK(w->code && w->words && w->judgecore_text && w->clics);
		CHECK_INT(verdict_from_code(w->code, &got), 0);
		CHECK_INT(got, v);
	}
	CHECK_INT(verdict_from_code("ac", &got), -EINVAL);
	CHECK_INT(verdict_from_code("", &got), -EINVAL);
	CHECK_INT(got, VERDICTS - 1);
	CHECK_TEXT(verdict_words(VERDICT_ILE)->words, "Idleness limit exceeded");
	CHECK_INT(verdict_words(VERDICT_SV)->judgecore_status, 8);
	CHECK_TEXT(verdict_words((enum verdict)99)->code, "JE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}

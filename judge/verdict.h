/*
 * verdict.h - the verdicts and their words in every vocabulary (DESIGN.md section 4)
 */
#ifndef JUDGE_VERDICT_H
#define JUDGE_VERDICT_H

#include "base/base.h"

enum verdict {
	VERDICT_AC, VERDICT_PC, VERDICT_PE, VERDICT_WA, VERDICT_CE, VERDICT_RE, VERDICT_MLE,
	VERDICT_TLE, VERDICT_ILE, VERDICT_OLE, VERDICT_SV, VERDICT_JE, VERDICT_SK,
	VERDICTS
};

struct verdict_words {
	const char *code;		/* "AC" */
	const char *words;		/* "Accepted" */
	int judgecore_status;		/* 0; -1 for SK */
	const char *judgecore_text;	/* "accepted"; "" for SK */
	const char *clics;		/* "AC"; "" for SK */
};

const struct verdict_words *verdict_words(enum verdict v);
int verdict_from_code(const char *code, enum verdict *ret);	/* 0 or -EINVAL */

#endif

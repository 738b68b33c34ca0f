/*
 * verdict.c - one row per verdict
 */
#include <errno.h>
#include <string.h>

#include "judge/verdict.h"

static const struct verdict_words table[VERDICTS] = {
	[VERDICT_AC] = { "AC", "Accepted", 0, "accepted", "AC" },
	[VERDICT_PC] = { "PC", "Partially correct", 2, "wrong answer", "WA" },
	[VERDICT_PE] = { "PE", "Presentation error", 1, "presentation error", "PE" },
	[VERDICT_WA] = { "WA", "Wrong answer", 2, "wrong answer", "WA" },
	[VERDICT_CE] = { "CE", "Compile error", 3, "compile error", "CE" },
	[VERDICT_RE] = { "RE", "Runtime error", 4, "runtime error", "RTE" },
	[VERDICT_MLE] = { "MLE", "Memory limit exceeded", 5, "memory limit exceed", "MLE" },
	[VERDICT_TLE] = { "TLE", "Time limit exceeded", 6, "time limit exceed", "TLE" },
	[VERDICT_ILE] = { "ILE", "Idleness limit exceeded", 6, "time limit exceed", "WTL" },
	[VERDICT_OLE] = { "OLE", "Output limit exceeded", 7, "output limit exceed", "OLE" },
	[VERDICT_SV] = { "SV", "Security violation", 8, "syscall not allowed", "SV" },
	[VERDICT_JE] = { "JE", "Judge error", 9, "system error", "JE" },
	[VERDICT_SK] = { "SK", "Not judged", -1, "", "" },
};

const struct verdict_words *verdict_words(enum verdict v)
{
	return &table[(unsigned)v < VERDICTS ? v : VERDICT_JE];
}

int verdict_from_code(const char *code, enum verdict *ret)
{
	for (int v = 0; v < VERDICTS; v++) {
		if (strcmp(table[v].code, code) == 0) {
			*ret = v;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * languages.h - a handful of languages whose tools every machine has
 */
#ifndef TESTS_LANGUAGES_H
#define TESTS_LANGUAGES_H

#include "judge/lang.h"
#include "tests/unit/folder.h"

static inline struct langs *few_languages(void)
{
	static const struct { const char *id, *text; } rows[] = {
		{ "c17", "suffixes = c\npriority = 17\naliases = c\n" },
		{ "cpp17", "name = C++17\nsuffixes = cpp cc\npriority = 17\naliases = cpp c++\n" },
		{ "cpp20", "name = C++20\nsuffixes = cpp cc c++\npriority = 20\naliases = cpp c++\n" },
		{ "java", "name = Java\nsuffixes = java\npriority = 10\nsource = {class}.java\n" },
		{ "python3", "name = Python 3\nsuffixes = py\npriority = 10\naliases = python\n" },
		{ "rust", "name = Rust\nsuffixes = rs\npackage = rustc\n" },
	};
	struct folder f = folder_new();
	struct diag diag = { "" };
	struct langs *ls = NULL;
	char path[64], text[512];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(path, sizeof(path), "l/%s.ini", rows[i].id);
		snprintf(text, sizeof(text), "[language]\n%srun = x\ntools = %s\n", rows[i].text,
			 strcmp(rows[i].id, "rust") == 0 ? "no-such-tool" : "env");
		folder_write(&f, path, text);
	}
	if (langs_load(f.fd, "l", &ls, &diag) < 0)
		fail_msg("langs_load: %s", diag.text);
	langs_probe(ls);
	folder_remove(&f);
	return ls;
}

#endif

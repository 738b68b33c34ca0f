/*
 * config.h - tables of keys over inih
 *
 *	static const struct config_key keys[] = {
 *		{ "limits", "memory", config_size, offsetof(struct x, memory_bytes) },
 *	};
 *	r = config_read_at(dirfd, "judge.ini", keys, ARRAY_SIZE(keys), &x, &diag);
 *
 * Every fault (unknown section or key, a key given twice, a value that its
 * parser refuses, a line that is no ini) is a failure; diag then begins with
 * "FILE:LINE: ". A value goes on in indented lines, put together with
 * newlines; " ;" begins a comment.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/base.h"

struct config_at {
	const char *file;
	int line;
	const char *section, *key;
};

/**
 * config_parse_fn - turn text into the field at @ret
 * Return: 0 or -errno with diag noted or not; the file and line are put before.
 */
typedef int config_parse_fn(const char *text, void *ret, const struct config_at *at,
			    struct diag *diag);

struct config_key {
	const char *section;	/* a pattern of fnmatch(3): "limits", "limits *"; "" before any */
	const char *key;	/* a pattern too: "*" takes every key */
	config_parse_fn *parse;
	size_t offset;
};

config_parse_fn config_text;		/* char *: replaced, free() it */
config_parse_fn config_words;		/* struct strv: by strv_split(), replaced */
config_parse_fn config_size;		/* int64_t bytes */
config_parse_fn config_duration;	/* int64_t us */
config_parse_fn config_count;		/* int64_t */
config_parse_fn config_bool;		/* bool */
config_parse_fn config_real;		/* double */

/** config_read_text() - @file is for messages only */
int config_read_text(const char *text, const char *file, const struct config_key *keys,
		     size_t n, void *ret, struct diag *diag);

/** config_read_at() - a file below @dirfd; -ENOENT is returned as it is */
int config_read_at(int dirfd, const char *path, const struct config_key *keys, size_t n,
		   void *ret, struct diag *diag);

#endif

/*
 * kattis.h - the parts of the reader of Kattis/ICPC packages
 */
#ifndef JUDGE_PACKAGE_KATTIS_H
#define JUDGE_PACKAGE_KATTIS_H

#include "judge/package/package.h"
#include "judge/package/yaml.h"

/* Bits, so that a key can be in several. */
enum kattis_version {
	KATTIS_LEGACY = 1,		/* legacy, legacy-icpc */
	KATTIS_2025 = 2,		/* 2023-07-draft, 2025-09 */
	KATTIS_ANY = 3,
};

struct kattis {
	struct package *pkg;
	enum kattis_version version;
	bool custom;			/* problem.yaml asks for a validator of its own */
	bool interactive;		/* which talks with the program */
	int custom_line;
	struct strv flags;		/* of the validator, from problem.yaml */
	int64_t time_limit_us;		/* 0: not said */
	int64_t domjudge_limit_us;	/* of domjudge-problem.ini */
	int special_line;		/* there, of a validator that DOMjudge has elsewhere; 0: none */
};

/* One key of a YAML map. @ctx is the reader's. */
struct kattis_key {
	const char *name;
	unsigned versions;
	void (*read)(struct kattis *k, const char *file, const struct ynode *n, void *ctx);
					/* NULL: known, but nothing for us */
};

/** kattis_map() - each key by its row; unknown ones are noted, null ones passed over */
void kattis_map(struct kattis *k, const char *file, const struct ynode *map,
		const struct kattis_key *keys, size_t n, void *ctx);

/** kattis_yaml() - a file as a map; NULL: not there, empty, or a fault */
struct ynode *kattis_yaml(struct package *pkg, const char *file);

/** kattis_config() - problem.yaml */
void kattis_config(struct kattis *k);

/** kattis_tests() - data/; the checker is known by then */
void kattis_tests(struct kattis *k);

#endif

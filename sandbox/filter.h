/*
 * filter.h - a list of rules about system calls becomes a program for the kernel
 *
 * As small and as shallow as can be, since the kernel checks, translates and tries it out at
 * every load, once per run: numbers next to each other with one answer are one range, ranges
 * are the leaves of a balanced tree. A foreign architecture, x32 numbers and all that no rule
 * is about get the other answer.
 */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <linux/filter.h>

#include "base/base.h"

#define FILTER_NUMBERS	512	/* those from here on are x32's, or not yet given */

struct filter_rule {
	int nr;
	int arg;		/* holds when (args[arg] & mask) == value; mask 0: always */
	uint64_t mask, value;
	uint32_t answer;	/* SECCOMP_RET_... */
};

/**
 * filter_build() - of several rules about a number the first that holds counts
 * @arch:	AUDIT_ARCH_... that the numbers are of
 * @ret:	ret->filter is the caller's to free()
 *
 * Return: 0; -EINVAL for a number that can not be; -E2BIG; -ENOMEM.
 */
int filter_build(uint32_t arch, const struct filter_rule *rules, size_t n, uint32_t other,
		 struct sock_fprog *ret);

#endif

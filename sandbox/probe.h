/*
 * probe.h - what probe.c (what no sandbox can do without) and probe_host.c (what a run needs
 * to be fair) share; nobody else's
 */
#ifndef SANDBOX_PROBE_H
#define SANDBOX_PROBE_H

#include "sandbox/box.h"
#include "sandbox/cgroup.h"

/** probe_found() - what is there, in few words */
void probe_found(struct box_finding *f, const char *fmt, ...) PRINTF(2, 3);

/** probe_lacks() - and that is not as it should be: "what it costs: how to mend it" */
void probe_lacks(struct box_finding *f, enum box_level level, const char *fmt, ...) PRINTF(3, 4);

/** probe_line() - first line of a small file, "" when it can not be read */
void probe_line(const char *path, char *ret, size_t size);

/** probe_number() - a file's number; @otherwise when it has none ("max") or can not be read */
int64_t probe_number(const char *path, int64_t otherwise);

typedef void probe_fn(struct box_finding *f, const struct cgroup_host *host);

/* probe_host.c */
probe_fn probe_limits, probe_processes, probe_memory_size, probe_swap, probe_panic, probe_overcommit, probe_huge_pages,
	 probe_core_dumps, probe_cores, probe_smt, probe_governor, probe_fuse, probe_proc, probe_disk;

#endif

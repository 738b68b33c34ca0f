/*
 * place.h - on which core, and how urgently, judgefs-box and its cells run
 *
 * A worker, its judgefs-box and what runs in its cells share one core: a message wakes its
 * receiver there without waiting for another core. What nobody waits for is done aside.
 */
#ifndef SANDBOX_PLACE_H
#define SANDBOX_PLACE_H

#include <sys/types.h>

/** place_init() - by judgefs-box: pin to @core unless it is -1; 0 or -errno */
int place_init(int core);

/** place_aside() - let a child (0: the caller) work on any core, less urgent than the runs */
void place_aside(pid_t pid);

/** place_back() - to where the caller is, as urgent as the caller
 * Return: 0; -EACCES without CAP_SYS_NICE, and then nobody becomes less urgent any more; -errno.
 */
int place_back(pid_t pid);

#endif

/*
 * syscalls.h - which system calls a program in the box may make
 *
 * An allow list. What it does not name, a foreign architecture and the x32 numbers are
 * reported to the cell's init, which ends the run and names the call: nothing that the program
 * can catch, block or answer itself. What runtimes merely try gets an errno instead.
 */
#ifndef SANDBOX_SYSCALLS_H
#define SANDBOX_SYSCALLS_H

#include <linux/filter.h>

#include "base/base.h"

/* One bit per list; profiles.c says whose. */
enum { FOR_PROGRAMS = 1, FOR_TOOLS = 2, FOR_ALL = 3 };

/** syscalls_build() - the filter of one list, as a balanced tree
 * @ret:	ret->filter is the caller's to free()
 */
int syscalls_build(unsigned int list, struct sock_fprog *ret, struct diag *diag);

/** syscalls_name() - "socket", "i386 execve", "syscall 512" */
void syscalls_name(uint32_t arch, int nr, char *ret, size_t size);

/** syscalls_probe() - the errno to answer a forbidden call with instead of ending the run
 * @exe:	the caller's program, as /proc/PID/exe has it
 * Return: a positive errno; 0: it is what it seems.
 */
int syscalls_probe(uint32_t arch, int nr, const char *exe);

#endif

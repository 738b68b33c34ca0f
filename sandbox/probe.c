/*
 * probe.c - what this host has
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sandbox/box.h"
#include "sandbox/cgroup.h"

size_t box_probe(struct box_finding *ret, size_t max)
{
	(void)ret;
	(void)max;
	return 0;
}

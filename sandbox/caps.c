#include "sandbox/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	int cap;
	const char *name;
	bool init;		/* kept by a cell's init */
	bool must;		/* a judge can not do without it */
} table[] = {
	{ CAP_SYS_ADMIN,	"SYS_ADMIN",	true,	true },		/* mount fresh scratch space */
	{ CAP_SETUID,		"SETUID",	true,	true },		/* become the slot's uid */
	{ CAP_SETGID,		"SETGID",	true,	true },
	{ CAP_KILL,		"KILL",		true,	true },		/* end its processes */
	{ CAP_SYS_PTRACE,	"SYS_PTRACE",	true,	true },		/* see which program made a forbidden call */
	{ CAP_SYS_RESOURCE,	"SYS_RESOURCE",	true,	false },	/* hard limits above those inherited */
	{ CAP_SETPCAP,		"SETPCAP",	false,	true },		/* empty the bounding set */
	{ CAP_CHOWN,		"CHOWN",	false,	true },		/* STATE is the judge's user's */
	{ CAP_FOWNER,		"FOWNER",	false,	true },
	{ CAP_DAC_OVERRIDE,	"DAC_OVERRIDE",	false,	true },
	{ CAP_DAC_READ_SEARCH,	"DAC_READ_SEARCH", false, true },	/* publish into students' folders */
};

static int set(uint64_t mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = mask, .permitted = mask },
		{ .effective = mask >> 32, .permitted = mask >> 32 },
	};

	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

static int permitted(uint64_t *ret)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*ret = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

bool caps_missing(char *ret, size_t size)
{
	uint64_t have = 0;
	size_t len = 0;

	*ret = '\0';
	permitted(&have);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (!table[i].must || have & UINT64_C(1) << table[i].cap)
			continue;
		len += snprintf(ret + len, size - len, "%sCAP_%s", len ? " " : "", table[i].name);
		if (len >= size)
			len = size - 1;
	}
	return len > 0;
}

int caps_trim(void)
{
	uint64_t mask = 0, have;
	int r;

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
		  SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED) < 0)
		return -errno;
	r = permitted(&have);
	for (size_t i = 0; i < ARRAY_SIZE(table) && r == 0; i++) {
		uint64_t bit = UINT64_C(1) << table[i].cap;

		if (!table[i].init)
			continue;
		/* Unable to kill, init would let runs go on beyond their limits. */
		if (table[i].must && !(have & bit))
			r = -EPERM;
		mask |= bit;
	}
	return r < 0 ? r : set(mask & have);
}

int caps_drop(void)
{
	uint64_t have = 0;
	int r = set(0);

	if (r == 0)
		r = permitted(&have);
	return r < 0 ? r : have ? -EPERM : 0;
}

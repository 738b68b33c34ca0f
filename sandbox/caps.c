#include "sandbox/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

static const int needed[] = {
	CAP_SYS_ADMIN,			/* mount fresh scratch space */
	CAP_SETUID, CAP_SETGID,		/* become the slot's uid */
	CAP_KILL,			/* end its processes */
	CAP_SYS_PTRACE,			/* see which program made a forbidden call */
	CAP_SYS_RESOURCE,		/* set a hard limit above the one inherited, where we may */
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
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		mask |= UINT64_C(1) << needed[i];
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

/*
 * spec.h - what a client asks for, before anything of it is done
 */
#ifndef SANDBOX_SPEC_H
#define SANDBOX_SPEC_H

#include "sandbox/box.h"

/** spec_check() - what can be said of it; limits are clamped, a default environment is added
 * Return: 0; -EINVAL.
 */
int spec_check(struct box_spec *spec, const struct box_settings *settings, struct diag *diag);

/** spec_streams() - its descriptors are replaced by such as the program may have (streams.h) */
int spec_streams(struct box_spec *spec, struct diag *diag);

#endif

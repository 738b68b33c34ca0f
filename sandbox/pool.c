#include "sandbox/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "sandbox/cell.h"
#include "sandbox/spec.h"
#include "sandbox/watch.h"

struct pool {
	const struct box_settings *settings;
	int slot;
	struct cell *cells[BOX_CELLS_MAX];
};

int pool_new(const struct box_settings *settings, int slot, struct pool **ret, struct diag *diag)
{
	struct pool *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->settings = settings;
	p->slot = slot;
	r = cell_new(settings, slot, 0, &p->cells[0], diag);
	if (r < 0)
		pool_free(p);
	else
		*ret = p;
	return r;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < BOX_CELLS_MAX; i++)
		cell_free(p->cells[i]);
	free(p);
}

/* A clean cell for each run. */
static int give_cells(struct pool *p, struct run *runs, size_t n, struct diag *diag)
{
	for (size_t i = 0; i < n; i++) {
		int r = p->cells[i] ? 0 : cell_new(p->settings, p->slot, i, &p->cells[i], diag);

		if (r < 0)
			return r;
		runs[i].cell = p->cells[i];
	}
	return 0;
}

int pool_run(struct pool *p, struct box_spec *specs, size_t n, int client, int stop,
	     struct box_report *ret, struct diag *diag)
{
	struct run runs[BOX_TOGETHER_MAX] = { 0 };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = spec_check(&specs[i], p->settings, diag);
		runs[i].spec = &specs[i];
	}
	if (r == 0)
		r = give_cells(p, runs, n, diag);
	if (r == 0)
		r = watch(runs, n, client, stop, diag);
	for (size_t i = 0; i < n && r == 0; i++)
		ret[i] = runs[i].report;
	return r;
}

void pool_tidy(struct pool *p)
{
	for (size_t i = 0; i < BOX_CELLS_MAX; i++) {
		struct diag diag = { 0 };

		if (!p->cells[i] || cell_refresh(p->cells[i], &diag) == 0)
			continue;
		log_error("slot %d: cell %zu is replaced: %s", p->slot, i, diag.text);
		cell_free(p->cells[i]);
		p->cells[i] = NULL;
	}
}

#include "fs/upload.h"

/* Somebody's close or fsync is answered with this: from here on it is kept. */
static unsigned accept_content(struct upload *u, const struct upload_facts *f)
{
	if (!u->dirty || u->failed != 0 || f->size == 0)
		return 0;
	u->dirty = false;
	u->received = true;
	return UPLOAD_ACCEPT;
}

static unsigned on_changed(struct upload *u, const struct upload_facts *f,
			   const struct upload_times *t)
{
	unsigned todo = u->dirty ? 0 : UPLOAD_MARK;

	u->dirty = true;
	u->received = false;
	if (f->size == 0)
		u->failed = 0;
	u->due_us = u->writers > 0 ? 0 : f->now_us + t->quiet_us;
	return todo;
}

static unsigned on_synced(struct upload *u, const struct upload_facts *f,
			  const struct upload_times *t)
{
	unsigned todo;

	if (u->failed != 0)
		return UPLOAD_REFUSE;
	todo = accept_content(u, f);
	if (u->received && u->writers == 0)
		u->due_us = f->now_us + t->quiet_fsync_us;
	return todo;
}

static unsigned on_released(struct upload *u, const struct upload_facts *f,
			    const struct upload_times *t)
{
	unsigned todo;

	if (!f->server && u->writers > 0)
		u->writers--;
	if (u->writers > 0)
		return 0;
	todo = accept_content(u, f);
	if (u->received)
		u->due_us = f->server ? f->now_us + t->quiet_fsync_us : f->now_us;
	else
		u->due_us = 0;
	u->dirty = false;
	u->failed = 0;
	return todo;
}

static unsigned on_timer(struct upload *u, const struct upload_facts *f)
{
	unsigned todo;

	u->due_us = 0;
	if (u->writers > 0)
		return 0;
	todo = accept_content(u, f);
	if (!u->received) {
		u->dirty = u->failed != 0;	/* emptied: nothing is left to be done */
		return 0;
	}
	u->received = false;
	return todo | UPLOAD_COMPLETE;
}

unsigned upload_event(struct upload *u, enum upload_what what, const struct upload_facts *f,
		      const struct upload_times *t)
{
	switch (what) {
	case UPLOAD_OPENED:
		if (f->server)
			return 0;
		if (u->writers++ == 0)
			u->failed = 0;
		u->due_us = 0;
		return 0;
	case UPLOAD_CHANGED:
		return on_changed(u, f, t);
	case UPLOAD_FAILED:
		u->failed = f->error;
		if (!u->received)	/* else what was accepted is whole and keeps its turn */
			u->due_us = 0;
		return 0;
	case UPLOAD_SYNCED:
		return on_synced(u, f, t);
	case UPLOAD_RELEASED:
		return on_released(u, f, t);
	case UPLOAD_RENAMED:
		u->dirty = false;
		u->received = true;
		u->due_us = u->writers > 0 ? 0 : f->now_us;
		return 0;
	case UPLOAD_TIMER:
		return on_timer(u, f);
	}
	return 0;
}

bool upload_idle(const struct upload *u)
{
	return u->writers == 0 && !u->dirty && !u->received && u->due_us == 0;
}

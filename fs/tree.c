#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "fs/kinds.h"

/* Names that never go and lead to one inode for ever; their attributes may change. */
#define STAYS	3600
/* The scheduler's to change too, and nobody tells us: problems, times of folders. */
#define SOON	1
/* Changed by nobody but the kernel that asks. */
#define OURS	3600
#define NEVER	0

#define DIR_(mode)	(S_IFDIR | (mode))
#define REG_(mode)	(S_IFREG | (mode))
#define LNK_		(S_IFLNK | 0777)

static const struct kind kinds[NODE_KINDS] = {
	[NODE_ROOT] = { .mode = DIR_(0755), .entry_s = STAYS, .attr_s = SOON, .show = show_root,
			.find = find_problem, .list = list_problems, .up = up_root },

#define ROOT_FILE(name_) { .parent = NODE_ROOT, .name = name_, .mode = REG_(0644), \
			.entry_s = STAYS, .attr_s = NEVER, .show = show_root_file, \
			.content = content_root_file }
	[NODE_README] = ROOT_FILE("README.txt"),
	[NODE_LANGUAGES] = ROOT_FILE("languages.txt"),
	[NODE_QUEUE] = ROOT_FILE("queue.txt"),
	[NODE_HEALTH] = ROOT_FILE("health.txt"),

	[NODE_PROBLEM] = { .mode = DIR_(0755), .entry_s = SOON, .attr_s = SOON,
			.show = show_problem, .find = find_pfile, .list = list_pfiles,
			.up = up_root },
	[NODE_PFILE] = { .mode = REG_(0644), .entry_s = SOON, .attr_s = SOON, .show = show_pfile,
			.content = content_pfile, .find = find_pfile, .list = list_pfiles,
			.up = up_pfile },

#define LINK_TO(name_) { .parent = NODE_PROBLEM, .name = name_, .mode = LNK_, \
			.by_caller = true, .entry_s = NEVER, .attr_s = NEVER, \
			.show = show_link, .content = content_link, .up = up_link }
	[NODE_SUB_LINK] = LINK_TO("sub"),
	[NODE_HISTORY_LINK] = LINK_TO("history"),

	[NODE_USERS] = { .parent = NODE_ROOT, .name = "users", .mode = DIR_(0755),
			.entry_s = STAYS, .attr_s = NEVER, .show = show_users,
			.find = find_user, .list = list_users },
	[NODE_USER] = { .mode = DIR_(0700), .entry_s = STAYS, .attr_s = SOON, .show = show_user,
			.find = find_place, .list = list_places, .up = up_user },
	[NODE_PLACE] = { .mode = DIR_(0700), .entry_s = STAYS, .attr_s = SOON,
			.show = show_place, .up = up_place },
	[NODE_SUB] = { .parent = NODE_PLACE, .name = "sub", .mode = DIR_(0700),
			.entry_s = STAYS, .attr_s = SOON, .show = show_place,
			.find = find_file, .list = list_files },
	[NODE_HISTORY] = { .parent = NODE_PLACE, .name = "history", .mode = DIR_(0500),
			.entry_s = STAYS, .attr_s = SOON, .show = show_place,
			.find = find_attempt, .list = list_attempts },

	[NODE_FILE] = { .mode = REG_(0644), .entry_s = OURS, .attr_s = OURS, .show = show_file,
			.content = content_file, .up = up_file },

#define RESULT		{ .mode = REG_(0644), .entry_s = NEVER, .attr_s = NEVER, \
			.show = show_result, .content = content_result, .up = up_file }
	[NODE_VERDICT] = RESULT,
	[NODE_JSON] = RESULT,
	[NODE_COMPILE] = RESULT,

	/* Never kept: a young attempt may be replaced, an old one rejudged. */
	[NODE_ATTEMPT] = { .mode = DIR_(0500), .entry_s = NEVER, .attr_s = NEVER,
			.show = show_attempt, .find = find_source, .list = list_source,
			.up = up_attempt },
	[NODE_ATTEMPT_SOURCE] = { .mode = REG_(0444), .entry_s = NEVER, .attr_s = NEVER,
			.show = show_attempt_source, .content = content_attempt_source,
			.up = up_source },

#define ATTEMPT_RESULT(name_) { .parent = NODE_ATTEMPT, .name = name_, .mode = REG_(0444), \
			.may_lack = true, .entry_s = NEVER, .attr_s = NEVER, \
			.show = show_attempt_result, .content = content_attempt_result }
	[NODE_ATTEMPT_VERDICT] = ATTEMPT_RESULT("verdict"),
	[NODE_ATTEMPT_JSON] = ATTEMPT_RESULT("result.json"),
	[NODE_ATTEMPT_COMPILE] = ATTEMPT_RESULT("compile.txt"),
};

/* Between 2, which NFS keeps for itself, and the fixed names, whose cookie is their kind. */
enum { COOKIE_DOT = 4, COOKIE_DOTDOT = 5 };

void content_release(struct content *c)
{
	io_close(c->fd);
	buf_release(&c->text);
	*c = (struct content){ .fd = -1 };
}

static int size_of(const struct content *c, off_t *ret)
{
	struct stat st;

	*ret = c->text.len;
	if (c->fd < 0)
		return 0;
	if (fstat(c->fd, &st) < 0)
		return -errno;
	*ret = st.st_size;
	return 0;
}

static int show_content(struct fs *fs, struct node n, struct stat *st)
{
	struct content c = { .fd = -1 };
	int r = kinds[n.kind].content(fs, n, &c);

	if (r == 0)
		r = size_of(&c, &st->st_size);
	content_release(&c);
	return r;
}

/* -ENOENT for what is not there. */
static int stat_node(struct fs *fs, struct node n, struct stat *ret)
{
	const struct kind *k = &kinds[n.kind];
	struct stat st = {
		.st_ino = node_ino(n),
		.st_mode = k->mode,
		.st_nlink = 1,
		.st_size = -1,
		.st_blksize = 4096,
	};
	int r;

	if (k->show == NULL)
		return -ENOENT;
	r = k->show(fs, n, &st);
	if (r == 0 && st.st_size < 0 && !S_ISDIR(st.st_mode))
		r = show_content(fs, n, &st);
	if (r < 0)
		return r;
	if (st.st_size < 0)
		st.st_size = 0;
	st.st_blocks = (st.st_size + 511) / 512;
	*ret = st;
	return 0;
}

int tree_stat(struct fs *fs, struct node n, struct stat *ret)
{
	int r = stat_node(fs, n, ret);

	return r == -ENOENT ? -ESTALE : r;
}

mode_t tree_type(struct fs *fs, struct node n)
{
	struct stat st;

	if (n.kind != NODE_PFILE)	/* alone may be this or that */
		return kinds[n.kind].mode & S_IFMT;
	return tree_stat(fs, n, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

void tree_times(struct node n, double *ret_entry, double *ret_attr)
{
	*ret_entry = kinds[n.kind].entry_s;
	*ret_attr = kinds[n.kind].attr_s;
}

const char *tree_name(enum node_kind kind)
{
	return kinds[kind].name;
}

int tree_content(struct fs *fs, struct node n, struct content *ret)
{
	struct content c = { .fd = -1 };
	int r;

	if (kinds[n.kind].content == NULL)
		return -EISDIR;
	r = kinds[n.kind].content(fs, n, &c);
	if (r < 0) {
		content_release(&c);
		return r == -ENOENT ? -ESTALE : r;
	}
	*ret = c;
	return 0;
}

int tree_link(struct fs *fs, struct node n, struct buf *ret)
{
	struct content c = { .fd = -1 };
	int r;

	if (!S_ISLNK(kinds[n.kind].mode))
		return -EINVAL;
	r = tree_content(fs, n, &c);
	if (r == 0)
		buf_add(ret, c.text.data, c.text.len);
	content_release(&c);
	return r;
}

/* ------------------------------------------------------------- names */

static struct node fixed_child(struct node dir, enum node_kind kind, const struct caller *c)
{
	if (kinds[kind].by_caller)
		return node_link(kind, dir.row, c->uid);
	return (struct node){ kind, dir.row };
}

static int parent(struct fs *fs, struct node n, struct node *ret)
{
	const struct kind *k = &kinds[n.kind];

	if (k->up != NULL)
		return k->up(fs, n, ret);
	*ret = (struct node){ k->parent, n.row };
	return 0;
}

static int lookup(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		  struct node *ret)
{
	for (int kind = NODE_README; kind < NODE_KINDS; kind++) {
		const struct kind *k = &kinds[kind];

		if (k->name == NULL || k->parent != dir.kind || strcmp(k->name, name) != 0)
			continue;
		*ret = fixed_child(dir, kind, c);
		return ret->kind == NODE_NONE ? -EOVERFLOW : 0;
	}
	return kinds[dir.kind].find != NULL ? kinds[dir.kind].find(fs, dir, name, c, ret) : -ENOENT;
}

int tree_lookup(struct fs *fs, struct node dir, const char *name, const struct caller *c,
		struct node *ret)
{
	struct stat st;
	int r = 0;

	if (strcmp(name, ".") == 0) {
		*ret = dir;
		return 0;
	}
	if (dir.kind == NODE_NONE)
		return -ESTALE;
	if (strcmp(name, "..") == 0)
		r = parent(fs, dir, ret);
	else if (kinds[dir.kind].find == NULL && !S_ISDIR(kinds[dir.kind].mode))
		r = -ENOTDIR;
	else
		return lookup(fs, dir, name, c, ret);
	if (r == 0)
		r = tree_stat(fs, *ret, &st);
	return r == -ENOENT ? -ESTALE : r;
}

static bool list_fixed(struct fs *fs, struct node dir, struct listing *l)
{
	struct node up = dir;
	struct stat st;

	if (l->after < COOKIE_DOT && !l->emit(l->ctx, ".", dir, COOKIE_DOT))
		return false;
	if (l->after < COOKIE_DOTDOT && parent(fs, dir, &up) == 0 &&
	    !l->emit(l->ctx, "..", up, COOKIE_DOTDOT))
		return false;
	for (uint64_t kind = NODE_README; kind < NODE_KINDS; kind++) {
		const struct kind *k = &kinds[kind];
		struct node n;

		if (k->name == NULL || k->parent != dir.kind || kind <= l->after)
			continue;
		n = fixed_child(dir, kind, l->caller);
		if (n.kind == NODE_NONE || (k->may_lack && stat_node(fs, n, &st) < 0))
			continue;
		if (!l->emit(l->ctx, k->name, n, kind))
			return false;
	}
	return true;
}

int tree_list(struct fs *fs, struct node dir, struct listing *l)
{
	const struct kind *k = &kinds[dir.kind];

	if (!S_ISDIR(tree_type(fs, dir)))
		return dir.kind == NODE_NONE ? -ESTALE : -ENOTDIR;
	if (!list_fixed(fs, dir, l) || k->list == NULL)
		return 0;
	return k->list(fs, dir, l);
}

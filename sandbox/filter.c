#include "sandbox/filter.h"

#include <endian.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#if __BYTE_ORDER != __LITTLE_ENDIAN
#error "the halves of an argument lie the other way round"
#endif

#define LOW(arg)	(offsetof(struct seccomp_data, args) + 8 * (arg))
#define HIGH(arg)	(LOW(arg) + 4)

struct builder {
	const struct filter_rule *rules;
	size_t n;
	const struct filter_rule *first[FILTER_NUMBERS];	/* rule about each number, or NULL */
	uint32_t other;
	struct sock_filter *code;
	size_t len, size;
	bool failed;		/* out of memory, or a jump too far */
};

static void emit(struct builder *b, struct sock_filter f)
{
	if (b->len == b->size) {
		size_t size = b->size ? 2 * b->size : 256;
		struct sock_filter *more = b->failed ? NULL : reallocarray(b->code, size, sizeof(*more));

		if (!more) {
			b->failed = true;
			return;
		}
		b->code = more;
		b->size = size;
	}
	b->code[b->len++] = f;
}

static void load(struct builder *b, uint32_t offset)
{
	emit(b, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer(struct builder *b, uint32_t value)
{
	emit(b, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

/* Jumps whose target is not known yet: the place is filled in by land(). */
static size_t jump_unless_equal(struct builder *b, uint32_t value)
{
	emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0));
	return b->len - 1;
}

static void land(struct builder *b, size_t from)
{
	if (b->len - from - 1 > UINT8_MAX)
		b->failed = true;
	if (!b->failed)
		b->code[from].jf = b->len - from - 1;
}

/* ------------------------------------------------------------ one number */

static const struct filter_rule *next_rule(const struct builder *b, int nr,
					   const struct filter_rule *after)
{
	const struct filter_rule *r = after ? after + 1 : b->first[nr];

	while (r && r < b->rules + b->n && r->nr != nr)
		r++;
	return r && r < b->rules + b->n ? r : NULL;
}

/* One answer whatever the arguments are? */
static bool is_constant(const struct builder *b, int nr, uint32_t *ret)
{
	const struct filter_rule *r = next_rule(b, nr, NULL);

	*ret = r ? r->answer : b->other;
	return !r || r->mask == 0;
}

static size_t check_half(struct builder *b, uint32_t offset, uint32_t mask, uint32_t value)
{
	load(b, offset);
	if (mask != UINT32_MAX)
		emit(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
	return jump_unless_equal(b, value);
}

static void emit_rule(struct builder *b, const struct filter_rule *r)
{
	uint32_t mask_high = r->mask >> 32, mask_low = r->mask;
	size_t high = 0, low = 0;

	if (mask_high)
		high = check_half(b, HIGH(r->arg), mask_high, r->value >> 32);
	if (mask_low)
		low = check_half(b, LOW(r->arg), mask_low, r->value);
	answer(b, r->answer);
	if (mask_high)
		land(b, high);
	if (mask_low)
		land(b, low);
}

static bool alike(const struct filter_rule *a, const struct filter_rule *b)
{
	return b && a->arg == b->arg && a->mask == UINT64_MAX && b->mask == UINT64_MAX &&
	       a->answer == b->answer && a->value >> 32 == b->value >> 32;
}

/* Rules that differ in the low half alone: it is loaded once. Return: the last of them. */
static const struct filter_rule *emit_values(struct builder *b, const struct filter_rule *first)
{
	const struct filter_rule *r = first, *next;
	size_t high = check_half(b, HIGH(r->arg), UINT32_MAX, r->value >> 32), from;

	load(b, LOW(r->arg));
	from = b->len;
	for (;; r = next) {
		jump_unless_equal(b, r->value);
		next = next_rule(b, r->nr, r);
		if (!alike(r, next))
			break;
	}
	/* Equal: to the answer behind the last; else on to the next, or over the answer. */
	for (size_t i = from; i < b->len && !b->failed; i++)
		b->code[i].jt = b->len - i - 1;
	if (!b->failed)
		b->code[b->len - 1].jf = 1;
	answer(b, r->answer);
	land(b, high);
	return r;
}

static void emit_number(struct builder *b, int nr)
{
	const struct filter_rule *r;

	for (r = next_rule(b, nr, NULL); r; r = next_rule(b, nr, r)) {
		if (r->mask == 0) {
			answer(b, r->answer);
			return;
		}
		if (alike(r, next_rule(b, nr, r)))
			r = emit_values(b, r);
		else
			emit_rule(b, r);
	}
	answer(b, b->other);
}

/* -------------------------------------------------------------- the tree */

/* Numbers from @first up to the next range's have one answer, or it is a single one. */
struct ranges {
	int first[FILTER_NUMBERS + 1];
	size_t n;
};

static void find_ranges(const struct builder *b, struct ranges *ret)
{
	ret->n = 0;
	for (int nr = 0; nr < FILTER_NUMBERS; nr++) {
		uint32_t before, now;
		bool same = nr > 0 && is_constant(b, nr - 1, &before) && is_constant(b, nr, &now) &&
			    before == now;

		if (!same)
			ret->first[ret->n++] = nr;
	}
}

static void emit_tree(struct builder *b, const struct ranges *ranges, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2, jump, left;

	if (to - from == 1) {
		emit_number(b, ranges->first[from]);
		return;
	}
	/* A conditional jump reaches 255 on: a plain one does the rest. */
	jump = b->len;
	emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges->first[middle], 0, 1));
	emit(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	emit_tree(b, ranges, from, middle);
	left = b->len - jump - 2;
	if (b->failed)
		return;
	if (left <= UINT8_MAX) {
		memmove(&b->code[jump + 1], &b->code[jump + 2], left * sizeof(*b->code));
		b->len--;
		b->code[jump].jt = left;
		b->code[jump].jf = 0;
	} else {
		b->code[jump + 1].k = left;
	}
	emit_tree(b, ranges, middle, to);
}

int filter_build(uint32_t arch, const struct filter_rule *rules, size_t n, uint32_t other,
		 struct sock_fprog *ret)
{
	struct builder b = { .rules = rules, .n = n, .other = other };
	struct ranges ranges;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		const struct filter_rule *f = &rules[i];

		if (f->nr < 0 || f->nr >= FILTER_NUMBERS || f->arg < 0 || f->arg > 5)
			return -EINVAL;
		if (!b.first[f->nr])
			b.first[f->nr] = f;
	}
	load(&b, offsetof(struct seccomp_data, arch));
	emit(&b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0));
	answer(&b, other);
	load(&b, offsetof(struct seccomp_data, nr));
	emit(&b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FILTER_NUMBERS, 0, 1));
	answer(&b, other);
	find_ranges(&b, &ranges);
	emit_tree(&b, &ranges, 0, ranges.n);
	r = b.failed ? -ENOMEM : b.len > BPF_MAXINSNS ? -E2BIG : 0;
	if (r < 0)
		free(b.code);
	else
		*ret = (struct sock_fprog){ .len = b.len, .filter = b.code };
	return r;
}

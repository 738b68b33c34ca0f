/*
 * check.c - the built-in comparisons
 *
 * Both texts lie in memory and are walked once, side by side. Lines and columns are counted
 * only for the one place that is reported.
 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "judge/check.h"

#define SHOWN		40	/* bytes of a token or a line that a difference shows */
#define SHOWN_BEFORE	10	/* of these before the differing byte, where the text is longer */
#define NUMBER_MAX	4000	/* a longer token is no number */

struct span {
	const char *at, *end;
};

static size_t span_len(struct span s)
{
	return s.end - s.at;
}

/* isspace() of the C locale */
static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span skip_blanks(struct span s)
{
	while (s.at < s.end && blank(*s.at))
		s.at++;
	return s;
}

static struct span first_token(struct span s)
{
	struct span t = { s.at, s.at };

	while (t.end < s.end && !blank(*t.end))
		t.end++;
	return t;
}

static struct span first_line(struct span s)
{
	const char *nl = s.at < s.end ? memchr(s.at, '\n', s.end - s.at) : NULL;

	return (struct span){ s.at, nl ? nl : s.end };
}

static struct span trim_end(struct span s)
{
	while (s.at < s.end && blank(s.end[-1]))
		s.end--;
	return s;
}

/* ------------------------------------------------------------- words for a difference */

/* Where @s first differs from @other. */
static size_t differs_at(struct span s, struct span other)
{
	size_t n = span_len(s) < span_len(other) ? span_len(s) : span_len(other), i = 0;

	while (i < n && s.at[i] == other.at[i])
		i++;
	return i;
}

static void add_blank(struct buf *b, char c)
{
	switch (c) {
	case ' ':
		buf_puts(b, "a space");
		break;
	case '\t':
		buf_puts(b, "a tab");
		break;
	case '\n':
		buf_puts(b, "the end of the line");
		break;
	default:
		buf_printf(b, "the character \\x%02x", (unsigned char)c);
	}
}

/* The part of a text around byte @from, in quotes and cut; on one line whatever is in it. */
static void add_text(struct buf *b, struct span s, size_t from)
{
	const char *at = s.at + from;
	bool cut = (size_t)(s.end - at) > SHOWN;

	buf_puts(b, from ? "'..." : "'");
	for (const char *end = cut ? at + SHOWN : s.end; at < end;) {
		const char *stop = at;

		while (stop < end && *stop != '\n' && *stop != '\t')
			stop++;
		buf_clean(b, at, stop - at);
		if (stop < end)
			buf_puts(b, *stop == '\n' ? "\\n" : "\\t");
		at = stop < end ? stop + 1 : end;
	}
	buf_puts(b, cut ? "...'" : "'");
}

/* Line and column from 1; a column is a character of UTF-8. */
static void add_place(struct buf *b, const char *text, const char *at)
{
	size_t line = 1, column = 1;

	for (const char *nl; (nl = memchr(text, '\n', at - text)); text = nl + 1)
		line++;
	for (; text < at; text++)
		column += ((unsigned char)*text & 0xc0) != 0x80;
	buf_printf(b, "line %zu, column %zu: ", line, column);
}

/*
 * What one side has at its place: a text, a blank, or nothing more. @common is the length of
 * the beginning that both have in common.
 */
static void add_side(struct buf *b, struct span whole, struct span part, size_t common)
{
	size_t from = 0;

	if (part.at == whole.end) {
		buf_puts(b, "the end of the output");
	} else if (part.at == part.end) {
		add_blank(b, *part.at);
	} else {
		if (span_len(part) > SHOWN && common > SHOWN_BEFORE)
			from = common - SHOWN_BEFORE;
		/* Not into the middle of a character. */
		while (from && ((unsigned char)part.at[from] & 0xc0) == 0x80)
			from--;
		add_text(b, part, from);
	}
}

static int set_difference(struct check_result *ret, struct span ans, struct span want,
			  struct span out, struct span got, const char *note)
{
	size_t common = differs_at(want, got);
	struct buf b = { 0 };

	add_place(&b, out.at, got.at + common);
	buf_puts(&b, "expected ");
	add_side(&b, ans, want, common);
	buf_puts(&b, ", got ");
	add_side(&b, out, got, common);
	buf_puts(&b, note);
	free(ret->difference);
	ret->difference = buf_steal(&b);
	return ret->difference ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------- tokens */

static locale_t c_locale(void)
{
	static locale_t c;

	if (!c)
		c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return c;
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* [+-] digits [. digits] [e [+-] digits], a digit before or after the point */
static bool number_syntax(struct span t)
{
	const char *at = t.at, *digits;
	size_t n;

	if (at < t.end && (*at == '+' || *at == '-'))
		at++;
	digits = at;
	at = skip_digits(at, t.end);
	n = at - digits;
	if (at < t.end && *at == '.') {
		digits = ++at;
		at = skip_digits(at, t.end);
		n += at - digits;
	}
	if (n == 0)
		return false;
	if (at < t.end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < t.end && (*at == '+' || *at == '-'))
			at++;
		digits = at;
		at = skip_digits(at, t.end);
		if (at == digits)
			return false;
	}
	return at == t.end;
}

static bool number(struct span t, long double *ret)
{
	char text[NUMBER_MAX + 1];

	if (span_len(t) > NUMBER_MAX || !number_syntax(t))
		return false;
	memcpy(text, t.at, span_len(t));
	text[span_len(t)] = '\0';
	*ret = strtold_l(text, NULL, c_locale());
	return true;
}

/* Infinity minus itself is no number and compares false: so a wrong answer. */
static bool near_enough(const struct check *c, long double want, long double got)
{
	long double error = fabsl(want - got);

	return (c->absolute >= 0 && error <= c->absolute) ||
	       (c->relative >= 0 && error <= c->relative * fabsl(want));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool same_text(struct span a, struct span b, bool case_sensitive)
{
	if (span_len(a) != span_len(b))
		return false;
	if (span_len(a) == 0 || memcmp(a.at, b.at, span_len(a)) == 0)
		return true;
	if (case_sensitive)
		return false;
	while (a.at < a.end)
		if (lower(*a.at++) != lower(*b.at++))
			return false;
	return true;
}

static bool same_token(const struct check *c, struct span want, struct span got,
		       char note[64])
{
	long double w, g;

	if (same_text(want, got, true))
		return true;
	if ((c->absolute >= 0 || c->relative >= 0) && number(want, &w)) {
		if (!number(got, &g)) {
			snprintf(note, 64, ", which is no number");
			return false;
		}
		if (near_enough(c, w, g))
			return true;
		snprintf(note, 64, " (off by %.3Lg)", fabsl(w - g));
		return false;
	}
	return same_text(want, got, c->case_sensitive);
}

/* Walks over blanks that are the same on both sides; false where they are not. */
static bool same_blanks(struct span *ans, struct span *out)
{
	while (ans->at < ans->end && blank(*ans->at)) {
		if (out->at == out->end || *out->at != *ans->at)
			return false;
		ans->at++;
		out->at++;
	}
	return out->at == out->end || !blank(*out->at);
}

/* The side of a difference between blanks: a blank is shown as such, a token as a token. */
static struct span blank_or_token(struct span s)
{
	return s.at < s.end && blank(*s.at) ? (struct span){ s.at, s.at } : first_token(s);
}

static int check_tokens(const struct check *c, struct span ans, struct span out,
			struct check_result *ret)
{
	const struct span all_ans = ans, all_out = out;
	struct check loose = *c;
	bool loose_ok = false;

	for (;;) {
		char note[64] = "";
		struct span want, got;

		if (c->space_sensitive && !same_blanks(&ans, &out)) {
			int r = set_difference(ret, all_ans, blank_or_token(ans), all_out,
					       blank_or_token(out), "");

			if (r < 0)
				return r;
			/* Are the blanks all that differs? The rest decides. */
			loose.space_sensitive = false;
			if (c->presentation) {
				struct check_result rest = { 0 };

				r = check_tokens(&loose, all_ans, all_out, &rest);
				loose_ok = r == 0 && rest.verdict == VERDICT_AC;
				check_result_release(&rest);
			}
			ret->verdict = loose_ok ? VERDICT_PE : VERDICT_WA;
			return r;
		}
		ans = skip_blanks(ans);
		out = skip_blanks(out);
		want = first_token(ans);
		got = first_token(out);
		if (want.at == want.end && got.at == got.end) {
			ret->verdict = VERDICT_AC;
			return 0;
		}
		if (!same_token(c, want, got, note)) {
			ret->verdict = VERDICT_WA;
			return set_difference(ret, all_ans, want, all_out, got, note);
		}
		ans.at = want.end;
		out.at = got.end;
	}
}

/* ------------------------------------------------------------- lines and bytes */

/* PE when only blanks differ. Case and tolerance stay those of the problem. */
static enum verdict not_equal(const struct check *c, bool case_sensitive, struct span ans,
			      struct span out)
{
	const struct check tokens = { .case_sensitive = case_sensitive, .absolute = -1,
				      .relative = -1 };
	struct check_result r = { .verdict = VERDICT_WA };
	enum verdict v = VERDICT_WA;

	if (c->presentation && check_tokens(&tokens, ans, out, &r) == 0 &&
	    r.verdict == VERDICT_AC)
		v = VERDICT_PE;
	check_result_release(&r);
	return v;
}

static int check_lines(const struct check *c, struct span ans, struct span out,
		       struct check_result *ret)
{
	const struct span all_ans = trim_end(ans), all_out = trim_end(out);

	ans = all_ans;
	out = all_out;
	while (ans.at < ans.end || out.at < out.end) {
		struct span want = first_line(ans), got = first_line(out);

		if (ans.at == ans.end || out.at == out.end ||
		    !same_text(trim_end(want), trim_end(got), c->case_sensitive)) {
			ret->verdict = not_equal(c, c->case_sensitive, all_ans, all_out);
			return set_difference(ret, all_ans, want, all_out, got, "");
		}
		ans.at = want.end < ans.end ? want.end + 1 : ans.end;
		out.at = got.end < out.end ? got.end + 1 : out.end;
	}
	ret->verdict = VERDICT_AC;
	return 0;
}

/* One byte apart is shown with the rest of its line, a blank by its name. */
static struct span byte_side(struct span s, size_t at)
{
	struct span t = { s.at + at, s.end };

	return t.at < t.end && blank(*t.at) ? (struct span){ t.at, t.at } : first_line(t);
}

static int check_bytes(const struct check *c, struct span ans, struct span out,
		       struct check_result *ret)
{
	size_t at;

	if (same_text(ans, out, true)) {
		ret->verdict = VERDICT_AC;
		return 0;
	}
	at = differs_at(ans, out);
	ret->verdict = not_equal(c, true, ans, out);
	return set_difference(ret, ans, byte_side(ans, at), out, byte_side(out, at), "");
}

/* ------------------------------------------------------------- the front */

static const struct flag {
	const char *word;
	size_t flag;			/* of a bool, or 0 */
	size_t tolerance[2];		/* of doubles, or 0 */
} flags[] = {
	{ "case_sensitive", offsetof(struct check, case_sensitive), { 0 } },
	{ "space_change_sensitive", offsetof(struct check, space_sensitive), { 0 } },
	{ "float_absolute_tolerance", 0, { offsetof(struct check, absolute) } },
	{ "float_relative_tolerance", 0, { offsetof(struct check, relative) } },
	{ "float_tolerance", 0,
	  { offsetof(struct check, absolute), offsetof(struct check, relative) } },
};

static const struct flag *flag_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (strcmp(flags[i].word, word) == 0)
			return &flags[i];
	return NULL;
}

int check_flags(struct check *c, const struct strv *words, struct diag *diag)
{
	for (size_t i = 0; i < words->n; i++) {
		const struct flag *f = flag_find(words->v[i]);
		double e;

		if (!f)
			return diag_fail(diag, -EINVAL, "unknown validator flag '%s'", words->v[i]);
		if (f->flag) {
			memcpy((char *)c + f->flag, &(bool){ true }, sizeof(bool));
			continue;
		}
		if (++i == words->n)
			return diag_fail(diag, -EINVAL, "'%s' needs a number", f->word);
		if (parse_real(words->v[i], &e) < 0)
			return diag_fail(diag, -EINVAL, "'%s %s': not a tolerance", f->word,
					 words->v[i]);
		for (size_t k = 0; k < ARRAY_SIZE(f->tolerance) && f->tolerance[k]; k++)
			memcpy((char *)c + f->tolerance[k], &e, sizeof(e));
	}
	return 0;
}

int check_text(const struct check *c, const struct strv *args, const void *ans, size_t ans_len,
	       const void *out, size_t out_len, struct check_result *ret, struct diag *diag)
{
	struct span a = { ans_len ? ans : "", NULL }, o = { out_len ? out : "", NULL };
	struct check_result res = { 0 };
	struct check own = *c;
	int r = 0;

	a.end = a.at + ans_len;
	o.end = o.at + out_len;
	switch (c->type) {
	case CHECK_TOKENS:
		r = args ? check_flags(&own, args, diag) : 0;
		if (r == 0)
			r = check_tokens(&own, a, o, &res);
		break;
	case CHECK_LINES:
		r = check_lines(&own, a, o, &res);
		break;
	case CHECK_BYTES:
		r = check_bytes(&own, a, o, &res);
		break;
	case CHECK_PROGRAM:
	case CHECK_INTERACTIVE:
		r = diag_fail(diag, -EINVAL, "the check is a program's");
		break;
	}
	if (r < 0) {
		check_result_release(&res);
		return r;
	}
	*ret = res;
	return 0;
}

void check_result_release(struct check_result *r)
{
	free(r->message);
	free(r->staff_message);
	free(r->difference);
	*r = (struct check_result){ 0 };
}

#include "base/utf8.h"

size_t utf8_char(const char *text, size_t left, uint32_t *ret)
{
	static const struct { unsigned char mask, lead; uint32_t least; } forms[] = {
		{ 0x80, 0x00, 0 },		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },		{ 0xf8, 0xf0, 0x10000 },
	};
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < ARRAY_SIZE(forms) && i < left; i++) {
		uint32_t c = s[0] & (unsigned char)~forms[i].mask;

		if ((s[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t k = 1; k <= i; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[k] & 0x3f);
		}
		if (c < forms[i].least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return 0;
		if (ret != NULL)
			*ret = c;
		return i + 1;
	}
	return 0;
}

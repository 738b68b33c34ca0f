/*
 * attack: warnings without end
 * problem: hidden
 * expect: Compile error
 */
#if __INCLUDE_LEVEL__ < 16
#warning "and one more, which is long: 0123456789012345678901234567890123456789012345678901234567890"
#include __FILE__
#include __FILE__
#include __FILE__
#endif

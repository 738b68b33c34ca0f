/*
 * attack: include the problem's answers, by every path there might be
 * problem: hidden
 * expect: Wrong answer | Compile error
 */
#define TRY(path) __has_include(path)
#if TRY("@STATE@/problems/hidden/2.ans") || TRY("@STATE@/problems/hidden/2.in") || TRY("../2.ans") || TRY("2.in") || 	TRY("/box/2.in") || TRY("/tmp/2.in") || TRY("@SECRET@") || TRY("@STATE@/judge.ini") || TRY("/proc/1/root@SECRET@")
int main(void) { return 1; }
#else
int main(void) { return 0; }
#endif

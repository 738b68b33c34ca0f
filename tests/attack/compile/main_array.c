/*
 * attack: main is an array of sixteen gigabytes
 * problem: hidden
 * expect: Compile error
 */
main[-1u] = {1};

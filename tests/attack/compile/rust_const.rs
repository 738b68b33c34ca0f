/*
 * attack: let the compiler compute for ever
 * problem: hidden
 * expect: Compile error
 */
const fn f(n: u64) -> u64 { let mut s = 0; let mut i = 0; while i < n { s += i; i += 1; } s }
const X: u64 = f(1 << 60);
fn main() { println!("{}", X); }

/*
 * attack: include a file of the host
 * problem: hidden
 * expect: Compile error
 */
fn main() { println!("{}{}", include_str!("@SECRET@"), include_str!("/etc/shadow")); }

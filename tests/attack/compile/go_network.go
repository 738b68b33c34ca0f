/*
 * attack: a package from the network
 * problem: hidden
 * expect: Compile error
 */
package main
import "github.com/judgefs/does-not-exist"
func main() { exist.Run() }

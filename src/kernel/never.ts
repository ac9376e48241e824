/**
 * The end of a decision over all kinds of a union: a kind that was left out does not compile.
 * @throws {TypeError} where a value from outside is of no known kind all the same.
 */
export function unreachable(found: never): never {
  throw new TypeError(`this is of no known kind: ${JSON.stringify(found)}`);
}

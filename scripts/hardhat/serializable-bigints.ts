/**
 * Loaded by each of Mocha's processes. They hand on what failed as JSON, and an error that holds a `bigint` would take all results of
 * its file with it.
 */
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint): string {
    return this.toString();
  },
});

/** The libraries that a book is linked to, by the names of their contracts. */
export const LINKED_LIBRARIES = ["ListingAdmin", "LiquidationLogic", "MarginCallLogic", "TermLogic"] as const;

export type LinkedLibrary = (typeof LINKED_LIBRARIES)[number];

/** Their addresses. */
export type LibraryAddresses = Readonly<Record<LinkedLibrary, string>>;

/** Something for each of them. */
export function mapLibraries<T>(make: (name: LinkedLibrary) => T): Record<LinkedLibrary, T> {
  return Object.fromEntries(LINKED_LIBRARIES.map((name) => [name, make(name)])) as Record<LinkedLibrary, T>;
}

/** The same where each takes a while: one after the other. */
export async function forEachLibrary<T>(make: (name: LinkedLibrary) => Promise<T>): Promise<Record<LinkedLibrary, T>> {
  const made: Partial<Record<LinkedLibrary, T>> = {};
  for (const name of LINKED_LIBRARIES) made[name] = await make(name);
  return made as Record<LinkedLibrary, T>;
}

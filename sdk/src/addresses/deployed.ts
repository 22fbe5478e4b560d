// Written by scripts/write-sdk-abis.ts.
import type { MarketAddresses } from "./market-addresses.ts";

/** The markets that were deployed from this repository when this version of the package was made. */
// prettier-ignore
export const DEPLOYED: readonly MarketAddresses[] = [];

/** Where markets are: a book of them by chain, and the file that a deployment writes. */
export { AddressBook } from "./address-book.ts";
export { parseMarketAddresses, type AssetAddresses, type MarketAddresses } from "./market-addresses.ts";

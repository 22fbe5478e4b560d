/** A market rebuilt from its logs and block times, block by block, forth and back. */
export { decoder, type Emitter, type RawLog } from "./decode.ts";
export {
  BOOK_EVENTS,
  VAULT_EVENTS,
  type BookEvent,
  type BookEvents,
  type FeedConfig,
  type Fields,
  type FieldTypes,
  type MarketEvent,
  type VaultEvent,
  type VaultEvents,
} from "./events.ts";
export type { Loans } from "./loan-table.ts";
export { MarketHistory, type Block, type BlockHeader } from "./market-history.ts";
export type { ListingState, MarketState, Proposals, ProposalState } from "./market-state.ts";
export type * from "../types.ts";

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { mapLibraries, type LibraryAddresses } from "../linked-libraries.ts";
import type { TermsParameters } from "../parameters.ts";

/** What the contracts know of a feed. */
export interface FeedConfig {
  readonly feed: string;
  /** [s] */
  readonly maxAge: number;
  /** [feed decimals] */
  readonly minAnswer: bigint;
  /** [feed decimals] */
  readonly maxAnswer: bigint;
}

/** A listing as the book's constructor wants it. */
export interface ListingConfig {
  readonly token: string;
  readonly terms: TermsParameters;
  readonly feed: FeedConfig;
  /** Its feed is zero if there is none. */
  readonly secondFeed: FeedConfig;
  /** [token base units] */
  readonly cap: bigint;
}

/** What vault and book are created with. */
export interface MarketPlan {
  readonly manager: string;
  readonly libraries: LibraryAddresses;
  readonly vault: {
    readonly asset: string;
    readonly predictedBook: string;
    readonly treasury: string;
    /** [loan asset base units] */
    readonly depositCap: bigint;
    readonly name: string;
    readonly symbol: string;
  };
  /** [loan asset base units] */
  readonly minDebt: bigint;
  readonly loanAssetFeed: FeedConfig;
  /** [loan feed decimals] */
  readonly peg: bigint;
  /** Zero on a chain without a sequencer. */
  readonly sequencerFeed: string;
  readonly listings: readonly ListingConfig[];
}

/**
 * The two contracts of a market. The vault is told the book's address before the book exists, so the two creations must be
 * the sender's next two transactions in this order; the book's constructor refuses a vault that was told another address.
 */
export function vaultAndBookModule(plan: MarketPlan) {
  return buildModule("VaultAndBook", (m) => {
    const { asset, predictedBook, treasury, depositCap, name, symbol } = plan.vault;
    const vault = m.contract("LenderVault", [asset, predictedBook, treasury, plan.manager, depositCap, name, symbol]);
    const config = {
      vault,
      authority: plan.manager,
      minDebt: plan.minDebt,
      loanAssetFeed: { ...plan.loanAssetFeed },
      peg: plan.peg,
      sequencerFeed: plan.sequencerFeed,
    };
    const listings = plan.listings.map(({ terms, feed, secondFeed, ...listing }) => {
      return { ...listing, terms: { ...terms }, feed: { ...feed }, secondFeed: { ...secondFeed } };
    });
    // In lower case: as it stands here it goes into the creation's code, which Ignition compares with the chain's letter by letter.
    const libraries = mapLibraries((name) => m.contractAt(name, plan.libraries[name].toLowerCase()));
    const book = m.contract("LoanBook", [config, listings], { libraries });
    return { vault, book };
  });
}

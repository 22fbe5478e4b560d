/** Who among the compiled contracts answers a vector's case: a library behind a harness, a vault of that state, or the lens. */
import { toBeHex, type BaseContract } from "ethers";

import type { ListingFeeds } from "../../sdk/src/math/book-prices.ts";
import type { Growth } from "../../sdk/src/math/loan-debt.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { FeedSource, PriceSource, Round, SourcePrice } from "../../sdk/src/math/price-feeds.ts";
import type { SharedVault } from "../../sdk/src/math/vault-shares.ts";
import type { Loan, StoredMarginCall, TermSums } from "../../sdk/src/types.ts";
import type { LoanLens } from "../../typechain-types/index.ts";
import { networkHelpers } from "../helpers/chain.ts";
import type { LenderVault } from "../helpers/contracts.ts";
import { isRevert } from "../helpers/reverts.ts";
import type { Harness } from "./vault-harness.ts";
import { bookInterface, told } from "./vector-market.ts";

/** What a case's arguments are once they are read; each case has some of them. */
export interface Args {
  now: bigint;
  growth: Growth;
  base: bigint | undefined;
  amount: bigint | undefined;
  sums: TermSums;
  debts: TermSums;
  loan: Loan;
  debtIndex: bigint;
  /** A whole vault, or for the lens two figures of one. */
  vault: SharedVault;
  request: object;
  first: SourcePrice;
  second: SourcePrice;
  maxDeviation: bigint;
  source: PriceSource;
  round: Round | undefined;
  listing: unknown;
  /** What it counts, or its feed. */
  loanAsset: unknown;
  peg: bigint;
  stored: StoredMarginCall;
  upSince: bigint;
  market: MarketView;
  isPaused: boolean | undefined;
  order: object;
}

/** The figures of an answer, in whatever they are; undefined if the contract reverts. */
export type Answer = (args: Args) => Promise<unknown>;

type Take = (args: Args) => unknown[];

/** Functions of a library behind a harness, which take what the case has, in its order. */
function functionsOf(harness: Harness, names: readonly string[], take: Take = allButTime): Record<string, Answer> {
  return Object.fromEntries(names.map((name) => [name, async (args: Args) => harness.ask(name, ...take(args))]));
}

/** The vault's libraries, by file and function. */
export function ofVaultLibraries(harness: Harness): Record<string, Record<string, Answer>> {
  const ask =
    (name: string, take: Take): Answer =>
    async (args) =>
      harness.ask(name, ...take(args));
  const amounts = ["debtUp", "feeUp", "feeDown", "baseDown", "baseWithFeeDown", "retiredDown"];
  const ofAmounts = amounts.map((name, position): [string, Answer] => [
    name,
    async ({ growth, base = 0n, amount = 0n }) =>
      ((await harness.ask("amountsOf", growth, base, amount)) as bigint[])[position],
  ]);
  const withScaled: Take = ({ sums, debts }) => [sums, { scaled: 0n, ...debts }];
  return {
    "exp-wad": functionsOf(harness, ["expWad"]),
    "rate-curve": { ...functionsOf(harness, ["utilisation", "drift", "growth"]), rate: ask("curveRate", allButTime) },
    "averaged-supply": functionsOf(harness, ["pack", "unpack", "next"]),
    "term-debt": { ...functionsOf(harness, ["owed"]), ...functionsOf(harness, ["add", "remove"], withScaled) },
    "term-quote": { ...functionsOf(harness, ["maxTermDebt"]), rate: ask("quote", allButTime) },
    "loan-debt": {
      growthOf: ask("growthOf", ({ loan, debtIndex }) => [storedLoan(loan), debtIndex]),
      ...Object.fromEntries(ofAmounts),
      ...functionsOf(harness, ["scaledUp"]),
      debtsOf: ask("debtsOf", ({ loan, base }) => [storedLoan(loan), base]),
    },
  };
}

/** The book's libraries. */
export function ofBookLibraries(harness: Harness): Record<string, Record<string, Answer>> {
  const statusOf = (answer: unknown, at: number): unknown[] =>
    (answer as unknown[]).map((each, i) => (i === at ? ["live", "stale", "broken"][Number(each)] : each));
  const pairs: Take = ({ first, second, maxDeviation }) => [
    ...[first.price, first.isLive, second.price, second.isLive, maxDeviation],
  ];
  const sources: Take = ({ source, loanAsset }) => [sourceOf(source), loanAsset];
  return {
    "health-math": functionsOf(harness, ["valueDown", "valueUp", "shareDown", "tokensToCure"]),
    "source-pair": {
      ...functionsOf(harness, ["forBorrowing", "forLiquidation"], pairs),
      ...functionsOf(harness, ["discounted"]),
    },
    "price-feeds": {
      inspect: async ({ source }) => statusOf(await harness.ask("inspect", sourceOf(source)), 1),
      ...functionsOf(harness, ["priceDown", "priceUp"], sources),
      inspectSequencer: async ({ round }) => statusOf(await harness.ask("inspectSequencer", roundOf(round)), 0),
    },
    "book-prices": functionsOf(harness, ["pricesOf"], ({ listing, loanAsset, peg }) => {
      const { terms, source, secondSource } = listing as ListingFeeds;
      const both = secondSource === undefined ? [source] : [source, secondSource];
      return [sourceOf(loanAsset as FeedSource), peg, both.map(sourceOf), terms.maxDeviation];
    }),
    "margin-call-record": {
      ...functionsOf(harness, ["asOf"], ({ stored, upSince }) => [
        ...[stored.caller, stored.calledAt, stored.deadline, upSince],
      ]),
      ...functionsOf(harness, ["isAlive", "overdue", "earnsCredit"]),
    },
    "liquidation-math": functionsOf(harness, ["bonus", "hardBonus", "softBonus", "credit", "repayLimit", "fill"]),
  };
}

/** A vault that has what the case says in its storage. */
export function ofVault(vault: LenderVault): Record<string, Record<string, Answer>> {
  const ask =
    (name: string, take: Take): Answer =>
    async (args) => {
      await store(vault, args.vault);
      try {
        return (await (vault as BaseContract).getFunction(name).staticCall(...take(args))) as unknown;
      } catch (error) {
        if (isRevert(error)) return undefined;
        throw error;
      }
    };
  const views = ["debtIndex", "totalDebt", "termDebt", "totalAssets", "utilisation", "borrowRate", "lendRate"];
  const conversions = ["convertToShares", "convertToAssets", "previewDeposit", "previewMint"];
  return {
    vault: {
      // The flags are left out, and the terms, which accrual leaves as they are, put in.
      accrued: async (args) => {
        const said = (await ask("accruedState", () => [])(args)) as bigint[];
        return [...said.slice(0, 7), args.vault.terms];
      },
      ...Object.fromEntries(views.map((name) => [name, ask(name, () => [])])),
      quoteTerm: ask("quoteTerm", ({ request }) => Object.values(request)),
    },
    "vault-shares": Object.fromEntries(
      [...conversions, "previewWithdraw", "previewRedeem"].map((name) => [name, ask(name, ({ amount }) => [amount])]),
    ),
  };
}

/** The lens, which is told of a book with the case's market and loan. */
export function ofLens(lens: LoanLens, harness: Harness): Record<string, Record<string, Answer>> {
  const ask =
    (name: string, pick: (said: never) => unknown = (said) => said, take: Take = ({ loan }) => [loan.id]): Answer =>
    async (args) => {
      const { market, loan, vault, isPaused } = args;
      const { calls, results, sequencer } = told(harness.address, market, loan, vault, isPaused);
      const coder = lens.interface as BaseContract["interface"];
      const question = coder.encodeFunctionData(name, [harness.address, ...take(args)]);
      const answer = await harness.ask("consult", calls, results, sequencer, lens.target, question);
      if (answer === undefined) throw new Error(`The lens refuses ${name}.`);
      const said = coder.decodeFunctionResult(name, answer as string);
      return pick((said.length === 1 ? (said[0] as unknown) : said) as never);
    };
  const ids: Take = ({ loan }) => [[loan.id]];
  const andListing: Take = ({ loan, listing }) => [loan.id, listing];
  return {
    "loan-lens": {
      healthOf: ask("loanDetails", ({ health }: { health: unknown }) => health),
      isCallable: ask("callable", (found: bigint[]) => found.length === 1, ids),
      isLiquidatable: ask("liquidatable", (found: bigint[]) => found.length === 1, ids),
      marginCallState: ask("marginCallState", (state: bigint) => ["none", "curing", "due", "lapsed"][Number(state)]),
      ...{ amountToCure: ask("amountToCure"), liquidationDrop: ask("liquidationDrop") },
      liquidationPrice: ask("liquidationPrice", undefined, andListing),
      ...{ maxRelease: ask("maxRelease", undefined, andListing), maxBorrow: ask("maxBorrow") },
      previewLiquidation: async (args) => {
        const said = await ask("previewLiquidation", undefined, ({ loan, order }) => [{ id: loan.id, ...order }])(args);
        return previewed(said as Record<string, unknown>, args.market.board.loanAssetFeed);
      },
    },
  };
}

function allButTime(args: Args): unknown[] {
  return Object.entries(args).flatMap(([name, value]) => (name === "now" ? [] : [value as unknown]));
}

function storedLoan(loan: object): object {
  return { pledged: 0n, flags: 0n, ...loan };
}

function sourceOf(source: FeedSource & Partial<PriceSource>): object {
  const { maxAge, minAnswer, maxAnswer, exponent = 0n, round } = source;
  return { maxAge, minAnswer, maxAnswer, exponent, round: roundOf(round) };
}

function roundOf(round: Round | undefined): object {
  return { answers: round !== undefined, ...(round ?? { answer: 0n, startedAt: 0n, updatedAt: 0n }) };
}

/** A preview with its refusal read. The harness is the loan asset's feed here, whose address the case has another of. */
function previewed(said: Record<string, unknown>, loanAssetFeed: string): unknown[] {
  const { isLiquidatable, isSoft, repaid, seized, credit, bonus, refusal } = said;
  const error = refusal === "0x" ? null : bookInterface.parseError(refusal as string);
  const values = error?.name === "LoanAssetFeedNotLive" ? [loanAssetFeed] : (error?.args.toArray() as unknown[]);
  return [isLiquidatable, isSoft, repaid, seized, credit, bonus, error?.name, values];
}

/** Writes a state into a vault's storage; where the slots are is fixed by test/integration/storage-layout.ts. */
async function store(vault: LenderVault, state: SharedVault): Promise<void> {
  const { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget, terms, totalSupply } = state;
  const flags = terms.principal === 0n ? 0n : 128n; // whether there are terms
  const slots: [slot: bigint, value: bigint][] = [
    [2n, totalSupply],
    [10n, scaledDebt | (index << 104n) | (lastAccrual << 176n) | (averagedSupply << 208n)],
    [11n, cash | (reserves << 104n) | (rateAtTarget << 200n) | (flags << 248n)],
    [12n, terms.principal | (terms.weighted << 104n)],
    [13n, terms.dated],
  ];
  const address = await vault.getAddress();
  for (const [slot, value] of slots) await networkHelpers.setStorageAt(address, toBeHex(slot), toBeHex(value, 32));
}

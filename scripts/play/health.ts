/**
 * The contracts' mathematics of debts, lines and liquidations, in their units and with their rounding, so that a keeper can
 * look at every loan without asking the chain. The play compares each liquidation with what the contract says.
 *
 * Units: [asset] loan-asset base units, [token] collateral base units, [price] = [asset] / [token] × 1e36, [WAD] 1e18,
 * [bps] 1e4. Mirrors Listings, HealthMath, LiquidationMath and Liquidations.
 */
const WAD = 10n ** 18n;
const BPS = 10_000n;
const PRICE_ONE = 10n ** 36n;
const LAST_BONUS = WAD / 100n;
const WORTHLESS_DIVISOR = 20n;

/** More than any debt: "as much as the contract allows". [asset] */
export const ALL = 2n ** 256n - 1n;

/** The risk terms of a listing. [bps] */
export interface Terms {
  readonly borrowLtv: bigint;
  readonly callLtv: bigint;
  readonly liquidationLtv: bigint;
  readonly maxBonus: bigint;
  readonly bonusSlope: bigint;
}

/** A feed's limits and its last round. */
export interface FeedState {
  readonly maxAge: number;
  readonly minAnswer: bigint;
  readonly maxAnswer: bigint;
  readonly answer: bigint;
  readonly updatedAt: number;
}

/** A listing's terms and its price for liquidation, by number of the listing. */
export interface BoardEntry {
  readonly terms: Terms;
  /** [price] */
  readonly price: bigint;
  readonly isSeizable: boolean;
}

export interface LoanState {
  readonly id: bigint;
  /** [asset / index] */
  readonly scaledDebt: bigint;
  /** By number of the listing. [token] */
  readonly pledges: ReadonlyMap<number, bigint>;
}

/** Sums over a loan's pledges, each rounded down. [asset] */
export interface Lines {
  readonly value: bigint;
  readonly seizableValue: bigint;
  readonly borrowLimit: bigint;
  readonly callLine: bigint;
  readonly liquidationLine: bigint;
}

/** What a liquidation would move. */
export interface Fill {
  /** [asset] */
  readonly repaid: bigint;
  /** [token] */
  readonly seized: bigint;
}

export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  const product = a * b;
  return product === 0n ? 0n : (product - 1n) / denominator + 1n;
}

/** A feed's answer, moved into its bounds, and whether it is live. */
export function observe(feed: FeedState, now: number): { readonly answer: bigint; readonly isLive: boolean } {
  if (feed.answer < feed.minAnswer) return { answer: feed.minAnswer, isLive: false };
  if (feed.answer > feed.maxAnswer) return { answer: feed.maxAnswer, isLive: false };
  return { answer: feed.answer, isLive: now - feed.updatedAt <= feed.maxAge };
}

/** The loan asset as it counts for liquidation: the lower of feed and peg; the peg if the feed is not live. [feed decimals] */
export function loanAssetForLiquidation(feed: FeedState, peg: bigint, now: number): bigint {
  const { answer, isLive } = observe(feed, now);
  if (!isLive) return peg;
  return peg !== 0n && peg < answer ? peg : answer;
}

/** [price], rounded up. */
export function priceForLiquidation(answer: bigint, exponent: number, loanAsset: bigint): bigint {
  return mulDivUp(answer, 10n ** BigInt(exponent), loanAsset);
}

/** What tokens are worth. [asset], rounded down. */
export function valueDown(tokens: bigint, price: bigint): bigint {
  return (tokens * price) / PRICE_ONE;
}

/** What a loan owes. [asset], rounded up. */
export function debtUp(scaledDebt: bigint, index: bigint): bigint {
  return mulDivUp(scaledDebt, index, WAD);
}

/** What a part payment takes off a debt for certain. [asset], rounded down. */
export function retiredDown(amount: bigint, index: bigint): bigint {
  return (((amount * WAD) / index) * index) / WAD;
}

export function linesOf(loan: LoanState, board: readonly BoardEntry[]): Lines {
  const sum = { value: 0n, seizableValue: 0n, borrowLimit: 0n, callLine: 0n, liquidationLine: 0n };
  for (const [listing, amount] of loan.pledges) {
    const { terms, price, isSeizable } = entryOf(board, listing);
    const value = valueDown(amount, price);
    sum.value += value;
    if (isSeizable) sum.seizableValue += value;
    sum.borrowLimit += (value * terms.borrowLtv) / BPS;
    sum.callLine += (value * terms.callLtv) / BPS;
    sum.liquidationLine += (value * terms.liquidationLtv) / BPS;
  }
  return sum;
}

/** The liquidator's bonus. [WAD], rounded down. */
export function bonus(debt: bigint, lines: Lines, terms: Terms): bigint {
  const max = terms.maxBonus * (WAD / BPS);
  const line = lines.liquidationLine;
  const steep = line === 0n ? max : (terms.bonusSlope * (WAD / BPS) * (debt - line)) / line;
  const equity = (lines.seizableValue * WAD) / debt - WAD;
  return lower(lower(max, steep), higher(LAST_BONUS, equity));
}

/**
 * What a liquidator who pays at most `maxRepay` pays and gets.
 * @returns undefined where the contract refuses: the loan is at or below its line, the feed is dead, too little would remain.
 */
export function fill(
  loan: LoanState,
  listing: number,
  maxRepay: bigint,
  board: readonly BoardEntry[],
  index: bigint,
  minDebt: bigint,
): Fill | undefined {
  const { terms, price, isSeizable } = entryOf(board, listing);
  const pledged = loan.pledges.get(listing) ?? 0n;
  const debt = debtUp(loan.scaledDebt, index);
  const lines = linesOf(loan, board);
  if (pledged === 0n || debt <= lines.liquidationLine || !isSeizable || maxRepay === 0n) return undefined;

  const beta = bonus(debt, lines, terms);
  const wholePrice = mulDivUp(mulDivUp(pledged, price, PRICE_ONE), WAD, WAD + beta);
  const repaid = lower(maxRepay, repayLimit(debt, lines, terms, beta, minDebt));
  if (repaid >= wholePrice) return { repaid: wholePrice, seized: pledged };
  const retired = repaid === debt ? repaid : retiredDown(repaid, index);
  const seized = lower((retired * (WAD + beta) * (PRICE_ONE / WAD)) / price, pledged);
  if (seized === 0n) return undefined;
  if (seized < pledged && repaid < debt) {
    const left = debt - repaid;
    const value = higher(0n, lines.value - mulDivUp(seized, price, PRICE_ONE));
    if (left < minDebt || (value < minDebt / WORTHLESS_DIVISOR && value < left)) return undefined;
  }
  return { repaid, seized };
}

/** True if anyone may take the loan's pledges and write the rest of it off. */
export function isWorthless(loan: LoanState, board: readonly BoardEntry[], index: bigint, minDebt: bigint): boolean {
  const debt = debtUp(loan.scaledDebt, index);
  const { value, seizableValue } = linesOf(loan, board);
  return debt !== 0n && value === seizableValue && value < lower(debt, minDebt / WORTHLESS_DIVISOR);
}

/** The most that may be repaid. [asset], rounded up. */
function repayLimit(debt: bigint, lines: Lines, terms: Terms, beta: bigint, minDebt: bigint): bigint {
  if (lines.value * 100n < debt * 101n) return debt;
  const divisor = WAD - mulDivUp(terms.borrowLtv, WAD + beta, BPS);
  const limit = mulDivUp(higher(0n, debt - lines.borrowLimit), WAD, divisor);
  return limit >= debt || debt - limit < minDebt ? debt : limit;
}

function entryOf(board: readonly BoardEntry[], listing: number): BoardEntry {
  const entry = board[listing];
  if (entry === undefined) throw new RangeError(`There is no listing ${String(listing)}.`);
  return entry;
}

function lower(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function higher(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

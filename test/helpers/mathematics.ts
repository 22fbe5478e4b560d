/**
 * The protocol's arithmetic a second time, from design.md and not from the contracts: fractions that never round, and one
 * rounding at the end. Where the contracts round on the way, tests allow for it and say so.
 */

import { MAX_AVERAGE, packAverage, unpackAverage } from "./averaged-supply.ts";

export const WAD = 10n ** 18n;
const BPS = 10_000n;
const YEAR = 365n * 86_400n;

/** An exact fraction; the denominator is positive. */
export class Fraction {
  public readonly numerator: bigint;
  public readonly denominator: bigint;

  public constructor(numerator: bigint, denominator = 1n) {
    if (denominator === 0n) throw new RangeError("A fraction needs a denominator other than 0.");
    this.numerator = denominator < 0n ? -numerator : numerator;
    this.denominator = denominator < 0n ? -denominator : denominator;
  }

  public plus(other: Fraction): Fraction {
    const numerator = this.numerator * other.denominator + other.numerator * this.denominator;
    return new Fraction(numerator, this.denominator * other.denominator);
  }

  public minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  public times(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  public over(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  public isBelow(other: Fraction): boolean {
    return this.numerator * other.denominator < other.numerator * this.denominator;
  }

  public floor(): bigint {
    const quotient = this.numerator / this.denominator;
    return this.numerator % this.denominator < 0n ? quotient - 1n : quotient;
  }

  public ceil(): bigint {
    return -new Fraction(-this.numerator, this.denominator).floor();
  }

  /** The nearest fraction with 60 decimals, so that long calculations stay short. */
  public shortened(): Fraction {
    const scale = 10n ** 60n;
    return new Fraction(this.times(new Fraction(scale)).floor(), scale);
  }
}

export const ZERO = new Fraction(0n);
export const ONE = new Fraction(1n);
export const whole = (value: bigint): Fraction => new Fraction(value);
export const bps = (share: bigint): Fraction => new Fraction(share, BPS);
export const wad = (value: bigint): Fraction => new Fraction(value, WAD);

export const smaller = (a: Fraction, b: Fraction): Fraction => (a.isBelow(b) ? a : b);
export const larger = (a: Fraction, b: Fraction): Fraction => (a.isBelow(b) ? b : a);

/** e^x by its power series, after halving x until it is small. Good to more than 40 digits for |x| below 50. */
export function exponential(x: Fraction): Fraction {
  const HALVINGS = 10n;
  const small = x.over(whole(2n ** HALVINGS)).shortened();
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; n <= 40n; n++) {
    term = term.times(small).over(whole(n)).shortened();
    sum = sum.plus(term).shortened();
  }
  for (let n = 0n; n < HALVINGS; n++) sum = sum.times(sum).shortened();
  return sum;
}

// ------------------------------------------------------------------------------------------------------------ Interest

/** What interest depends on, in the vault's units. */
export interface VaultFigures {
  scaledDebt: bigint; // [asset / index]
  index: bigint; // [WAD]
  cash: bigint; // [asset]
  reserves: bigint; // [asset]
  rateAtTarget: bigint; // [1e-14/year]
  averagedSupply: bigint; // [packed]
}

const RATE_UNIT = 10n ** 14n;
const TARGET = bps(9_000n);
const LOWEST_RATE = new Fraction(5n, 1_000n);
const HIGHEST_RATE = new Fraction(25n, 100n);
const DRIFT_PER_YEAR = whole(50n);
const RESERVE_FACTOR = bps(1_000n);

/** All debt, before any rounding. [asset] */
export function totalDebt({ scaledDebt, index }: VaultFigures): Fraction {
  return whole(scaledDebt).times(wad(index));
}

/** Share of the supply that is lent out. */
export function utilisation(vault: VaultFigures): Fraction {
  const debt = totalDebt(vault);
  return debt.numerator === 0n ? ZERO : debt.over(debt.plus(whole(vault.cash)));
}

/** Distance from the target, -1…1: as a share of the side on which it lies. */
function distance(used: Fraction): Fraction {
  const side = used.isBelow(TARGET) ? TARGET : ONE.minus(TARGET);
  return used.minus(TARGET).over(side);
}

/** The curve through 1/4 at 0, 1 at the target, 4 at 100 %. */
export function curve(used: Fraction): Fraction {
  return used.isBelow(TARGET)
    ? new Fraction(1n, 4n).plus(new Fraction(3n, 4n).times(used).over(TARGET))
    : ONE.plus(whole(3n).times(used.minus(TARGET)).over(ONE.minus(TARGET)));
}

/** The rate of open-term loans per year. */
export function borrowRate(vault: VaultFigures): Fraction {
  return new Fraction(vault.rateAtTarget, RATE_UNIT).times(curve(utilisation(vault)));
}

/** The vault's figures after `elapsed` seconds in which nothing else happened. Each is rounded once. */
export function accrue(stored: VaultFigures, elapsed: bigint): VaultFigures {
  // Field by field: what a contract returns is an array underneath, and a spread would take the array.
  const { scaledDebt, index: startIndex, cash, reserves, rateAtTarget, averagedSupply } = stored;
  const vault = { scaledDebt, index: startIndex, cash, reserves, rateAtTarget, averagedSupply };
  const used = utilisation(vault);
  const drift = DRIFT_PER_YEAR.times(distance(used)).times(new Fraction(elapsed, YEAR));
  const start = new Fraction(vault.rateAtTarget, RATE_UNIT);
  const middle = withinBounds(start.times(exponential(drift.over(whole(2n)))));
  const end = withinBounds(start.times(exponential(drift)));
  const average = start
    .plus(middle.times(whole(2n)))
    .plus(end)
    .over(whole(4n));

  const x = average.times(curve(used)).times(new Fraction(elapsed, YEAR)).shortened();
  const growth = x.plus(x.times(x).over(whole(2n))).plus(x.times(x).times(x).over(whole(6n)));
  const index = whole(vault.index).times(ONE.plus(growth)).ceil();

  const interest = totalDebt({ ...vault, index }).minus(totalDebt(vault));
  const supply = smaller(totalDebt(vault).plus(whole(vault.cash)), whole(MAX_AVERAGE));
  const averaged = averageAfter(whole(unpackAverage(vault.averagedSupply)), supply, elapsed);
  return {
    ...vault,
    index,
    reserves: vault.reserves + interest.times(RESERVE_FACTOR).floor(),
    rateAtTarget: end.times(whole(RATE_UNIT)).floor(),
    averagedSupply: packAverage(averaged.floor()),
  };
}

function withinBounds(rate: Fraction): Fraction {
  return larger(LOWEST_RATE, smaller(HIGHEST_RATE, rate));
}

/** Exponential average: seven days up, twelve hours down. */
function averageAfter(average: Fraction, supply: Fraction, elapsed: bigint): Fraction {
  const timeConstant = average.isBelow(supply) ? 7n * 86_400n : 43_200n;
  const kept = exponential(new Fraction(-elapsed, timeConstant));
  return supply.plus(average.minus(supply).times(kept));
}

/** What a loan owes. [asset], rounded up. */
export function debtOf(scaledDebt: bigint, index: bigint): bigint {
  return whole(scaledDebt).times(wad(index)).ceil();
}

// -------------------------------------------------------------------------------------------------------------- Shares

const VIRTUAL_SHARES = 10n ** 6n;

/** Total assets that lenders own, rounded down. [asset] */
export function totalAssets(vault: VaultFigures): bigint {
  return totalDebt(vault).floor() + vault.cash - vault.reserves;
}

/** Shares per asset, with the virtual shares and the virtual unit of ERC-4626's inflation guard. */
export function sharesPerAsset(assets: bigint, supply: bigint): Fraction {
  return new Fraction(supply + VIRTUAL_SHARES, assets + 1n);
}

// -------------------------------------------------------------------------------------------------------------- Prices

/** What one source says. */
export interface SourceFigures {
  /** Of a source that is not live: its last answer moved to the nearer bound, the upper bound if there is none. */
  price: Fraction;
  isLive: boolean;
}

/** The three columns of section 7; nothing where there is no such price. */
export interface PriceFigures {
  forBorrowing: Fraction;
  forLiquidation: Fraction;
  forSeizure: Fraction;
}

/** The table of section 7 for an asset with two sources. `maxDeviation` in parts of the higher price. [bps] */
export function pairPrices(first: SourceFigures, second: SourceFigures, maxDeviation: bigint): PriceFigures {
  const lower = smaller(first.price, second.price);
  const higher = larger(first.price, second.price);
  if (first.isLive !== second.isLive) {
    const live = first.isLive ? first.price : second.price;
    return { forBorrowing: ZERO, forLiquidation: live, forSeizure: live };
  }
  if (!first.isLive) return { forBorrowing: ZERO, forLiquidation: higher, forSeizure: ZERO };
  const isApart = bps(maxDeviation).isBelow(higher.minus(lower).over(higher));
  if (!isApart) return { forBorrowing: lower, forLiquidation: higher, forSeizure: higher };
  const discounted = higher.times(ONE.minus(bps(maxDeviation)));
  return { forBorrowing: ZERO, forLiquidation: higher, forSeizure: larger(lower, discounted) };
}

// --------------------------------------------------------------------------------------------------------- Liquidation

export interface PledgeFigures {
  amount: bigint; // [token]
  /** Loan asset base units for one base unit of the token. */
  price: Fraction;
  /** At which it is seized, if that is not `price`. */
  seizurePrice?: Fraction;
  terms: { borrowLtv: bigint; callLtv: bigint; liquidationLtv: bigint; maxBonus: bigint; bonusSlope: bigint };
  /** The feed is live. */
  isSeizable?: boolean;
}

export interface LoanFigures {
  debt: bigint; // [asset]
  pledges: PledgeFigures[];
  /** Each pledge's value and its share of a line count as whole units, rounded down. Without it nothing is rounded. */
  isRounded?: boolean;
}

/** Loan asset base units for one base unit of a token: from dollars per whole token and the decimals. */
export function priceOf(dollarsPerToken: Fraction, tokenDecimals: bigint, assetDecimals: bigint): Fraction {
  return dollarsPerToken.times(new Fraction(10n ** assetDecimals, 10n ** tokenDecimals));
}

const valueOf = (pledge: PledgeFigures): Fraction => whole(pledge.amount).times(pledge.price);
const sum = (values: Fraction[]): Fraction => values.reduce((total, value) => total.plus(value), ZERO);

/** Σ value × LTV. [asset] */
export function line(loan: LoanFigures, ltv: "borrowLtv" | "callLtv" | "liquidationLtv"): Fraction {
  const rounded = roundingOf(loan);
  return sum(loan.pledges.map((pledge) => rounded(rounded(valueOf(pledge)).times(bps(pledge.terms[ltv])))));
}

/** Value of all pledges. [asset] */
export function value(loan: LoanFigures): Fraction {
  return sum(loan.pledges.map((pledge) => roundingOf(loan)(valueOf(pledge))));
}

function roundingOf({ isRounded = false }: LoanFigures): (value: Fraction) => Fraction {
  return isRounded ? (value) => whole(value.floor()) : (value) => value;
}

/**
 * β = min(maxBonus, slope × (D / L − 1)) and what a lower seizing price adds, (1 + …) × price / seizing price − 1; never more
 * than the equity left, but then 1 %.
 */
export function bonus(loan: LoanFigures, taken: PledgeFigures): Fraction {
  const debt = whole(loan.debt);
  const liquidationLine = line(loan, "liquidationLtv");
  const seizable = sum(loan.pledges.filter((pledge) => pledge.isSeizable ?? true).map(valueOf));
  const steep = bps(taken.terms.bonusSlope).times(debt.over(liquidationLine).minus(ONE));
  const equity = larger(bps(100n), seizable.over(debt).minus(ONE));
  const hard = smaller(bps(taken.terms.maxBonus), steep);
  const all = ONE.plus(hard)
    .times(taken.price)
    .over(taken.seizurePrice ?? taken.price)
    .minus(ONE);
  return smaller(all, equity);
}

/** What a liquidator who pays at most `maxRepay` pays and gets (design, section 9). */
export function liquidation(
  loan: LoanFigures,
  taken: PledgeFigures,
  { minDebt, maxRepay }: { minDebt: bigint; maxRepay?: bigint },
): { repaid: bigint; seized: bigint } {
  const debt = whole(loan.debt);
  const factor = ONE.plus(bonus(loan, taken));

  const toBorrowLimit = debt.minus(line(loan, "borrowLtv")).over(ONE.minus(bps(taken.terms.borrowLtv).times(factor)));
  const leavesTooLittle = debt.minus(toBorrowLimit).isBelow(whole(minDebt));
  const isHopeless = value(loan).isBelow(debt.times(bps(10_100n)));
  const limit = leavesTooLittle || isHopeless ? loan.debt : toBorrowLimit.ceil();

  const wholePledge = valueOf(taken).over(factor).ceil();
  const repaid = maxRepay !== undefined && maxRepay < limit ? maxRepay : limit;
  if (repaid >= wholePledge) return { repaid: wholePledge, seized: taken.amount };
  return { repaid, seized: whole(repaid).times(factor).over(taken.price).floor() };
}

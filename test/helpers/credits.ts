/**
 * What the caller of a margin call is credited, to the last unit: the bonus as the contracts keep it, in 18 digits. Not the SDK's, which
 * is compared with the contracts itself: these tests judge the contracts by figures of their own.
 */
import { DEBT, etherPledge, goPastDeadline, orderFor, SOFT_RAMP, type Scene } from "./margin-calls.ts";
import { deployMarket, dollars, openLoan, WETH, weth } from "./market.ts";
import { line, value, WAD, type LoanFigures, type PledgeFigures } from "./mathematics.ts";

const BPS = 10_000n;
const SOFT_BONUS = 15n * 10n ** 15n;
const LAST_BONUS = 10n ** 16n;

/** β of a pledge that is seized at the price by which it is judged, each step rounded down. [WAD] */
export function betaInWad(loan: LoanFigures, taken: PledgeFigures, overdue: bigint): bigint {
  const [callLine, liquidationLine] = [line(loan, "callLtv").floor(), line(loan, "liquidationLtv").floor()];
  const { debt } = loan;
  const { bonusSlope, maxBonus } = taken.terms;
  const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
  const most = (a: bigint, b: bigint): bigint => (a < b ? b : a);

  const steep = (((bonusSlope * WAD) / BPS) * (debt - liquidationLine)) / liquidationLine;
  const hard = debt > liquidationLine ? least((maxBonus * WAD) / BPS, steep) : 0n;
  const ramp = (SOFT_BONUS * least(overdue, SOFT_RAMP)) / SOFT_RAMP;
  const soft = debt < liquidationLine ? (ramp * (debt - callLine)) / (liquidationLine - callLine) : ramp;
  const equity = (value(loan).floor() * WAD) / debt - WAD;
  return least(most(hard, soft), most(LAST_BONUS, equity));
}

/** A tenth of β's part of a seizure. [token], rounded down. */
export function creditInUnits(seized: bigint, bonus: bigint): bigint {
  return (seized * bonus) / ((WAD + bonus) * 10n);
}

/** The credit from a loan of ether alone at a price, of which `seized` is taken now: call it before the sale. */
export async function creditOfSale(
  { book, id }: Scene,
  price: string,
  overdue: bigint,
): Promise<(seized: bigint) => bigint> {
  const taken = etherPledge(await book.pledgeOf(id, WETH), price);
  const bonus = betaInWad({ debt: await book.debtOf(id), pledges: [taken], isRounded: true }, taken, overdue);
  return (seized) => creditInUnits(seized, bonus);
}

/** A called loan whose ether is another test contract. */
export async function calledOn(contract: string): Promise<Scene> {
  const market = await deployMarket({ contracts: { weth: contract } });
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: DEBT });
  await market.feeds.weth.set(dollars("1,800"));
  await market.book.connect(market.stranger).callMargin(id);
  return { ...market, id };
}

export type CreditScene = Scene & { credit: bigint };

/** The same after a soft liquidation, of which the stranger has a credit. */
export async function creditedOn(contract: string): Promise<CreditScene> {
  const scene = await calledOn(contract);
  const { book, keeper, stranger, id } = scene;
  await goPastDeadline(scene, SOFT_RAMP);
  await book.connect(keeper).liquidate(orderFor(id), "0x");
  return { ...scene, credit: await book.creditOf(stranger, WETH) };
}

/** The same with plain ether. */
export async function credited(): Promise<CreditScene> {
  return creditedOn("TestToken");
}

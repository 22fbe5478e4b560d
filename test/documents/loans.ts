import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { formatUnits, MaxUint256 } from "ethers";

import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { deployLens } from "../helpers/loan-lens.ts";
import {
  clock,
  DAY,
  deployMarket,
  dollars,
  HOUR,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";

const DOCUMENT = new URL("../../docs/loans.md", import.meta.url);
const PLEDGED = weth("10");
const BORROWED = usdc("15,000");

/** A market at its target utilisation for two months: 885,000 of a million are lent, and the example draws 15,000. */
async function twoMonthsOld(): Promise<Market> {
  const market = await deployMarket();
  await openLoan(market, { owner: market.stranger, pledges: [[WBTC, wbtc("20")]], amount: usdc("885,000") });
  await waitWithLiveFeeds(market, 60n * DAY);
  return market;
}

/** The same with the loan of the example. */
async function withLoan(): Promise<Market & { id: bigint }> {
  const market = await twoMonthsOld();
  return { ...market, id: await openLoan(market, { pledges: [[WETH, PLEDGED]], amount: BORROWED }) };
}

describe("The worked example in docs/loans.md is what the contracts do:", () => {
  let document: string;

  before(async () => {
    document = await readFile(DOCUMENT, "utf8");
  });

  function expectRows(rows: [label: string, figure: string][]): void {
    for (const [label, figure] of rows) expect(document).to.include(`| ${label} | ${figure} |`);
  }

  it("the lines of the loan", async () => {
    const { book, id } = await networkHelpers.loadFixture(withLoan);
    const health = await book.healthOf(id);
    expectRows([
      ["value of 10 ETH at 2,000 USDC", money(usdc("20,000"))],
      ["borrow limit, 78 %", money(health.borrowLimit)],
      ["call line, 80 %", money(health.callLine)],
      ["liquidation line, 86 %", money(health.liquidationLine)],
    ]);
  });

  it("the fixed term, its end and what leaving early costs", async () => {
    const market = await networkHelpers.loadFixture(twoMonthsOld);
    const { book, borrower, feeds } = market;
    const id = loanId(borrower);
    const term = { duration: 90n * DAY, maxRate: 70_000_000n };
    const pledges = [{ listing: WETH, amount: PLEDGED }];
    await book.connect(borrower).openTerm(id, pledges, BORROWED, term, borrower);
    const { rate, since } = await book.loan(id);

    await clock.advance(since + 30n * DAY - clock.now());
    await feeds.weth.set(dollars("2,000"));
    const debt = await book.debtOf(id);
    const leaving = await book.connect(borrower).close.staticCall(id, MaxUint256, borrower);
    await clock.advance(since + 90n * DAY - clock.now());
    const matured = await book.connect(borrower).close.staticCall(id, MaxUint256, borrower);
    expectRows([
      ["rate for 90 days", `${percent(rate, 10n ** 9n)} a year`],
      ["owed after 30 days", money(debt)],
      ["fee for repaying all then", money(leaving - debt)],
      ["owed at maturity, without a fee", money(matured)],
    ]);
  });

  it("the call and its cure", async () => {
    const { book, keeper, feeds, id } = await networkHelpers.loadFixture(withLoan);
    await feeds.weth.set(dollars("1,870"));
    await book.connect(keeper).callMargin(id);
    const { calledAt, deadline, lapse } = await book.marginCallOf(id);
    const lens = await deployLens();
    const { repayment, additions } = await lens.amountToCure(book, id);
    const { debt, callLine } = await book.healthOf(id);
    expectRows([
      ["debt when ETH is at 1,870", money(debt)],
      ["call line then", money(callLine)],
      ["time to cure", `${String((deadline - calledAt) / HOUR)} hours`],
      ["the call lapses", `${String((lapse - deadline) / HOUR)} hours after that`],
      ["repaying this cures", money(up(repayment, 10n ** 4n))],
      ["or pledging this", ether(up(additions[0]?.amount ?? 0n, 10n ** 14n))],
    ]);
  });

  it("the call and the sale", async () => {
    const { book, keeper, feeds, id } = await networkHelpers.loadFixture(withLoan);
    await feeds.weth.set(dollars("1,870"));
    await book.connect(keeper).callMargin(id);
    const { deadline } = await book.marginCallOf(id);
    await clock.advance(deadline + 2n * HOUR - clock.now());
    await feeds.weth.set(dollars("1,850"));
    await feeds.usdc.set(dollars("1"));
    const sale = await liquidate(book, keeper, id);
    expectRows([
      ["sold two hours after the deadline, with ETH at 1,850", ether(sale.taken)],
      ["which repays", money(sale.repaid)],
      ["and costs, above what it repays", money((sale.taken * 1_850n) / 10n ** 12n - sale.repaid)],
    ]);
  });

  it("the gap without notice", async () => {
    const { book, keeper, feeds, id } = await networkHelpers.loadFixture(withLoan);
    await feeds.weth.set(dollars("1,700"));
    const sale = await liquidate(book, keeper, id);
    expectRows([
      ["sold at once when ETH falls to 1,700", ether(sale.taken)],
      ["which repays so much", money(sale.repaid)],
      ["and costs, above that", money((sale.taken * 1_700n) / 10n ** 12n - sale.repaid)],
    ]);
  });
});

/** Sells all that may be sold of the loan's ether, and says what it lost. */
async function liquidate(
  book: Market["book"],
  keeper: Market["keeper"],
  id: bigint,
): Promise<{ repaid: bigint; taken: bigint }> {
  const before = await book.pledgeOf(id, WETH);
  const order: ILoanBook.OrderStruct = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
  const { repaid } = await book.connect(keeper).liquidate.staticCall(order, "0x");
  await book.connect(keeper).liquidate(order, "0x");
  return { repaid, taken: before - (await book.pledgeOf(id, WETH)) };
}

/** The next multiple of what the document tells: less would not cure. */
function up(amount: bigint, unit: bigint): bigint {
  return ((amount + unit - 1n) / unit) * unit;
}

/** To the cent, rounded half up, as the document has it. */
function money(amount: bigint): string {
  return `${grouped(formatUnits((amount + 5_000n) / 10_000n, 2))} USDC`;
}

/** To four places, likewise. */
function ether(amount: bigint): string {
  return `${formatUnits((amount + 5n * 10n ** 13n) / 10n ** 14n, 4)} ETH`;
}

/** To two places, likewise. */
function percent(part: bigint, whole: bigint): string {
  return `${formatUnits((part * 20_000n + whole) / (2n * whole), 2)} %`;
}

/** With a comma after the thousands, and two places. */
function grouped(decimal: string): string {
  const [digits = "", places = ""] = decimal.split(".");
  return `${BigInt(digits).toLocaleString("en-US")}.${places.padEnd(2, "0")}`;
}

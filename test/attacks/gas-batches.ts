/**
 * A batch makes its tables and its figures once and writes them anew for each order, books what the book holds less at its end, and tells
 * the vault once. Whatever is in it, in whatever order, it must come to what its orders come to one after another.
 */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { BigRandom } from "../../scripts/vectors/big-random.ts";
import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import { clock, DAY, HOUR, networkHelpers } from "../helpers/chain.ts";
import { dollars, LINK, link, loanId, openLoan, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { allFeeds, answerOf, deployPairs, type PairedMarket } from "../helpers/pairs.ts";
import { isRevert } from "../helpers/reverts.ts";
import { MONTH } from "../helpers/terms.ts";

type Scene = PairedMarket & { loans: bigint[]; pledged: bigint[][] };

/** Ether and bitcoin with two sources, and LINK. */
const [ETHER_PAIR, FINE_PAIR, BITCOIN_PAIR, LINK_PAIR] = [3n, 4n, 5n, 6n];
const LISTINGS = [WETH, WBTC, LINK, ETHER_PAIR, FINE_PAIR, BITCOIN_PAIR, LINK_PAIR];

async function wait(scene: PairedMarket, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  for (const feed of Object.values(allFeeds(scene))) await feed.set(await feed.answer());
}

/** All prices at a share of what they were; of the sources of pairs the second says a share of the first. [percent] */
async function setPrices(scene: PairedMarket, share: bigint, second: bigint): Promise<void> {
  const { feeds, pairs } = scene;
  const ofAll: [keyof typeof feeds, string][] = [
    ["weth", "2,000"],
    ["wbtc", "60,000"],
    ["link", "15"],
  ];
  for (const [name, price] of ofAll) await feeds[name].set((dollars(price) * share) / 100n);
  for (const [name, price] of [
    ["ether", "2,000"],
    ["fine", "2,000"],
    ["bitcoin", "60,000"],
    ["link", "15"],
  ] as const) {
    const pair = pairs[name];
    await pair.first.feed.set((answerOf(pair.first, price) * share) / 100n);
    await pair.second.feed.set((answerOf(pair.second, price) * share * second) / 10_000n);
  }
}

/** Eight loans of both kinds, near their limits, and of these the even ones called, a day and an hour ago. */
async function manyLoans(): Promise<Scene> {
  const market = await deployPairs();
  const { book, borrower, stranger } = market;
  await wait(market, MONTH);
  const plans: [pledges: [bigint, bigint][], amount: string, isFixedTerm: boolean][] = [
    [[[ETHER_PAIR, weth("10")], [LINK, link("300")]], "18,000", false],
    [[[WETH, weth("5")], [BITCOIN_PAIR, wbtc("0.2")]], "17,000", true],
    [[[WBTC, wbtc("0.5")]], "23,300", false],
    [[[FINE_PAIR, weth("4")]], "6,200", false],
    [[[LINK_PAIR, link("1,000")], [WETH, weth("2")]], "12,600", true],
    [[[WETH, weth("1")], [WBTC, wbtc("0.03")], [LINK, link("100")], [FINE_PAIR, weth("1")]], "5,450", false],
    [[[WETH, weth("0.08")]], "120", false],
    [[[WETH, weth("50")]], "10,000", false], // which nobody can take
  ]; // prettier-ignore
  const loans: bigint[] = [];
  for (const [i, [pledges, amount, isFixedTerm]] of plans.entries()) {
    const number = BigInt(i) + 1n;
    if (isFixedTerm) {
      const list = pledges.map(([listing, pledged]) => ({ listing, amount: pledged }));
      const term = { duration: MONTH, maxRate: MaxUint256 };
      await book.connect(borrower).openTerm(loanId(borrower, number), list, usdc(amount), term, borrower);
      loans.push(loanId(borrower, number));
    } else loans.push(await openLoan(market, { pledges, amount: usdc(amount), number }));
  }
  await setPrices(market, 94n, 100n);
  await book.connect(stranger).callMarginBatch(loans.filter((_, i) => i % 2 === 0));
  await wait(market, DAY + HOUR);
  return { ...market, loans, pledged: plans.map(([pledges]) => pledges.map(([listing]) => listing)) };
}

/** All that orders may change, but for what the vault's two roundings of a loss may. */
async function figures({ book, vault, keeper, stranger, loans, ...tokens }: Scene): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const id of loans) {
    all.push(await book.loan(id), await book.marginCallOf(id));
    for (const listing of LISTINGS) all.push(await book.pledgeOf(id, listing));
  }
  for (const listing of LISTINGS) all.push((await book.listings(listing)).held, await book.creditOf(stranger, listing));
  for (const token of [tokens.usdc, tokens.weth, tokens.wbtc, tokens.link]) {
    all.push(await token.balanceOf(keeper), await token.balanceOf(book), await token.balanceOf(vault));
  }
  const { scaledDebt, index, cash, flags } = await vault.state();
  return [...all, scaledDebt, index, cash, flags, ...(await vault.termSums())];
}

/** Orders of any size for any loan, mostly of what it pledges. */
function draw(random: BigRandom, { loans, pledged }: Scene): ILoanBook.OrderStruct[] {
  return Array.from({ length: 16 }, () => {
    const i = random.pick([...loans.keys()]);
    return {
      id: loans[i] ?? 0n,
      listing: random.pick((random.chance(0.9) ? pledged[i] : undefined) ?? LISTINGS),
      maxRepay: random.pick([MaxUint256, MaxUint256, usdc("400"), random.within(0n, usdc("9,000"))]),
      minSeized: random.chance(0.1) ? weth("1") : 0n,
    };
  });
}

describe("Attacks by what a batch carries over from one order to the next", () => {
  const kinds = new Set<string>();

  // Soft ones alone; both kinds; sources apart; insolvent ones, that are written off.
  for (const [share, second] of [
    [93n, 100n],
    [90n, 100n],
    [91n, 95n],
    [88n, 99n],
    [70n, 96n],
    [30n, 100n],
  ] as const) {
    it(`is nothing: prices at ${share} %, second sources at ${second} % of the first`, async () => {
      const scene = await networkHelpers.loadFixture(manyLoans);
      const { book, vault, keeper } = scene;
      await setPrices(scene, share, second);
      const random = new BigRandom(Number(share * 1_000n + second));
      let ever = 0n;
      for (let round = 0; round < 4; round++) {
        const orders = draw(random, scene);
        const snapshot = await networkHelpers.takeSnapshot();
        let [filled, repaid] = [0n, 0n];
        for (const order of orders) {
          try {
            repaid += (await book.connect(keeper).liquidate.staticCall(order, "0x")).repaid;
          } catch (error) {
            if (!isRevert(error)) throw error;
            continue;
          }
          await book.connect(keeper).liquidate(order, "0x");
          filled++;
        }
        const [expected, { reserves }] = [await figures(scene), await vault.state()];
        await snapshot.restore();
        ever += filled;
        if (filled === 0n) continue;

        expect(await book.connect(keeper).liquidateBatch.staticCall(orders, "0x")).to.deep.equal([repaid, filled]);
        const receipt = await (await book.connect(keeper).liquidateBatch(orders, "0x")).wait();
        for (const log of receipt?.logs ?? []) {
          const event = book.interface.parseLog(log);
          if (event?.name === "Credited") kinds.add("credited");
          else if (event?.name === "Liquidated") {
            kinds.add(event.args.isSoft === true ? "soft" : "hard");
            if (event.args.lost !== 0n) kinds.add("lost");
          }
        }
        expect(await figures(scene)).to.deep.equal(expected);
        expect((await vault.state()).reserves - reserves).to.be.within(-filled, filled);
        await snapshot.restore();
      }
      expect(ever).to.be.at.least(8n);
    });
  }

  it("was looked for in soft and in hard sales, with credits and with losses", () => {
    expect([...kinds].sort()).to.deep.equal(["credited", "hard", "lost", "soft"]);
  });
});

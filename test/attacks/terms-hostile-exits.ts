import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY, ethers, HOUR, networkHelpers } from "../helpers/chain.ts";
import { dollars, loanId, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { ANY_RATE, expectTermInvariants, refinancing, termMarket, type TermMarket } from "../helpers/terms.ts";
import { expectBalancedBooks } from "./scene.ts";

const LOANS = 3n;
const STEPS = 300;

/** Numbers that look like chance, and are the same in every run: a congruential generator's upper bits. */
function chance(seed: bigint): (below: bigint) => bigint {
  let state = seed;
  return (below) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
    return (state >> 33n) % below;
  };
}

type Move = (market: TermMarket, id: bigint, draw: (below: bigint) => bigint) => Promise<unknown>;

const duration = (draw: (below: bigint) => bigint): bigint => 7n * DAY + draw(20n * DAY);
const anything = (draw: (below: bigint) => bigint): bigint => [1n, 2n, 7n, 10_001n][Number(draw(4n))] ?? 0n;

/** What borrowers, strangers and keepers may do to a loan. Some of it is refused where it stands. */
const MOVES: Record<string, Move> = {
  openTerm: async ({ book, borrower }, id, draw) => {
    const pledges = [{ listing: WETH, amount: weth("15") }];
    const term = { duration: duration(draw), maxRate: ANY_RATE };
    return book.connect(borrower).openTerm(id, pledges, usdc("12,000") + draw(usdc("9,000")), term, borrower);
  },
  open: async ({ book, borrower }, id, draw) =>
    book
      .connect(borrower)
      .open(id, [{ listing: WETH, amount: weth("10") }], usdc("8,000") + draw(usdc("6,000")), borrower),
  fix: async ({ book, borrower }, id, draw) =>
    book.connect(borrower).refinance(id, refinancing(borrower, { duration: duration(draw), addFee: draw(2n) === 0n })),
  more: async ({ book, borrower }, id, draw) =>
    book
      .connect(borrower)
      .refinance(id, refinancing(borrower, { duration: duration(draw), amount: draw(usdc("3,000")), addFee: true })),
  unfix: async ({ book, borrower }, id, draw) =>
    book.connect(borrower).refinance(id, refinancing(borrower, { amount: anything(draw), addFee: draw(2n) === 0n })),
  roll: async ({ book, stranger }, id) => book.connect(stranger).roll(id),
  crumb: async ({ book, stranger }, id, draw) => book.connect(stranger).repay(id, anything(draw)),
  repay: async ({ book, stranger }, id, draw) => book.connect(stranger).repay(id, draw(usdc("4,000")) + 1n),
  call: async ({ book, keeper }, id) => book.connect(keeper).callMargin(id),
  liquidate: async ({ book, keeper }, id, draw) => {
    const maxRepay = draw(2n) === 0n ? MaxUint256 : draw(usdc("5,000"));
    return book.connect(keeper).liquidate({ id, listing: WETH, maxRepay, minSeized: 0n }, "0x");
  },
  writeOff: async ({ book, keeper }, id) => book.connect(keeper).writeOff(id),
  deposit: async ({ vault, stranger }, _, draw) => vault.connect(stranger).deposit(draw(usdc("90,000")), stranger),
  withdraw: async ({ vault, stranger }, _, draw) =>
    vault.connect(stranger).redeem(((await vault.maxRedeem(stranger)) * draw(101n)) / 100n, stranger, stranger),
  price: async ({ feeds }, _, draw) => feeds.weth.set(dollars("1,500") + draw(dollars("700"))),
  crash: async ({ book, feeds, keeper }, id, draw) => {
    const price = await feeds.weth.answer();
    const maxRepay = draw(2n) === 0n ? MaxUint256 : draw(usdc("9,000"));
    await feeds.weth.set(dollars("600") + draw(dollars("800")));
    await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay, minSeized: 0n }, "0x");
    await feeds.weth.set(price);
  },
  wait: async (market, _, draw) => waitWithLiveFeeds(market, 1n + draw(12n * DAY)),
  hours: async (market, _, draw) => waitWithLiveFeeds(market, draw(30n * HOUR)),
};

/** [asset] What a million shares are worth, virtual ones counted, times 1e12. */
async function priceOf({ vault }: TermMarket): Promise<bigint> {
  return (((await vault.totalAssets()) + 1n) * 10n ** 30n) / ((await vault.totalSupply()) + 10n ** 6n);
}

describe("Attacks on exits by everything before them", () => {
  for (const [seed, losses] of [
    [12n, 6],
    [22n, 6],
  ] as const) {
    it(`the vault's sums are those of the loans after each of ${String(STEPS)} moves, and nothing is left of them (${String(seed)})`, async () => {
      const market = await networkHelpers.loadFixture(termMarket);
      const { book, vault, borrower, keeper, stranger, lender, feeds, whale } = market;
      const draw = chance(seed);
      const ids = Array.from({ length: Number(LOANS) }, (_, i) => loanId(borrower, BigInt(i + 1)));
      const moves = Object.entries(MOVES);
      const done = new Set<string>();
      let lost = 0;
      let price = await priceOf(market);
      for (let i = 0; i < STEPS; i++) {
        const [name, move] = moves[Number(draw(BigInt(moves.length)))] ?? ["", async () => Promise.resolve()];
        const id = ids[Number(draw(LOANS))] ?? 0n;
        const block = await ethers.provider.getBlockNumber();
        try {
          await move(market, id, draw);
        } catch {
          continue; // refused, as any call may be that is not an exit
        }
        done.add(name);
        if ((await book.creditOf(keeper, WETH)) !== 0n) await book.connect(keeper).claimCredit(WETH, keeper);
        await expectTermInvariants(market, [...ids, whale]);
        const booked = await vault.queryFilter(vault.filters.LossBooked(), block + 1);
        lost += booked.length;
        const now = await priceOf(market);
        if (booked.length === 0) expect(now).to.be.gte(price); // INV-03
        price = now;
      }
      // Nearly every move was made, and losses were among them.
      expect(done.size).to.be.gte(moves.length - 3);
      expect(lost).to.equal(losses);

      // Everybody leaves: strangers repay, in any state; then lenders take all that is there but the reserves.
      await feeds.weth.set(dollars("2,000"));
      for (const id of [...ids, whale]) {
        const { base, pledged } = await book.loan(id);
        if (base !== 0n) await book.connect(stranger).repay(id, MaxUint256);
        const owner = id === whale ? keeper : borrower;
        if (pledged !== 0n) await book.connect(owner).close(id, 0n, owner);
      }
      await expectTermInvariants(market, [...ids, whale]);
      for (const each of [stranger, lender]) {
        await vault.connect(each).redeem(await vault.balanceOf(each), each, each);
      }
      const { cash, reserves, scaledDebt } = await vault.state();
      expect([scaledDebt, await vault.termDebt(), await vault.totalSupply()]).to.deep.equal([0n, 0n, 0n]);
      expect(cash - reserves).to.be.within(0n, 1n); // the virtual shares' part
      await expectBalancedBooks(market);
    });
  }
});

/**
 * A pledge that cannot leave a closed loan is put back onto whatever the loan is by then: its token's neighbour has called back, and the
 * loan may be open again, of either kind, with a pledge in its own word or a term in that place.
 */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import {
  deployMarket,
  LINK,
  link,
  loanId,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
} from "../helpers/market.ts";
import type { Market } from "../helpers/market.ts";
import type { CallbackActor, HookToken } from "../helpers/mocks.ts";
import { ANY_RATE, MONTH } from "../helpers/terms.ts";
import { expectBalancedBooks } from "./scene.ts";

type Scene = Market & { actor: CallbackActor; self: string; id: bigint };
type Pledge = [listing: bigint, amount: bigint];

const TERM = { duration: MONTH, maxRate: ANY_RATE };
const ETHER: Pledge = [WETH, weth("2")];
const BITCOIN: Pledge = [WBTC, wbtc("1")];
const OTHER: Pledge = [LINK, link("1,000")];

/** A month-old market. The actor is called back when its ether moves, and can be refused its bitcoin. */
async function scene(): Promise<Scene> {
  const market = await deployMarket({ contracts: { weth: "HookToken", wbtc: "BlockingToken" } });
  const actor = await deployActor(market);
  const self = await actor.getAddress();
  await market.usdc.mint(actor, usdc("100,000"));
  await market.weth.mint(actor, weth("20"));
  await market.wbtc.mint(actor, wbtc("20"));
  await market.link.mint(actor, link("10,000"));
  await waitWithLiveFeeds(market, 30n * DAY);
  return { ...market, actor, self, id: loanId(self) };
}

function opening({ book, self, id }: Scene, pledges: Pledge[], isFixedTerm: boolean): string {
  const list = pledges.map(([listing, amount]) => ({ listing, amount }));
  const terms = isFixedTerm ? [TERM, self] : [self];
  return encode(book, isFixedTerm ? "openTerm" : "open", [id, list, usdc("2,000"), ...terms]);
}

function setBlocked({ wbtc: token, self }: Scene, blocked: boolean): string {
  return encode(token, "setBlocked", [self, blocked]);
}

/** Closes the actor's loan; as its ether arrives it opens the loan again so, and then bitcoin no longer reaches it. */
async function closeAndReopen(market: Scene, ...plan: string[]): Promise<void> {
  const { book, actor, self, id } = market;
  const token = market.weth as HookToken;
  await actor.run(token, encode(token, "setHooked", [true]));
  await actor.prepare([
    ...plan.map((data) => ({ target: book, data })),
    { target: market.wbtc, data: setBlocked(market, true) },
  ]);
  await actor.run(book, encode(book, "close", [id, MaxUint256, self]), AMPLE_GAS);
  expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([...plan.map(() => true), true]);
  await actor.run(token, encode(token, "setHooked", [false]));
}

/** What the loan pledges of ether, bitcoin and LINK, which is all that the book holds. */
async function expectPledges(market: Scene, ...expected: bigint[]): Promise<void> {
  const { book, id } = market;
  for (const [listing, amount] of expected.entries()) {
    expect(await book.pledgeOf(id, listing)).to.equal(amount);
    expect((await book.listings(listing)).held).to.equal(amount);
  }
  const set = expected.reduce((bits, amount, listing) => (amount === 0n ? bits : bits | (1n << BigInt(listing))), 0n);
  expect((await book.loan(id)).pledged).to.equal(set);
  await expectBalancedBooks(market);
}

/** All comes out again, to the unit. */
async function expectAllComesOut(market: Scene): Promise<void> {
  const { book, actor, self, id } = market;
  await actor.run(market.wbtc, setBlocked(market, false));
  await actor.run(book, encode(book, "close", [id, MaxUint256, self]), AMPLE_GAS);
  await expectPledges(market, 0n, 0n, 0n);
  expect(await book.loan(id)).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
  expect(await market.weth.balanceOf(self)).to.equal(weth("20"));
  expect(await market.wbtc.balanceOf(self)).to.equal(wbtc("20"));
  expect(await market.link.balanceOf(self)).to.equal(link("10,000"));
}

/** The loan that is closed: which pledge is in its own word. */
const FIRST: [name: string, pledges: Pledge[], isFixedTerm: boolean][] = [
  ["an open-term loan with ether of its own", [ETHER, BITCOIN], false],
  ["an open-term loan with bitcoin of its own", [BITCOIN, ETHER], false],
  ["a fixed-term loan", [ETHER, BITCOIN], true],
];

describe("Attacks on a loan's own pledge from a callback", () => {
  for (const [name, pledges, wasFixedTerm] of FIRST) {
    it(`${name}, opened again for a term: what comes back leaves the term as it is`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, actor, id } = market;
      await actor.run(book, opening(market, pledges, wasFixedTerm));
      await closeAndReopen(market, opening(market, [OTHER], true));
      const { base, since, maturity, rate } = await book.loan(id);
      expect([base, since, maturity]).to.deep.equal([usdc("2,000"), clock.now(), clock.now() + MONTH]);
      expect(rate).to.be.within(20_000_000n, 1_030_000_000n);
      await expectPledges(market, 0n, wbtc("1"), link("1,000"));
      await expectAllComesOut(market);
    });

    it(`${name}, opened again for a term with bitcoin: what comes back is added to it`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      await market.actor.run(market.book, opening(market, pledges, wasFixedTerm));
      await closeAndReopen(market, opening(market, [[WBTC, 7n], OTHER], true));
      await expectPledges(market, 0n, wbtc("1") + 7n, link("1,000"));
      expect((await market.book.loan(market.id)).base).to.equal(usdc("2,000"));
      await expectAllComesOut(market);
    });

    it(`${name}, opened again without a term: what comes back stands beside its own, or is added to it`, async () => {
      for (const [again, inOwn] of [
        [[OTHER], 0n],
        [[[WBTC, 7n], OTHER], 7n],
        [[OTHER, [WBTC, 7n]], 7n],
      ] as [Pledge[], bigint][]) {
        const market = await networkHelpers.loadFixture(scene);
        await market.actor.run(market.book, opening(market, pledges, wasFixedTerm));
        await closeAndReopen(market, opening(market, again, false));
        await expectPledges(market, 0n, wbtc("1") + inOwn, link("1,000"));
        await expectAllComesOut(market);
      }
    });

    it(`${name}, opened again, then given a term, then a pledge taken out and put in: nothing comes twice`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, actor, self, id } = market;
      await actor.run(book, opening(market, pledges, wasFixedTerm));
      const order = { term: TERM, amount: 0n, maxFee: MaxUint256, addFee: false, receiver: self };
      await closeAndReopen(
        market,
        opening(market, [OTHER, [WBTC, 7n]], false),
        encode(book, "refinance", [id, order]),
        encode(book, "release", [id, WBTC, MaxUint256, self]),
        encode(book, "refinance", [id, { ...order, term: { duration: 0n, maxRate: 0n } }]),
        encode(book, "pledge", [id, WBTC, 9n]), // into the loan's word now, where bitcoin was in its place before
        encode(book, "refinance", [id, order]),
      );
      await expectPledges(market, 0n, wbtc("1") + 9n, link("1,000"));
      await expectAllComesOut(market);
    });
  }
});

import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { ethers, networkHelpers } from "../helpers/chain.ts";
import type { Candidate } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  FEED_AGE,
  LINK,
  link,
  loanId,
  MAJOR_TERMS,
  MINOR_TERMS,
  openLoan,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { FeedMode, type TestToken } from "../helpers/mocks.ts";
import { greedyOrder } from "./scene.ts";

const TRICKS = new ethers.Interface(["function play(uint8 trick)"]);
const KEEP_TENTH = 1n;
const BURN_GAS = 3n;

/** Ether once more, twice. */
const SECOND_ETHER = 3n;
const THIRD_ETHER = 4n;

async function play(token: TestToken, trick: bigint): Promise<void> {
  const [anyone] = await ethers.getSigners();
  await anyone?.sendTransaction({ to: token, data: TRICKS.encodeFunctionData("play", [trick]) });
}

/** A market that lists its ether three times; ether may turn against its holders. */
async function thriceListed(): Promise<Market> {
  return deployMarket({
    contracts: { weth: "TrickToken" },
    more: ({ weth: token, feeds }) => {
      const feed = { feed: feeds.weth, maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
      const again = (terms: typeof MAJOR_TERMS): Candidate => ({ token, terms, feed, cap: weth("5,000") });
      return [again(MINOR_TERMS), again(MAJOR_TERMS)];
    },
  });
}

/** A loan on ether, which burns all gas from now on, and on bitcoin and LINK. */
async function poisoned(): Promise<Market & { id: bigint }> {
  const market = await deployMarket({ contracts: { weth: "TrickToken" } });
  const pledges: [bigint, bigint][] = [
    [WETH, weth("5")],
    [WBTC, wbtc("0.5")],
    [LINK, link("100")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("30,000") });
  await play(market.weth, BURN_GAS);
  return { ...market, id };
}

describe("Attacks by odd tokens", () => {
  // What the check of balances compares must be all that the book owes of a token, not what one listing owes.
  it("a token listed three times that begins to keep a part is found out at the next pledge, by whichever listing", async () => {
    const market = await networkHelpers.loadFixture(thriceListed);
    const { book, borrower, stranger, weth: token } = market;
    const id = loanId(borrower);
    await book.connect(borrower).pledge(id, WETH, weth("100"));
    await book.connect(borrower).pledge(id, SECOND_ETHER, weth("50"));
    await book.connect(borrower).pledge(id, THIRD_ETHER, weth("20"));
    await play(token, KEEP_TENTH);
    const mine = loanId(stranger);
    for (const listing of [WETH, SECOND_ETHER, THIRD_ETHER]) {
      await expect(book.connect(stranger).pledge(mine, listing, weth("100")))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(listing, weth("260"), weth("270"));
      await expect(openLoan(market, { pledges: [[listing, weth("100")]], amount: usdc("100"), owner: stranger }))
        .to.be.revertedWithCustomError(book, "TokenShort")
        .withArgs(listing, weth("260"), weth("270"));
    }
    // A pledge and a release would have cost the borrower ten of his ether.
    expect(await token.balanceOf(book)).to.equal(weth("170"));
    for (const listing of [WETH, SECOND_ETHER, THIRD_ETHER]) {
      await book.connect(borrower).release(id, listing, MaxUint256, borrower);
    }
    expect(await token.balanceOf(book)).to.equal(0n);
  });

  it("a token listed three times is held once for each, and a listing of another token is none of its business", async () => {
    const { book, borrower, weth: token, link: other } = await networkHelpers.loadFixture(thriceListed);
    const id = loanId(borrower);
    await book.connect(borrower).pledge(id, LINK, link("1,000,000"));
    await book.connect(borrower).pledge(id, THIRD_ETHER, weth("1"));
    await book.connect(borrower).pledge(id, WETH, weth("2"));
    await book.connect(borrower).pledge(id, SECOND_ETHER, weth("3"));
    expect(await token.balanceOf(book)).to.equal(weth("6"));
    expect(await other.balanceOf(book)).to.equal(link("1,000,000"));
    await book.connect(borrower).close(id, 0n, borrower);
    expect(await token.balanceOf(book)).to.equal(0n);
  });

  // A hostile curator's token in a borrower's hand: it takes itself hostage, nothing else.
  it("a token that burns all gas keeps no debt unpaid and no other pledge in", async () => {
    const { book, borrower, stranger, wbtc: bitcoin, id } = await networkHelpers.loadFixture(poisoned);
    await expect(book.connect(borrower).release(id, WETH, 1n, borrower, { gasLimit: 1_000_000n })).to.be.revert(ethers);
    await book.connect(stranger).pledge(id, WBTC, 1n);
    await book.connect(borrower).repay(id, MaxUint256);
    await book.connect(borrower).release(id, WBTC, MaxUint256, borrower);
    await book.connect(borrower).release(id, LINK, MaxUint256, borrower);
    expect(await bitcoin.balanceOf(borrower)).to.equal(wbtc("1,000") + 1n);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("5"));
  });

  it("a token that burns all gas saves no loan from losing its other pledges, one by one or in a batch of them", async () => {
    const { book, feeds, keeper, id } = await networkHelpers.loadFixture(poisoned);
    await feeds.wbtc.set(dollars("30,000"));
    await feeds.weth.set(dollars("2,500")); // 12,500 + 15,000 + 1,500 beside 30,000
    await expect(book.connect(keeper).liquidate(greedyOrder(id, WETH), "0x", { gasLimit: 1_500_000n })).to.be.revert(
      ethers,
    );
    await book.connect(keeper).liquidateBatch([greedyOrder(id, WBTC), greedyOrder(id, LINK)], "0x");
    expect(await book.pledgeOf(id, WBTC)).to.equal(0n);
    expect(await book.debtOf(id)).to.be.within(usdc("13,600"), usdc("13,700"));
  });

  // A token that calls back while it is pulled, beside a listing of its own twin: the sum must hold at each depth.
  it("a token that calls back may not pledge by one listing what it has only announced for another", async () => {
    const market = await deployMarket({
      contracts: { weth: "HookToken" },
      more: ({ weth: token, feeds }) => {
        const feed = { feed: feeds.weth, maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
        return [{ token, terms: MAJOR_TERMS, feed, cap: weth("5,000") }];
      },
    });
    const { book, weth: token } = market;
    const actor = await deployActor(market);
    const self = await actor.getAddress();
    await token.mint(actor, weth("10"));
    await actor.run(token, new ethers.Interface(["function setHooked(bool)"]).encodeFunctionData("setHooked", [true]));
    const pledge = (listing: bigint): string => encode(book, "pledge", [loanId(self), listing, weth("10")]);
    const borrow = encode(book, "borrow", [loanId(self), usdc("15,600"), self]);
    await actor.prepare([
      { target: book, data: pledge(SECOND_ETHER) },
      { target: book, data: borrow },
    ]);
    // The inner pledge is refused while the outer has not come; the draw stands on the outer, which must come.
    await actor.run(book, pledge(WETH), AMPLE_GAS);
    expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([false, true]);
    expect(await book.pledgeOf(loanId(self), SECOND_ETHER)).to.equal(0n);
    expect(await token.balanceOf(book)).to.equal(weth("10"));
  });

  // A feed of a listing that nobody needs any more.
  it("a feed that burns its whole budget costs those who hold its asset, and nobody else", async () => {
    const market = await networkHelpers.loadFixture(thriceListed);
    const { book, borrower, feeds } = market;
    const id = await openLoan(market, { pledges: [[WBTC, wbtc("1")]], amount: usdc("10,000") });
    const gas = async () => book.connect(borrower).borrow.estimateGas(id, usdc("1"), borrower);
    const before = await gas();
    await feeds.weth.setMode(FeedMode.burnGas);
    await feeds.link.setMode(FeedMode.burnGas);
    expect(await gas()).to.equal(before);
  });
});

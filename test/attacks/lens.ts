import { expect } from "chai";
import { MaxUint256, type BaseContract } from "ethers";

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
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type CallbackActor } from "../helpers/mocks.ts";
import { LoanLens__factory, type LoanLens } from "../../typechain-types/index.ts";
import { greedyOrder } from "./scene.ts";

type Scene = Market & { lens: LoanLens; id: bigint };

async function lensOf(): Promise<LoanLens> {
  const [anyone] = await ethers.getSigners();
  const lens = await ethers.deployContract("LoanLens");
  return LoanLens__factory.connect(await lens.getAddress(), anyone);
}

/** Ten ether and a hundred LINK under a debt of 16,500. */
async function mixedLoan(): Promise<Scene> {
  const market = await standardMarket();
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [LINK, link("100")],
  ];
  return { ...market, lens: await lensOf(), id: await openLoan(market, { pledges, amount: usdc("16,500") }) };
}

/** Every view of a loan, as bytes. */
async function viewsOf({ lens, book }: Pick<Scene, "lens" | "book">, id: bigint): Promise<Record<string, string>> {
  const at = await book.getAddress();
  const owner = ethers.getAddress(ethers.toBeHex(id >> 96n, 20));
  return {
    loansOf: encode(lens, "loansOf", [at, owner, 0n, 5n]),
    loanDetails: encode(lens, "loanDetails", [at, id]),
    maxBorrow: encode(lens, "maxBorrow", [at, id]),
    maxRelease: encode(lens, "maxRelease", [at, id, WETH]),
    liquidationPrice: encode(lens, "liquidationPrice", [at, id, WETH]),
    answersAt: encode(lens, "answersAt", [at, WETH, 1_800n * 10n ** 24n]),
    liquidationDrop: encode(lens, "liquidationDrop", [at, id]),
    amountToCure: encode(lens, "amountToCure", [at, id]),
    previewLiquidation: encode(lens, "previewLiquidation", [at, greedyOrder(id)]),
    liquidatable: encode(lens, "liquidatable", [at, [id]]),
    callable: encode(lens, "callable", [at, [id]]),
  };
}

/** What the views said inside a callback, and what they say after the call. */
async function insideAndAfter(
  lens: LoanLens,
  actor: CallbackActor,
  views: Record<string, string>,
): Promise<[inside: Record<string, string>, after: Record<string, string>]> {
  const results = (await actor.outcomes()).slice(-Object.keys(views).length);
  const [inside, after]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const [i, [name, data]] of Object.entries(views).entries()) {
    inside[name] = results[i]?.result ?? "";
    after[name] = await ethers.provider.call({ to: await lens.getAddress(), data });
  }
  return [inside, after];
}

describe("Attacks on who trusts the lens", () => {
  // Read-only re-entrancy (Sentiment, 2023): a view in the middle of a call that shows what will never stand.
  it("in a liquidation's callback it says what stands when the call is over", async () => {
    const scene = await networkHelpers.loadFixture(mixedLoan);
    const { lens, book, feeds, usdc: asset, id } = scene;
    const actor = await deployActor(scene);
    await asset.mint(actor, usdc("20,000"));
    for (const price of ["1,700", "1,300"]) {
      await feeds.weth.set(dollars(price));
      const views = await viewsOf(scene, id);
      await actor.prepare(Object.values(views).map((data) => ({ target: lens, data })));
      await actor.run(book, encode(book, "liquidate", [greedyOrder(id), "0x01"]), AMPLE_GAS);
      const [inside, after] = await insideAndAfter(lens, actor, views);
      expect(inside, price).to.deep.equal(after);
    }
  });

  it("while a pledge is pulled, released or paid for it says what stands when the call is over", async () => {
    const market = await deployMarket({ contracts: { weth: "HookToken", usdc: "HookToken" } });
    const scene = { ...market, lens: await lensOf() };
    const { lens, book } = scene;
    const actor = await deployActor(market);
    const self = await actor.getAddress();
    await market.weth.mint(actor, weth("20"));
    const hook = new ethers.Interface(["function setHooked(bool)"]).encodeFunctionData("setHooked", [true]);
    for (const token of [market.weth, market.usdc]) await actor.run(token, hook);
    const id = loanId(self);
    const deeds = {
      open: [id, [{ listing: WETH, amount: weth("10") }], usdc("10,000"), self],
      pledge: [id, WETH, weth("1")],
      borrow: [id, usdc("1,000"), self],
      release: [id, WETH, weth("2"), self],
      repay: [id, usdc("5,000")],
    };
    const views = await viewsOf(scene, id);
    for (const [name, args] of Object.entries(deeds)) {
      await actor.prepare(Object.values(views).map((data) => ({ target: lens, data })));
      await actor.run(book, encode(book, name, args), AMPLE_GAS);
      const [inside, after] = await insideAndAfter(lens, actor, views);
      expect(inside, name).to.deep.equal(after);
    }
  });

  // Gas as an input: a view that answers something else when it has less of it.
  it("no amount of gas makes it say anything else", async () => {
    const scene = await networkHelpers.loadFixture(mixedLoan);
    const { lens, feeds, id } = scene;
    await feeds.weth.set(dollars("1,700"));
    await feeds.link.setMode(FeedMode.burnGas);
    const to = await lens.getAddress();
    for (const [name, data] of Object.entries(await viewsOf(scene, id))) {
      const answers = new Set<string>();
      for (let gasLimit = 30_000n; gasLimit <= 1_200_000n; gasLimit += 15_000n) {
        const answer = await ethers.provider.call({ to, data, gasLimit }).catch(() => undefined);
        if (answer !== undefined) answers.add(answer);
      }
      expect(answers.size, name).to.equal(1);
    }
  });

  // A feed that changes what it says of itself must neither hide a price nor bring a wallet down.
  it("a feed that comes to lie about its decimals makes one answer unknown, and no view revert", async () => {
    const turncoat = await deployMock<BaseContract>("TurncoatFeed");
    const limits = { maxAge: FEED_AGE, minAnswer: dollars("0.1"), maxAnswer: dollars("10,000") };
    const market = await deployMarket({
      more: ({ link: token }): Candidate[] => [
        { token, terms: MAJOR_TERMS, feed: { feed: turncoat, ...limits }, cap: link("1,000,000") },
      ],
    });
    const lens = await lensOf();
    const { book } = market;
    const listing = 3n;
    const id = await openLoan(market, { pledges: [[listing, link("1,000")]], amount: usdc("11,000") });
    const price = await lens.liquidationPrice(book, id, listing);
    const honest = await lens.answersAt(book, listing, price);
    expect(honest).to.deep.equal([dollars("12.79069768"), 0n]); // 11,000 / 0.86 / 1,000, rounded up
    for (const lie of [256n, MaxUint256, 255n, 60n]) {
      await turncoat.getFunction("setDecimals")(lie);
      expect(await lens.answersAt(book, listing, price), `decimals ${String(lie)}`).to.deep.equal([MaxUint256, 0n]);
      expect(await lens.liquidationPrice(book, id, listing)).to.equal(price);
      expect(await lens.liquidatable(book, [id])).to.deep.equal([]);
    }
  });

  // A keeper who orders what the preview told, in front of whom somebody else has been.
  it("a keeper who takes the preview at its word gets that or nothing, whoever comes before", async () => {
    const scene = await networkHelpers.loadFixture(mixedLoan);
    const { lens, book, feeds, borrower, keeper, stranger, weth: token, id } = scene;
    await feeds.weth.set(dollars("1,700"));
    const { repaid, seized } = await lens.previewLiquidation(book, greedyOrder(id));
    const order = { ...greedyOrder(id, WETH, repaid), minSeized: seized };
    const below = "SeizedBelowMin";
    const before: [string, () => Promise<unknown>][] = [
      [below, () => book.connect(stranger).liquidate(greedyOrder(id, WETH, usdc("500")), "0x")],
      [below, () => book.connect(borrower).pledge(id, WETH, weth("0.1"))],
      [below, () => book.connect(borrower).repay(id, usdc("500"))],
      [below, () => feeds.weth.set(dollars("1,720"))],
      ["NotLiquidatable", () => feeds.weth.set(dollars("1,800"))],
      ["FeedNotLive", () => feeds.weth.setAt(dollars("1,700"), 1n)],
    ];
    for (const [error, act] of before) {
      const snapshot = await networkHelpers.takeSnapshot();
      await act();
      await expect(book.connect(keeper).liquidate(order, "0x")).to.be.revertedWithCustomError(book, error);
      await snapshot.restore();
    }
    const held = await token.balanceOf(keeper);
    await book.connect(keeper).liquidate(order, "0x");
    expect((await token.balanceOf(keeper)) - held).to.equal(seized);
  });

  it("numbers at the end of their range, and ids of nobody, are looked at without a fault", async () => {
    const { lens, book, borrower } = await networkHelpers.loadFixture(mixedLoan);
    const last = 2n ** 96n - 1n;
    const id = loanId(borrower, last);
    await book.connect(borrower).pledge(id, LINK, link("1"));
    for (const count of [1n, 1_000n, MaxUint256]) {
      const [loans, next] = await lens.loansOf(book, borrower, last, count);
      expect(loans.map((loan) => loan.id)).to.deep.equal([id]);
      expect(next).to.equal(2n ** 96n);
    }
    expect(await lens.liquidatable(book, [0n, MaxUint256, id, id])).to.deep.equal([]);
    const preview = await lens.previewLiquidation(book, greedyOrder(MaxUint256, MaxUint256));
    expect(book.interface.parseError(preview.refusal)?.args.toArray()).to.deep.equal([MaxUint256, MaxUint256]);
  });
});

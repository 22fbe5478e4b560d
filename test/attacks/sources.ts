import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { setCap, type FeedConfig } from "../helpers/governance.ts";
import {
  clock,
  deployMarket,
  dollars,
  FEED_AGE,
  link,
  loanId,
  MAJOR_TERMS,
  MINOR_TERMS,
  openLoan,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { greedyOrder, wealthOf } from "./scene.ts";

/** LINK and ether once more, with two sources each. */
const PAIRED_LINK = 3n;
const PAIRED_ETHER = 4n;

interface Scene extends Market {
  linkTwin: TestFeed;
  etherTwin: TestFeed;
  /** 15,600 on ten ether of the listing with one source: at its borrow limit. */
  id: bigint;
}

async function pairedMarket(): Promise<Scene> {
  const linkTwin = await deployMock<TestFeed>("TestFeed", 8, dollars("15"));
  const etherTwin = await deployMock<TestFeed>("TestFeed", 8, dollars("2,000"));
  const source = (feed: TestFeed, least: string, most: string): FeedConfig => {
    return { feed, maxAge: FEED_AGE, minAnswer: dollars(least), maxAnswer: dollars(most) };
  };
  const market = await deployMarket({
    more: ({ weth: ether, link: token, feeds }) => [
      {
        token,
        terms: MINOR_TERMS,
        feed: source(feeds.link, "0.1", "10,000"),
        secondFeed: source(linkTwin, "0.1", "10,000"),
        cap: link("100,000"),
      },
      {
        token: ether,
        terms: MAJOR_TERMS,
        feed: source(feeds.weth, "10", "100,000"),
        secondFeed: source(etherTwin, "10", "100,000"),
        cap: weth("5,000"),
      },
    ],
  });
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,600") });
  return { ...market, linkTwin, etherTwin, id };
}

/** The same, with the loan on the listing that has two sources. */
async function pairedLoan(): Promise<Scene> {
  const scene = await pairedMarket();
  const id = await openLoan(scene, { pledges: [[PAIRED_ETHER, weth("10")]], amount: usdc("15,600"), number: 2n });
  return { ...scene, id };
}

describe("Attacks between two sources", () => {
  // Decision 008 once more: not a dead feed this time but one of two that says far too much.
  it("a sinking loan takes no shelter behind an asset whose sources are apart, nor behind one of which one is dead", async () => {
    const scenes: [string, (scene: Scene) => Promise<unknown>][] = [
      ["apart", ({ linkTwin }) => linkTwin.set(dollars("10,000"))],
      [
        "the honest one dead",
        async ({ linkTwin, feeds }) => {
          await linkTwin.set(dollars("10,000"));
          await feeds.link.setMode(FeedMode.revert);
        },
      ],
    ];
    for (const [name, corrupt] of scenes) {
      const scene = await networkHelpers.loadFixture(pairedMarket);
      const { book, feeds, borrower, keeper, id } = scene;
      await corrupt(scene);
      await feeds.weth.set(dollars("1,000")); // worth 10,000 beside a debt of 15,600
      // 2.2 LINK, 33 dollars: at 10,000 they would be worth a line of 16,500.
      await expect(book.connect(borrower).pledge(id, PAIRED_LINK, link("2.2")), name)
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(PAIRED_LINK);
      await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x"), name).to.emit(book, "Liquidated");
      expect(await book.debtOf(id), name).to.equal(0n);
    }
  });

  it("a unit held beforehand of an asset whose sources come apart shelters no more than its cap has room for", async () => {
    const scene = await networkHelpers.loadFixture(pairedMarket);
    const { book, feeds, linkTwin, borrower, keeper, id } = scene;
    await book.connect(borrower).pledge(id, PAIRED_LINK, 1n);
    await linkTwin.set(dollars("10,000"));
    await setCap(scene, PAIRED_LINK, 0n);
    await feeds.weth.set(dollars("1,000"));

    await expect(book.connect(borrower).pledge(id, PAIRED_LINK, link("2.2")))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(PAIRED_LINK, link("2.2") + 1n, 0n);
    await expect(book.connect(keeper).liquidate(greedyOrder(id), "0x")).to.emit(book, "Liquidated");
  });

  it("sources apart open nothing: neither a draw, nor a release, nor a loan, whichever of them lies", async () => {
    const scene = await networkHelpers.loadFixture(pairedLoan);
    const { book, etherTwin, borrower, id } = scene;
    await book.connect(borrower).repay(id, usdc("7,800"));
    for (const lie of ["100,000", "2,040.82", "1,959.99", "10"]) {
      await etherTwin.set(dollars(lie)); // 2 % of the higher is 40.8163 or 40
      await expect(book.connect(borrower).borrow(id, 1n, borrower), lie)
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("7,800") + 1n, 0n);
      await expect(book.connect(borrower).release(id, PAIRED_ETHER, 1n, borrower), lie)
        .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
        .withArgs(usdc("7,800"), 0n);
      const pledges = [{ listing: PAIRED_ETHER, amount: weth("1") }];
      await expect(book.connect(borrower).open(loanId(borrower, 3n), pledges, usdc("100"), borrower), lie)
        .to.be.revertedWithCustomError(book, "FeedNotLive")
        .withArgs(PAIRED_ETHER);
    }
    await etherTwin.set(dollars("1,960")); // exactly 2 %
    await book.connect(borrower).borrow(id, usdc("7,488"), borrower); // 78 % of 19,600, the lower
    await expect(book.connect(borrower).borrow(id, 1n, borrower)).to.be.revertedWithCustomError(
      book,
      "AboveBorrowLimit",
    );
  });

  it("a lower source that lies sells nobody while the higher one lives", async () => {
    const scene = await networkHelpers.loadFixture(pairedLoan);
    const { book, etherTwin, keeper, stranger, id } = scene;
    const { liquidationLine } = await book.healthOf(id);
    for (const lie of ["10", "1,000", "1,959.99"]) {
      await etherTwin.set(dollars(lie));
      expect((await book.healthOf(id)).liquidationLine, lie).to.equal(liquidationLine);
      await expect(book.connect(keeper).liquidate(greedyOrder(id, PAIRED_ETHER), "0x"), lie)
        .to.be.revertedWithCustomError(book, "NotLiquidatable")
        .withArgs(id, usdc("15,600"), usdc("17,200"));
      await expect(book.connect(stranger).writeOff(id), lie).to.be.revertedWithCustomError(book, "NotWorthless");
    }
  });

  // A discount made by pushing one source: what the owner could pocket is his own, what the lenders lose is nothing.
  it("an owner who sells himself his own loan while the sources are apart gains nothing from the lenders", async () => {
    for (const [higher, lower] of [
      ["1,800", "1,700"],
      ["1,750", "10"],
      ["1,650", "1,600"],
      ["1,600", "1,500"],
      ["1,580", "1,000"],
    ] as const) {
      const scene = await networkHelpers.loadFixture(pairedLoan);
      const { vault, book, feeds, etherTwin, borrower, id } = scene;
      await feeds.weth.set(dollars(higher));
      await etherTwin.set(dollars(lower));
      const assets = await vault.totalAssets();
      const debt = await book.debtOf(id);
      const value = dollars(higher) / 10n; // ten ether [asset]
      const before = await wealthOf(scene, borrower);

      await book.connect(borrower).liquidate(greedyOrder(id, PAIRED_ETHER), "0x");

      const left = ((await book.pledgeOf(id, PAIRED_ETHER)) * dollars(higher)) / weth("100");
      const equity = left - (await book.debtOf(id));
      const gained = (await wealthOf(scene, borrower)) + equity - before - (value - debt);
      expect(gained, `at ${higher} and ${lower}`).to.be.within(-2n, 2n); // values round down
      expect(await vault.totalAssets(), `lenders at ${higher} and ${lower}`).to.equal(assets);
    }
  });

  it("the difference of the sources pays a liquidator no more than the equity, and never out of the lenders' part", async () => {
    const scene = await networkHelpers.loadFixture(pairedLoan);
    const { vault, book, feeds, etherTwin, keeper, id } = scene;
    await feeds.weth.set(dollars("1,600")); // worth 16,000: 2.56 % above the debt
    await etherTwin.set(dollars("1,200"));
    const assets = await vault.totalAssets();

    await book.connect(keeper).liquidate(greedyOrder(id, PAIRED_ETHER), "0x");

    // 5 % at that depth and 2.04 % for the difference, but all that is left is 2.56 %.
    const paid = usdc("15,600") - (await book.debtOf(id));
    const seized = weth("10") - (await book.pledgeOf(id, PAIRED_ETHER));
    const value = (seized * dollars("1,600")) / weth("100");
    expect(value * 10_000n).to.be.within(paid * 10_256n - 20_000n, paid * 10_257n + 20_000n);
    expect(await vault.totalAssets()).to.equal(assets);
  });

  // Slices while the sources meet and part again: each at its own moment's price, none at a better one.
  it("sources that meet and part between two liquidations give neither of them more than a whole would get", async () => {
    const scene = await networkHelpers.loadFixture(pairedLoan);
    const { book, feeds, etherTwin, keeper, id } = scene;
    await feeds.weth.set(dollars("1,750"));
    await etherTwin.set(dollars("1,600"));
    const [whole, seizedWhole] = await book.connect(keeper).liquidate.staticCall(greedyOrder(id, PAIRED_ETHER), "0x");

    for (const twin of ["1,740", "1,600", "1,750", "10"]) {
      await etherTwin.set(dollars(twin));
      await book.connect(keeper).liquidate(greedyOrder(id, PAIRED_ETHER, whole / 9n), "0x");
    }

    const paid = usdc("15,600") - (await book.debtOf(id));
    const seized = weth("10") - (await book.pledgeOf(id, PAIRED_ETHER));
    expect(paid).to.be.lte(whole);
    expect(seized * whole).to.be.lt(seizedWhole * paid);
  });

  it("two listings of one token do not lend twice on the same ether, and each is judged by its own sources", async () => {
    const scene = await networkHelpers.loadFixture(pairedMarket);
    const { book, etherTwin, borrower, keeper } = scene;
    const id = loanId(borrower, 7n);
    const pledges = [
      { listing: WETH, amount: weth("5") },
      { listing: PAIRED_ETHER, amount: weth("5") },
    ];
    await expect(book.connect(borrower).open(id, pledges, usdc("15,600") + 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("15,600") + 1n, usdc("15,600"));
    await book.connect(borrower).open(id, pledges, usdc("15,600"), borrower);
    await etherTwin.set(dollars("10"));
    expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("7,800"));
    await expect(book.connect(keeper).liquidate(greedyOrder(id, PAIRED_ETHER), "0x")).to.be.revertedWithCustomError(
      book,
      "NotLiquidatable",
    );
    await clock.advance(FEED_AGE + 1n);
    expect((await book.pricesOf(PAIRED_ETHER)).forSeizure).to.equal(0n);
  });
});

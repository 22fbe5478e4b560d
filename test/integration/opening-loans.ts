import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import {
  DAY,
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  MAJOR_TERMS,
  deployMarket,
  dollars,
  FEED_AGE,
} from "../helpers/market.ts";
import { accrue, debtOf } from "../helpers/mathematics.ts";

describe("Opening loans and borrowing", () => {
  it("pledges, draws and records in one transaction", async () => {
    const { book, vault, borrower, stranger, ...tokens } = await networkHelpers.loadFixture(standardMarket);
    const id = loanId(borrower, 42n);
    const pledges = [
      { listing: WETH, amount: weth("10") },
      { listing: LINK, amount: link("1,000") },
    ];

    const call = book.connect(borrower).open(id, pledges, usdc("20,000"), stranger);
    await expect(call).to.emit(book, "Pledged").withArgs(id, WETH, borrower.address, weth("10"));
    await expect(call).to.emit(book, "Pledged").withArgs(id, LINK, borrower.address, link("1,000"));
    await expect(call).to.emit(book, "Borrowed").withArgs(id, borrower.address, stranger.address, usdc("20,000"));

    expect(await book.debtOf(id)).to.equal(usdc("20,000"));
    expect((await book.loan(id)).pledged).to.equal((1n << WETH) | (1n << LINK));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10"));
    expect(await book.pledgeOf(id, LINK)).to.equal(link("1,000"));
    expect(await book.pledgeOf(id, WBTC)).to.equal(0n);
    expect((await book.listings(LINK)).held).to.equal(link("1,000"));
    expect(await tokens.weth.balanceOf(book)).to.equal(weth("10"));
    expect(await tokens.usdc.balanceOf(stranger)).to.equal(usdc("21,020,000")); // 21,000,000 from the fixture
    expect((await vault.state()).cash).to.equal(usdc("980,000"));
    expect(await vault.totalDebt()).to.equal(usdc("20,000"));
  });

  it("draws to the borrow limit exactly", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    // 0.78 × (10 × 2,000 + 0.5 × 60,000) + 0.65 × 100 × 15 = 39,000 + 975
    const id = await openLoan(market, {
      pledges: [
        [WETH, weth("10")],
        [WBTC, wbtc("0.5")],
        [LINK, link("100")],
      ],
      amount: usdc("39,975"),
    });

    const { debt, borrowLimit, callLine, liquidationLine } = await book.healthOf(id);
    expect([debt, borrowLimit]).to.deep.equal([usdc("39,975"), usdc("39,975")]);
    expect(callLine).to.equal(usdc("41,020")); // 0.80 × 50,000 + 0.68 × 1,500
    expect(liquidationLine).to.equal(usdc("44,125")); // 0.86 × 50,000 + 0.75 × 1,500
    await expect(book.connect(borrower).borrow(id, 1n, borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("39,975") + 1n, usdc("39,975"));
  });

  it("draws more later, on top of the interest that has run up", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    const before = await vault.state();
    await waitWithLiveFeeds(market, 90n * DAY);

    await book.connect(borrower).borrow(id, usdc("2,000"), borrower);

    const { index } = accrue(before, 90n * DAY);
    const expected = debtOf(before.scaledDebt, index) + usdc("2,000");
    // Each of the two parts is rounded up when it is scaled.
    expect(await book.debtOf(id)).to.be.within(expected, expected + 1n);
  });

  it("merges two pledges of one asset", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const id = await openLoan(market, {
      pledges: [
        [WETH, weth("3")],
        [WETH, weth("7")],
      ],
      amount: usdc("15,600"),
    });

    expect(await market.book.pledgeOf(id, WETH)).to.equal(weth("10"));
    expect((await market.book.loan(id)).pledged).to.equal(1n << WETH);
  });

  it("gives a wallet several loans, which share nothing", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book } = market;
    const largest = 2n ** 96n - 1n;
    const first = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000"), number: 0n });
    const last = await openLoan(market, { pledges: [[WBTC, wbtc("1")]], amount: usdc("500"), number: largest });

    expect(await book.debtOf(first)).to.equal(usdc("10,000"));
    expect(await book.debtOf(last)).to.equal(usdc("500"));
    expect(await book.pledgeOf(first, WBTC)).to.equal(0n);
    expect(await book.pledgeOf(last, WETH)).to.equal(0n);
  });

  it("opens a number again after its loan was closed", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    await book.connect(borrower).close(id, usdc("10,000"), borrower);

    await openLoan(market, { pledges: [[WBTC, wbtc("1")]], amount: usdc("700") });

    expect((await book.loan(id)).pledged).to.equal(1n << WBTC);
    expect(await book.debtOf(id)).to.equal(usdc("700"));
  });

  it("borrows against pledges that were put in before", async () => {
    const { book, borrower, usdc: asset } = await networkHelpers.loadFixture(standardMarket);
    const id = loanId(borrower);
    await book.connect(borrower).pledge(id, WETH, weth("1"));
    await book.connect(borrower).borrow(id, usdc("1,560"), borrower);

    expect(await book.debtOf(id)).to.equal(usdc("1,560"));
    expect(await asset.balanceOf(borrower)).to.equal(usdc("1,001,560"));
  });
});

describe("Opening loans and borrowing, refused", () => {
  it("on a number that is in use, with debt or with pledges only", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    const other = loanId(borrower, 2n);
    await book.connect(borrower).pledge(other, WETH, weth("1"));

    for (const used of [id, other]) {
      await expect(book.connect(borrower).open(used, [], usdc("100"), borrower))
        .to.be.revertedWithCustomError(book, "LoanExists")
        .withArgs(used);
    }
  });

  it("to anyone but the owner", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower, stranger } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });

    await expect(book.connect(stranger).open(loanId(borrower, 2n), [], usdc("100"), stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(loanId(borrower, 2n), stranger.address);
    await expect(book.connect(stranger).borrow(id, usdc("100"), stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
  });

  it("above the borrow limit, or without pledges", async () => {
    const { book, borrower } = await networkHelpers.loadFixture(standardMarket);
    const id = loanId(borrower);

    await expect(
      book.connect(borrower).open(id, [{ listing: WETH, amount: weth("1") }], usdc("1,560.000001"), borrower),
    )
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("1,560.000001"), usdc("1,560"));
    await expect(book.connect(borrower).open(id, [], usdc("100"), borrower))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("100"), 0n);
  });

  it("below the smallest loan, or for nothing", async () => {
    const { book, borrower } = await networkHelpers.loadFixture(standardMarket);
    const id = loanId(borrower);
    const pledges = [{ listing: WETH, amount: weth("1") }];

    await expect(book.connect(borrower).open(id, pledges, usdc("99.999999"), borrower))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(usdc("99.999999"), usdc("100"));
    await expect(book.connect(borrower).open(id, pledges, 0n, borrower)).to.be.revertedWithCustomError(
      book,
      "ZeroAmount",
    );
    await expect(
      book.connect(borrower).open(id, [{ listing: WETH, amount: 0n }], usdc("100"), borrower),
    ).to.be.revertedWithCustomError(book, "ZeroAmount");
  });

  it("beyond the vault's cash", async () => {
    const { book, vault, borrower } = await networkHelpers.loadFixture(standardMarket);
    const pledges = [{ listing: WETH, amount: weth("1,000") }];

    await expect(book.connect(borrower).open(loanId(borrower), pledges, usdc("1,000,000.000001"), borrower))
      .to.be.revertedWithCustomError(vault, "InsufficientCash")
      .withArgs(usdc("1,000,000.000001"), usdc("1,000,000"));
  });

  it("to a receiver that could not use it", async () => {
    const { book, vault, borrower } = await networkHelpers.loadFixture(standardMarket);
    const pledges = [{ listing: WETH, amount: weth("1") }];

    for (const receiver of [`0x${"0".repeat(40)}`, await vault.getAddress(), await book.getAddress()]) {
      await expect(book.connect(borrower).open(loanId(borrower), pledges, usdc("100"), receiver))
        .to.be.revertedWithCustomError(vault, "InvalidReceiver")
        .withArgs(receiver);
    }
  });

  it("with a listing that does not exist, or a pledge beyond its cap", async () => {
    const { book, borrower } = await networkHelpers.loadFixture(standardMarket);
    const id = loanId(borrower);

    await expect(book.connect(borrower).open(id, [{ listing: 3n, amount: 1n }], usdc("100"), borrower))
      .to.be.revertedWithCustomError(book, "ListingNotFound")
      .withArgs(3n, 3n);
    // The cap binds both parts together.
    const pledges = [
      { listing: WETH, amount: weth("4,000") },
      { listing: WETH, amount: weth("1,000.1") },
    ];
    await expect(book.connect(borrower).open(id, pledges, usdc("100"), borrower))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, weth("5,000.1"), weth("5,000"));
  });

  it("where an amount does not fit its field", async () => {
    const largest = 2n ** 104n - 1n;
    const limits = { maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
    const market = await deployMarket({
      more: ({ weth: token, feeds }) => [
        { token, terms: MAJOR_TERMS, feed: { feed: feeds.weth, ...limits }, cap: 2n ** 96n - 1n },
      ],
    });
    const { book, borrower, weth: ether } = market;
    for (const amount of [largest + 1n, MaxUint256]) {
      await expect(book.connect(borrower).borrow(loanId(borrower), amount, borrower))
        .to.be.revertedWithCustomError(book, "AmountTooLarge")
        .withArgs(amount, largest);
    }
    // Each fits, the sum does not.
    await ether.mint(borrower, weth("1,000"));
    await book.connect(borrower).pledge(loanId(borrower), 3n, weth("1,000"));
    await book.connect(borrower).borrow(loanId(borrower), usdc("100"), borrower);
    await expect(book.connect(borrower).borrow(loanId(borrower), largest, borrower))
      .to.be.revertedWithCustomError(book, "AmountTooLarge")
      .withArgs(largest + usdc("100"), largest);
  });
});

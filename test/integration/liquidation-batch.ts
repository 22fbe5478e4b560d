import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { dollars, openLoan, standardMarket, usdc, WBTC, wbtc, WETH, weth, type Market } from "../helpers/market.ts";
import { calledAddresses } from "../helpers/traces.ts";

/** Three loans: two of 15,351 against 10 ether, one of 30,702 against 20 ether. */
async function threeLoans(market: Market): Promise<[bigint, bigint, bigint]> {
  const small = { pledges: [[WETH, weth("10")]] as [bigint, bigint][], amount: usdc("15,351") };
  const first = await openLoan(market, { ...small, number: 1n });
  const second = await openLoan(market, { ...small, number: 2n, owner: market.stranger });
  const third = await openLoan(market, { pledges: [[WETH, weth("20")]], amount: usdc("30,702"), number: 3n });
  return [first, second, third];
}

const order = (id: bigint, listing = WETH): Order => ({ id, listing, maxRepay: MaxUint256, minSeized: 0n });

interface Order {
  id: bigint;
  listing: bigint;
  maxRepay: bigint;
  minSeized: bigint;
}

describe("Liquidation of many loans", () => {
  it("comes to the same as one by one, with one payment and one transfer of the token", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, keeper, feeds } = market;
    const ids = await threeLoans(market);
    await feeds.weth.set(dollars("1,750"));
    // Each 8,016.022621 as for a single loan, the third 3,402 / 0.2122 = 16,032.045241 (rounded up once).
    const repaid = [usdc("8,016.022621"), usdc("8,016.022621"), usdc("16,032.045241")] as const;
    const seized = repaid.map((amount) => (amount * 10n ** 12n * 101n) / (1_750n * 100n));
    const total = repaid[0] + repaid[1] + repaid[2];
    const totalSeized = seized.reduce((sum, amount) => sum + amount, 0n);

    const call = book.connect(keeper).liquidateBatch(
      ids.map((id) => order(id)),
      "0x",
    );
    await expect(call)
      .to.emit(market.usdc, "Transfer")
      .withArgs(keeper.address, await vault.getAddress(), total);
    await expect(call)
      .to.emit(market.weth, "Transfer")
      .withArgs(await book.getAddress(), keeper.address, totalSeized);
    for (const [position, id] of ids.entries()) {
      await expect(call)
        .to.emit(book, "Liquidated")
        .withArgs(id, WETH, keeper.address, repaid[position], seized[position], 0n, false);
    }
    const receipt = await (await call).wait();
    const address = await market.weth.getAddress();
    expect(receipt?.logs.filter((log) => log.address === address)).to.have.lengthOf(1);
  });

  it("skips what can no longer be liquidated and says how many orders were filled", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const [first, second, third] = await threeLoans(market);
    const healthy = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("5,000"), number: 9n });
    await feeds.weth.set(dollars("1,750"));
    await book.connect(keeper).liquidate(order(second), "0x");

    const orders = [
      order(healthy), // far from its line
      order(first),
      order(first), // just brought back
      order(second), // brought back before
      order(third, WBTC), // not pledged
      { ...order(third), minSeized: weth("20") }, // asks for too much
      { ...order(third), maxRepay: 0n }, // pays nothing
      { ...order(third), maxRepay: usdc("1,750") },
    ];
    const [repaid, filled] = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
    expect(filled).to.equal(2n);
    expect(repaid).to.equal(usdc("8,016.022621") + usdc("1,750"));

    await book.connect(keeper).liquidateBatch(orders, "0x");
    expect(await book.debtOf(first)).to.equal(usdc("15,351") - usdc("8,016.022621"));
    expect(await book.debtOf(third)).to.equal(usdc("30,702") - usdc("1,750"));
    expect(await book.debtOf(healthy)).to.equal(usdc("5,000"));
  });

  it("can take two pledges of one loan", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const pledges: [bigint, bigint][] = [
      [WETH, weth("5")],
      [WBTC, wbtc("0.1")],
    ];
    const id = await openLoan(market, { pledges, amount: usdc("12,000") });
    await feeds.weth.set(dollars("1,000"));
    await feeds.wbtc.set(dollars("60,000")); // V = 11,000 < D

    // Each is worth its value / 1.01: 4,950.495050 and 5,940.594060, both rounded up. What is left is lost.
    const call = book.connect(keeper).liquidateBatch([order(id, WETH), order(id, WBTC)], "0x");
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(id, WETH, keeper.address, usdc("4,950.495050"), weth("5"), 0n, false);
    await expect(call)
      .to.emit(book, "Liquidated")
      .withArgs(id, WBTC, keeper.address, usdc("5,940.594060"), wbtc("0.1"), usdc("1,108.91089"), false);
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  });

  it("reads each price once", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper, feeds } = market;
    const ids = await threeLoans(market);
    await feeds.weth.set(dollars("1,750"));

    const { hash } = await book.connect(keeper).liquidateBatch(
      ids.map((id) => order(id)),
      "0x",
    );

    const calls = await calledAddresses(hash);
    for (const feed of [feeds.weth, feeds.usdc]) {
      const address = (await feed.getAddress()).toLowerCase();
      expect(calls.filter((called) => called === address)).to.have.lengthOf(1);
    }
  });

  it("is refused if no order can be filled", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, keeper } = market;
    const [first, second] = await threeLoans(market);

    await expect(book.connect(keeper).liquidateBatch([order(first), order(second)], "0x"))
      .to.be.revertedWithCustomError(book, "NothingLiquidated")
      .withArgs(2n);
    await expect(book.connect(keeper).liquidateBatch([], "0x"))
      .to.be.revertedWithCustomError(book, "NothingLiquidated")
      .withArgs(0n);
  });
});

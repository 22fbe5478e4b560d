import { expect } from "chai";
import { MaxUint256, type Interface, type LogDescription } from "ethers";

import { ethers, networkHelpers, YEAR } from "../helpers/chain.ts";
import {
  dollars,
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { greedyOrder } from "./scene.ts";

const WAD = 10n ** 18n;

/** What an indexer keeps. It sees events and, for their blocks, the index: never a call's arguments, nor storage. */
class Ledger {
  public cash = 0n;
  public scaledDebt = 0n;
  public readonly scaled = new Map<bigint, bigint>();
  public readonly pledges = new Map<string, bigint>();

  public read({ name, args }: LogDescription, index: bigint): void {
    const value = (key: string): bigint => {
      const field: unknown = args.getValue(key);
      return typeof field === "bigint" ? field : expect.fail(`${name} has no ${key}`);
    };
    if (name === "Deposit") this.cash += value("assets");
    if (name === "Withdraw") this.cash -= value("assets");
    if (name === "ReservesSwept") this.cash -= value("amount");
    if (name === "Pledged") this.addPledge(value("id"), value("listing"), value("amount"));
    if (name === "Released") this.addPledge(value("id"), value("listing"), -value("amount"));
    if (name === "Borrowed") {
      this.cash -= value("amount");
      this.addDebt(value("id"), (value("amount") * WAD + index - 1n) / index);
    }
    if (name === "Repaid") this.pay(value("id"), value("amount"), index);
    if (name === "Liquidated") {
      this.pay(value("id"), value("repaid"), index);
      this.addPledge(value("id"), value("listing"), -value("seized"));
      if (value("writtenOff") !== 0n) this.addDebt(value("id"), -this.debtOf(value("id")));
    }
    if (name === "WrittenOff") {
      this.addDebt(value("id"), -this.debtOf(value("id")));
      for (const key of this.pledges.keys()) {
        if (key.startsWith(`${value("id")}/`)) this.pledges.set(key, 0n);
      }
    }
  }

  public debtOf(id: bigint): bigint {
    return this.scaled.get(id) ?? 0n;
  }

  private pay(id: bigint, amount: bigint, index: bigint): void {
    this.cash += amount;
    const debt = (this.debtOf(id) * index + WAD - 1n) / WAD;
    this.addDebt(id, amount === debt ? -this.debtOf(id) : -((amount * WAD) / index));
  }

  private addDebt(id: bigint, scaled: bigint): void {
    this.scaled.set(id, this.debtOf(id) + scaled);
    this.scaledDebt += scaled;
  }

  private addPledge(id: bigint, listing: bigint, amount: bigint): void {
    const key = `${id}/${listing}`;
    this.pledges.set(key, (this.pledges.get(key) ?? 0n) + amount);
  }
}

/** Every kind of call that moves money, with a year of interest in between. */
async function history(market: Market): Promise<bigint[]> {
  const { vault, book, feeds, treasurer, lender, borrower, keeper, stranger } = market;
  const first = await openLoan(market, {
    pledges: [
      [WETH, weth("10")],
      [LINK, link("100")],
    ],
    amount: usdc("16,000"),
  });
  const second = await openLoan(market, { pledges: [[WETH, weth("900")]], amount: usdc("900,000"), number: 2n });
  const third = await openLoan(market, { pledges: [[LINK, link("20")]], amount: usdc("150"), owner: stranger });
  await waitWithLiveFeeds(market, YEAR);
  await book.connect(stranger).repay(first, usdc("1,234.567891"));
  await vault.connect(stranger).deposit(usdc("300,000"), stranger);
  await book.connect(borrower).borrow(second, usdc("0.000001"), borrower);
  await waitWithLiveFeeds(market, YEAR / 7n);
  await vault.accrue();
  await book.connect(borrower).pledge(first, WETH, weth("1"));
  await vault.connect(lender).withdraw(usdc("1,000"), lender, lender);
  await vault.connect(treasurer).sweepReserves();
  await feeds.weth.set(dollars("1,500"));
  await book.connect(keeper).liquidate(greedyOrder(first, WETH, usdc("5,000")), "0x");
  await feeds.weth.set(dollars("1,000"));
  await feeds.link.set(dollars("0.2"));
  await book.connect(keeper).liquidateBatch([greedyOrder(first), greedyOrder(second), greedyOrder(first, LINK)], "0x");
  await book.connect(keeper).writeOff(third);
  const fourth = await openLoan(market, { pledges: [[WETH, weth("3")]], amount: usdc("1,000"), owner: stranger });
  await book.connect(stranger).release(fourth, WETH, weth("0.5"), stranger);
  await book.connect(stranger).close(fourth, MaxUint256, stranger);
  return [first, second, third, fourth, loanId(borrower, 9n)];
}

describe("An indexer that sees nothing but events", () => {
  it("rebuilds every loan, every pledge and the vault's cash and debt to the unit", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault, book, usdc: token } = market;
    await token.mint(market.keeper, usdc("2,000,000"));
    const ids = await history(market);

    const ledger = new Ledger();
    const contracts = new Map<string, Interface>([
      [await vault.getAddress(), vault.interface],
      [await book.getAddress(), book.interface],
    ]);
    const logs = await ethers.provider.getLogs({ address: [...contracts.keys()], fromBlock: 0 });
    for (const log of logs) {
      const event = contracts.get(log.address)?.parseLog(log);
      if (event) ledger.read(event, await vault.debtIndex({ blockTag: log.blockNumber }));
    }

    const state = await vault.state();
    expect([ledger.cash, ledger.scaledDebt]).to.deep.equal([state.cash, state.scaledDebt]);
    for (const id of ids) {
      expect(ledger.debtOf(id)).to.equal((await book.loan(id)).base);
      for (const listing of [WETH, LINK]) {
        expect(ledger.pledges.get(`${id}/${listing}`) ?? 0n).to.equal(await book.pledgeOf(id, listing));
      }
    }
  });
});

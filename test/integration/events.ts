import { expect } from "chai";
import type { BaseContract } from "ethers";
import { MaxUint256 } from "ethers";

import { ethers, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  DAY,
  deployMarket,
  dollars,
  LINK,
  link,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { accrue, WAD, wad, whole, type VaultFigures } from "../helpers/mathematics.ts";
import type { BlockingToken } from "../helpers/mocks.ts";

/** A market whose bitcoin can block accounts, and in which everything has happened that leaves a trace. */
async function livedIn(): Promise<Market> {
  const market = await deployMarket({ contracts: { wbtc: "BlockingToken" } });
  const { book, vault, feeds, treasurer, lender, borrower, stranger, keeper } = market;
  const both: [bigint, bigint][] = [
    [WETH, weth("100")],
    [WBTC, wbtc("2")],
  ];
  const first = await openLoan(market, { pledges: both, amount: usdc("200,000") });
  await openLoan(market, { pledges: [[WETH, weth("400")]], amount: usdc("500,000"), number: 2n });
  const lost = await openLoan(market, { pledges: [[LINK, link("20,000")]], amount: usdc("150,000"), owner: stranger });
  await waitWithLiveFeeds(market, 20n * DAY);
  await vault.connect(stranger).deposit(usdc("50,000"), stranger);
  await book.connect(borrower).borrow(first, usdc("10,000"), borrower);
  await book.connect(keeper).repay(first, usdc("70,000"));
  await waitWithLiveFeeds(market, 3n * DAY);
  await vault.accrue();
  await book.connect(stranger).pledge(first, WETH, weth("5"));
  await book.connect(borrower).release(first, WETH, weth("7"), stranger);
  await feeds.weth.set(dollars("1,450"));
  await feeds.link.set(dollars("7"));
  await waitWithLiveFeeds(market, DAY);
  const rest = { maxRepay: MaxUint256, minSeized: 0n };
  await book.connect(keeper).liquidateBatch([{ id: loan2(market), listing: WETH, ...rest }], "0x");
  await book.connect(keeper).liquidate({ id: lost, listing: LINK, ...rest }, "0x");
  const tiny = await openLoan(market, {
    pledges: [[WETH, weth("0.1")]],
    amount: usdc("100"),
    owner: stranger,
    number: 3n,
  });
  await feeds.weth.set(dollars("45"));
  await book.connect(keeper).writeOff(tiny);
  await feeds.weth.set(dollars("1,500"));
  await vault.connect(lender).withdraw(usdc("30,000"), lender, lender);
  await waitWithLiveFeeds(market, 40n * DAY);
  await (market.wbtc as BlockingToken).setBlocked(borrower, true);
  await book.connect(borrower).close(first, MaxUint256, borrower);
  await waitWithLiveFeeds(market, 300n * DAY);
  await book.connect(keeper).repay(loan2(market), MaxUint256);
  await vault.connect(treasurer).sweepReserves();
  await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("9,000"), number: 7n });
  await setCap(market, LINK, link("3"));
  return market;
}

const loan2 = ({ borrower }: Market): bigint => (BigInt(borrower.address) << 96n) | 2n;

describe("Events", () => {
  it("alone rebuild every pledge, the cash, the shares and the caps exactly (INV-10)", async () => {
    const market = await networkHelpers.loadFixture(livedIn);
    const { book, vault } = market;
    const rebuilt = await replay(market);

    expect(rebuilt.names).to.include.members([
      ...["Borrowed", "Repaid", "Pledged", "Released", "ReleaseFailed", "Liquidated", "WrittenOff", "LossBooked"],
      ...["Deposit", "Withdraw", "Transfer", "ReservesSwept", "Accrued", "ListingAdded", "CapChanged"],
    ]);
    expect(rebuilt.pledges.size).to.be.above(4);
    for (const [key, amount] of rebuilt.pledges) {
      const [id = "", listing = ""] = key.split(" ");
      expect(await book.pledgeOf(id, listing)).to.equal(amount);
    }
    for (const listing of [WETH, WBTC, LINK]) {
      const of = [...rebuilt.pledges].filter(([key]) => key.endsWith(` ${String(listing)}`));
      const { held, cap } = await book.listings(listing);
      expect(held).to.equal(of.reduce((sum, [, amount]) => sum + amount, 0n));
      expect(cap).to.equal(rebuilt.caps.get(listing));
    }
    expect((await vault.state()).cash).to.equal(rebuilt.figures.cash);
    expect(await vault.totalSupply()).to.equal(rebuilt.supply);
  });

  it("with block times and the published mathematics rebuild debts and reserves", async () => {
    const market = await networkHelpers.loadFixture(livedIn);
    const { book, vault } = market;
    const rebuilt = await replay(market);
    const { index, reserves, rateAtTarget } = await vault.state();

    // The contract rounds each step on the way: some units over the thirty steps of this life, and as many of the rate's.
    expect(index - rebuilt.figures.index).to.be.within(-(10n ** 8n), 10n ** 8n);
    expect(rateAtTarget - rebuilt.figures.rateAtTarget).to.be.within(-60n, 60n);
    expect(reserves - rebuilt.figures.reserves).to.be.within(-60n, 60n);
    expect(rebuilt.debts.size).to.equal(5);
    for (const [id, scaledDebt] of rebuilt.debts) {
      const { base: actual } = await book.loan(id);
      expect(actual - scaledDebt).to.be.within(-60n, 60n);
    }
  });
});

interface Rebuilt {
  names: string[];
  figures: VaultFigures;
  supply: bigint;
  /** By "id listing". */
  pledges: Map<string, bigint>;
  /** Scaled debts by loan. */
  debts: Map<bigint, bigint>;
  caps: Map<bigint, bigint>;
}

/** Reads the logs of book and vault in order and keeps the books that they tell of. */
async function replay({ book, vault }: Market): Promise<Rebuilt> {
  const pledges = new Map<string, bigint>();
  const debts = new Map<bigint, bigint>();
  const caps = new Map<bigint, bigint>();
  const names: string[] = [];
  let supply = 0n;
  let time: bigint | undefined;
  let figures: VaultFigures = {
    ...{ scaledDebt: 0n, index: WAD, cash: 0n, reserves: 0n },
    ...{ rateAtTarget: 4n * 10n ** 12n, averagedSupply: 0n },
  };

  const addTo = <Key>(map: Map<Key, bigint>, key: Key, amount: bigint): void => {
    map.set(key, (map.get(key) ?? 0n) + amount);
  };
  /** A payment takes off what it is worth at the index of now, rounded down. */
  const paid = (id: bigint, amount: bigint): void => {
    const scaled = debts.get(id) ?? 0n;
    const off = whole(amount).over(wad(figures.index)).floor();
    // Paying all takes all: what rounding would leave is a unit or two.
    const taken = scaled - off <= 2n ? scaled : off;
    debts.set(id, scaled - taken);
    figures = { ...figures, cash: figures.cash + amount, scaledDebt: figures.scaledDebt - taken };
  };
  const lost = (id: bigint): void => {
    const scaled = debts.get(id) ?? 0n;
    debts.set(id, 0n);
    figures = { ...figures, scaledDebt: figures.scaledDebt - scaled };
  };

  for (const { contract, name, args, timestamp } of await eventsOf([book, vault])) {
    names.push(name);
    if (time !== undefined && timestamp > time) figures = accrue(figures, timestamp - time);
    time = timestamp;
    const [first, second, third, fourth, fifth, sixth] = args;
    switch (name) {
      case "Deposit":
        figures = { ...figures, cash: figures.cash + amountOf(third) };
        break;
      case "Withdraw":
        figures = { ...figures, cash: figures.cash - amountOf(fourth) };
        break;
      case "Transfer":
        if (contract === vault && isNobody(first)) supply += amountOf(third);
        if (contract === vault && isNobody(second)) supply -= amountOf(third);
        break;
      case "Borrowed": {
        const scaled = whole(amountOf(fourth)).over(wad(figures.index)).ceil();
        addTo(debts, amountOf(first), scaled);
        figures = { ...figures, cash: figures.cash - amountOf(fourth), scaledDebt: figures.scaledDebt + scaled };
        break;
      }
      case "Repaid":
        paid(amountOf(first), amountOf(third));
        break;
      case "Pledged":
        addTo(pledges, `${String(first)} ${String(second)}`, amountOf(fourth));
        break;
      case "Released":
        addTo(pledges, `${String(first)} ${String(second)}`, -amountOf(fourth));
        break;
      case "Liquidated":
        addTo(pledges, `${String(first)} ${String(second)}`, -amountOf(fifth));
        paid(amountOf(first), amountOf(fourth));
        if (amountOf(sixth) !== 0n) lost(amountOf(first));
        break;
      case "WrittenOff":
        for (const key of pledges.keys()) if (key.startsWith(`${String(first)} `)) pledges.set(key, 0n);
        lost(amountOf(first));
        break;
      case "LossBooked":
        figures = { ...figures, reserves: figures.reserves - amountOf(second) };
        break;
      case "ReservesSwept":
        figures = { ...figures, cash: figures.cash - amountOf(second), reserves: figures.reserves - amountOf(second) };
        break;
      case "CapChanged":
        caps.set(amountOf(first), amountOf(second));
        break;
    }
  }
  return { names, figures, supply, pledges, debts, caps };
}

interface Told {
  contract: BaseContract;
  name: string;
  args: unknown[];
  timestamp: bigint;
}

/** All events of the contracts, oldest first. */
async function eventsOf(contracts: BaseContract[]): Promise<Told[]> {
  const told: Told[] = [];
  const byAddress = new Map<string, BaseContract>();
  for (const contract of contracts) byAddress.set(await contract.getAddress(), contract);
  const times = new Map<number, bigint>();
  for (const log of await ethers.provider.getLogs({ address: [...byAddress.keys()], fromBlock: 0 })) {
    const contract = byAddress.get(log.address);
    const event = contract?.interface.parseLog(log);
    if (!contract || !event) throw new Error(`A log that the interface does not know: ${log.topics[0] ?? "none"}`);
    let timestamp = times.get(log.blockNumber);
    if (timestamp === undefined) {
      timestamp = BigInt((await log.getBlock()).timestamp);
      times.set(log.blockNumber, timestamp);
    }
    told.push({ contract, name: event.name, args: event.args.toArray(), timestamp });
  }
  return told;
}

function amountOf(value: unknown): bigint {
  if (typeof value !== "bigint") throw new TypeError(`Not an amount: ${String(value)}`);
  return value;
}

function isNobody(address: unknown): boolean {
  return address === `0x${"0".repeat(40)}`;
}

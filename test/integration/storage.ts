import { expect } from "chai";
import { AbiCoder, keccak256, toBeHex, zeroPadValue } from "ethers";

import { ethers, networkHelpers } from "../helpers/chain.ts";
import { openTermLoan } from "../helpers/loans.ts";
import {
  DAY,
  LINK,
  link,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
} from "../helpers/market.ts";

/** How many of a contract's first slots are searched for the start of a structure. */
const SEARCHED = 64;

describe("Storage", () => {
  it("the vault's hot state is two slots, as its interface draws them", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { vault } = market;
    await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000") });
    await waitWithLiveFeeds(market, 3n * DAY);
    await vault.accrue();
    const state = await vault.state();
    expect(state.reserves).to.be.above(0n);
    expect(state.averagedSupply).to.be.above(0n);

    const first = packed([
      [state.scaledDebt, 104n],
      [state.index, 72n],
      [state.lastAccrual, 32n],
      [state.averagedSupply, 48n],
    ]);
    const second = packed([
      [state.cash, 104n],
      [state.reserves, 96n],
      [state.rateAtTarget, 48n],
      [state.flags, 8n],
    ]);
    const slots = await firstSlots(await vault.getAddress());
    const start = slots.indexOf(first);
    expect(start).to.be.at.least(0);
    expect(slots[start + 1]).to.equal(second);
  });

  it("a loan is one slot, plus one for each pledge", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book } = market;
    const id = await openLoan(market, {
      pledges: [
        [WETH, weth("10")],
        [WBTC, wbtc("0.5")],
        [LINK, link("100")],
      ],
      amount: usdc("30,000"),
    });
    const address = await book.getAddress();
    const { base, pledged } = await book.loan(id);
    expect(pledged).to.equal(0b111n);

    const loans = await mappingWith(
      address,
      id,
      packed([
        [base, 104n],
        [pledged, 40n],
      ]),
    );
    expect(loans).to.have.lengthOf(1);
    for (const [listing, amount] of [
      [WETH, weth("10")],
      [WBTC, wbtc("0.5")],
      [LINK, link("100")],
    ] as const) {
      const pledges: number[] = [];
      for (let slot = 0; slot < SEARCHED; slot++) {
        const outer = entryOf(id, BigInt(slot));
        if ((await slotAt(address, entryOf(listing, outer))) === amount) pledges.push(slot);
      }
      expect(pledges).to.have.lengthOf(1);
    }
  });

  it("two loans of one wallet are two entries: the owner is in the id", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const first = await openLoan(market, { pledges: [[WETH, weth("1")]], amount: usdc("1,000"), number: 1n });
    const second = await openLoan(market, { pledges: [[WETH, weth("2")]], amount: usdc("2,000"), number: 2n });

    expect(second - first).to.equal(1n);
    expect(first >> 96n).to.equal(BigInt(borrower.address));
    expect(await book.loan(first)).to.deep.equal(openTermLoan(usdc("1,000"), 1n));
    expect(await book.loan(second)).to.deep.equal(openTermLoan(usdc("2,000"), 1n));
  });

  it("a closed loan leaves no slot behind", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("1")]], amount: usdc("1,000") });
    const address = await book.getAddress();
    const [loans] = await mappingWith(
      address,
      id,
      packed([
        [usdc("1,000"), 104n],
        [1n, 40n],
      ]),
    );
    if (loans === undefined) throw new Error("The loan's slot was not found.");

    await book.connect(borrower).close(id, usdc("1,000"), borrower);

    expect(await slotAt(address, entryOf(id, BigInt(loans)))).to.equal(0n);
    expect(await book.pledgeOf(id, WETH)).to.equal(0n);
  });
});

/** Fields laid side by side, the first in the lowest bits. */
function packed(fields: [value: bigint, bits: bigint][]): bigint {
  let slot = 0n;
  let offset = 0n;
  for (const [value, bits] of fields) {
    slot |= value << offset;
    offset += bits;
  }
  return slot;
}

async function slotAt(address: string, slot: bigint): Promise<bigint> {
  return BigInt(await ethers.provider.getStorage(address, slot));
}

async function firstSlots(address: string): Promise<bigint[]> {
  const slots: bigint[] = [];
  for (let slot = 0; slot < SEARCHED; slot++) slots.push(await slotAt(address, BigInt(slot)));
  return slots;
}

/** The slot of a mapping's entry. */
function entryOf(key: bigint, mapping: bigint): bigint {
  const word = (value: bigint): string => zeroPadValue(toBeHex(value), 32);
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [word(key), word(mapping)])));
}

/** The mappings, by their own slot, whose entry under `key` holds exactly `expected`. */
async function mappingWith(address: string, key: bigint, expected: bigint): Promise<number[]> {
  const found: number[] = [];
  for (let slot = 0; slot < SEARCHED; slot++) {
    if ((await slotAt(address, entryOf(key, BigInt(slot)))) === expected) found.push(slot);
  }
  return found;
}

import { expect } from "chai";
import { AbiCoder, keccak256, MaxUint256, toBeHex, zeroPadValue } from "ethers";

import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import { openTermLoan } from "../helpers/loans.ts";
import { calledLoan, DEBT, fixedLoan } from "../helpers/margin-calls.ts";
import { termMarket } from "../helpers/terms.ts";
import {
  DAY,
  dollars,
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

// As pinned by storage-layout.ts.
const [LOANS, PLEDGES] = [2, 3];

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

  it("a loan is one slot, its own pledge in it, plus one for each further pledge", async () => {
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

    const stored = loanWord({ base, pledged, own: [WETH, weth("10")] });
    expect(await mappingWith(address, id, stored)).to.deep.equal([LOANS]);
    const pledges = entryOf(id, BigInt(PLEDGES));
    expect(await slotAt(address, pledges + WETH)).to.equal(0n);
    expect(await slotAt(address, pledges + WBTC)).to.equal(wbtc("0.5"));
    expect(await slotAt(address, pledges + LINK)).to.equal(link("100"));
  });

  it("a term takes the place of the own pledge, which moves to the others and stays there", async () => {
    const market = await networkHelpers.loadFixture(termMarket);
    const { book, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("1,000") });
    const address = await book.getAddress();
    const pledge = entryOf(id, BigInt(PLEDGES)) + WETH;
    expect(await slotAt(address, pledge)).to.equal(0n);
    const term = { duration: 30n * DAY, maxRate: MaxUint256 };
    const order = { term, amount: 0n, maxFee: MaxUint256, addFee: false, receiver: borrower };

    await book.connect(borrower).refinance(id, order);
    expect(await slotAt(address, pledge)).to.equal(weth("10"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10"));
    await book.connect(borrower).refinance(id, { ...order, term: { duration: 0n, maxRate: 0n } });
    expect(await slotAt(address, pledge)).to.equal(weth("10"));

    // A further pledge finds the place free.
    await book.connect(borrower).pledge(id, WBTC, wbtc("0.5"));
    const { base, pledged } = await book.loan(id);
    expect(await slotAt(address, entryOf(id, BigInt(LOANS)))).to.equal(
      loanWord({ base, pledged, own: [WBTC, wbtc("0.5")] }),
    );
    expect([await book.pledgeOf(id, WETH), await book.pledgeOf(id, WBTC)]).to.deep.equal([weth("10"), wbtc("0.5")]);
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

  it("a fixed term is in the loan's slot; terms add two to the vault's state, whatever their number", async () => {
    const { vault, book, id } = await networkHelpers.loadFixture(fixedLoan);
    const { base, pledged, since, maturity, rate } = await book.loan(id);
    expect([base, pledged, since, maturity - since]).to.deep.equal([DEBT, 1n, clock.now(), 30n * DAY]);
    const stored = loanWord({ base, pledged, term: [since, maturity, rate] });
    expect(await mappingWith(await book.getAddress(), id, stored)).to.deep.equal([LOANS]);

    const sums = packed([
      [base, 104n],
      [base * rate, 136n],
    ]);
    const slots = await firstSlots(await vault.getAddress());
    const start = slots.indexOf(sums);
    expect(start).to.be.at.least(0);
    expect(slots[start + 1]).to.equal(base * rate * since);
  });

  it("a margin call is one slot, of which the loan keeps a flag; a credit is one for each asset", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const { book, keeper, stranger, id } = scene;
    const address = await book.getAddress();
    const call = packed([
      [BigInt(stranger.address), 160n],
      [clock.now(), 48n],
      [clock.now() + DAY, 48n],
    ]);
    const [calls, ...others] = await mappingWith(address, id, call);
    if (calls === undefined) throw new Error("The call's slot was not found.");
    expect(others).to.deep.equal([]);
    const { base, pledged } = await book.loan(id);
    const own = [WETH, await book.pledgeOf(id, WETH)] as const;
    expect(await mappingWith(address, id, loanWord({ base, pledged, own, isCalled: true }))).to.deep.equal([LOANS]);

    await scene.feeds.weth.set(dollars("1,700"));
    await waitWithLiveFeeds(scene, 600n);
    await book.connect(keeper).liquidate({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }, "0x");
    const credit = await book.creditOf(stranger, WETH);
    expect(credit).to.be.above(0n);
    const credits = async (): Promise<number[]> =>
      mappingOfMappingsWith(address, BigInt(stranger.address), WETH, credit);
    expect(await credits()).to.have.lengthOf(1);
    await book.connect(stranger).claimCredit(WETH, stranger);
    expect(await credits()).to.deep.equal([]);
    await book.connect(scene.borrower).repay(id, MaxUint256);
    expect(await slotAt(address, entryOf(id, BigInt(calls)))).to.equal(0n);
  });

  it("a closed loan leaves no slot behind", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, borrower } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("1")]], amount: usdc("1,000") });
    const address = await book.getAddress();
    const loan = entryOf(id, BigInt(LOANS));
    expect(await slotAt(address, loan)).to.equal(
      loanWord({ base: usdc("1,000"), pledged: 1n, own: [WETH, weth("1")] }),
    );

    await book.connect(borrower).close(id, usdc("1,000"), borrower);

    expect(await slotAt(address, loan)).to.equal(0n);
    expect(await book.pledgeOf(id, WETH)).to.equal(0n);
  });
});

interface LoanFields {
  base: bigint;
  pledged: bigint;
  /** The pledge that an open-term loan keeps in its own slot. */
  own?: readonly [listing: bigint, amount: bigint];
  term?: readonly [since: bigint, maturity: bigint, rate: bigint];
  isCalled?: boolean;
}

/** A loan's slot, as drawn at StoredLoan. Flags: 1 for a margin call, 2 for a term. */
function loanWord({ base, pledged, own, term, isCalled = false }: LoanFields): bigint {
  const [since, maturity, rate] = term ?? [0n, 0n, 0n];
  return packed([
    [base, 104n],
    [pledged, 40n],
    [own?.[1] ?? since | (maturity << 32n) | (rate << 64n), 96n],
    [(isCalled ? 1n : 0n) | (term === undefined ? 0n : 2n), 8n],
    [own === undefined ? 0n : own[0] + 1n, 8n],
  ]);
}

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

/** The same where the entry under `key` is a mapping itself, and its entry under `inner` holds it. */
async function mappingOfMappingsWith(address: string, key: bigint, inner: bigint, expected: bigint): Promise<number[]> {
  const found: number[] = [];
  for (let slot = 0; slot < SEARCHED; slot++) {
    if ((await slotAt(address, entryOf(inner, entryOf(key, BigInt(slot))))) === expected) found.push(slot);
  }
  return found;
}

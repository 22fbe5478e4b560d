import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import { PRICE_ONE } from "../../sdk/src/math/health-math.ts";
import { growthOf } from "../../sdk/src/math/loan-debt.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import { LoanStore } from "../../sdk/src/loans/loan-store.ts";
import { screen } from "../../sdk/src/monitor/screen.ts";
import type { Loan } from "../../sdk/src/types.ts";
import {
  anyOf,
  bitsOf,
  callAt,
  inOrder,
  judged,
  lineOf,
  loanOf,
  NOW,
  viewOf,
  type Listed,
} from "../helpers/monitor.ts";

/** The store finds what the mathematics say of each loan. Returns how many are callable, liquidatable, and were rechecked. */
function expectExact(store: LoanStore, loans: readonly Loan[], market: MarketView): [number, number, number] {
  const { callable, liquidatable, rechecked } = screen(store, market);
  const exact = judged(market, loans);
  expect(inOrder(callable)).to.deep.equal(exact.callable);
  expect(inOrder(liquidatable)).to.deep.equal(exact.liquidatable);
  return [callable.size, liquidatable.size, rechecked];
}

function storeOf(loans: Iterable<Loan>): LoanStore {
  const store = new LoanStore();
  for (const loan of loans) store.set(loan);
  return store;
}

/** Forty listings of tokens of 0…18 decimals and prices of all lengths up to the widest that a listing may have. */
function anyListings(random: Random): Listed[] {
  return Array.from({ length: 40 }, (_, i) => {
    const callLtv = 1n + (anyOf(random, 13) % 9_000n);
    const prices = [1n, 2n ** 218n - 1n, PRICE_ONE, PRICE_ONE / 10n ** BigInt(i % 19), anyOf(random, 218)];
    const price = prices[i % prices.length] ?? 0n;
    return { price, callLtv, liquidationLtv: callLtv + (anyOf(random, 12) % 500n) + 1n };
  });
}

function anyMarket(random: Random): MarketView {
  const upSince = [undefined, 0n, NOW - anyOf(random, 18)][Math.floor(random.uniform() * 3)];
  return viewOf(anyListings(random), { debtIndex: WAD + anyOf(random, 66), upSince });
}

/**
 * A loan whose debt is as near as can be to one of its lines, or some units from it: the base is sought that owes just that.
 * @param off By how many units. [asset]
 */
function nearLine(loan: Loan, { board, debtIndex }: MarketView, line: bigint, off: bigint): Loan {
  const { index, unit } = growthOf(loan, debtIndex, board.now);
  const wanted = line + off < 0n ? 0n : line + off;
  const base = (wanted * unit) / index;
  return { ...loan, base: base > MAX_AMOUNT ? MAX_AMOUNT : base };
}

function anyLoan(random: Random, market: MarketView): Loan {
  const pledges = new Map<number, bigint>();
  const count = random.uniform() < 0.02 ? 40 : Math.floor(random.uniform() * 5);
  for (let i = 0; i < count; i++) {
    const amounts = [1n, MAX_AMOUNT, 2n ** 53n + 1n, 1n + anyOf(random, 103)];
    pledges.set(count === 40 ? i : Math.floor(random.uniform() * 40), amounts[Math.floor(random.uniform() * 6)] ?? 7n);
  }
  const since = NOW - (anyOf(random, 26) % 63_000_000n);
  const term = { since, maturity: since + 31_536_000n, rate: anyOf(random, 32) };
  const call = random.uniform() < 0.3 ? callAt(NOW - BigInt(Math.floor(random.between(0, 48))) * 3_600n) : undefined;
  const loan = loanOf(bitsOf(random, 256), { pledges, call, ...(random.uniform() < 0.5 ? term : {}) });
  if (random.uniform() < 0.2) return { ...loan, base: anyOf(random, 104) };
  const line = lineOf(market, pledges, random.uniform() < 0.5 ? "callLine" : "liquidationLine");
  return nearLine(loan, market, line, BigInt(Math.floor(random.between(-3, 4))));
}

describe("SDK monitor: its lists are the exact ones", () => {
  it("for loans of any figures at and about their lines", () => {
    const random = new Random(11);
    let [callables, liquidatables, recheckeds] = [0, 0, 0];
    for (let round = 0; round < 20; round++) {
      const market = anyMarket(random);
      const loans = Array.from({ length: 1_500 }, () => anyLoan(random, market));
      const [callable, liquidatable, rechecked] = expectExact(storeOf(loans), loans, market);
      callables += callable;
      liquidatables += liquidatable;
      recheckeds += rechecked;
    }
    expect(callables).to.be.greaterThan(3_000);
    expect(liquidatables).to.be.greaterThan(3_000);
    expect(recheckeds).to.be.greaterThan(7_000);
  });

  for (const decimals of [0, 1, 6, 8, 12, 17, 18]) {
    it(`one unit below, at and above a line of tokens of ${decimals} decimals, small and huge`, () => {
      const unit = 10n ** BigInt(decimals);
      const listings = [
        { price: (2_000_000_003n * PRICE_ONE) / unit, callLtv: 10_000n, liquidationLtv: 10_000n },
        { price: PRICE_ONE, callLtv: 10_000n, liquidationLtv: 10_000n },
      ];
      const market = viewOf(listings);
      const loans: Loan[] = [];
      for (const tokens of [1n, unit, 7n * unit, 2n ** 53n + 1n, 10n ** 20n * unit]) {
        const amount = tokens > MAX_AMOUNT ? MAX_AMOUNT : tokens;
        for (const other of [1n, 2n ** 60n + 1n, 2n ** 103n + 1n]) {
          const line = (amount * (listings[0]?.price ?? 0n)) / PRICE_ONE + other;
          for (const off of [-1n, 0n, 1n]) {
            if (line + off > MAX_AMOUNT) continue;
            const pledges = new Map([
              [0, amount],
              [1, other],
            ]);
            loans.push(loanOf(BigInt(loans.length) << 96n, { base: line + off, pledges }));
          }
        }
      }
      const [callable, liquidatable, rechecked] = expectExact(storeOf(loans), loans, market);
      expect(callable).to.equal(loans.length / 3);
      expect(liquidatable).to.equal(loans.length / 3);
      expect(rechecked).to.be.at.least((2 * loans.length) / 3); // one unit above its lines a loan may be certain
    });
  }

  it("where floors of forty pledges take nearly two units each", () => {
    // A value of 1.99… units floors to 1, and 9,999 ten-thousandths of that to 0: a line of 0 that float64 takes for almost 80.
    const listings = Array.from({ length: 40 }, () => ({
      ...{ price: 2n * PRICE_ONE - 1n, callLtv: 9_999n, liquidationLtv: 9_999n },
    }));
    const market = viewOf(listings);
    const pledges = new Map(listings.map((_, i) => [i, 1n]));
    const loans = Array.from({ length: 100 }, (_, i) => loanOf(BigInt(i), { base: BigInt(i), pledges }));
    expect(expectExact(storeOf(loans), loans, market)).to.deep.equal([99, 99, 79]);
  });

  it("at every age of a call, and whenever a sequencer came up", () => {
    const listings = [{ price: PRICE_ONE, callLtv: 5_000n, liquidationLtv: 6_000n }];
    const edges = [0n, 1n, 3_599n, 3_600n, 86_399n, 86_400n, 86_401n, 129_599n, 129_600n, 129_601n, 200_000n];
    const loans: Loan[] = [];
    for (const age of edges) {
      for (const base of [500n, 501n, 600n, 601n]) {
        loans.push(loanOf(BigInt(loans.length), { base, pledges: new Map([[0, 1_000n]]), call: callAt(NOW - age) }));
      }
    }
    const store = storeOf(loans);
    const found = new Set<string>();
    const since = [3_601n, 17_999n, 18_000n, 18_001n, 61_199n, 61_200n, 61_201n, ...edges].map((age) => NOW - age);
    for (const upSince of [undefined, 0n, ...since]) {
      const market = viewOf(listings, { upSince });
      found.add(expectExact(store, loans, market).slice(0, 2).join());
    }
    expect(found.size).to.be.greaterThan(3);
  });

  it("through openings, changes and removals in any order", () => {
    const random = new Random(12);
    const market = anyMarket(random);
    const store = new LoanStore();
    const loans = new Map<bigint, Loan>();
    for (let step = 0; step < 60_000; step++) {
      const [oldest] = loans.keys();
      // The oldest goes, or is replaced by one with other pledges; more come than go, until the last third.
      const fate = random.uniform();
      if (oldest !== undefined && fate < (step < 40_000 ? 0.2 : 0.9)) {
        expect(store.delete(oldest)).to.equal(true);
        loans.delete(oldest);
      } else {
        const fresh = anyLoan(random, market);
        const loan = oldest !== undefined && fate > 0.95 ? { ...fresh, id: oldest } : fresh;
        store.set(loan);
        loans.delete(loan.id);
        loans.set(loan.id, loan);
      }
      if (step % 15_000 === 14_999) {
        expect(store.size).to.equal(loans.size);
        expectExact(store, [...loans.values()], market);
      }
    }
    for (const id of loans.keys()) expect(store.delete(id)).to.equal(true);
    expect(store.size).to.equal(0);
    expectExact(store, [], market);
  });
});

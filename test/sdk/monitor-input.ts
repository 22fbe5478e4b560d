import { expect } from "chai";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { StaleScreeningError } from "../../sdk/src/errors/stale-screening.ts";
import { LoanStore } from "../../sdk/src/loans/loan-store.ts";
import { screen } from "../../sdk/src/monitor/screen.ts";
import { PRICE_ONE } from "../../sdk/src/math/health-math.ts";
import type { MarketView } from "../../sdk/src/math/loan-lens.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { callAt, loanOf, NOW, viewOf, type Listed } from "../helpers/monitor.ts";

const LISTED: Listed = { price: PRICE_ONE, callLtv: 8_000n, liquidationLtv: 8_600n };
const MARKET = viewOf([LISTED]);

const pledged = (base: bigint, amount = 1_000n): Partial<Loan> => ({ base, pledges: new Map([[0, amount]]) });

/** What a caller without types may bring in place of a figure. */
const untyped = (value: unknown): never => value as never;

function expectRefusal(run: () => unknown, field: string): void {
  expect(run).to.throw(InvalidInputError).with.property("field", field);
}

describe("SDK monitor: input and lists", () => {
  const loans: [what: string, field: string, loan: Partial<Loan>][] = [
    ["a negative id", "id", { id: -1n }],
    ["an id of 257 bits", "id", { id: 2n ** 256n }],
    ["a base of 105 bits", "base", { base: 2n ** 104n }],
    ["a base that is a number", "base", { base: untyped(5) }],
    ["a rate of 33 bits", "rate", { maturity: 1n, rate: 2n ** 32n }],
    ["a negative since", "since", { maturity: 1n, since: -1n }],
    ["a rate of an open-term loan", "maturity", { rate: 1n }],
    ["pledges that are no map", "pledges", { pledges: untyped({ 0: 1n }) }],
    ["a listing of 40", "pledges", { pledges: new Map([[40, 1n]]) }],
    ["a listing of -1", "pledges", { pledges: new Map([[-1, 1n]]) }],
    ["a listing that is NaN", "pledges", { pledges: new Map([[NaN, 1n]]) }],
    ["a listing that is a bigint", "pledges", { pledges: new Map([[untyped(1n), 1n]]) }],
    ["a pledge of 0", "pledges[0]", { pledges: new Map([[0, 0n]]) }],
    ["a pledge of 105 bits", "pledges[3]", { pledges: new Map([[3, 2n ** 104n]]) }],
    ["a deadline that is no day after the call", "call.deadline", { call: { ...callAt(NOW), deadline: NOW } }],
    ["a call time that is negative", "call.calledAt", { call: { ...callAt(NOW), calledAt: -1n } }],
    ["a call at no time", "call.calledAt", { call: callAt(0n) }],
  ];
  for (const [what, field, loan] of loans) {
    it(`refuses ${what}, and keeps what it had`, () => {
      const store = new LoanStore();
      store.set(loanOf(1n, pledged(801n)));
      expectRefusal(() => store.set(loanOf(1n, loan)), field);
      expect(store.size).to.equal(1);
      expect([...screen(store, MARKET).callable]).to.deep.equal([1n]);
    });
  }

  const board = (changes: Partial<MarketView["board"]>): Partial<MarketView> => {
    return { board: { ...MARKET.board, ...changes } };
  };
  const listed = (changes: Partial<Listed>): Partial<MarketView> => viewOf([{ ...LISTED, ...changes }]);
  const markets: [what: string, field: string, market: Partial<MarketView>][] = [
    ["a negative time", "now", board({ now: -1n })],
    ["a time that is a number", "now", board({ now: untyped(1) })],
    ["an index of 73 bits", "debtIndex", { debtIndex: 2n ** 72n }],
    ["a loan asset of a negative price", "loanAsset", board({ loanAsset: -1n })],
    ["a price of 257 bits", "listings[0].price", listed({ price: 2n ** 256n })],
    ["a price that is NaN", "listings[0].price", listed({ price: untyped(NaN) })],
    ["a share of more than 1", "listings[0].liquidationLtv", listed({ liquidationLtv: 10_001n })],
    ["a call line above the liquidation line", "listings[0].callLtv", listed({ callLtv: 8_601n })],
    ["a time before a loan began", "now", board({ now: NOW - 1n })],
    ["a listing that is not there", "listing", viewOf([])],
  ];
  for (const [what, field, market] of markets) {
    it(`refuses ${what}`, () => {
      const store = new LoanStore();
      store.set(loanOf(1n, { ...pledged(5n), since: NOW, maturity: NOW + 9n, rate: 1n }));
      expectRefusal(() => screen(store, { ...MARKET, ...market }), field);
    });
  }

  it("does not need what no loan with debt pledges", () => {
    const store = new LoanStore();
    store.set(loanOf(1n, pledged(801n)));
    store.set(loanOf(2n, { pledges: new Map([[7, 1n]]) }));
    expect([...screen(store, MARKET).callable]).to.deep.equal([1n]);
  });

  it("finds nothing where the loan asset has no price", () => {
    const store = new LoanStore();
    store.set(loanOf(1n, pledged(10_000n)));
    expect(screen(store, MARKET).liquidatable.size).to.equal(1);
    const { callable, liquidatable } = screen(store, { ...MARKET, ...board({ loanAsset: 0n }) });
    expect([callable.size, liquidatable.size]).to.deep.equal([0, 0]);
  });

  it("tells ids of 256 bits apart that share their owner, or their number", () => {
    const store = new LoanStore();
    const ids = Array.from({ length: 64 }, (_, i) => (BigInt(i >> 3) << 253n) | (BigInt(i & 7) << 93n) | 1n);
    for (const id of ids) store.set(loanOf(id, pledged(801n)));
    expect(store.size).to.equal(64);
    expect([...screen(store, MARKET).callable]).to.have.members(ids);
    expect(store.has(ids[9] ?? 0n)).to.equal(true);
    expect(store.has(2n)).to.equal(false);
    expect(store.delete(2n)).to.equal(false);
    expectRefusal(() => store.has(-1n), "id");
    expectRefusal(() => store.delete(untyped("1")), "id");
  });

  it("reads a list until a loan is deleted", () => {
    const store = new LoanStore();
    for (const id of [1n, 2n, 3n]) store.set(loanOf(id, pledged(801n)));
    const { callable } = screen(store, MARKET);
    store.set(loanOf(4n, pledged(801n)));
    store.set(loanOf(2n, pledged(1n)));
    expect([...callable]).to.deep.equal([1n, 2n, 3n]);
    expect(callable.size).to.equal(3);
    const visited: bigint[] = [];
    callable.forEach((id) => visited.push(id));
    expect(visited).to.deep.equal([1n, 2n, 3n]);
    store.delete(1n);
    expect(() => {
      callable.forEach(() => undefined);
    }).to.throw(StaleScreeningError);
    expect(() => [...callable]).to.throw(StaleScreeningError);
    expect([...screen(store, MARKET).callable]).to.have.members([3n, 4n]);
  });
});

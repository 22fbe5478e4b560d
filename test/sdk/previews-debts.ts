/** Previews of borrowing, paying and refinancing beside the calls themselves, to the last unit. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { owedBy } from "../../sdk/src/math/loan-changes.ts";
import { amountToCure, maxBorrow } from "../../sdk/src/math/loan-lens.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { accrued } from "../../sdk/src/math/vault.ts";
import { previewBorrow } from "../../sdk/src/previews/borrow.ts";
import { previewClose } from "../../sdk/src/previews/close.ts";
import type { RefinanceOrder } from "../../sdk/src/previews/outcomes.ts";
import { previewRefinance } from "../../sdk/src/previews/refinance.ts";
import { previewRepay } from "../../sdk/src/previews/repay.ts";
import { previewRoll } from "../../sdk/src/previews/roll.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { DAY, HOUR } from "../helpers/chain.ts";
import { amountBetween, at } from "../helpers/lens.ts";
import { argsOf, BEGINNINGS, expectOnLoan, found, ownerOf, Tally, type Found, type Weather } from "./previews-scene.ts";

const WEATHERS: readonly Weather[] = [
  { factor: 1.02 },
  { factor: 0.86, called: 25n * HOUR, age: 110n * DAY },
  { factor: 0.95, called: 37n * HOUR, hasMisfortunes: true, isLoanFeedDead: true, isSequencerBack: true },
  { factor: 1, isPaused: true, age: 101n * DAY },
];

const tally = new Tally();

describe("SDK: previews of debts", () => {
  for (const [position, begin] of BEGINNINGS.entries()) {
    for (const number of [position, (position + 1) % WEATHERS.length]) {
      it(`say what borrow, repay, close, refinance and roll do: market ${String(position)}, weather ${String(number)}`, async () => {
        const random = new Random(100 * position + number);
        const where = await found(begin, random, at(WEATHERS, number));
        for (const loan of where.loans) {
          await borrows(where, loan, random);
          await repays(where, loan, random);
          await closes(where, loan);
          await refinances(where, loan, random);
          await rolls(where, loan);
        }
      });
    }
  }

  it("were compared in every way that a call can end", () => {
    tally.expectAll([...["borrow", "repay", "repay all", "close", "refinance to open", "refinance to fixed", "roll"]]);
  });
});

const owed = ({ market }: Found, loan: Loan) => owedBy({ loan, vault: accrued(market.vault, market.now) });

async function borrows(where: Found, loan: Loan, random: Random): Promise<void> {
  const { scene, market } = where;
  const { book, unit } = scene;
  const owner = ownerOf(scene, loan);
  const most = maxBorrow(viewOf(market), loan, market.vault, false);
  const amounts = [0n, most, most + 1n, amountBetween(random, 0n, 5_000n * unit), market.vault.cash + 1n, 2n ** 104n];
  for (const amount of amounts) {
    const outcome = previewBorrow(market, loan, amount);
    tally.count(outcome.refusal?.name ?? "borrow");
    const sent = { from: owner, to: book, name: "borrow", args: [loan.id, amount, owner.address] };
    await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
      expect(outcome.borrowed).to.equal(argsOf(told, "Borrowed").amount);
    });
  }
}

async function repays(where: Found, loan: Loan, random: Random): Promise<void> {
  const { scene, market } = where;
  const { book, keeper, unit } = scene;
  const { debt, fee } = owed(where, loan);
  const all = debt + fee;
  const leaves = all > market.minDebt ? all - market.minDebt : 1n;
  const { repayment } = amountToCure(viewOf(market), loan);
  const cures = [repayment, repayment - (repayment && 1n)];
  const amounts = [
    ...cures,
    1n,
    amountBetween(random, 0n, debt),
    leaves,
    leaves + 1n,
    all - (all && 1n),
    all,
    MaxUint256,
  ];
  for (const maxAmount of [...amounts, amountBetween(random, 0n, 100n * unit)]) {
    const outcome = previewRepay(market, loan, maxAmount);
    tally.count(outcome.refusal?.name ?? (outcome.isAll ? "repay all" : "repay"));
    const sent = { from: keeper, to: book, name: "repay", args: [loan.id, maxAmount] };
    await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
      expect(outcome.paid).to.equal(argsOf(told, "Repaid").amount);
      expect(outcome.isAll).to.equal(outcome.after?.debt === 0n);
    });
  }
}

async function closes(where: Found, loan: Loan): Promise<void> {
  const { scene, market } = where;
  const { book } = scene;
  const owner = ownerOf(scene, loan);
  const { debt, fee } = owed(where, loan);
  for (const maxAmount of [debt + fee, debt + fee - (debt && 1n)]) {
    const outcome = previewClose(market, loan, maxAmount);
    tally.count(outcome.refusal?.name ?? "close");
    expect(outcome.fee).to.equal(fee);
    expect(outcome.released).to.deep.equal(loan.pledges);
    const sent = { from: owner, to: book, name: "close", args: [loan.id, maxAmount, owner.address] };
    await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
      expect(outcome.paid).to.equal(told.get("Repaid")?.amount ?? 0n);
    });
  }
}

async function refinances(where: Found, loan: Loan, random: Random): Promise<void> {
  const { scene, market } = where;
  const { unit } = scene;
  const { fee } = owed(where, loan);
  const most = maxBorrow(viewOf(market), { ...loan, maturity: 0n }, market.vault, false);
  const duration = amountBetween(random, 7n * DAY, 365n * DAY);
  const durations = [0n, 0n, duration, 7n * DAY, 7n * DAY - 1n, 365n * DAY + 1n];
  for (const length of durations) {
    const amount = random.pick([
      [0n, 4],
      [amountBetween(random, 0n, 500n * unit), 2],
      [amountBetween(random, 0n, most), 2],
      [9_000_000n * unit, 1],
    ]);
    const addFee = random.uniform() < 0.5;
    const maxFee = random.uniform() < 0.1 ? fee - (fee && 1n) : MaxUint256;
    await refinanced(where, loan, { term: { duration: length, maxRate: MaxUint256 }, amount, maxFee, addFee });
  }
  const { termRate } = previewRefinance(market, loan, {
    ...{ term: { duration, maxRate: MaxUint256 }, amount: 1n, maxFee: fee, addFee: true },
  });
  for (const maxRate of termRate === undefined ? [] : [termRate, termRate - 1n]) {
    await refinanced(where, loan, { term: { duration, maxRate }, amount: 1n, maxFee: fee, addFee: true });
  }
  await refinanced(where, loan, { term: { duration, maxRate: 0n }, amount: 2n ** 104n, maxFee: fee, addFee: true });
}

async function refinanced({ scene, market }: Found, loan: Loan, order: RefinanceOrder): Promise<void> {
  const { book } = scene;
  const owner = ownerOf(scene, loan);
  const outcome = previewRefinance(market, loan, order);
  tally.count(outcome.refusal?.name ?? (outcome.termRate === undefined ? "refinance to open" : "refinance to fixed"));
  const sent = {
    ...{ from: owner, to: book, name: "refinance" },
    args: [loan.id, { ...order, receiver: owner.address }],
  };
  await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
    const { rate, fee } = argsOf(told, "Refinanced");
    expect([outcome.termRate ?? 0n, outcome.fee]).to.deep.equal([rate, fee]);
    expect(outcome.paid).to.equal(order.addFee ? 0n : fee);
  });
}

async function rolls({ scene, market }: Found, loan: Loan): Promise<void> {
  const { book, keeper } = scene;
  const outcome = previewRoll(market, loan);
  tally.count(outcome.refusal?.name ?? "roll");
  const sent = { from: keeper, to: book, name: "roll", args: [loan.id] };
  await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
    expect(told.has("Rolled")).to.equal(true);
  });
}

import { expect } from "chai";

import { callAt, computeCallFigures, firstSales } from "../../scripts/play/call-figures.ts";
import { cure, HOUR, ledger, marginCall, openedLoan, sale, START } from "./ledgers.ts";

const USDC = 1_000_000n;

/** Seven loans: cured twice, sold from after a day, at once, an hour after the call, and without any; one lapsed; one stands. */
const LEDGER = ledger({
  loans: [true, true, false, false, true, false, false].map((isWatched, i) => openedLoan(i + 1, isWatched)),
  calls: [
    marginCall(1, "cured", [1, 3]),
    marginCall(2, "cured", [1, 6]),
    marginCall(3, "sold", [2, 27]),
    marginCall(4, "sold", [2, 2]),
    marginCall(5, "recovered", [3, 4]),
    marginCall(6, "lapsed", [3, 39]),
    marginCall(5, "sold", [10, 11]),
    marginCall(6, "standing", [45]),
  ],
  cures: [cure(1, 3, 2, "repaying", 400), cure(2, 6, 5, "pledging", 300)],
  upkeep: [
    { time: START + HOUR, kind: "call", loans: 2, gasUsed: 200_000n, gasCost: 3n * USDC },
    { time: START + 2 * HOUR, kind: "roll", loans: 1, gasUsed: 50_000n, gasCost: 1n * USDC },
  ],
  liquidations: [
    sale(4, 2, false, 1_000, 20),
    sale(5, 11, false, 500, 10),
    sale(3, 26, true, 200, 1),
    sale(3, 27, true, 200, 1),
    sale(7, 40, false, 500, 10),
  ],
});

describe("Figures of margin calls", () => {
  const figures = computeCallFigures(LEDGER);

  it("count calls by how they ended", () => {
    expect(figures).to.include({
      marginCalls: 8,
      calledLoans: 6,
      callsCured: 2,
      callsRecovered: 1,
      callsEndedBySale: 3,
    });
    expect(figures).to.include({ callsLapsed: 1, callsStandingAtEnd: 1 });
  });

  it("count cures by what owners did", () => {
    expect(figures).to.include({ curesByRepaying: 1, curesByPledging: 1, medianCureHours: 3.5 });
    expect(figures).to.include({ repaidByOwnersUsdc: 400n * USDC, addedByOwnersUsdc: 300n * USDC });
  });

  it("tell owners who watch from those who do not", () => {
    expect(figures).to.include({ watchedCalledLoans: 3, watchedCalledLoansSold: 1 });
    expect(figures).to.include({ unwatchedCalledLoans: 3, unwatchedCalledLoansSold: 2 });
  });

  it("measure the notice from the call that stood to the first sale", () => {
    // Loan 3 a day, loan 5 an hour by its second call; loan 4 was sold from in the round that it was called in, loan 7 never called.
    expect(firstSales(LEDGER).map(({ loan }) => loan)).to.deep.equal([4, 5, 3, 7]);
    expect(figures).to.include({ liquidatedLoansCalledBefore: 2 });
    expect(figures).to.include({ shortestNoticeHours: 1, medianNoticeHours: 12.5, longestNoticeHours: 24 });
    expect(callAt(LEDGER, sale(5, 7, false, 1, 0)), "between its calls").to.equal(undefined);
  });

  it("tell what soft and hard sales cost", () => {
    expect(figures).to.include({ softLiquidations: 2, softSeizedUsdc: 400n * USDC, softOwnersCostUsdc: 2n * USDC });
    expect(figures).to.include({ hardLiquidations: 3, hardSeizedUsdc: 2_000n * USDC, hardOwnersCostUsdc: 40n * USDC });
    expect(figures).to.include({ softOwnersCostShareOfSeized: 0.005, hardOwnersCostShareOfSeized: 0.02 });
  });

  it("tell what the monitor was credited and what it spent", () => {
    expect(figures).to.include({ creditsUsdc: 4_200_000n, monitorGasUsdc: 4n * USDC, monitorGasUsed: 250_000n });
  });

  it("are all nothing without calls and sales", () => {
    for (const figure of Object.values(computeCallFigures(ledger({})))) expect(Number(figure)).to.equal(0);
  });
});

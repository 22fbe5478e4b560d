import { YEAR } from "../../sdk/src/math/rate-curve.ts";
import { computeCallFigures, type CallFigures } from "./call-figures.ts";
import type { Ledger } from "./ledger.ts";
import { median, ratio, sum } from "./statistics.ts";

/** What a play came to. Keys name their unit: `Usdc` are base units (1e-6), `Share` is a fraction of 1, `Bps` of 10,000. */
export interface Figures extends CallFigures {
  readonly loans: number;
  readonly termLoans: number;
  /** Loans that wanted a fixed term when the market lent no more for terms. */
  readonly termLoansRefused: number;
  readonly termDebtUsdc: bigint;
  readonly lowestTermRateShareAYear: number;
  readonly highestTermRateShareAYear: number;
  /** Fixed-term loans that matured and were made open-term ones. */
  readonly rolledLoans: number;
  readonly liquidatedLoans: number;
  readonly liquidations: number;
  readonly initialDebtUsdc: bigint;
  /** Value of the pledges, at the feeds' prices. */
  readonly initialValueUsdc: bigint;
  readonly finalDebtUsdc: bigint;
  readonly finalValueUsdc: bigint;
  readonly loansAboveLineAtEnd: number;
  /** Loans that owe more than their pledges would bring on the market, and by how much: a loss not booked yet. */
  readonly loansUnderWaterAtEnd: number;
  readonly shortfallAtEndUsdc: bigint;
  readonly repaidByKeeperUsdc: bigint;
  /** At the feeds' prices. */
  readonly seizedUsdc: bigint;
  /** Seized less repaid. */
  readonly bonusUsdc: bigint;
  /** The part of the bonus that came out of the owners' equity: what liquidation cost them. The rest is in the bad debt. */
  readonly ownersCostUsdc: bigint;
  readonly ownersCostShareOfSeized: number;
  /** Over the liquidated loans, each loan's own share. */
  readonly medianOwnerCostShare: number;
  readonly worstOwnerCostShare: number;
  readonly badDebtUsdc: bigint;
  readonly badDebtBpsOfInitialDebt: number;
  readonly badDebtLoans: number;
  readonly writeOffs: number;
  readonly lendersAssetsAtStartUsdc: bigint;
  /** Below 0: what they lost. */
  readonly lendersEarnedUsdc: bigint;
  readonly lendersReturnShare: number;
  /** The return, repeated for a year without compounding. */
  readonly lendersReturnShareAYear: number;
  /** Fees for ending terms included. */
  readonly interestUsdc: bigint;
  readonly reservesUsdc: bigint;
  readonly utilisationShareAtStart: number;
  readonly utilisationShareAtEnd: number;
  readonly lowestUtilisationShare: number;
  readonly highestUtilisationShare: number;
  readonly keeperProfitUsdc: bigint;
  readonly keeperGasUsdc: bigint;
  readonly keeperGasUsed: bigint;
  readonly keeperSlippageUsdc: bigint;
  /** What the market paid above (below 0: below) the feeds' prices for what was seized. */
  readonly keeperMarketGapUsdc: bigint;
  readonly rounds: number;
}

export function computeFigures(ledger: Ledger): Figures {
  const { loans, liquidations, writeOffs, start, end, bookAtEnd } = ledger;
  const calls = computeCallFigures(ledger);
  const terms = loans.flatMap(({ term, debt }) => (term === undefined ? [] : [{ ...term, debt }]));
  const termRates = terms.map(({ rate }) => rate);
  const initialDebt = sum(loans, (loan) => loan.debt);
  const repaid = sum(liquidations, (one) => one.repaid);
  const seized = sum(liquidations, (one) => one.seizedValue);
  const ownersCost = sum(liquidations, (one) => one.ownerCost);
  const badDebt = sum(liquidations, (one) => one.writtenOff) + sum(writeOffs, (one) => one.debt);
  const losers = [...liquidations.filter((one) => one.writtenOff > 0n), ...writeOffs].map(({ loan }) => loan);
  const gas = sum(liquidations, (one) => one.gasCost) + sum(writeOffs, (one) => one.gasCost);
  const ownerCosts = costsByLoan(ledger);
  const lendersReturn = ratio(end.sharePrice - start.sharePrice, start.sharePrice);
  const utilisations = ledger.samples.map(({ vault }) => ratio(vault.debt, vault.cash + vault.debt));
  return {
    loans: loans.length,
    termLoans: terms.length,
    termLoansRefused: loans.filter(({ wantsTerm, term }) => wantsTerm && term === undefined).length,
    termDebtUsdc: sum(terms, ({ debt }) => debt),
    lowestTermRateShareAYear: terms.length === 0 ? 0 : Math.min(...termRates),
    highestTermRateShareAYear: Math.max(0, ...termRates),
    rolledLoans: ledger.upkeep.filter(({ kind }) => kind === "roll").length,
    ...calls,
    liquidatedLoans: new Set(liquidations.map(({ loan }) => loan)).size,
    liquidations: liquidations.length,
    initialDebtUsdc: initialDebt,
    initialValueUsdc: sum(loans, (loan) => loan.value),
    finalDebtUsdc: bookAtEnd.debt,
    finalValueUsdc: bookAtEnd.value,
    loansAboveLineAtEnd: bookAtEnd.aboveLine,
    loansUnderWaterAtEnd: bookAtEnd.underWater,
    shortfallAtEndUsdc: bookAtEnd.shortfall,
    repaidByKeeperUsdc: repaid,
    seizedUsdc: seized,
    bonusUsdc: seized - repaid,
    ownersCostUsdc: ownersCost,
    ownersCostShareOfSeized: ratio(ownersCost, seized),
    medianOwnerCostShare: median(ownerCosts),
    worstOwnerCostShare: Math.max(0, ...ownerCosts),
    badDebtUsdc: badDebt,
    badDebtBpsOfInitialDebt: ratio(badDebt, initialDebt) * 10_000,
    badDebtLoans: new Set(losers).size,
    writeOffs: writeOffs.length,
    lendersAssetsAtStartUsdc: start.totalAssets,
    lendersEarnedUsdc: end.totalAssets - start.totalAssets,
    lendersReturnShare: lendersReturn,
    lendersReturnShareAYear: (lendersReturn * Number(YEAR)) / (end.time - start.time),
    interestUsdc: end.debt + repaid + calls.repaidByOwnersUsdc + badDebt - start.debt,
    reservesUsdc: end.reserves - start.reserves,
    utilisationShareAtStart: ratio(start.debt, start.cash + start.debt),
    utilisationShareAtEnd: ratio(end.debt, end.cash + end.debt),
    lowestUtilisationShare: Math.min(...utilisations),
    highestUtilisationShare: Math.max(...utilisations),
    keeperProfitUsdc: sum(liquidations, (one) => one.profit) + sum(writeOffs, (one) => one.value - one.gasCost),
    keeperGasUsdc: gas,
    keeperGasUsed: sum(liquidations, (one) => one.gasUsed) + sum(writeOffs, (one) => one.gasUsed),
    keeperSlippageUsdc: sum(liquidations, (one) => one.slippage),
    keeperMarketGapUsdc: sum(liquidations, (one) => one.marketGap),
    rounds: ledger.rounds.length,
  };
}

/** What each liquidated loan lost, as a share of what it lost it on. */
function costsByLoan({ liquidations }: Ledger): number[] {
  const byLoan = new Map<number, { seized: bigint; cost: bigint }>();
  for (const { loan, seizedValue, ownerCost } of liquidations) {
    const before = byLoan.get(loan) ?? { seized: 0n, cost: 0n };
    byLoan.set(loan, { seized: before.seized + seizedValue, cost: before.cost + ownerCost });
  }
  return [...byLoan.values()].map(({ seized, cost }) => ratio(cost, seized));
}

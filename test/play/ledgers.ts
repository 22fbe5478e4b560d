import type { Cure, Ledger, Liquidation, MarginCall, OpenedLoan, VaultRecord } from "../../scripts/play/ledger.ts";

/** Ledgers for tests of figures and reports, in whole dollars. */
export const START = 1_700_000_000;
export const HOUR = 3_600;
const DAY = 24 * HOUR;
const USDC = 1_000_000n;
const WAD = 10n ** 18n;

export function openedLoan(number: number, isWatched: boolean): OpenedLoan {
  return {
    ...{ number, id: BigInt(number) << 96n, assets: ["WETH"], debt: 7_000n * USDC, value: 10_000n * USDC },
    ...{ isWatched, wantsTerm: false, term: undefined },
  };
}

/** A call that was made and ended at some hours of the play, and where the loan stood at some of them. */
export function marginCall(
  loan: number,
  end: MarginCall["end"],
  [from, to]: readonly [from: number, to?: number],
  ltvs: readonly (readonly [hour: number, ltv: number])[] = [[from, 0.81]],
): MarginCall {
  const calledAt = START + from * HOUR;
  return {
    ...{ loan, calledAt, deadline: calledAt + DAY, lapse: calledAt + DAY + DAY / 2, end },
    endedAt: to === undefined ? undefined : START + to * HOUR,
    track: ltvs.map(([hour, ltv]) => ({ time: START + hour * HOUR, ltv, callLtv: 0.8, liquidationLtv: 0.86 })),
  };
}

export function cure(loan: number, hour: number, delay: number, by: Cure["by"], dollars: number): Cure {
  const value = BigInt(dollars) * USDC;
  const [asset, amount] = by === "repaying" ? ["USDC", value] : ["WETH", (BigInt(dollars) * WAD) / 100n];
  return { ...{ time: START + hour * HOUR, loan, delay: delay * HOUR, by, asset, amount, value } };
}

/** A sale of ether at a hundred dollars, which costs the owner some of them. */
export function sale(loan: number, hour: number, isSoft: boolean, dollars: number, cost: number): Liquidation {
  const [seizedValue, ownerCost] = [BigInt(dollars) * USDC, BigInt(cost) * USDC];
  return {
    ...{
      time: START + hour * HOUR,
      loan,
      asset: "WETH",
      isSoft,
      repaid: seizedValue - ownerCost,
      ownerCost,
      seizedValue,
    },
    ...{
      seized: (BigInt(dollars) * WAD) / 100n,
      credit: 0n,
      creditValue: ownerCost / 10n,
      marketGap: 0n,
      slippage: 0n,
    },
    ...{
      gasUsed: 300_000n,
      gasCost: 0n,
      profit: ownerCost - ownerCost / 10n,
      writtenOff: 0n,
      ltv: isSoft ? 0.82 : 0.87,
    },
  };
}

/** Two days of a market in which nothing happened but what is given. */
export function ledger(parts: Partial<Ledger>): Ledger {
  const vault: VaultRecord = {
    ...{ time: START, cash: 20_000n * USDC, debt: 80_000n * USDC, reserves: 0n, totalAssets: 100_000n * USDC },
    sharePrice: WAD,
  };
  return {
    ...{
      lines: [{ asset: "WETH", callShare: 0.8, liquidationShare: 0.86 }],
      loans: [],
      rounds: [],
      calls: [],
      cures: [],
    },
    ...{
      upkeep: [],
      liquidations: [],
      writeOffs: [],
      samples: [],
      start: vault,
      end: { ...vault, time: START + 2 * DAY },
    },
    bookAtEnd: { debt: 0n, value: 0n, aboveLine: 0, underWater: 0, shortfall: 0n },
    ...parts,
  };
}

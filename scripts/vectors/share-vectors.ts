/** What the vault is asked of itself. */
import { MAX_AMOUNT, WAD } from "../../sdk/src/math/amounts.ts";
import * as AveragedSupply from "../../sdk/src/math/averaged-supply.ts";
import * as RateCurve from "../../sdk/src/math/rate-curve.ts";
import * as Shares from "../../sdk/src/math/vault-shares.ts";
import * as Vault from "../../sdk/src/math/vault.ts";
import type { BigRandom } from "./big-random.ts";
import { someIndex } from "./debt-vectors.ts";
import { NOW, someSums } from "./vault-vectors.ts";
import { asking, type VectorFile, type VectorFunction } from "./vector-file.ts";

interface Asked {
  vault: Shares.SharedVault;
  now: bigint;
}

const VAULT =
  "{ scaledDebt [asset / index], index [WAD], lastAccrual [s], averagedSupply [packed], cash, reserves [asset], rateAtTarget [1e-14/year], terms: as in term-debt, totalSupply [share] }";

/** A vault that has stood still for a while; reserves stay below what there is. */
function someVault(random: BigRandom): Asked {
  const bits = random.pick([30, 50, 80, 100]);
  const [scaledDebt, cash] = [random.sized(bits), random.sized(bits)];
  const vault = {
    ...{
      scaledDebt,
      index: someIndex(random),
      lastAccrual: NOW - 1n - random.sized(random.chance(0.6) ? 22 : 28),
      cash,
    },
    averagedSupply: AveragedSupply.pack(random.upTo(cash + scaledDebt)),
    reserves: random.upTo((cash + scaledDebt) / 50n) % 2n ** 96n,
    rateAtTarget: random.within(RateCurve.MIN_RATE, RateCurve.MAX_RATE),
    // Terms that had begun before the state was stored.
    terms: random.chance(0.4) ? { principal: 0n, weighted: 0n, dated: 0n } : someOldSums(random, bits - 2),
  };
  const supply = ((cash + scaledDebt) * 10n ** 6n * random.within(80n, 100n)) / 100n;
  return { vault: { ...vault, totalSupply: random.chance(0.1) ? 0n : supply }, now: NOW };
}

function someOldSums(random: BigRandom, bits: number): Shares.SharedVault["terms"] {
  const { principal, weighted } = someSums(random, bits);
  return { principal, weighted, dated: weighted * (NOW - 2n ** 28n - 1n - random.sized(20)) };
}

const EMPTY: Asked = {
  vault: {
    ...{ scaledDebt: 0n, index: WAD, lastAccrual: NOW - 1n, averagedSupply: 0n, cash: 0n, reserves: 0n },
    ...{ rateAtTarget: RateCurve.START_RATE, terms: { principal: 0n, weighted: 0n, dated: 0n }, totalSupply: 0n },
  },
  now: NOW,
};

const view = (result: string, answer: (vault: Shares.SharedVault, now: bigint) => unknown): VectorFunction =>
  asking<Asked>({
    arguments: { vault: VAULT, now: "[s]" },
    result,
    answer: ({ vault, now }) => answer(vault, now),
    edges: [EMPTY],
    draw: someVault,
    count: 8,
  });

type Conversion = (vault: Shares.SharedVault, amount: bigint, now: bigint) => bigint;

const conversion = (name: "assets" | "shares", result: string, convert: Conversion): VectorFunction =>
  asking<Asked & { amount: bigint }>({
    arguments: { vault: VAULT, now: "[s]", amount: name === "assets" ? "[asset]" : "[share]" },
    result,
    answer: ({ vault, amount, now }) => convert(vault, amount, now),
    edges: [0n, 1n, MAX_AMOUNT].map((amount) => ({ ...EMPTY, amount })),
    draw: (random) => ({ ...someVault(random), amount: random.sized(name === "assets" ? 104 : 124) }),
    count: 8,
  });

const STATE = [
  "what is stored is the state of `lastAccrual`; every function looks at it at `now`, the same in all cases",
];

export const VAULT_STATES: readonly VectorFile[] = [
  {
    name: "vault",
    source: "LenderVault",
    notes: STATE,
    functions: {
      accrued: view("the state at `now`; the index rounded up, all else down", Vault.accrued),
      debtIndex: view("[WAD], rounded up", Vault.debtIndex),
      totalDebt: view("[asset], rounded down", Vault.totalDebt),
      termDebt: view("[asset], rounded down", Vault.termDebt),
      totalAssets: view("[asset], rounded down", Vault.totalAssets),
      utilisation: view("[WAD], rounded down", Vault.utilisation),
      borrowRate: view("[WAD/year], rounded down", Vault.borrowRate),
      lendRate: view("[WAD/year], rounded down", Vault.lendRate),
      quoteTerm: asking<Asked & { request: Vault.TermRequest }>({
        arguments: { vault: VAULT, now: "[s]", request: "{ debtAdded, termDebtAdded [asset], duration [s] }" },
        result: "[1e-9/year], rounded up; refused as in term-quote",
        answer: ({ vault, request, now }) => Vault.quoteTerm(vault, request, now),
        draw: (random) => {
          const asked = someVault(random);
          const debtAdded = random.upTo(asked.vault.cash / 20n);
          const duration = 604_800n + random.upTo(30_931_200n);
          return { ...asked, request: { debtAdded, termDebtAdded: debtAdded, duration } };
        },
        count: 16,
      }),
    },
  },
  {
    name: "vault-shares",
    source: "LenderVault (ERC-4626, decimals offset 6)",
    notes: STATE,
    functions: {
      convertToShares: conversion("assets", "[share], rounded down", Shares.convertToShares),
      convertToAssets: conversion("shares", "[asset], rounded down", Shares.convertToAssets),
      previewDeposit: conversion("assets", "[share], rounded down", Shares.previewDeposit),
      previewMint: conversion("shares", "[asset], rounded up", Shares.previewMint),
      previewWithdraw: conversion("assets", "[share], rounded up", Shares.previewWithdraw),
      previewRedeem: conversion("shares", "[asset], rounded down", Shares.previewRedeem),
    },
  },
];

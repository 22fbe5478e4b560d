import { MaxUint256 } from "ethers";

import { contractErrorIn } from "../../sdk/src/errors/contract-error.ts";
import { PRICE_ONE } from "../../sdk/src/math/health-math.ts";
import { LOAN_ASSET } from "./assets.ts";
import type { PlannedBorrower } from "./borrower-plan.ts";
import { word } from "./chain.ts";
import type { PlannedLoan } from "./loan-plan.ts";
import { AGE, fund, mint, type Stage } from "./market.ts";

const USDC = 1_000_000n;

/** What the keeper has of the loan asset. [1e-6 USDC] */
const KEEPER_CASH = 1_000_000_000_000n * USDC;

/** How the lenders share what the book needs. [%] */
const LENDER_SHARES = [40n, 25n, 20n, 10n, 5n];

/** Share of the supply that is lent out at the start. [%] */
const UTILISATION = 80n;

/** Share of the supply that is deposited while the market grows old; its interest and a top-up make it whole. [%] */
const EARLY = 99n;

/** Share of the early deposits that is lent while the market grows old: at its target the rate does not drift. [%] */
const TARGET_UTILISATION = 90n;

/** The market before the window, in words, as it is printed. */
export const AGE_WORDS =
  `Before the window: for ${String(AGE / 86_400)} days one loan keeps the market at its target, nine tenths lent, so that it is old ` +
  "enough for fixed terms and its rate is what it began with.";

/**
 * Deposits what the book will need, and lends it all the while to one early loan.
 * @returns What ends that time: closes the loan and leaves exactly the supply of the starting utilisation.
 */
export async function ageMarket(
  stage: Stage,
  start: number,
  loans: readonly PlannedLoan[],
): Promise<() => Promise<void>> {
  const { chain, market, roles } = stage;
  const supply = (loans.reduce((sum, { debt }) => sum + debt, 0n) * 100n) / UTILISATION;
  const early = (supply * EARLY) / 100n;
  await chain.setTime(start - AGE);
  for (const [i, lender] of roles.lenders.entries()) {
    const amount = (early * (LENDER_SHARES[i] ?? 0n)) / 100n;
    await fund(stage, LOAN_ASSET, lender, amount, market.vaultAddress);
    await deposit(stage, lender, amount);
  }
  const id = await openEarlyLoan(stage, (early * TARGET_UTILISATION) / 100n);
  return async () => {
    await fund(stage, LOAN_ASSET, roles.deployer, early, market.bookAddress);
    const data = market.book.interface.encodeFunctionData("close", [id, MaxUint256, roles.deployer]);
    await chain.send({ from: roles.deployer, to: market.bookAddress, data });
    const state = market.vault.interface.encodeFunctionData("accruedState");
    const missing = supply - word(await chain.call({ to: market.vaultAddress, data: state }), 4);
    const [lender = ""] = roles.lenders;
    await mint(stage, LOAN_ASSET, lender, missing);
    await deposit(stage, lender, missing);
  };
}

/** Opens every loan, as its owner wants it, and funds the keeper. Returns their ids in the order of the plan. */
export async function openLoans(
  stage: Stage,
  loans: readonly PlannedLoan[],
  owners: readonly PlannedBorrower[],
): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (const [i, loan] of loans.entries()) {
    const borrower = stage.roles.borrowers[i];
    if (borrower === undefined) throw new RangeError("There are fewer borrowers than loans.");
    ids.push(await openLoan(stage, borrower, loan, owners[i]?.term));
  }
  await fund(stage, LOAN_ASSET, stage.roles.keeper, KEEPER_CASH, stage.market.bookAddress);
  return ids;
}

async function deposit({ chain, market }: Stage, lender: string, amount: bigint): Promise<void> {
  const data = market.vault.interface.encodeFunctionData("deposit", [amount, lender]);
  await chain.send({ from: lender, to: market.vaultAddress, data });
}

/** Pledges the listing that has the most room for it. */
async function openEarlyLoan(stage: Stage, debt: bigint): Promise<bigint> {
  const { market, roles } = stage;
  let [most, pledge] = [0n, { listing: 0, amount: 0n }];
  for (const { number, cap, terms } of market.listings) {
    const { forBorrowing } = await market.book.pricesOf(number);
    const perToken = forBorrowing * BigInt(terms.borrowLtv);
    if (cap * perToken <= most) continue;
    most = cap * perToken;
    // A part in a hundred more than the borrow limit asks for.
    pledge = { listing: number, amount: (debt * PRICE_ONE * 10_100n) / perToken };
  }
  await fund(stage, market.listings[pledge.listing]?.symbol ?? "", roles.deployer, pledge.amount, market.bookAddress);
  return open(stage, roles.deployer, { debt, pledges: [pledge] }, undefined);
}

async function openLoan(stage: Stage, borrower: string, loan: PlannedLoan, term: number | undefined): Promise<bigint> {
  for (const { listing, amount } of loan.pledges) {
    await fund(stage, stage.market.listings[listing]?.symbol ?? "", borrower, amount, stage.market.bookAddress);
  }
  const quoted = term === undefined ? undefined : await quoteTerm(stage, loan.debt, term);
  return open(stage, borrower, loan, quoted);
}

interface QuotedTerm {
  /** [s] */
  readonly duration: number;
  /** [1e-9/year] */
  readonly maxRate: bigint;
}

async function open({ chain, market }: Stage, borrower: string, loan: PlannedLoan, term?: QuotedTerm): Promise<bigint> {
  const { interface: book } = market.book;
  const id = BigInt(borrower) << 96n;
  const pledges = [...loan.pledges];
  const data =
    term === undefined
      ? book.encodeFunctionData("open", [id, pledges, loan.debt, borrower])
      : book.encodeFunctionData("openTerm", [id, pledges, loan.debt, term, borrower]);
  await chain.send({ from: borrower, to: market.bookAddress, data });
  return id;
}

/** What a term costs; undefined if the market lends no more for fixed terms. */
async function quoteTerm({ chain, market }: Stage, debt: bigint, duration: number): Promise<QuotedTerm | undefined> {
  const data = market.vault.interface.encodeFunctionData("quoteTerm", [debt, debt, duration]);
  try {
    return { duration, maxRate: word(await chain.call({ to: market.vaultAddress, data }), 0) };
  } catch (error) {
    if (contractErrorIn(error)?.name === "TermShareExceeded") return undefined;
    throw error;
  }
}

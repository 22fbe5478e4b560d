import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, ZeroAddress } from "ethers";

import { usdc } from "./bench-ground.ts";
import { loanId, OWN_LOAN, type BenchMarket } from "./bench-market.ts";
import { NEW_LOAN, priced, TEN_ETHER, unpriced, type Operation } from "./operation.ts";

const DAY = 86_400;

/** The borrower's loans at a fixed rate. */
const TERM_LOAN = 20n;
const WEEK_LOAN = 21n;

/** The neighbour's. */
const OTHER_TERM_LOAN = 20n;

const QUARTER = { duration: 90 * DAY, maxRate: MaxUint256 };
const WEEK = { duration: 7 * DAY, maxRate: MaxUint256 };

/** Opens fixed-term loans, so that the vault keeps their sums already. */
export async function startTerms({ chain, book, borrower, neighbour }: BenchMarket): Promise<void> {
  const open = async (owner: HardhatEthersSigner, number: bigint, term: typeof QUARTER) =>
    chain.send(async () => book.connect(owner).openTerm(loanId(owner, number), TEN_ETHER, usdc("10000"), term, owner));
  await open(neighbour, OTHER_TERM_LOAN, QUARTER);
  await open(borrower, TERM_LOAN, QUARTER);
  await open(borrower, WEEK_LOAN, WEEK);
}

/** What is done with fixed terms, and what they cost everybody else: the reading of their sums. */
export const TERM_OPERATIONS: readonly Operation[] = [
  unpriced("accrue-with-terms", async ({ vault, lender }) => vault.connect(lender).accrue(), startTerms),
  priced(
    "open-term",
    async ({ book, newcomer }) =>
      book.connect(newcomer).openTerm(loanId(newcomer, NEW_LOAN), TEN_ETHER, usdc("10000"), QUARTER, newcomer),
    startTerms,
  ),
  unpriced(
    "repay-term-part",
    async ({ book, borrower }) => book.connect(borrower).repay(loanId(borrower, TERM_LOAN), usdc("500")),
    startTerms,
  ),
  unpriced(
    "close-term",
    async ({ book, borrower }) => book.connect(borrower).close(loanId(borrower, TERM_LOAN), MaxUint256, borrower),
    startTerms,
  ),
  unpriced(
    "refinance-to-term",
    async ({ book, borrower }) => {
      const order = { term: QUARTER, amount: 0n, maxFee: 0n, addFee: false, receiver: ZeroAddress };
      return book.connect(borrower).refinance(loanId(borrower, OWN_LOAN), order);
    },
    startTerms,
  ),
  unpriced(
    "roll",
    async ({ book, keeper, borrower }) => book.connect(keeper).roll(loanId(borrower, WEEK_LOAN)),
    async (market) => {
      await startTerms(market);
      market.chain.advance(WEEK.duration);
    },
  ),
];

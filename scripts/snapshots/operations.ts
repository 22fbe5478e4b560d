import { MaxUint256 } from "ethers";

import { signAuthorization, signPermit } from "../../sdk/src/signatures.ts";
import { usdc, wbtc, weth } from "./bench-ground.ts";
import {
  FALLEN_WETH,
  loanId,
  OWN_LOAN,
  PERMIT_WETH,
  RISKY_LOANS,
  TWO_ASSET_LOAN,
  TWO_FEED_LOAN,
  WBTC,
  WETH,
  type BenchMarket,
} from "./bench-market.ts";
import { CALL_OPERATIONS } from "./call-operations.ts";
import { afterFall, DEADLINE, NEW_LOAN, order, priced, TEN_ETHER, unpriced, type Operation } from "./operation.ts";
import { TERM_OPERATIONS } from "./term-operations.ts";

const TWO_ASSETS = [...TEN_ETHER, { listing: WBTC, amount: wbtc("1") }];

/**
 * What is measured, in the order of a loan's life. Each starts from the same market, so the list may grow anywhere. A name
 * stays what it is: it is the key of the snapshot.
 */
export const OPERATIONS: readonly Operation[] = [
  unpriced("lend-first", async ({ vault, newcomer }) => vault.connect(newcomer).deposit(usdc("1000"), newcomer)),
  unpriced("lend-again", async ({ vault, lender }) => vault.connect(lender).deposit(usdc("1000"), lender)),
  unpriced("withdraw-part", async ({ vault, lender }) => vault.connect(lender).withdraw(usdc("500"), lender, lender)),
  unpriced("withdraw-all", async ({ vault, lender }) =>
    vault.connect(lender).redeem(await vault.balanceOf(lender), lender, lender),
  ),
  unpriced("accrue", async ({ vault, lender }) => vault.connect(lender).accrue()),
  priced("open-first", async ({ book, newcomer }) =>
    book.connect(newcomer).open(loanId(newcomer, NEW_LOAN), TEN_ETHER, usdc("10000"), newcomer),
  ),
  priced("open-again", async ({ book, borrower }) =>
    book.connect(borrower).open(loanId(borrower, NEW_LOAN), TEN_ETHER, usdc("10000"), borrower),
  ),
  priced("open-two-assets", async ({ book, borrower }) =>
    book.connect(borrower).open(loanId(borrower, NEW_LOAN), TWO_ASSETS, usdc("10000"), borrower),
  ),
  priced("open-with-permit", openWithPermit),
  priced("borrow-more", async ({ book, borrower }) =>
    book.connect(borrower).borrow(loanId(borrower, OWN_LOAN), usdc("1000"), borrower),
  ),
  priced("borrow-two-assets", async ({ book, borrower }) =>
    book.connect(borrower).borrow(loanId(borrower, TWO_ASSET_LOAN), usdc("1000"), borrower),
  ),
  priced("borrow-two-feeds", async ({ book, borrower }) =>
    book.connect(borrower).borrow(loanId(borrower, TWO_FEED_LOAN), usdc("1000"), borrower),
  ),
  priced("borrow-by-operator", async ({ book, borrower, operator }) =>
    book.connect(operator).borrow(loanId(borrower, OWN_LOAN), usdc("1000"), borrower),
  ),
  unpriced("pledge-more", async ({ book, borrower }) =>
    book.connect(borrower).pledge(loanId(borrower, OWN_LOAN), WETH, weth("1")),
  ),
  priced("release-part", async ({ book, borrower }) =>
    book.connect(borrower).release(loanId(borrower, OWN_LOAN), WETH, weth("1"), borrower),
  ),
  unpriced("repay-part", async ({ book, borrower }) =>
    book.connect(borrower).repay(loanId(borrower, OWN_LOAN), usdc("500")),
  ),
  unpriced("close", async ({ book, borrower }) =>
    book.connect(borrower).close(loanId(borrower, OWN_LOAN), MaxUint256, borrower),
  ),
  afterFall("liquidate-one", FALLEN_WETH, async ({ book, keeper, ...market }) =>
    book.connect(keeper).liquidate(order(market, RISKY_LOANS[0]), "0x"),
  ),
  afterFall("liquidate-ten", FALLEN_WETH, async ({ book, keeper, ...market }) =>
    book.connect(keeper).liquidateBatch(
      RISKY_LOANS.map((number) => order(market, number)),
      "0x",
    ),
  ),
  ...TERM_OPERATIONS,
  ...CALL_OPERATIONS,
  unpriced("flash-loan", async ({ vault, flashBorrower, keeper }) =>
    vault.connect(keeper).flashLoan(flashBorrower, await vault.asset(), usdc("100000"), "0x"),
  ),
  unpriced("authorize-by-signature", authorizeBySignature),
];

/** Approves and opens in one transaction: for somebody who has not approved the token before. */
async function openWithPermit({ book, permitToken, newcomer }: BenchMarket) {
  const amount = weth("10");
  const terms = { spender: await book.getAddress(), value: amount, deadline: DEADLINE };
  const { token, value, deadline, v, r, s } = await signPermit(newcomer, await permitToken.getAddress(), terms);
  const pledges = [{ listing: PERMIT_WETH, amount }];
  return book
    .connect(newcomer)
    .multicall([
      book.interface.encodeFunctionData("permit", [token, value, deadline, v, r, s]),
      book.interface.encodeFunctionData("open", [loanId(newcomer, NEW_LOAN), pledges, usdc("10000"), newcomer.address]),
    ]);
}

/** Somebody else sends what the owner signed. */
async function authorizeBySignature({ book, borrower, keeper }: BenchMarket) {
  const terms = { operator: keeper.address, isAuthorized: true, deadline: DEADLINE };
  const { authorization, signature } = await signAuthorization(borrower, await book.getAddress(), terms);
  return book.connect(keeper).setAuthorizationWithSig(authorization, signature);
}

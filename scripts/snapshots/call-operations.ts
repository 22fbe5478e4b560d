import { CALLED_WETH, FALLEN_WETH, loanId, RISKY_LOANS, WETH, type BenchMarket } from "./bench-market.ts";
import { afterFall, order, unpriced, type Operation, type Send } from "./operation.ts";
import { startTerms } from "./term-operations.ts";

const CURE_PERIOD = 86_400;

const callOne: Send = async ({ book, lender, neighbour }) =>
  book.connect(lender).callMargin(loanId(neighbour, RISKY_LOANS[0]));

const liquidateOne: Send = async ({ book, keeper, ...market }) =>
  book.connect(keeper).liquidate(order(market, RISKY_LOANS[0]), "0x");

/** Ether has fallen, and a lender has called the margin of a loan of the neighbour's. */
async function call(market: BenchMarket): Promise<void> {
  await startTerms(market);
  await market.wait({ weth: CALLED_WETH });
  await market.chain.send(async () => callOne(market));
}

/** Margin calls and what follows from them. */
export const CALL_OPERATIONS: readonly Operation[] = [
  afterFall("call-one", CALLED_WETH, callOne, startTerms),
  afterFall(
    "call-ten",
    CALLED_WETH,
    async ({ book, lender, neighbour }) =>
      book.connect(lender).callMarginBatch(RISKY_LOANS.map((number) => loanId(neighbour, number))),
    startTerms,
  ),
  afterFall("liquidate-soft", CALLED_WETH, liquidateOne, async (market) => {
    await call(market);
    market.chain.advance(CURE_PERIOD);
  }),
  afterFall("liquidate-called", FALLEN_WETH, liquidateOne, call),
  unpriced(
    "claim-credit",
    async ({ book, lender }) => book.connect(lender).claimCredit(WETH, lender),
    async (market) => {
      await call(market);
      await market.wait({ weth: FALLEN_WETH });
      await market.chain.send(async () => liquidateOne(market));
    },
  ),
];

/**
 * Every way in which a token of the market moves once, and a market in which all of them can happen. Claimed credits are in
 * test/integration/credits.ts; a flash loan moves twice.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256 } from "ethers";

import { clock, DAY, YEAR } from "./chain.ts";
import {
  deployMarket,
  dollars,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "./market.ts";

export interface Scene extends Market {
  /** 10 ether beside 15,351: can be liquidated at 1,750. */
  id: bigint;
  /** 10 ether and half a bitcoin beside 10,000. */
  sound: bigint;
  /** A tenth of an ether beside 150: can be written off at 49. */
  small: bigint;
  loans: bigint[];
}

export type Party = "lender" | "borrower" | "keeper" | "stranger" | "treasury" | "vault" | "book";

/** One call that moves the token once. */
export interface Move {
  name: string;
  from: Party;
  to: Party;
  run: (scene: Scene) => Promise<unknown>;
}

/**
 * A market after a year of interest, with three loans. Its loan asset (`usdc`) or its first collateral (`weth`) is the given
 * test contract.
 */
export async function sceneWith(contracts: { usdc?: string; weth?: string }): Promise<Scene> {
  const market = await deployMarket({ contracts });
  const { book, borrower } = market;
  const big = await openLoan(market, { pledges: [[WBTC, wbtc("30")]], amount: usdc("900,000"), number: 9n });
  await waitWithLiveFeeds(market, YEAR);
  await book.connect(borrower).close(big, MaxUint256, borrower);
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351"), number: 1n });
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [WBTC, wbtc("0.5")],
  ];
  const sound = await openLoan(market, { pledges, amount: usdc("10,000"), number: 2n });
  const small = await openLoan(market, { pledges: [[WETH, weth("0.1")]], amount: usdc("150"), number: 3n });
  return { ...market, id, sound, small, loans: [id, sound, small, big, loanId(borrower, 4n)] };
}

const orderFor = (id: bigint) => ({ id, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n });

async function setEther({ feeds }: Scene, price: string): Promise<void> {
  await feeds.weth.set(dollars(price));
}

async function openFourth({ book, borrower }: Scene): Promise<unknown> {
  const pledges = [{ listing: WETH, amount: weth("1") }];
  return book.connect(borrower).open(loanId(borrower, 4n), pledges, usdc("1,000"), borrower);
}

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

async function openTerm({ book, borrower }: Scene): Promise<unknown> {
  const pledges = [{ listing: WETH, amount: weth("1") }];
  return book.connect(borrower).openTerm(loanId(borrower, 4n), pledges, usdc("1,000"), MONTH, borrower);
}

async function refinance({ book, borrower, sound }: Scene): Promise<unknown> {
  const order = { term: MONTH, amount: usdc("1,000"), maxFee: 0n, addFee: false, receiver: borrower };
  return book.connect(borrower).refinance(sound, order);
}

/** Into a term, and out of it again for the fee. */
async function payBreakFee({ book, borrower, sound }: Scene): Promise<unknown> {
  const order = { amount: 0n, maxFee: MaxUint256, addFee: false, receiver: borrower.address };
  const calls = [MONTH, { duration: 0n, maxRate: 0n }].map((term) =>
    book.interface.encodeFunctionData("refinance", [sound, { ...order, term }]),
  );
  return book.connect(borrower).multicall(calls);
}

async function liquidate(scene: Scene): Promise<unknown> {
  await setEther(scene, "1,750");
  return scene.book.connect(scene.keeper).liquidate(orderFor(scene.id), "0x");
}

async function liquidateBatch(scene: Scene): Promise<unknown> {
  await setEther(scene, "1,750");
  return scene.book.connect(scene.keeper).liquidateBatch([orderFor(scene.id), orderFor(scene.sound)], "0x");
}

async function writeOff(scene: Scene): Promise<unknown> {
  await setEther(scene, "49");
  return scene.book.connect(scene.stranger).writeOff(scene.small);
}

/** Where the loan asset moves. */
export const LOAN_ASSET_MOVES: Move[] = [
  {
    name: "deposit",
    from: "stranger",
    to: "vault",
    run: async ({ vault, stranger }) => vault.connect(stranger).deposit(usdc("1,000"), stranger),
  },
  {
    name: "mint",
    from: "stranger",
    to: "vault",
    run: async ({ vault, stranger }) => vault.connect(stranger).mint(10n ** 15n, stranger),
  },
  {
    name: "withdraw",
    from: "vault",
    to: "lender",
    run: async ({ vault, lender }) => vault.connect(lender).withdraw(usdc("1,000"), lender, lender),
  },
  {
    name: "redeem",
    from: "vault",
    to: "lender",
    run: async ({ vault, lender }) => vault.connect(lender).redeem(10n ** 15n, lender, lender),
  },
  { name: "open", from: "vault", to: "borrower", run: openFourth },
  { name: "openTerm", from: "vault", to: "borrower", run: openTerm },
  { name: "refinance", from: "vault", to: "borrower", run: refinance },
  { name: "refinance, for a fee", from: "borrower", to: "vault", run: payBreakFee },
  {
    name: "borrow",
    from: "vault",
    to: "borrower",
    run: async ({ book, borrower, sound }) => book.connect(borrower).borrow(sound, usdc("1,000"), borrower),
  },
  {
    name: "repay",
    from: "borrower",
    to: "vault",
    run: async ({ book, borrower, sound }) => book.connect(borrower).repay(sound, usdc("1,000")),
  },
  {
    name: "close",
    from: "borrower",
    to: "vault",
    run: async ({ book, borrower, sound }) => book.connect(borrower).close(sound, MaxUint256, borrower),
  },
  { name: "liquidate", from: "keeper", to: "vault", run: liquidate },
  { name: "liquidateBatch", from: "keeper", to: "vault", run: liquidateBatch },
  {
    name: "sweepReserves",
    from: "vault",
    to: "treasury",
    run: async ({ vault, treasurer }) => vault.connect(treasurer).sweepReserves(),
  },
];

/** Where ether moves as collateral. */
export const COLLATERAL_MOVES: Move[] = [
  { name: "open", from: "borrower", to: "book", run: openFourth },
  { name: "openTerm", from: "borrower", to: "book", run: openTerm },
  {
    name: "pledge",
    from: "borrower",
    to: "book",
    run: async ({ book, borrower, id }) => book.connect(borrower).pledge(id, WETH, weth("1")),
  },
  {
    name: "release",
    from: "book",
    to: "borrower",
    run: async ({ book, borrower, sound }) => book.connect(borrower).release(sound, WETH, weth("1"), borrower),
  },
  { name: "liquidate", from: "book", to: "keeper", run: liquidate },
  { name: "liquidateBatch", from: "book", to: "keeper", run: liquidateBatch },
  {
    name: "writeOff",
    from: "book",
    to: "stranger",
    run: writeOff,
  },
];

/** The one call that goes on where ether does not move: it is told here apart. */
export async function closeSound({ book, borrower, sound }: Scene): Promise<unknown> {
  return book.connect(borrower).close(sound, MaxUint256, borrower);
}

export function partyOf(scene: Scene, party: Party): HardhatEthersSigner | Scene["vault"] | Scene["book"] {
  return scene[party];
}

/** All that a failed call must leave as it was: the books, and who has what. */
export async function digest(scene: Scene): Promise<unknown[]> {
  const { vault, book, usdc: asset, weth: ether, wbtc: bitcoin, loans } = scene;
  const found: unknown[] = [clock.now(), await vault.accruedState(), await vault.totalSupply()];
  for (const id of loans) found.push(await book.loan(id), await book.pledgeOf(id, WETH), await book.pledgeOf(id, WBTC));
  for (const listing of [WETH, WBTC]) found.push((await book.listings(listing)).held);
  for (const party of ["lender", "borrower", "keeper", "stranger", "treasury", "vault", "book"] as const) {
    for (const token of [asset, ether, bitcoin]) found.push(await token.balanceOf(scene[party]));
  }
  return found;
}

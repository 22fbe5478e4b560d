/** A standing market with everybody in it whose powers are walked through. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, type BaseContract } from "ethers";

import type { Caller, ContractName } from "../../scripts/roles/powers.ts";
import { governedMarket, signerNumber, type GovernedMarket } from "../helpers/officers.ts";
import {
  dollars,
  fund,
  LINK,
  link,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  wbtc,
  WETH,
  weth,
} from "../helpers/market.ts";
import { DAY, YEAR } from "../helpers/chain.ts";

/** The number of the other owner's loan that is ruined. */
export const RUINED = 3n;

/** The number of the other owner's loan that has a term, and the term. */
export const FIXED = 4n;
export const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

/** A contract as the walk needs it. */
type Target = Pick<BaseContract, "interface" | "getAddress">;

export interface Scene extends GovernedMarket {
  callers: Record<Caller, HardhatEthersSigner>;
  contracts: Record<ContractName, Target>;
  /** An owner who takes no part in the walk. */
  other: HardhatEthersSigner;
  /** The borrower's loan, with debt and far from every line. */
  id: bigint;
  /** The other owner's loan, which a lower price of LINK puts above its liquidation line. */
  weakId: bigint;
}

/** Everybody has plenty of every token, shares of his own, and has approved book and vault: only powers tell them apart. */
export async function powersScene(): Promise<Scene> {
  const market = await governedMarket();
  const { vault, book, manager, lender, borrower, keeper, stranger, curator, guardian, treasurer, admin, deployer } =
    market;
  const operator = await signerNumber(10);
  const other = await signerNumber(11);
  const callers = {
    ...{ stranger, lender, borrower, operator, liquidator: keeper },
    ...{ curator, guardian, treasurer, admin, deployer },
  };
  for (const actor of [...Object.values(callers), other]) {
    await fund(actor, vault, [[market.usdc, usdc("1,000,000")]]);
    await fund(actor, book, [
      [market.usdc, usdc("1,000,000")],
      [market.weth, weth("1,000")],
      [market.wbtc, wbtc("10")],
      [market.link, link("10,000")],
    ]);
    await vault.connect(actor).deposit(usdc("10"), actor);
  }
  await book.connect(borrower).setAuthorization(operator, true);
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  const pledges: [bigint, bigint][] = [[LINK, link("1,000")]];
  const weakId = await openLoan(market, { owner: other, pledges, amount: usdc("9,000") });
  return { ...market, callers, contracts: { vault, book, manager }, other, id, weakId };
}

/** LINK falls: the other owner's loan of 9,000 is above its liquidation line of 8,625. */
export async function weaken({ feeds }: Scene): Promise<void> {
  await feeds.link.set(dollars("11.5"));
}

/** A small loan of the other owner's is left with pledges worth 3 dollars, less than a twentieth of the smallest loan. */
export async function ruin(scene: Scene): Promise<void> {
  await openLoan(scene, { owner: scene.other, number: RUINED, pledges: [[LINK, link("30")]], amount: usdc("200") });
  await scene.feeds.link.set(dollars("0.1"));
}

/** The market is a day old: a new one sells no terms. */
export async function age(scene: Scene): Promise<void> {
  await waitWithLiveFeeds(scene, DAY);
}

/** A loan of the other owner's with a term of a month. */
export async function openFixed(scene: Scene): Promise<void> {
  await age(scene);
  const { book, other } = scene;
  const pledges = [{ listing: WETH, amount: weth("1") }];
  await book.connect(other).openTerm(loanId(other, FIXED), pledges, usdc("1,000"), MONTH, other);
}

/** The liquidator calls the margin of the other owner's loan. */
export async function call(scene: Scene): Promise<void> {
  await weaken(scene);
  await scene.book.connect(scene.callers.liquidator).callMargin(scene.weakId);
}

/** Somebody liquidates it when the call earns a part of the bonus. */
export async function earnCredit(scene: Scene): Promise<void> {
  await call(scene);
  await waitWithLiveFeeds(scene, 600n);
  const order = { id: scene.weakId, listing: LINK, maxRepay: MaxUint256, minSeized: 0n };
  await scene.book.connect(scene.other).liquidate(order, "0x");
}

/** A year of a large loan that is repaid then: reserves are above their target. */
export async function earnReserves(scene: Scene): Promise<void> {
  const { book, other } = scene;
  const id = await openLoan(scene, {
    owner: other,
    number: 2n,
    pledges: [[WETH, weth("1,000")]],
    amount: usdc("900,000"),
  });
  await waitWithLiveFeeds(scene, YEAR);
  await fund(other, book, [[scene.usdc, usdc("1,000,000")]]);
  await book.connect(other).repay(id, MaxUint256);
}

/** A market with a standing loan, whose officers are about to turn hostile. */
import { expect } from "chai";

import { WORST_CASES, type Role } from "../../scripts/roles/worst-cases.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { expectCureAndLiquidation, expectExits, openStanding, type Standing } from "../helpers/exits.ts";
import { addListingAction, type ListedCandidate } from "../helpers/governance.ts";
import {
  dollars,
  FEED_AGE,
  fund,
  LINK,
  loanId,
  MAJOR_TERMS,
  usdc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type TestFeed, type TestToken } from "../helpers/mocks.ts";
import { governedMarket, type GovernedMarket } from "../helpers/officers.ts";

export type HostileScene = GovernedMarket & Standing;

/** A loan of 10,000 against 10 ether, and a bitcoin without debt; the curator holds some ether of its own. */
export async function hostileScene(): Promise<HostileScene> {
  const market = await governedMarket();
  await fund(market.curator, market.book, [
    [market.usdc, usdc("1")],
    [market.weth, weth("1")],
  ]);
  return { ...market, ...(await openStanding(market)) };
}

type Plays<Name extends Role> = Record<keyof (typeof WORST_CASES)[Name], (scene: HostileScene) => Promise<void>>;

/** A test for each sentence of docs/roles.md about a role. */
export function playWorstCases<Name extends Role>(role: Name, plays: Plays<Name>): void {
  const sentences: Record<string, string> = WORST_CASES[role];
  const tests: Record<string, (scene: HostileScene) => Promise<void>> = plays;
  for (const [name, sentence] of Object.entries(sentences)) {
    it(sentence, async () => {
      const play = tests[name];
      if (play === undefined) throw new Error(`Nothing plays ${role}.${name}.`);
      await play(await networkHelpers.loadFixture(hostileScene));
    });
  }
}

/** A token that anyone may mint, worth what its feed says. */
export async function worthlessListing(): Promise<{ token: TestToken; feed: TestFeed; candidate: ListedCandidate }> {
  const token = await deployMock<TestToken>("TestToken", "Dust", "DUST", 18);
  const feed = await deployMock<TestFeed>("TestFeed", 8, dollars("1,000"));
  const limits = { maxAge: FEED_AGE, minAnswer: dollars("1"), maxAnswer: dollars("10,000") };
  return { token, feed, candidate: { token, terms: MAJOR_TERMS, feed: { feed, ...limits }, cap: weth("1,000,000") } };
}

/** Proposes it, and returns the action. */
export async function proposeListing({ book, curator }: Market, candidate: ListedCandidate): Promise<string> {
  const action = await addListingAction(candidate);
  await book.connect(curator).propose(action);
  return action;
}

/** INV-08: what is done moves neither line of the standing loan while prices stay. */
export async function expectLinesToStay(scene: HostileScene, action: () => Promise<unknown>): Promise<void> {
  const before = await scene.book.healthOf(scene.id);
  const terms = (await scene.book.listings(WETH)).terms;
  await action();
  const after = await scene.book.healthOf(scene.id);
  expect(after.callLine).to.equal(before.callLine);
  expect(after.liquidationLine).to.equal(before.liquidationLine);
  expect((await scene.book.listings(WETH)).terms).to.deep.equal(terms);
}

/** Activities of the vault. */
export const DEPOSIT = 0n;
export const BORROW = 1n;
export const FLASH_LOAN = 2n;
export const LISTINGS = [WETH, WBTC, LINK];

export async function pauseAll({ vault, guardian }: HostileScene): Promise<void> {
  for (const activity of [DEPOSIT, BORROW, FLASH_LOAN]) await vault.connect(guardian).pause(activity);
}

export async function retireAll({ book, guardian }: HostileScene): Promise<void> {
  for (const listing of LISTINGS) await book.connect(guardian).retire(listing);
}

export async function lowerAll({ vault, book, guardian }: HostileScene): Promise<void> {
  for (const listing of LISTINGS) await book.connect(guardian).lowerCap(listing, 0n);
  await vault.connect(guardian).lowerDepositCap(0n);
}

/** Whoever is in gets out; loans are cured and liquidated as before. */
export async function expectBusinessAsUsual(scene: HostileScene): Promise<void> {
  await expectExits(scene, scene);
  await expectCureAndLiquidation(scene, scene);
}

/** The listing's maker borrows what the lenders have left. */
export async function drain(scene: HostileScene, token: TestToken): Promise<void> {
  const { vault, book, curator } = scene;
  await fund(curator, book, [[token, weth("10,000")]]);
  const { cash } = await vault.accruedState();
  await book.connect(curator).open(loanId(curator), [{ listing: 3n, amount: weth("10,000") }], cash, curator);
  expect((await vault.state()).cash).to.equal(0n);
}

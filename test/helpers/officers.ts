import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { isAddressable, type ContractTransactionResponse } from "ethers";

import { DAY, ethers } from "./chain.ts";
import { ADMIN } from "./governance.ts";
import { standardMarket, waitWithLiveFeeds, type Market } from "./market.ts";

/** How long whatever the admin does is announced. [s] */
export const ADMIN_DELAY = 14n * DAY;

/** A market as its deployer leaves it: the admin is another, and waits. */
export interface GovernedMarket extends Market {
  admin: HardhatEthersSigner;
}

/** The standard market after its deployer has handed the admin's role over and renounced it. */
export async function governedMarket(): Promise<GovernedMarket> {
  const market = await standardMarket();
  const admin = await signerNumber(9);
  await handOver(market, admin);
  return { ...market, admin };
}

/** Gives the admin's role, with its delay, to `admin`, and takes it from the deployer. */
export async function handOver({ manager, deployer }: Market, admin: HardhatEthersSigner): Promise<void> {
  await manager.getFunction("grantRole")(ADMIN, admin, ADMIN_DELAY);
  await manager.getFunction("renounceRole")(ADMIN, deployer);
}

/** One of the chain's accounts; the market of the tests uses the first nine. */
export async function signerNumber(number: number): Promise<HardhatEthersSigner> {
  const signer = (await ethers.getSigners())[number];
  if (signer === undefined) throw new Error(`There is no account ${number}.`);
  return signer;
}

/** A call of the AccessManager by one of its members. */
export async function instruct(
  { manager }: Market,
  caller: HardhatEthersSigner,
  method: string,
  args: readonly unknown[],
): Promise<ContractTransactionResponse> {
  return manager
    .connect(caller)
    .getFunction(method)
    .send(...args);
}

/** What the admin announces today to its manager, and does in 14 days; feeds are kept alive. */
export async function carryOutAsAdmin(market: GovernedMarket, method: string, args: readonly unknown[]): Promise<void> {
  await announceAsAdmin(market, method, args);
  await waitWithLiveFeeds(market, ADMIN_DELAY);
  await instruct(market, market.admin, method, args);
}

/** Schedules a call of the manager itself, which waits as long as the admin's role says. */
export async function announceAsAdmin(market: GovernedMarket, method: string, args: readonly unknown[]): Promise<void> {
  const { manager, admin } = market;
  const resolved = await Promise.all(args.map((arg) => (isAddressable(arg) ? arg.getAddress() : arg)));
  const data = manager.interface.encodeFunctionData(method, resolved);
  await instruct(market, admin, "schedule", [manager, data, 0n]);
}

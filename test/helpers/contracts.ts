import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { Interface, type AddressLike } from "ethers";
import { artifacts } from "hardhat";

import { forEachLibrary } from "../../deploy/linked-libraries.ts";
import {
  LenderVault__factory,
  LoanBook__factory,
  ProductFeed__factory,
  type LenderVault,
  type LoanBook,
  type ProductFeed,
} from "../../typechain-types/index.ts";
import { ethers } from "./chain.ts";

export { LenderVault__factory, LoanBook__factory, type LenderVault, type LoanBook };

// The bytecode comes from the compiler's artifacts: that in the typings is what it was when they were last written.

/** Deploys a vault as it compiles now. */
export async function deployVault(
  deployer: HardhatEthersSigner,
  args: Parameters<LenderVault__factory["deploy"]>,
): Promise<LenderVault> {
  return LenderVault__factory.connect(await deployed("LenderVault", args, deployer), deployer);
}

/** Deploys a book as it compiles now. */
export async function deployBook(
  deployer: HardhatEthersSigner,
  args: Parameters<LoanBook__factory["deploy"]>,
): Promise<LoanBook> {
  // By another account: the addresses of vault and book are predicted from the deployer's count of transactions.
  const librarian = (await ethers.getSigners()).at(-1);
  if (librarian === undefined) throw new Error("There are no accounts.");
  const libraries = await forEachLibrary(async (name) => deployed(name, [], librarian));
  return LoanBook__factory.connect(await deployed("LoanBook", args, deployer, libraries), deployer);
}

/** Deploys a feed over two others as it compiles now; anybody may. */
export async function deployProductFeed(rateFeed: AddressLike, priceFeed: AddressLike): Promise<ProductFeed> {
  const [deployer] = await ethers.getSigners();
  if (deployer === undefined) throw new Error("The chain has no account.");
  return ProductFeed__factory.connect(await deployed("ProductFeed", [rateFeed, priceFeed], deployer), deployer);
}

/** What a contract offers as it compiles now. */
export async function interfaceOf(name: "LenderVault" | "LoanBook" | "ProductFeed"): Promise<Interface> {
  return new Interface((await artifacts.readArtifact(name)).abi);
}

async function deployed(
  name: string,
  args: readonly unknown[],
  deployer: HardhatEthersSigner,
  libraries: Record<string, string> = {},
): Promise<string> {
  const contract = await ethers.deployContract(name, [...args], { signer: deployer, libraries });
  return contract.getAddress();
}

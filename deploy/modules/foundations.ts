import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import { mapLibraries } from "../linked-libraries.ts";

/**
 * What vault and book are built on: the libraries that the book is linked to, and the AccessManager with the market's roles,
 * which until they are given out has the sender as its admin.
 */
export function foundationsModule(deployer: string) {
  return buildModule("Foundations", (m) => ({
    ...mapLibraries((name) => m.library(name)),
    manager: m.contract("AccessManager", [deployer]),
  }));
}

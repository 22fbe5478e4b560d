import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * What vault and book are built on: the library that the book is linked to, and the AccessManager with the market's roles,
 * which until they are given out has the sender as its admin.
 */
export function foundationsModule(deployer: string) {
  return buildModule("Foundations", (m) => ({
    listingAdmin: m.library("ListingAdmin"),
    manager: m.contract("AccessManager", [deployer]),
  }));
}

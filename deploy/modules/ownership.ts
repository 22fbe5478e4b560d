import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Offers vault and book to their owner, who has to accept each: an address that cannot accept cannot lock them. */
export function ownershipModule(vault: string, book: string, owner: string) {
  return buildModule("Ownership", (m) => {
    const contracts = { vault: m.contractAt("LenderVault", vault), book: m.contractAt("LoanBook", book) };
    m.call(contracts.vault, "transferOwnership", [owner]);
    m.call(contracts.book, "transferOwnership", [owner]);
    return contracts;
  });
}

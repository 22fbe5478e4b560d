import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** Gives out the roles, all in one transaction: what no longer has an admin cannot be mended. */
export function rolesModule(manager: string, calls: readonly string[]) {
  return buildModule("Roles", (m) => {
    const contract = m.contractAt("AccessManager", manager);
    m.call(contract, "multicall", [[...calls]]);
    return { manager: contract };
  });
}

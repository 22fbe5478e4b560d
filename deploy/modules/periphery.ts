import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/** What stands beside a market and has no power over it: the lens that answers what the market would do. */
export const peripheryModule = buildModule("Periphery", (m) => ({ lens: m.contract("LoanLens") }));

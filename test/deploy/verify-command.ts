import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import type { MarketAddresses } from "../../deploy/addresses.ts";
import { LINKED_LIBRARIES, mapLibraries } from "../../deploy/linked-libraries.ts";
import { runScript } from "./run-script.ts";
import { serveChain } from "./served-chain.ts";

const SEPOLIA = 11155111;

describe("Command to verify a market", () => {
  it("ends with 1 and says what differs", async () => {
    const chain = await serveChain(SEPOLIA);
    try {
      const at = (digit: string): string => `0x${digit.repeat(40)}`;
      const asset = { symbol: "USDC", decimals: 6, token: at("5"), feed: at("6"), secondFeed: null };
      const addresses: MarketAddresses = {
        ...{ chainId: SEPOLIA, vault: at("1"), book: at("2"), lens: at("9"), accessManager: at("3") },
        libraries: mapLibraries(() => at("4")),
        ...{ loanAsset: asset, listings: [{ number: 0, ...asset }], sequencerFeed: null, treasury: at("7") },
        ...{ deployer: at("8"), fromBlock: 0, parametersHash: at("0") },
      };
      const file = join(chain.options.addressesDirectory, "market.json");
      await writeFile(file, JSON.stringify(addresses));
      const environment = { SEPOLIA_RPC_URL: chain.url, DEPLOYER_PRIVATE_KEY: "" };
      const args = ["--network", "sepolia", "--addresses", file];
      const { code, out, error } = await runScript("verify-market.ts", args, environment);
      expect([code, error]).to.deep.equal([1, ""]);
      expect(out.trimEnd().split("\n")).to.deep.equal([
        `There is no contract at ${at("3")}, where the AccessManager should be.`,
        ...LINKED_LIBRARIES.map((name) => `There is no contract at ${at("4")}, where the ${name} should be.`),
        `There is no contract at ${at("1")}, where the LenderVault should be.`,
        `There is no contract at ${at("2")}, where the LoanBook should be.`,
        `There is no contract at ${at("9")}, where the LoanLens should be.`,
        `The market of the LoanBook ${at("2")} does not match deploy/parameters/11155111.json and this build.`,
      ]);
    } finally {
      await chain.close();
    }
  });

  it("ends with one sentence if it cannot compare", async () => {
    expect(await runScript("verify-market.ts", ["--adresses", "x"])).to.deep.equal({
      code: 1,
      out: "",
      error:
        "Unknown option '--adresses'. Usage: npm run verify-market -- [--network localhost|sepolia|base|mainnet] " +
        "[--addresses FILE]\n",
    });
  });
});

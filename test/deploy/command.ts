import { expect } from "chai";

import { runScript, type Outcome } from "./run-script.ts";

const run = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
  runScript("deploy-market.ts", args, environment);

/** Nobody listens on this port. */
const NOWHERE = "http://127.0.0.1:9";

describe("Command to deploy", () => {
  it("deploys to a chain of its own if no network is named", async () => {
    const { code, out, error } = await run([]);
    expect([code, error]).to.deep.equal([0, ""]);
    expect(out).to.match(/^LoanBook +0x\w{40}$/m);
    expect(out).to.match(/^listing 1 WBTC +0x\w{40} {2}feed 0x\w{40}$/m);
    expect(out).to.match(/This chain lives in the command and ends with it/);
  });

  it("checks without a key, and sends nothing", async () => {
    const { code, out, error } = await run(["--check"], { DEPLOYER_PRIVATE_KEY: "" });
    expect([code, error]).to.deep.equal([0, ""]);
    expect(out).to.match(
      /^deploy\/parameters\/31337\.json is sound: its tokens and feeds are on the chain as it says \(\d+ listings\)\. Nothing was sent\.\n$/,
    );
  });

  const mistakes: [title: string, args: string[], environment: NodeJS.ProcessEnv, message: string][] = [
    [
      "an unknown network",
      ["--network", "goerli"],
      {},
      "There is no network goerli. Usage: npm run deploy -- [--network localhost|sepolia|base|mainnet] [--check]\n",
    ],
    [
      "a network that does not answer",
      ["--network", "sepolia"],
      { SEPOLIA_RPC_URL: NOWHERE, DEPLOYER_PRIVATE_KEY: `0x${"12".repeat(32)}` },
      "Nothing answers at the address of the network sepolia: check its address in .env.\n",
    ],
    [
      "a check of a network that does not answer",
      ["--network", "sepolia", "--check"],
      { SEPOLIA_RPC_URL: NOWHERE, DEPLOYER_PRIVATE_KEY: "" },
      "Nothing answers at the address of the network sepolia: check its address in .env.\n",
    ],
    [
      "a key that is none",
      ["--network", "sepolia"],
      { SEPOLIA_RPC_URL: NOWHERE, DEPLOYER_PRIVATE_KEY: "0x12" },
      "DEPLOYER_PRIVATE_KEY is not a private key, which is 0x and 64 hexadecimal digits: correct it in .env.\n",
    ],
  ];
  for (const [title, args, environment, message] of mistakes) {
    it(`ends with one sentence for ${title}`, async () => {
      expect(await run(args, environment)).to.deep.equal({ code: 1, out: "", error: message });
    });
  }
});

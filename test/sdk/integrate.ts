/** The programs of docs/integrate.md, as they stand there: they type-check in an empty project, and open a loan each. */
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { parseEther, parseUnits, toQuantity, Wallet, type Contract } from "ethers";

import { deployTo } from "../../deploy/command.ts";
import { ROOT } from "../../scripts/checks/root.ts";
import { parseMarketAddresses, type MarketAddresses } from "../../sdk/src/addresses/index.ts";
import { loanId } from "../../sdk/src/market/loan-id.ts";
import { serveChain, type ServedChain } from "../deploy/served-chain.ts";
import { LoanBook__factory } from "../../typechain-types/index.ts";
import { newProject, type Project } from "../helpers/packed-sdk.ts";

const MAX_LINES = 20;
const PLEDGED = parseEther("10");
const BORROWED = parseUnits("10000", 6);

describe("docs/integrate.md", function () {
  // A market is deployed over HTTP, and the compiler reads ethers' and viem's types.
  this.timeout(240_000);

  let chain: ServedChain;
  let project: Project;
  let addresses: MarketAddresses;
  let programs: Record<string, string>;

  before(async () => {
    const text = await readFile(join(ROOT, "docs/integrate.md"), "utf8");
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);
    expect(blocks).to.have.lengthOf(2);
    programs = { "with-ethers.ts": blocks[0] ?? "", "with-viem.ts": blocks[1] ?? "" };
    chain = await serveChain();
    await deployTo(chain.connection, () => undefined, chain.options);
    project = await newProject();
    const file = join(chain.options.addressesDirectory, "31337.json");
    await cp(file, join(project.folder, "market.json"));
    addresses = parseMarketAddresses(JSON.parse(await readFile(file, "utf8")));
    const [lender] = await chain.connection.ethers.getSigners();
    if (lender === undefined) throw new Error("The chain has no accounts.");
    const asset = await token(addresses.loanAsset.token);
    const vault = await chain.connection.ethers.getContractAt("LenderVault", addresses.vault);
    await asset.getFunction("mint").send(lender, 10n * BORROWED);
    await asset.getFunction("approve").send(addresses.vault, 10n * BORROWED);
    await vault.getFunction("deposit").send(10n * BORROWED, lender);
  });

  after(async () => {
    await project.remove();
    await chain.close();
  });

  it("has programs of at most twenty lines", () => {
    for (const [file, program] of Object.entries(programs)) {
      expect(program.trimEnd().split("\n").length, file).to.be.at.most(MAX_LINES);
    }
  });

  it("has programs that type-check where nothing but the packages they name is installed", async () => {
    await project.add("ethers", "viem", "@types/node", "undici-types");
    // viem's own declarations are viem's; the SDK's are checked by the test of the package.
    await project.compile(programs, { types: ["node"], skipLibCheck: true });
  });

  for (const [library, key] of [
    ["ethers", "11"],
    ["viem", "22"],
  ] as const) {
    it(`has a program that opens a loan with ${library}`, async () => {
      const { ethers } = chain.connection;
      const privateKey = `0x${key.repeat(32)}`;
      const borrower = new Wallet(privateKey).address;
      await ethers.provider.send("hardhat_setBalance", [borrower, toQuantity(parseEther("1"))]);
      const weth = await token(addresses.listings[0]?.token ?? "");
      await weth.getFunction("mint").send(borrower, PLEDGED);
      const output = await project.run(`with-${library}.js`, { RPC_URL: chain.url, PRIVATE_KEY: privateKey });

      const id = loanId(borrower, 1n);
      const book = LoanBook__factory.connect(addresses.book, ethers.provider);
      const { maturity, rate } = await book.loan(id);
      expect([maturity, rate]).to.deep.equal([0n, 0n]);
      expect(await book.pledgeOf(id, 0)).to.equal(PLEDGED);
      expect(await book.debtOf(id)).to.be.within(BORROWED, BORROWED + 100_000n); // minutes of interest
      const asset = await token(addresses.loanAsset.token);
      expect(await asset.getFunction("balanceOf").staticCall(borrower)).to.equal(BORROWED);
      expect(await weth.getFunction("balanceOf").staticCall(borrower)).to.equal(0n);
      expect(output).to.include(library === "ethers" ? String(id) : "10000");
    });
  }

  async function token(address: string): Promise<Contract> {
    return chain.connection.ethers.getContractAt("TestToken", address);
  }
});

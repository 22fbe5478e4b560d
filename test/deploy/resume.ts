import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { expect } from "chai";
import { getCreateAddress } from "ethers";

import { readAccess } from "../../deploy/access-manager.ts";
import type { MarketAddresses } from "../../deploy/addresses.ts";
import { resolveAssets } from "../../deploy/assets.ts";
import { deployTo } from "../../deploy/command.ts";
import { ignite } from "../../deploy/ignition.ts";
import { deployMarket, type Market } from "../../deploy/market.ts";
import { foundationsModule } from "../../deploy/modules/foundations.ts";
import { readParameters } from "../../deploy/parameters.ts";
import { keptPrediction } from "../../deploy/prediction.ts";
import { openSession } from "../../deploy/session.ts";
import { writeFewListings, type ParametersFolder } from "./few-listings.ts";
import { messageOf, serveChain, type ServedChain } from "./served-chain.ts";

describe("Deployment to a chain that lasts", () => {
  let chain: ServedChain;
  let lines: string[];
  let folder: ParametersFolder;
  let parametersDirectory: string;

  /** One of the three is a product of feeds. */
  before(async () => {
    folder = await writeFewListings(["WETH", "WBTC", "wstETH"]);
    ({ parametersDirectory } = folder);
  });

  after(() => folder.remove());

  const deploy = (): Promise<MarketAddresses> => {
    lines = [];
    return deployTo(chain.connection, (line) => lines.push(line), { ...chain.options, parametersDirectory });
  };

  beforeEach(async () => {
    chain = await serveChain();
  });

  afterEach(() => chain.close());

  it("writes the addresses", async () => {
    const addresses = await deploy();
    const parameters = await readParameters(31337, parametersDirectory);
    const file = join(chain.options.addressesDirectory, "31337.json");
    expect(JSON.parse(await readFile(file, "utf8"))).to.deep.equal(addresses);
    expect(addresses.parametersHash).to.equal(parameters.hash);
    expect(addresses.listings.map(({ number, symbol }) => [number, symbol])).to.deep.equal([
      [0, "WETH"],
      [1, "WBTC"],
      [2, "wstETH"],
    ]);
    const { provider } = chain.connection.ethers;
    expect(await provider.getCode(addresses.book, addresses.fromBlock)).to.equal("0x");
    for (const address of [addresses.vault, addresses.book, addresses.loanAsset.feed]) {
      expect(await provider.getCode(address)).to.not.equal("0x");
    }
    expect(lines.join("\n")).to.match(new RegExp(`^LenderVault +${addresses.vault}$`, "m"));
  });

  it("does nothing when run again", async () => {
    const first = await deploy();
    const blocks = await chain.connection.ethers.provider.getBlockNumber();
    expect(await deploy()).to.deep.equal(first);
    expect(await chain.connection.ethers.provider.getBlockNumber()).to.equal(blocks);
    expect(lines).to.include(`Resuming what ${chain.journal} holds; steps that are done stay as they are`);
  });

  it("finishes what was interrupted after the vault", async () => {
    const vault = await deployVaultOnly();
    const addresses = await deploy();
    expect(addresses.vault).to.equal(vault);
    expect(addresses.listings).to.have.lengthOf(3);
  });

  it("says what to do if the deployer has sent something else after the vault", async () => {
    const vault = await deployVaultOnly();
    const deployer = await sendSomething();
    const nonce = (await chain.connection.ethers.provider.getTransactionCount(deployer)) - 1;
    expect(await messageOf(deploy())).to.equal(
      `${deployer} has sent other transactions since this deployment was interrupted, so the book cannot get the address ` +
        `${getCreateAddress({ from: deployer, nonce })} any more (the vault at ${vault} stays unused): ` +
        `delete ${chain.journal} to begin anew.`,
    );
    await rm(chain.journal, { recursive: true });
    expect((await deploy()).vault).to.not.equal(vault);
  });

  it("says what to do if the deployer has sent something else before the vault", async () => {
    const session = await openSession(chain.connection, 31337, undefined, chain.options.deploymentId);
    await keptPrediction(chain.connection.ethers.provider, session.deployer, session.journal);
    await sendSomething();
    expect(await messageOf(deploy())).to.match(
      /any more \(nothing of it is on the chain\): delete .* to begin anew\.$/,
    );
  });

  it("says what to do if the parameters have changed since", async () => {
    await deploy();
    const text = await readFile(join(parametersDirectory, "31337.json"), "utf8");
    const changed = chain.options.addressesDirectory; // any folder of the test's own
    await writeFile(join(changed, "31337.json"), text.replace('"minDebt":"100"', '"minDebt":"200"'));
    const again = deployTo(chain.connection, () => undefined, { ...chain.options, parametersDirectory: changed });
    expect(await messageOf(again)).to.equal(
      "The deployment stopped at VaultAndBook#LoanBook: Argument at index 0 has been changed since it was carried out: " +
        `restore the parameters that it was carried out with, or delete ${chain.journal} to begin anew.`,
    );
  });

  it("hands over to others, and keeps nothing", async () => {
    const parameters = await readParameters(31337, parametersDirectory);
    const [deployer, admin, curator, guardian, treasurer] = await chain.connection.ethers.getSigners();
    const roles = {
      admin: String(admin?.address),
      curator: String(curator?.address),
      guardian: String(guardian?.address),
      treasurer: String(treasurer?.address),
    };
    const { deploymentId } = chain.options;
    const deployFor = (): Promise<Market> => deployMarket(chain.connection, { ...parameters, roles }, { deploymentId });
    const { managerAddress, fromBlock } = await deployFor();
    expect((await deployFor()).roles).to.deep.equal(roles);
    const { members } = await readAccess(chain.connection.ethers.provider, managerAddress, fromBlock);
    expect(members).to.have.lengthOf(4);
    expect(members.map(({ account }) => account)).to.not.include(String(deployer?.address));
  });

  it("is not continued by another deployer", async () => {
    await deploy();
    const [first, second] = await chain.connection.ethers.getSigners();
    const { provider } = chain.connection.ethers;
    const { journal } = await openSession(chain.connection, 31337, undefined, chain.options.deploymentId);
    expect(await messageOf(keptPrediction(provider, String(second?.address), journal))).to.equal(
      `This deployment was begun by ${String(first?.address)}, not by ${String(second?.address)}: use its key, or delete ` +
        `${chain.journal} to begin anew.`,
    );
  });

  it("begins anew on a local chain that was started afresh", async () => {
    const first = await deploy();
    const { deploymentId } = chain.options;
    const afresh = await serveChain(31337, deploymentId);
    try {
      const lines: string[] = [];
      const again = await deployTo(afresh.connection, (line) => lines.push(line), {
        ...afresh.options,
        parametersDirectory,
      });
      expect(again.vault).to.equal(first.vault);
      expect(lines.join("\n")).to.not.include("Resuming");
    } finally {
      await afresh.close();
    }
  });

  /** What a run leaves that is killed between its two creations. */
  async function deployVaultOnly(): Promise<string> {
    const parameters = await readParameters(31337, parametersDirectory);
    const session = await openSession(chain.connection, 31337, undefined, chain.options.deploymentId);
    const { locate } = await resolveAssets(session, [parameters.loanAsset, ...parameters.listings]);
    const { deployer } = session;
    const { manager } = await ignite(session, foundationsModule(deployer));
    const authority = await manager.getAddress();
    const { book } = await keptPrediction(chain.connection.ethers.provider, deployer, session.journal);
    const { depositCap, name, symbol } = parameters.vault;
    const { token } = locate(parameters.loanAsset);
    const module = buildModule("VaultAndBook", (m) => ({
      vault: m.contract("LenderVault", [token, book, deployer, authority, depositCap, name, symbol]),
    }));
    return (await ignite(session, module)).vault.getAddress();
  }

  async function sendSomething(): Promise<string> {
    const [deployer] = await chain.connection.ethers.getSigners();
    if (deployer === undefined) throw new Error("The chain has no account.");
    await (await deployer.sendTransaction({ to: deployer.address })).wait();
    return deployer.address;
  }
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { Contract, Interface, ZeroAddress } from "ethers";

import { accessManager } from "../../deploy/access-manager.ts";
import { marketAddresses, readAddresses, type MarketAddresses } from "../../deploy/addresses.ts";
import { deployTo } from "../../deploy/command.ts";
import type { LocalMarket } from "../../deploy/local-market.ts";
import { deployMarket } from "../../deploy/market.ts";
import { PARAMETERS_DIRECTORY, type MarketParameters } from "../../deploy/parameters.ts";
import type { Connection } from "../../deploy/session.ts";
import { verifyOn } from "../../deploy/verify.ts";
import { IBookActions__factory, IVaultActions__factory } from "../../typechain-types/index.ts";
import { plainFeed } from "./plain-feed.ts";
import { messageOf, serveChain } from "./served-chain.ts";
import { deployVerifiedMarket, type VerifiedMarket } from "./verified-market.ts";

const DAY = 86_400;
const DEPOSIT = 0;

describe("Comparison of a market with its file and the build", () => {
  let connection: Connection;
  let parameters: MarketParameters;
  let market: LocalMarket;
  let addresses: MarketAddresses;
  let differences: VerifiedMarket["differences"];
  let start: string;
  const actions = { book: IBookActions__factory.createInterface(), vault: IVaultActions__factory.createInterface() };

  before(async () => {
    ({ connection, parameters, market, addresses, differences } = await deployVerifiedMarket());
  });

  beforeEach(async () => {
    start = (await connection.provider.request({ method: "evm_snapshot" })) as string;
  });

  afterEach(() => connection.provider.request({ method: "evm_revert", params: [start] }));

  after(() => connection.close());

  it("finds nothing in a market as it was deployed", async () => {
    expect(await differences()).to.deep.equal([]);
  });

  it("finds nothing in one with second feeds, named people and another treasury", async () => {
    const [, admin, curator, guardian, treasurer, treasury] = await connection.ethers.getSigners();
    if (!admin || !curator || !guardian || !treasurer || !treasury) throw new Error("The chain has too few accounts.");
    const [weth, ...others] = parameters.listings;
    if (weth === undefined) throw new Error("The local market has no listing.");
    const file: MarketParameters = {
      ...parameters,
      roles: {
        admin: admin.address,
        curator: curator.address,
        guardian: guardian.address,
        treasurer: treasurer.address,
      },
      treasury: treasury.address,
      vault: { ...parameters.vault, name: "A name of thirty-one characters" },
      listings: [{ ...weth, secondFeed: plainFeed(weth.feed) }, ...others],
    };
    const other = await deployMarket(connection, file);
    expect(await differences(file, marketAddresses(other, file))).to.deep.equal([]);
    expect(await differences(parameters, marketAddresses(other, parameters))).to.include.members([
      `The LenderVault's TREASURY is ${treasury.address}, not ${other.deployer}.`,
      `The second feed of listing 0 WETH is ${String(other.listings[0]?.secondFeed?.address)}, not none.`,
      `${other.deployer} is guardian, but should not be.`
        .replace("not be", "be")
        .replace("is guardian", "is not guardian"),
      `${guardian.address} is guardian, but should not be.`,
    ]);
  });

  it("names a listing that was added, from its proposal on", async () => {
    const token = await connection.ethers.deployContract("TestToken", ["Dai", "DAI", 18]);
    const { terms, feed, secondFeed, cap } = await market.book.listings(0);
    const listing = { token: await token.getAddress(), terms, feed, secondFeed, cap };
    const action = actions.book.encodeFunctionData("addListing", [listing]);
    await market.book.propose(action);
    const [proposal, ...others] = await differences();
    expect(others).to.deep.equal([]);
    expect(proposal).to.match(
      /^A proposal to the book is pending since \d{4}-\d\d-\d\dT[\d:]+Z: addListing \(0x\w{64}\)\.$/,
    );
    await pass(7 * DAY);
    await market.feedOf("WETH").submit(2_500n * 10n ** 8n);
    await market.book.execute(action);
    expect(await differences()).to.deep.equal([`The book lists ${listing.token} as number 3, and the file does not.`]);
  });

  it("names a cap that was raised or lowered, and forgets a proposal that was cancelled or lapsed", async () => {
    const raise = actions.vault.encodeFunctionData("raiseDepositCap", [2n * parameters.vault.depositCap]);
    await market.vault.propose(raise);
    await pass(7 * DAY);
    await market.vault.execute(raise);
    await market.book.lowerCap(1, 5n * 10n ** 7n);
    const cancelled = actions.book.encodeFunctionData("raiseCap", [1, 6n * 10n ** 7n]);
    await market.book.propose(cancelled);
    await market.book.cancel(connection.ethers.keccak256(cancelled));
    await market.book.propose(actions.book.encodeFunctionData("raiseCap", [1, 7n * 10n ** 7n]));
    await pass(37 * DAY);
    expect(await differences()).to.deep.equal([
      "The deposit cap is 2000000000 USDC, not 1000000000 USDC.",
      "The cap of listing 1 WBTC is 0.5 WBTC, not 100000 WBTC.",
    ]);
  });

  it("names a retired listing and a pause", async () => {
    await market.book.retire(2);
    await market.vault.pause(DEPOSIT);
    const [pause, retired, ...others] = await differences();
    expect(pause).to.match(/^Deposit is paused until \d{4}-\d\d-\d\dT[\d:]+Z\.$/);
    expect([retired, ...others]).to.deep.equal(["Listing 2 LINK is retired."]);
  });

  it("names a role that was given away, from its announcement on", async () => {
    const [admin, stranger] = await connection.ethers.getSigners();
    const manager = new Contract(addresses.accessManager, accessManager, admin);
    const call = accessManager.encodeFunctionData("grantRole", [2, stranger?.address, 0]);
    await manager.getFunction("schedule")(addresses.accessManager, call, 0);
    const [announced, ...others] = await differences();
    expect(others).to.deep.equal([]);
    expect(announced).to.match(
      /^0x\w{40} has announced a call of 0x25c471a0 on 0x\w{40}, which can be made from [-\dT:.]+Z on\.$/,
    );
    await pass(14 * DAY);
    await manager.getFunction("grantRole")(2, stranger?.address, 0);
    expect(await differences()).to.deep.equal([`${String(stranger?.address)} is guardian, but should not be.`]);
  });

  it("names functions in wrong hands, a closed contract and a role that is gone", async () => {
    const [admin] = await connection.ethers.getSigners();
    const manager = new Contract(addresses.accessManager, accessManager, admin);
    const { selector } = market.book.interface.getFunction("retire");
    const calls = [
      accessManager.encodeFunctionData("setTargetFunctionRole", [addresses.book, [selector], 1]),
      accessManager.encodeFunctionData("setTargetFunctionRole", [addresses.loanAsset.token, ["0x40c10f19"], 7]),
      accessManager.encodeFunctionData("setTargetClosed", [addresses.vault, true]),
      new Interface(["function setRoleAdmin(uint64 roleId, uint64 admin)"]).encodeFunctionData("setRoleAdmin", [1, 2]),
    ];
    for (const call of calls) await manager.getFunction("schedule")(addresses.accessManager, call, 0);
    await pass(14 * DAY);
    for (const data of calls) await admin?.sendTransaction({ to: addresses.accessManager, data });
    await manager.getFunction("renounceRole")(3, market.deployer);
    expect(await differences()).to.deep.equal([
      `${market.deployer} is not treasurer, but should be.`,
      "The AccessManager has closed the LenderVault: no role can act on it.",
      "LoanBook.retire belongs to curator, not to guardian.",
      `The AccessManager also governs 0x40c10f19 of ${addresses.loanAsset.token}, which is no part of the market.`,
      "The role curator is given out by guardian and guarded by admin, not by admin.",
    ]);
  });

  it("names what the file says otherwise", async () => {
    const [weth, wbtc, ...others] = parameters.listings;
    if (weth === undefined || wbtc === undefined) throw new Error("The local market has too few listings.");
    const feed = "0xBCF85224fc0756B9Fa45aA7892530B47e10b6433";
    const file: MarketParameters = {
      ...parameters,
      minDebt: 50_000_000n,
      vault: { ...parameters.vault, symbol: "blUSD" },
      loanAsset: { ...parameters.loanAsset, peg: 0n },
      sequencerFeed: { address: feed, description: "" },
      listings: [
        { ...weth, feed: { ...weth.feed, source: feed, maxAge: 90_000, maxAnswer: 10n ** 12n } },
        { ...wbtc, terms: { ...wbtc.terms, callLtv: 8_100 } },
        ...others,
        { ...wbtc, token: { ...wbtc.token, symbol: "tBTC" } },
      ],
    };
    const own = addresses.listings[0]?.feed ?? "";
    expect(await differences(file)).to.deep.equal([
      "The LoanBook's PEG is 100000000, not 0.",
      "The LoanBook's MIN_DEBT is 100000000, not 50000000.",
      "The vault's symbol is blUSDC, not blUSD.",
      "The price frame's minDebt is 100000000, not 50000000.",
      "The price frame's peg is 100000000, not 0.",
      `The sequencer's feed is ${ZeroAddress}, not ${feed}.`,
      "The book has 3 listings, the file 4.",
      `The feed of listing 0 WETH is ${own}, not ${feed}.`,
      "The feed of listing 0 WETH: the age up to which its answer counts is 3900 s, not 90000 s.",
      "The feed of listing 0 WETH: its upper bound is 10000000000000, not 1000000000000.",
      "The callLtv of listing 1 WBTC is 8000, not 8100.",
    ]);
  });

  async function pass(seconds: number): Promise<void> {
    await connection.provider.request({ method: "evm_increaseTime", params: [seconds] });
    await connection.provider.request({ method: "evm_mine" });
  }
});

describe("Comparison of a market on a chain that lasts", () => {
  it("goes by the written addresses, and says whether all is the same", async () => {
    const chain = await serveChain();
    try {
      const { provider } = chain.connection.ethers;
      const addresses = await deployTo(chain.connection, () => undefined, chain.options);
      const addressesFile = join(chain.options.addressesDirectory, "31337.json");
      expect(await readAddresses(31337, addressesFile)).to.deep.equal(addresses);

      const lines: string[] = [];
      const say = (line: string): unknown => lines.push(line);
      expect(await verifyOn(provider, say, { addressesFile })).to.equal(true);
      expect(lines).to.deep.equal([
        `The market of the LoanBook ${addresses.book} matches deploy/parameters/31337.json and this build.`,
      ]);

      lines.length = 0;
      const parametersDirectory = chain.options.addressesDirectory; // any folder of the test's own
      const file = join(parametersDirectory, "31337.json");
      const text = await readFile(join(PARAMETERS_DIRECTORY, "31337.json"), "utf8");
      const elsewhere = join(parametersDirectory, "market.json");
      await writeFile(elsewhere, JSON.stringify(addresses));
      await writeFile(file, text.replace('"depositCap": "1000000000"', '"depositCap": "7"'));
      expect(await verifyOn(provider, say, { parametersDirectory, addressesFile: elsewhere })).to.equal(false);
      expect(lines[0]).to.equal("The deposit cap is 1000000000 USDC, not 7 USDC.");
      expect(lines[1]).to.match(/^The market of the LoanBook 0x\w{40} does not match .*31337\.json and this build\.$/);
    } finally {
      await chain.close();
    }
  });

  it("says that there are no addresses, or those of another chain", async () => {
    expect(await messageOf(readAddresses(5))).to.equal(
      "There are no addresses of a market on chain 5 in deploy/addresses/5.json: deploy it, or name the file with --addresses.",
    );
    const chain = await serveChain();
    try {
      await deployTo(chain.connection, () => undefined, chain.options);
      const file = join(chain.options.addressesDirectory, "31337.json");
      expect(await messageOf(readAddresses(5, file))).to.match(
        /chainId is 31337, but must be 5, the chain that is looked at\.$/,
      );
    } finally {
      await chain.close();
    }
  });
});

import { expect } from "chai";
import { FunctionFragment, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { readAccess } from "../../deploy/access-manager.ts";
import { ignite } from "../../deploy/ignition.ts";
import { deployLocalMarket, openLocalMarket, usd, type LocalMarket } from "../../deploy/local-market.ts";
import { checkPair, deployMarket } from "../../deploy/market.ts";
import { vaultAndBookModule } from "../../deploy/modules/vault-and-book.ts";
import { readParameters, type MarketParameters } from "../../deploy/parameters.ts";
import { ROLES } from "../../deploy/roles.ts";
import { openSession, type Connection } from "../../deploy/session.ts";
import { LoanLens__factory } from "../../typechain-types/index.ts";
import { messageOf } from "./served-chain.ts";

describe("Deployment of a market", () => {
  let connection: Connection;
  let parameters: MarketParameters;
  let market: LocalMarket;
  /** The same with two listings, for what does not depend on them: each takes a tenth of a second. */
  let few: MarketParameters;

  before(async () => {
    connection = await network.create();
    parameters = await readParameters(31337);
    few = { ...parameters, listings: parameters.listings.slice(0, 2) };
    market = await deployLocalMarket(connection, { WETH: usd("200"), USDC: usd("0.999") });
  });

  after(() => connection.close());

  it("has a vault and a book that name each other", async () => {
    expect(await market.vault.BOOK()).to.equal(market.bookAddress);
    expect(await market.book.VAULT()).to.equal(market.vaultAddress);
  });

  it("has the vault of the parameters", async () => {
    const { vault, deployer } = market;
    expect([await vault.name(), await vault.symbol(), await vault.depositCap()]).to.deep.equal([
      parameters.vault.name,
      parameters.vault.symbol,
      parameters.vault.depositCap,
    ]);
    expect([await vault.asset(), await vault.TREASURY()]).to.deep.equal([market.loanAsset.token, deployer]);
  });

  it("has the book of the parameters", async () => {
    const { book } = market;
    expect([await book.MIN_DEBT(), await book.PEG()]).to.deep.equal([parameters.minDebt, parameters.loanAsset.peg]);
    const { description, address, ...limits } = market.loanAsset.feed;
    expect(description).to.equal("USDC / USD");
    expect(await book.loanAssetFeed()).to.deep.equal([
      address,
      BigInt(limits.maxAge),
      limits.minAnswer,
      limits.maxAnswer,
    ]);
  });

  it("has the listings of the parameters, in their order", async () => {
    expect(await market.book.listingCount()).to.equal(BigInt(parameters.listings.length));
    for (const [number, { token, terms, feed, cap }] of parameters.listings.entries()) {
      const listing = await market.book.listings(number);
      expect(listing.token).to.equal(await market.tokenOf(token.symbol).getAddress());
      expect(listing.terms).to.deep.equal(Object.values(terms).map(BigInt));
      const address = market.listings[number]?.feed.address;
      expect(listing.feed.feed).to.equal(address);
      if (market.listings[number]?.feed.product === undefined)
        expect(address).to.equal(market.feedOf(token.symbol).proxy);
      expect([listing.feed.maxAge, listing.feed.maxAnswer]).to.deep.equal([BigInt(feed.maxAge), feed.maxAnswer]);
      expect(listing.cap).to.equal(cap);
      expect(listing.secondFeed.feed).to.equal(ZeroAddress);
    }
  });

  it("starts from the given prices, and from those of the parameters where none is given", async () => {
    const weth = await market.book.pricesOf(0); // USDC counts as its peg for borrowing
    const judged = (200n * 10n ** 27n + 998n) / 999n;
    expect(weth).to.deep.equal([200n * 10n ** 24n, judged, judged]);
    expect((await market.book.pricesOf(1)).forBorrowing).to.equal(60_000n * 10n ** 34n);
  });

  it("has a lens that answers for its book", async () => {
    const lens = LoanLens__factory.connect(market.lensAddress, connection.ethers.provider);
    const { forLiquidation } = await market.book.pricesOf(0);
    expect(await lens.answersAt(market.bookAddress, 0, forLiquidation)).to.deep.equal([usd("200"), 0n]);
  });

  it("obeys an AccessManager whose roles the deployer holds if nobody else is named", async () => {
    for (const contract of [market.vault, market.book]) {
      expect(await contract.authority()).to.equal(market.managerAddress);
    }
    const { deployer } = market;
    expect(market.roles).to.deep.equal({ admin: deployer, curator: deployer, guardian: deployer, treasurer: deployer });
    const { members } = await readAccess(connection.ethers.provider, market.managerAddress, market.fromBlock);
    expect(members.map(({ role, delay }) => [role, delay])).to.have.deep.members([
      [0n, 14 * 86_400],
      [1n, 0],
      [2n, 0],
      [3n, 0],
    ]);
  });

  it("may have a second feed for a listing", async () => {
    const [weth, ...others] = parameters.listings;
    if (weth === undefined) throw new Error("The local market has no listing.");
    const secondFeed = { ...weth.feed, source: { oracles: 2, firstAnswer: usd("2490") } };
    const deployed = await deployMarket(connection, { ...parameters, listings: [{ ...weth, secondFeed }, ...others] });
    const local = await openLocalMarket(connection, deployed);
    const listing = await local.book.listings(0);
    expect(listing.secondFeed.feed).to.equal(local.feedOf("WETH_second").proxy);
    expect((await local.book.pricesOf(0)).forBorrowing).to.equal(2_490n * 10n ** 24n);
  });

  it("says which token or feed it does not have", () => {
    expect(() => market.tokenOf("XRP")).to.throw(
      /^The local market has no token XRP; it has USDC, WETH, WBTC, .*wstETH\.$/,
    );
    expect(() => market.feedOf("XRP")).to.throw(
      /^The local market has no feed XRP; it has USDC, WETH, .*wstETH_rate\.$/,
    );
  });

  it("is handed over to those whom the parameters name, and the deployer keeps nothing", async () => {
    const [, admin, curator, guardian, treasurer, treasury] = await connection.ethers.getSigners();
    if (!admin || !curator || !guardian || !treasurer || !treasury) throw new Error("The chain has too few accounts.");
    const roles = {
      admin: admin.address,
      curator: curator.address,
      guardian: guardian.address,
      treasurer: treasurer.address,
    };
    const others = await deployMarket(connection, { ...few, roles, treasury: treasury.address });
    const { book, vault, deployer } = others;
    expect(await vault.TREASURY()).to.equal(treasury.address);
    expect((await book.connect(guardian).retire(0)).hash).to.match(/^0x/);
    const refused = [() => book.retire(1), () => vault.sweepReserves(), () => book.connect(curator).retire(1)];
    for (const call of refused) expect(await messageOf(call())).to.include("AccessManagedUnauthorized");
    const access = await readAccess(connection.ethers.provider, others.managerAddress, others.fromBlock);
    expect(access.members.map(({ account }) => account)).to.not.include(deployer);
    expect(access.members).to.deep.include({ role: 0n, account: admin.address, delay: 14 * 86_400 });
  });

  it("leaves no function that changes something without a role, but those that are everybody's", async () => {
    const [, , , , , stranger] = await connection.ethers.getSigners();
    if (stranger === undefined) throw new Error("The chain has too few accounts.");
    const { vault, book, vaultAddress, bookAddress } = market;
    const sides = [
      ["vault", vault.interface, vaultAddress],
      ["book", book.interface, bookAddress],
    ] as const;
    for (const [side, contract, to] of sides) {
      const refused: string[] = [];
      for (const fragment of contract.fragments) {
        if (!FunctionFragment.isFragment(fragment) || fragment.constant) continue;
        // Arguments of zeros: who may call is asked before they are looked at.
        const data = `${fragment.selector}${"00".repeat(32 * 32)}`;
        const error = await stranger.call({ to, data }).then(
          () => "",
          (reason: unknown) => String(reason),
        );
        if (error.includes("AccessManagedUnauthorized")) refused.push(fragment.name);
      }
      const known = ROLES.flatMap((role): readonly string[] => role[side]);
      expect(refused).to.have.members([...known, "setAuthority"]);
    }
  });

  it("can be sent from any account", async () => {
    const [, , sender] = await connection.ethers.getSigners();
    if (sender === undefined) throw new Error("The chain has too few accounts.");
    const other = await deployMarket(connection, few, { deployer: sender.address });
    expect(other.roles.admin).to.equal(sender.address);
    expect(other.treasury).to.equal(sender.address);
  });

  it("refuses parameters for another chain", async () => {
    expect(await messageOf(deployMarket(connection, { ...parameters, chainId: 1 }))).to.equal(
      "The parameters are for chain 1, but the network is 31337.",
    );
  });

  it("refuses a book that is not at the predicted address", async () => {
    const session = await openSession(connection, 31337);
    const { address, maxAge, minAnswer, maxAnswer } = market.loanAsset.feed;
    const message = await messageOf(
      ignite(
        session,
        vaultAndBookModule({
          manager: market.managerAddress,
          libraries: market.libraries,
          vault: {
            ...parameters.vault,
            asset: market.loanAsset.token,
            predictedBook: market.bookAddress,
            treasury: market.deployer,
          },
          minDebt: parameters.minDebt,
          loanAssetFeed: { feed: address, maxAge, minAnswer, maxAnswer },
          peg: parameters.loanAsset.peg,
          sequencerFeed: ZeroAddress,
          listings: [],
        }),
      ),
    );
    expect(message).to.match(/^The deployment stopped at VaultAndBook#LoanBook: .*InvalidVault/);
    expect(message).to.not.include("\n");
  });

  it("refuses a vault and a book of different markets", async () => {
    const other = await deployMarket(connection, few);
    await checkPair(other.vault, other.book);
    expect(await messageOf(checkPair(market.vault, other.book))).to.equal(
      `The vault ${market.vaultAddress} names the book ${market.bookAddress} and the book ${other.bookAddress} names the ` +
        `vault ${other.vaultAddress}: they are not a market, no role is given out.`,
    );
  });
});

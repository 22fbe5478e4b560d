import { expect } from "chai";
import { network } from "hardhat";

import { ignite } from "../../deploy/ignition.ts";
import { deployLocalMarket, usd, type LocalMarket } from "../../deploy/local-market.ts";
import { checkPair, deployMarket } from "../../deploy/market.ts";
import vaultAndBookModule from "../../deploy/modules/vault-and-book.ts";
import { readParameters, type MarketParameters } from "../../deploy/parameters.ts";
import { openSession, type Connection } from "../../deploy/session.ts";
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
    }
  });

  it("starts from the given prices, and from those of the parameters where none is given", async () => {
    const weth = await market.book.pricesOf(0); // USDC counts as its peg for borrowing
    expect(weth).to.deep.equal([200n * 10n ** 24n, (200n * 10n ** 27n + 998n) / 999n, true]);
    expect((await market.book.pricesOf(1)).forBorrowing).to.equal(60_000n * 10n ** 34n);
  });

  it("belongs to the deployer if no other owner is named", async () => {
    for (const contract of [market.vault, market.book]) {
      expect([await contract.owner(), await contract.pendingOwner()]).to.deep.equal([
        market.deployer,
        `0x${"0".repeat(40)}`,
      ]);
    }
  });

  it("says which token or feed it does not have", () => {
    expect(() => market.tokenOf("XRP")).to.throw(
      /^The local market has no token XRP; it has USDC, WETH, WBTC, .*wstETH\.$/,
    );
    expect(() => market.feedOf("XRP")).to.throw(
      /^The local market has no feed XRP; it has USDC, WETH, .*wstETH_rate\.$/,
    );
  });

  it("is offered to the owner of the parameters, who has to accept", async () => {
    const [, owner, treasury] = await connection.ethers.getSigners();
    if (owner === undefined || treasury === undefined) throw new Error("The chain has too few accounts.");
    const lines: string[] = [];
    const { vault, book, deployer } = await deployMarket(
      connection,
      { ...few, owner: owner.address, treasury: treasury.address },
      { say: (line) => lines.push(line) },
    );
    for (const contract of [vault, book]) {
      expect([await contract.owner(), await contract.pendingOwner()]).to.deep.equal([deployer, owner.address]);
    }
    expect(await vault.TREASURY()).to.equal(treasury.address);
    expect(lines.at(-1)).to.equal(
      `Ownership by ${owner.address}: offered; it has to call acceptOwnership() on the vault and on the book`,
    );
  });

  it("can be sent from any account", async () => {
    const [, , sender] = await connection.ethers.getSigners();
    if (sender === undefined) throw new Error("The chain has too few accounts.");
    const other = await deployMarket(connection, few, { deployer: sender.address });
    expect(await other.book.owner()).to.equal(sender.address);
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
      ignite(session, vaultAndBookModule, {
        VaultAndBook: {
          ...parameters.vault,
          loanAsset: market.loanAsset.token,
          predictedBook: market.bookAddress,
          treasury: market.deployer,
          firstOwner: market.deployer,
          minDebt: parameters.minDebt,
          loanAssetFeed: { feed: address, maxAge, minAnswer, maxAnswer },
          peg: parameters.loanAsset.peg,
        },
      }),
    );
    expect(message).to.match(/^The deployment stopped at VaultAndBook#LoanBook: .*InvalidVault/);
    expect(message).to.not.include("\n");
  });

  it("refuses a vault and a book of different markets", async () => {
    const other = await deployMarket(connection, few);
    await checkPair(other.vault, other.book);
    expect(await messageOf(checkPair(market.vault, other.book))).to.equal(
      `The vault ${market.vaultAddress} names the book ${market.bookAddress} and the book ${other.bookAddress} names the ` +
        `vault ${other.vaultAddress}: they are not a market, nothing is listed.`,
    );
  });
});

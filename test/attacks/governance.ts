import { expect } from "chai";
import { concat, toBeHex, type ContractTransactionResponse } from "ethers";
import { artifacts } from "hardhat";

import { ethers, networkHelpers } from "../helpers/chain.ts";
import {
  bookAction,
  carryOut,
  CURATOR,
  idOfAction,
  NO_FEED,
  PROPOSAL_DELAY,
  raiseDepositCap,
  type FeedConfig,
} from "../helpers/governance.ts";
import {
  clock,
  DAY,
  deployCore,
  dollars,
  FEED_AGE,
  LINK,
  link,
  loanAssetFeedConfig,
  ONE_DOLLAR,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
} from "../helpers/market.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";

const RAISE = bookAction("raiseCap", [WETH, weth("9,000")]);

async function gasOf(call: Promise<ContractTransactionResponse>): Promise<bigint> {
  const receipt = await (await call).wait();
  return receipt?.gasUsed ?? expect.fail("no receipt");
}

/** A feed as an action takes it. */
async function limits(feed: TestFeed, least: string, most: string): Promise<FeedConfig> {
  return { feed: await feed.getAddress(), maxAge: FEED_AGE, minAnswer: dollars(least), maxAnswer: dollars(most) };
}

describe("Attacks on the governance", () => {
  // On chains with several blocks a second a curator who sees the guardian come may still propose in the same second.
  it("a raise proposed in the very second in which the guardian lowers the cap is void, as any before", async () => {
    const { vault, book, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    const raiseDeposits = raiseDepositCap(usdc("50,000,000"));
    await book.connect(curator).propose(RAISE);
    await book.connect(guardian).lowerCap(WETH, 1n);
    await vault.connect(curator).propose(raiseDeposits);
    await vault.connect(guardian).lowerDepositCap(1n);
    const second = clock.now();
    await clock.advance(PROPOSAL_DELAY);

    for (const [target, action] of [
      [book, RAISE],
      [vault, raiseDeposits],
    ] as const) {
      await expect(target.connect(curator).execute(action))
        .to.be.revertedWithCustomError(target, "LoweredSince")
        .withArgs(second, second);
    }
    expect((await book.listings(WETH)).cap).to.equal(1n);
    expect(await vault.depositCap()).to.equal(1n);
  });

  // An action with bytes after its arguments is another proposal of the same deed: a drawer full of copies.
  it("a hundred copies of a proposal cost the guardian less to cancel than the curator to make, and lowering voids all", async () => {
    const { book, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    const copies = Array.from({ length: 100 }, (_, i) => concat([RAISE, toBeHex(i, 4)]));
    const encoded = (method: "propose" | "cancel", values: string[]): string[] =>
      values.map((value) => book.interface.encodeFunctionData(method as "propose", [value]));

    const made = await gasOf(book.connect(curator).multicall(encoded("propose", copies)));
    await expect(book.connect(curator).execute(RAISE)).to.be.revertedWithCustomError(book, "NotProposed");
    await clock.advance(1n);
    const snapshot = await networkHelpers.takeSnapshot();
    const undone = await gasOf(book.connect(guardian).multicall(encoded("cancel", copies.map(idOfAction))));
    expect(undone).to.be.lt(made / 2n);
    for (const copy of copies) expect(await book.proposedAt(idOfAction(copy))).to.equal(0n);

    await snapshot.restore();
    await book.connect(guardian).lowerCap(WETH, 1n);
    await clock.advance(PROPOSAL_DELAY);
    for (const copy of copies.slice(0, 3)) {
      await expect(book.connect(curator).execute(copy)).to.be.revertedWithCustomError(book, "LoweredSince");
    }
  });

  // Selector confusion: the AccessManager looks at the selector, a multicall carries another one inside.
  it("a multicall lends nobody a role: not directly, not nested, not through the AccessManager", async () => {
    const { manager, vault, book, deployer, curator, guardian, stranger } =
      await networkHelpers.loadFixture(standardMarket);
    const calls = {
      propose: book.interface.encodeFunctionData("propose", [RAISE]),
      cancel: book.interface.encodeFunctionData("cancel", [idOfAction(RAISE)]),
      retire: book.interface.encodeFunctionData("retire", [WETH]),
    };
    const nest = (data: string, depth: number): string =>
      depth === 0 ? data : book.interface.encodeFunctionData("multicall", [[nest(data, depth - 1)]]);
    const refused = async (caller: typeof stranger, data: string): Promise<void> => {
      await expect(caller.sendTransaction({ to: book, data }))
        .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    };
    for (const depth of [0, 1, 3]) {
      for (const data of Object.values(calls)) await refused(stranger, nest(data, depth));
      await refused(curator, nest(calls.retire, depth));
      await refused(guardian, nest(calls.propose, depth));
    }
    // The manager may call what its caller may call, and nothing that hides inside.
    for (const [caller, data] of [
      [curator, nest(calls.propose, 1)],
      [curator, calls.retire],
      [guardian, nest(calls.retire, 1)],
      [stranger, calls.propose],
    ] as const) {
      await expect(manager.connect(caller).getFunction("execute")(book, data)).to.be.revertedWithCustomError(
        manager,
        "AccessManagerUnauthorizedCall",
      );
    }
    // Not even its admin, who may call a multicall through it: inside, nobody is executing a proposal.
    await expect(manager.connect(deployer).getFunction("execute")(book, nest(calls.propose, 1)))
      .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
      .withArgs(await manager.getAddress());
    await manager.connect(curator).getFunction("execute")(book, calls.propose);
    expect(await book.proposedAt(idOfAction(RAISE))).to.equal(clock.now());
    expect(await vault.proposedAt(idOfAction(RAISE))).to.equal(0n);
  });

  it("a curator whose role has a delay does not shorten it by a multicall, nor use one schedule twice", async () => {
    const { manager, book, curator, deployer } = await networkHelpers.loadFixture(standardMarket);
    await manager.connect(deployer).getFunction("grantRole")(CURATOR, curator, 3_600n);
    const propose = book.interface.encodeFunctionData("propose", [RAISE]);
    const inMulticall = async () => book.connect(curator).multicall([propose]);
    const notScheduled = async (): Promise<void> => {
      await expect(inMulticall()).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
    };
    await clock.advance(5n * DAY); // a delay that is raised begins at once; one that is lowered after five days
    await notScheduled();
    await manager.connect(curator).getFunction("schedule")(book, propose, 0n);
    await expect(inMulticall()).to.be.revertedWithCustomError(manager, "AccessManagerNotReady");
    await clock.advance(3_600n);
    await inMulticall();
    await notScheduled();
    const twice = book.connect(curator).multicall([propose, propose]);
    await expect(twice).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
  });

  it("feeds that are replaced bring no retired listing back, and a loan asset's new feed forgets no sequencer", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { deployer, treasury, guardian, borrower, book, usdc: asset, feeds } = market;
    const id = await openLoan(market, {
      pledges: [
        [WETH, weth("10")],
        [LINK, link("100")],
      ],
      amount: usdc("10,000"),
    });
    await book.connect(guardian).retire(LINK);
    const better = await deployMock<TestFeed>("TestFeed", 8, dollars("15"));
    const second = await deployMock<TestFeed>("TestFeed", 8, dollars("15"));
    const configs = [await limits(better, "0.1", "10,000"), await limits(second, "0.1", "10,000")] as const;
    const withMore = { ...market, feeds: { ...feeds, better, second } };
    for (const pair of [configs, [configs[1], NO_FEED]] as const) {
      await carryOut(withMore, book, bookAction("replaceFeeds", [LINK, ...pair]), 14n * DAY);
      expect((await book.listings(LINK)).isRetired).to.equal(true);
      expect((await book.healthOf(id)).borrowLimit).to.equal(usdc("15,600"));
      await expect(book.connect(guardian).retire(LINK)).to.be.revertedWithCustomError(book, "ListingRetired");
    }

    const sequencerFeed = await deployMock<TestFeed>("TestFeed", 0, 0n);
    const core = { deployer, treasury, asset, depositCap: 1n, minDebt: usdc("100"), peg: ONE_DOLLAR };
    const chain = await deployCore({ ...core, feed: loanAssetFeedConfig(feeds.usdc), sequencerFeed });
    for (const method of ["propose", "execute"] as const) {
      const selector = chain.book.interface.getFunction(method).selector;
      await chain.manager.getFunction("setTargetFunctionRole")(chain.book, [selector], CURATOR);
    }
    await chain.manager.getFunction("grantRole")(CURATOR, market.curator, 0n);
    const dollar = await deployMock<TestFeed>("TestFeed", 8, ONE_DOLLAR);
    const newFeed = { ...loanAssetFeedConfig(dollar), feed: await dollar.getAddress() };
    const onChain = { ...market, ...chain, feeds: { ...feeds, dollar } };
    await carryOut(onChain, chain.book, bookAction("replaceLoanAssetFeed", [newFeed]), 14n * DAY);
    await sequencerFeed.set(1n);
    await clock.advance(3_600n);
    await dollar.set(ONE_DOLLAR);
    // Asked before the limit of a loan without pledges: the sequencer comes first.
    await expect(chain.book.connect(borrower).open((BigInt(borrower.address) << 96n) | 1n, [], usdc("100"), borrower))
      .to.be.revertedWithCustomError(chain.book, "SequencerNotReady")
      .withArgs(0n, 3_600n);
  });

  it("a feed that its curator can silence is not replaced early for a silence at one step, nor for two different ones", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, curator, feeds } = market;
    const hostile = await deployMock<TestFeed>("TestFeed", 8, dollars("50,000"));
    const action = bookAction("replaceFeeds", [WETH, await limits(hostile, "10", "100,000"), NO_FEED]);
    const old = clock.now();
    await clock.advance(FEED_AGE + 1n); // stale at the first step
    await hostile.set(dollars("50,000"));
    await book.connect(curator).propose(action);
    const notReady = async (): Promise<void> => {
      await hostile.set(dollars("50,000"));
      await expect(book.connect(curator).execute(action)).to.be.revertedWithCustomError(book, "ProposalNotReady");
    };
    await clock.advance(3n * DAY);
    await feeds.weth.setMode(FeedMode.revert); // broken at the second
    await notReady();
    await feeds.weth.setMode(FeedMode.answer);
    await feeds.weth.setAt(dollars("2,000"), old + 1n); // stale, but not since the same update
    await notReady();
    await feeds.weth.setAt(dollars("9"), old); // outside its bounds
    await notReady();
    await feeds.weth.set(dollars("2,000"));
    await notReady();
    await feeds.weth.setAt(dollars("2,000"), old); // dead all the time, as far as anybody can tell
    await book.connect(curator).execute(action);
    expect((await book.listings(WETH)).feed.feed).to.equal(await hostile.getAddress());
  });

  // A library that can be called directly, and killed (Parity, 2017).
  it("the library does nothing when it is called directly, and can neither destroy itself nor call out as another", async () => {
    const library = await (await ethers.deployContract("ListingAdmin")).getAddress();
    const { deployedBytecode } = await artifacts.readArtifact("ListingAdmin");
    const code = ethers.getBytes(deployedBytecode);
    const selectors = new Set<string>();
    for (let i = 0; i < code.length; i++) {
      const opcode = code[i] ?? 0;
      if (opcode === 0x63) selectors.add(ethers.hexlify(code.slice(i + 1, i + 5)));
      if (opcode >= 0x60 && opcode <= 0x7f) i += opcode - 0x5f;
      else expect([0xf0, 0xf1, 0xf2, 0xf4, 0xf5, 0xff], `opcode at ${String(i)}`).not.to.include(opcode);
    }
    expect(selectors.size).to.be.gt(5);
    const [anyone] = await ethers.getSigners();
    const token = await (await deployMock<TestFeed>("TestToken", "T", "T", 18)).getAddress();
    for (const words of [[], Array<string>(40).fill(toBeHex(1n, 32)), Array<string>(40).fill(toBeHex(token, 32))]) {
      for (const selector of selectors) {
        await anyone
          ?.sendTransaction({ to: library, data: concat([selector, ...words]), gasLimit: 2_000_000n })
          .catch(() => undefined);
      }
    }
    for (let slot = 0; slot < 20; slot++) {
      expect(BigInt(await ethers.provider.getStorage(library, slot)), `slot ${String(slot)}`).to.equal(0n);
    }
    const logs = await ethers.provider.getLogs({ address: library, fromBlock: 0 });
    expect(logs).to.deep.equal([]);
    expect(await ethers.provider.getCode(library)).not.to.equal("0x");
  });
});

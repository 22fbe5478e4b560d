import { expect } from "chai";
import { Interface, MaxUint256, type BaseContract } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { clock, DAY, networkHelpers } from "../helpers/chain.ts";
import {
  amountBetween,
  at,
  FEED_AGE,
  idOf,
  LINK,
  lensMarket,
  refusalOf,
  someLoans,
  wait,
  type LensMarket,
  type LensOptions,
} from "../helpers/lens.ts";
import {
  deployMarket,
  dollars,
  link,
  openLoan,
  standardMarket,
  usdc,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { FeedMode, type CallbackActor, type TestFeed } from "../helpers/mocks.ts";
import { pairedMarket, tell, type PairedMarket } from "../helpers/pairs.ts";
import { greedyOrder } from "./scene.ts";
import { outcomesOf, traceOf, tracesOf, twinOf, type Order, type Twin } from "../helpers/library-twin.ts";

const VARIANTS: LensOptions[] = [
  { assetDecimals: 0, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 0, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 18, hasSecond: true, hasSequencer: true },
  { assetDecimals: 18, etherDecimals: 6, hasSecond: true, hasPeg: false },
];

/** How often each loan is put under pressure, and how many orders are tried each time. */
const ROUNDS = 4;
const TRIES = 5;

type Scene = LensMarket & { twin: Twin };

async function sceneOf(options: LensOptions): Promise<Scene> {
  const market = await lensMarket(options);
  await wait(market, 30n * DAY); // terms need an average that has grown
  const { vault, book, keeper, asset, collateral } = market;
  const contracts = [vault, book, asset, ...collateral.map(({ token }) => token)];
  return { ...market, twin: await twinOf({ vault, book, keeper, contracts }) };
}

/** Two loans for twenty days: on ether, and on all three assets. */
async function termLoans(market: LensMarket, random: Random): Promise<bigint[]> {
  const { book, borrower, unit, collateral } = market;
  const ids: bigint[] = [];
  for (const count of [1, 3]) {
    const id = idOf(borrower, 10n + BigInt(count));
    const pledges = collateral.slice(0, count).map(({ listing, whole }) => {
      const amount = (whole * amountBetween(random, 100n, 900n)) / (listing === 1n ? 1_000n : 100n);
      return { listing, amount };
    });
    const limit = (
      await Promise.all(pledges.map(async ({ listing, amount }) => worth(market, listing, amount)))
    ).reduce((sum, value) => sum + value, 0n);
    const amount = (limit * amountBetween(random, 600n, 980n)) / 1_000n + amountBetween(random, 0n, unit);
    const term = { duration: 20n * DAY, maxRate: MaxUint256 };
    await book.connect(borrower).openTerm(id, pledges, amount, term, borrower);
    ids.push(id);
  }
  return ids;
}

/** What an amount of a listing lets a loan borrow. [asset] */
async function worth({ book }: LensMarket, listing: bigint, amount: bigint): Promise<bigint> {
  const { terms } = await book.listings(listing);
  return (((amount * (await book.pricesOf(listing)).forBorrowing) / 10n ** 36n) * terms.borrowLtv) / 10_000n;
}

/**
 * Prices move apart, sources fail, and then all prices move together until the loan is at, or not far from, its liquidation line.
 */
async function press(scene: Scene, random: Random, id: bigint): Promise<void> {
  const { book, loanFeed, collateral } = scene;
  await wait(scene, amountBetween(random, 0n, 5n * DAY));
  await loanFeed.setMode(random.uniform() < 0.1 ? FeedMode.revert : FeedMode.answer);
  await loanFeed.set(amountBetween(random, 97_000_000n, 103_000_000n));
  const answers: [feed: TestFeed, answer: bigint][] = [];
  for (const { feed, second, answer } of collateral) {
    const moved =
      (answer("1000") * amountBetween(random, 500n, 2_000n)) / 1_000n / (feed === collateral[2].feed ? 50n : 1n);
    const apart = (moved * amountBetween(random, 965n, 1_035n)) / 1_000n;
    for (const [source, said] of [[feed, moved] as const, [second, apart] as const]) {
      if (source === undefined) continue;
      await source.setMode(random.uniform() < 0.07 ? FeedMode.revert : FeedMode.answer);
      await source.set(said);
      answers.push([source, said]);
    }
  }
  const { debt, liquidationLine } = await book.healthOf(id);
  if (liquidationLine === 0n || liquidationLine === MaxUint256) return;
  const depth = random.pick([
    [999n, 1],
    [1_000n, 2],
    [amountBetween(random, 1_001n, 1_150n), 8],
    [amountBetween(random, 1_150n, 1_400n), 2],
  ]);
  for (const [source, said] of answers) {
    const updatedAt = clock.now() - (random.uniform() < 0.05 ? FEED_AGE + 1n : 0n);
    await source.setAt((said * debt * 1_000n) / (liquidationLine * depth), updatedAt);
  }
}

/** One of the listings that a loan pledges; now and then one that it does not. */
async function aListing({ book, collateral }: Scene, random: Random, id: bigint): Promise<bigint> {
  const { pledged } = await book.loan(id);
  const listed = collateral.map(({ listing }) => listing).filter((listing) => (pledged >> listing) % 2n === 1n);
  const choice = random.uniform() < 0.05 ? [0n, 1n, 2n, 39n, 2n ** 255n] : listed;
  return at(choice, Math.floor(random.uniform() * choice.length));
}

/** Orders for one pledge: whole and in crumbs, and about every border that an order can have. */
async function ordersFor(scene: Scene, random: Random, id: bigint, listing: bigint): Promise<Order[]> {
  const { twin, book, unit } = scene;
  const all = { id, listing, maxRepay: MaxUint256, minSeized: 0n };
  const { repaid, seized } = (await outcomesOf(twin, all)).library;
  const debt = await book.debtOf(id);
  const sizes = [
    ...[0n, 1n, debt, debt - 1n, debt + 1n],
    amountBetween(random, 1n, debt),
    debt - amountBetween(random, 0n, unit * 120n),
    debt - unit * 100n + amountBetween(random, 0n, 2n), // leaves the smallest loan, or a unit less
  ];
  if (repaid > 0n) sizes.push(repaid, repaid - 1n, repaid - amountBetween(random, 0n, unit * 7n));
  const orders = sizes.filter((size) => size >= 0n).map((maxRepay): Order => ({ ...all, maxRepay }));
  const bounds = [seized, seized + 1n, MaxUint256].map((minSeized): Order => ({ ...all, minSeized }));
  const tried = Array.from({ length: TRIES }, () =>
    at([...orders, ...orders, ...bounds], Math.floor(random.uniform() * (orders.length * 2 + bounds.length))),
  );
  return [all, ...tried];
}

describe("A plain liquidation in the book", () => {
  for (const [position, options] of VARIANTS.entries()) {
    const { assetDecimals = 6, etherDecimals = 18 } = options;
    const fixture = async (): Promise<Scene> => sceneOf(options);

    it(`is the library's, or its refusal, to the unit: ${String(assetDecimals)} and ${String(etherDecimals)} decimals`, async () => {
      const refusals = new Set<string>();
      let [plain, other, traced] = [0, 0, 0];
      const random = new Random(9_100 + position);
      const scene = await networkHelpers.loadFixture(fixture);
      const { twin, book, keeper } = scene;
      const ids = [...(await someLoans(scene, random)), ...(await termLoans(scene, random))];
      for (let round = 0; round < ROUNDS; round++) {
        for (const id of ids) {
          await press(scene, random, id);
          if (random.uniform() < 0.1) await refusalOf(async () => book.connect(keeper).callMargin(id));
          const listing = await aListing(scene, random, id);
          const pledged = await book.pledgeOf(id, listing);
          const debt = await book.debtOf(id);
          const loan = await book.loan(id);
          const isCalled = loan.flags !== 0n;
          const isLast = loan.pledged === 1n << (listing % 256n);
          let filled: Order | undefined;
          for (const order of await ordersFor(scene, random, id, listing)) {
            const outcomes = await outcomesOf(twin, order);
            expect(outcomes.book).to.deep.equal(outcomes.library);
            const { repaid, seized, refusal } = outcomes.library;
            if (refusal !== "") refusals.add(book.interface.parseError(refusal)?.name ?? refusal);
            // What is plain needs no library, and nothing else does without.
            const isPlain = refusal === "" && !isCalled && (repaid === debt || seized < pledged || !isLast);
            expect(outcomes.plain).to.deep.equal(isPlain ? outcomes.library : undefined);
            if (isPlain) plain++;
            else other++;
            if (isPlain && (filled === undefined || random.uniform() < 0.3)) filled = order;
          }
          if (filled === undefined) continue;
          const traces = await tracesOf(twin, filled);
          expect(traces.book).to.deep.equal(traces.library);
          expect(traces.book).to.deep.equal(traces.batch);
          traced++;
          const { repaid } = (await outcomesOf(twin, filled)).book;
          if (repaid < debt) await book.connect(keeper).liquidate(filled, "0x"); // what is left is pressed again
        }
      }
      expect(plain, "plain").to.be.above(25);
      expect(other, "other").to.be.above(25);
      expect(traced, "traced").to.be.above(6);
      expect([...refusals]).to.include("SeizedBelowMin");
    });
  }
});

const HOOKS = new Interface(["function setHooked(bool hooked)"]);

/** States of two sources of an asset. */
const SOURCES = [
  ["live", "live"],
  ["apart", "live"],
  ["live", "apart"],
  ["silent", "live"],
  ["live", "silent"],
  ["silent", "silent"],
  ["old", "live"],
  ["old", "apart"],
  ["old", "old"],
] as const;

async function withTwin<T extends Market>(market: T): Promise<T & { twin: Twin }> {
  const { vault, book, keeper, usdc: asset, weth: ether, wbtc, link } = market;
  return { ...market, twin: await twinOf({ vault, book, keeper, contracts: [vault, book, asset, ether, wbtc, link] }) };
}

/** Ten ether beside 14,620, at a price at which that is the liquidation line. */
async function loanOnItsLine(): Promise<Market & { twin: Twin; id: bigint }> {
  const market = await withTwin(await standardMarket());
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("14,620") });
  await market.feeds.weth.set(dollars("1,700"));
  return { ...market, id };
}

/** Ether of one source and of two, bitcoin of two and LINK, all of which carry 39,500. */
async function fourPledges(): Promise<PairedMarket & { twin: Twin; id: bigint }> {
  const market = await withTwin(await pairedMarket());
  const { pairs } = market;
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [pairs.ether.listing, weth("10")],
    [pairs.bitcoin.listing, wbtc("0.2")],
    [LINK, link("100")],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("39,500") });
  return { ...market, id };
}

/** Two loans that can be liquidated, whose ether calls back whoever gets it, if he wants. */
async function hookedEther(): Promise<Market & { twin: Twin; actor: CallbackActor; id: bigint; second: bigint }> {
  const market = await withTwin(await deployMarket({ contracts: { weth: "HookToken" } }));
  const [id, second] = [
    await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,500") }),
    await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("14,900"), number: 2n }),
  ];
  await market.feeds.weth.set(dollars("1,700"));
  const actor = await deployActor(market);
  await market.usdc.mint(actor, usdc("100,000"));
  await market.weth.mint(actor, weth("10"));
  return { ...market, actor, id, second };
}

describe("Attacks on a plain liquidation", () => {
  it("a loan that owes its line to the unit is not to be had; a unit of a price lower it is, plainly", async () => {
    const { twin, feeds, id } = await networkHelpers.loadFixture(loanOnItsLine);
    const order = greedyOrder(id);
    const there = await outcomesOf(twin, order);
    expect(there.book).to.deep.equal(there.library);
    expect(twin.book.interface.parseError(there.book.refusal)?.name).to.equal("NotLiquidatable");
    await feeds.weth.set(dollars("1,700") - 1n);
    const below = await outcomesOf(twin, order);
    expect(below.plain).to.deep.equal(below.library);
    expect(below.book).to.deep.equal(below.library);
    // Nothing or next to nothing over the line: the bonus is next to nothing too.
    expect(below.book.seized * dollars("1,700")).to.be.within(
      below.book.repaid * 10n ** 20n - 10n ** 24n,
      below.book.repaid * 10n ** 20n + 10n ** 24n,
    );
  });

  it("four pledges with sources apart, silent and old are judged as the library judges them", async () => {
    const market = await networkHelpers.loadFixture(fourPledges);
    const { twin, pairs, feeds, id } = market;
    const plain = new Set<string>();
    for (const [first, second] of SOURCES) {
      for (const ether of ["1,690", "1,400", "1,100"]) {
        await tell(pairs.ether, ether, ether);
        await tell(pairs.bitcoin, "50,000", "50,000");
        await feeds.weth.set(dollars(ether));
        for (const [source, state] of [
          [pairs.ether.first, first],
          [pairs.ether.second, second],
          [pairs.bitcoin.first, second],
        ] as const) {
          await source.feed.setMode(state === "silent" ? FeedMode.revert : FeedMode.answer);
          const answer = await source.feed.answer();
          if (state === "apart") await source.feed.set((answer * 97n) / 100n);
          if (state === "old") await source.feed.setAt(answer, clock.now() - FEED_AGE - 1n);
        }
        for (const listing of [WETH, pairs.ether.listing, pairs.bitcoin.listing, LINK]) {
          for (const maxRepay of [MaxUint256, usdc("1,234.567891")]) {
            const order = greedyOrder(id, listing, maxRepay);
            const outcomes = await outcomesOf(twin, order);
            expect(outcomes.book, `${first} ${second} ${ether}`).to.deep.equal(outcomes.library);
            if (outcomes.plain === undefined) continue;
            expect(outcomes.plain).to.deep.equal(outcomes.library);
            plain.add(`${first} ${second}`);
          }
        }
      }
    }
    expect([...plain]).to.include.members(["live live", "apart live", "silent live", "old apart", "old old"]);
  });

  it("a callback and the hooks of a token find the same books as in a batch of one, and may do the same", async () => {
    const scene = await networkHelpers.loadFixture(hookedEther);
    const { book, vault, twin, actor, id, second } = scene;
    const self = await actor.getAddress();
    const order = greedyOrder(id, WETH, usdc("3,000"));
    const again = greedyOrder(id, WETH, usdc("1,000"));
    const nested: [target: BaseContract, data: string][] = [
      [book, encode(book, "liquidate", [again, "0x"])],
      [book, encode(book, "liquidate", [greedyOrder(second, WETH, usdc("2,000")), "0x01"])],
      [book, encode(book, "pledge", [id, WETH, weth("0.1")])],
      [book, encode(book, "repay", [id, usdc("1,000")])],
      [book, encode(book, "callMargin", [second])],
      [vault, encode(vault, "deposit", [usdc("10"), self])],
      [vault, encode(vault, "flashLoan", [self, await scene.usdc.getAddress(), usdc("100"), "0x"])],
    ];
    const views: [target: BaseContract, data: string][] = [
      [book, encode(book, "debtOf", [id])],
      [book, encode(book, "healthOf", [id])],
      [book, encode(book, "listings", [WETH])],
      [vault, encode(vault, "totalAssets", [])],
      [vault, encode(vault, "accruedState", [])],
      [scene.weth, encode(scene.weth, "balanceOf", [self])],
    ];
    const calls = {
      single: encode(book, "liquidate", [order, "0x01"]),
      batch: encode(book, "liquidateBatch", [[order], "0x01"]),
    };
    for (const isHooked of [false, true]) {
      await actor.run(scene.weth, HOOKS.encodeFunctionData("setHooked", [isHooked]));
      for (const step of nested) {
        const found: unknown[] = [];
        for (const call of Object.values(calls)) {
          const outcomes: unknown[] = [];
          const trace = await traceOf(twin, async () => {
            await actor.prepare([...views, step, ...views].map(([target, data]) => ({ target, data })));
            const sent = await actor.run(book, call, AMPLE_GAS);
            outcomes.push(
              (await actor.outcomes()).map(String),
              await actor.callbacks(),
              await actor.repaidInCallback(),
            );
            return sent.wait();
          });
          found.push({ trace, outcomes });
          expect(String(outcomes[0])).to.include("true,0x");
        }
        expect(found[0]).to.deep.equal(found[1]);
      }
    }
  });

  it("no amount of gas makes it another one, whatever its feeds use of theirs", async () => {
    const { twin, pairs, feeds, book, keeper, id } = await networkHelpers.loadFixture(fourPledges);
    await feeds.weth.set(dollars("1,200"));
    await tell(pairs.ether, "1,200", "1,150"); // apart
    await tell(pairs.bitcoin, "40,000", "40,000");
    const order = greedyOrder(id, WETH, usdc("2,000"));
    for (const isCalled of [false, true]) {
      if (isCalled) await book.connect(keeper).callMargin(id); // so that it is the library's
      const { book: expected, plain } = await outcomesOf(twin, order);
      expect(expected.refusal).to.equal("");
      expect(plain === undefined).to.equal(isCalled);
      for (const mode of [FeedMode.answer, FeedMode.answerLate]) {
        for (const { feed } of [pairs.ether.first, pairs.ether.second, pairs.bitcoin.first]) await feed.setMode(mode);
        const outcomes = new Set<string>();
        const step = mode === FeedMode.answer ? 29_000n : 97_000n; // the others burn all that they get
        for (let gasLimit = 150_000n; gasLimit < 2_100_000n; gasLimit += step) {
          try {
            const [repaid, seized] = await book.connect(keeper).liquidate.staticCall(order, "0x", { gasLimit });
            outcomes.add(`${String(repaid)} ${String(seized)}`);
          } catch (error) {
            const data: unknown = error instanceof Error && "data" in error ? error.data : undefined;
            const name =
              typeof data === "string" && data.length > 2 ? book.interface.parseError(data)?.name : undefined;
            if (name !== undefined) outcomes.add(name);
          }
        }
        expect([...outcomes].sort()).to.deep.equal([
          `${String(expected.repaid)} ${String(expected.seized)}`,
          "InsufficientGas",
        ]);
      }
    }
  });
});

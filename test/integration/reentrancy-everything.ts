import { expect } from "chai";
import { MaxUint256, ZeroAddress, ZeroHash } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { ethers, networkHelpers } from "../helpers/chain.ts";
import { interfaceOf } from "../helpers/contracts.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import {
  deployMarket,
  dollars,
  loanId,
  openLoan,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import type { CallbackActor, HookToken } from "../helpers/mocks.ts";

type Target = "vault" | "book";

interface Call {
  target: Target;
  name: string;
  args: unknown[];
}

interface Scene extends Market {
  actor: CallbackActor;
  self: string;
  loans: bigint[];
  /** Calls in which the token that calls back moves, from the actor or to it. */
  outer: Call[];
  /** A call of every function that changes anything, each of which would do something if it stood alone. */
  inner: Call[];
}

/** What only the authority's roles or the book may call: refused to the actor wherever it stands. */
const OFFICERS = [
  ["vault", "cancel", [ZeroHash]],
  ["vault", "cancelAll", []],
  ["vault", "draw", [1n, 1n, ZeroAddress]],
  ["vault", "execute", ["0x12345678"]],
  ["vault", "lowerDepositCap", [0n]],
  ["vault", "pause", [0n]],
  ["vault", "propose", ["0x12345678"]],
  ["vault", "repaid", [1n, 1n, 1n]],
  ["vault", "setAuthority", [ZeroAddress]],
  ["vault", "sweepReserves", []],
  ["vault", "unpause", [0n]],
  ["book", "cancel", [ZeroHash]],
  ["book", "cancelAll", []],
  ["book", "execute", ["0x12345678"]],
  ["book", "lowerCap", [WETH, 0n]],
  ["book", "propose", ["0x12345678"]],
  ["book", "retire", [WETH]],
  ["book", "setAuthority", [ZeroAddress]],
] as const;

/** The actor is lender, borrower and liquidator at once; others have as much at stake. Ether stands at 1,750. */
async function scene(hooked: "usdc" | "weth"): Promise<Scene> {
  const market = await deployMarket({ contracts: { [hooked]: "HookToken" } });
  const { book, vault, feeds, stranger } = market;
  const actor = await deployActor(market);
  const self = await actor.getAddress();
  const token = market[hooked] as HookToken;
  await market.usdc.mint(actor, usdc("200,000"));
  await market.weth.mint(actor, weth("100"));
  await market.wbtc.mint(actor, wbtc("10"));
  const own = loanId(self);
  const victim = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
  const bystander = await openLoan(market, { pledges: [[WETH, weth("100")]], amount: usdc("50,000"), owner: stranger });
  const pledges = [
    { listing: WETH, amount: weth("10") },
    { listing: WBTC, amount: wbtc("1") },
  ];
  await actor.run(book, encode(book, "open", [own, pledges, usdc("20,000"), self]));
  await actor.run(vault, encode(vault, "deposit", [usdc("50,000"), self]));
  await feeds.weth.set(dollars("1,750"));
  await actor.run(token, encode(token, "setHooked", [true]));

  const order = { id: victim, listing: WETH, maxRepay: usdc("4,000"), minSeized: 0n };
  const more = [{ listing: WETH, amount: weth("5") }];
  const second = loanId(self, 2n);
  const bad = { v: 27, r: ZeroHash, s: ZeroHash };
  const release = encode(book, "release", [own, WETH, weth("1"), self]);
  const borrow = encode(book, "borrow", [own, usdc("1,000"), self]);
  const open = (id: bigint): Call => ({ target: "book", name: "open", args: [id, more, usdc("2,000"), self] });
  const lending: Call[] = [
    { target: "vault", name: "deposit", args: [usdc("3,000"), self] },
    { target: "vault", name: "mint", args: [usdc("2,000") * 10n ** 6n, self] },
    { target: "vault", name: "withdraw", args: [usdc("30,000"), self, self] },
    { target: "vault", name: "redeem", args: [usdc("40,000") * 10n ** 6n, self, self] },
  ];
  const borrowing: Call[] = [
    { target: "book", name: "borrow", args: [own, usdc("30,000"), self] },
    { target: "book", name: "repay", args: [own, usdc("5,000")] },
    { target: "book", name: "close", args: [own, MaxUint256, self] },
  ];
  const pledging: Call[] = [
    { target: "book", name: "pledge", args: [own, WETH, weth("3")] },
    { target: "book", name: "release", args: [own, WETH, weth("7"), self] },
  ];
  const liquidating: Call[] = [
    { target: "book", name: "liquidate", args: [order, "0x"] },
    { target: "book", name: "liquidateBatch", args: [[order, { ...order, maxRepay: MaxUint256 }], "0x"] },
    { target: "book", name: "liquidate", args: [order, "0x01"] }, // with the callback between the transfers
  ];
  const [, , close] = borrowing;
  if (close === undefined) throw new RangeError("There are three calls.");
  const outer = [
    ...(hooked === "usdc" ? [...lending, ...borrowing] : [...pledging, close]),
    open(second),
    ...liquidating,
  ];
  const inner: Call[] = [
    ...lending,
    ...borrowing,
    ...pledging,
    ...liquidating.slice(0, 2),
    open(own),
    open(loanId(self, 3n)),
    { target: "book", name: "writeOff", args: [victim] },
    { target: "book", name: "setAuthorization", args: [stranger.address, true] },
    { target: "book", name: "permit", args: [await token.getAddress(), 1n, MaxUint256, bad.v, bad.r, bad.s] },
    { target: "book", name: "multicall", args: [[release, borrow]] },
    { target: "vault", name: "accrue", args: [] },
    { target: "vault", name: "approve", args: [stranger.address, 1n] },
    { target: "vault", name: "transfer", args: [self, usdc("1") * 10n ** 6n] },
    { target: "vault", name: "transferFrom", args: [stranger.address, self, 1n] },
    { target: "vault", name: "permit", args: [self, stranger.address, 1n, MaxUint256, bad.v, bad.r, bad.s] },
  ];
  return { ...market, actor, self, loans: [own, second, loanId(self, 3n), victim, bystander], outer, inner };
}

async function hookedLoanAsset(): Promise<Scene> {
  return scene("usdc");
}

async function hookedCollateral(): Promise<Scene> {
  return scene("weth");
}

/** What the actor has, its loans and the loan that it may liquidate included: a bonus is a gift within this circle. [asset] */
async function wealth(scene: Scene): Promise<bigint> {
  const { vault, book, self, loans } = scene;
  const prices = { weth: 1_750n, wbtc: 60_000n };
  let ether = await scene.weth.balanceOf(self);
  let bitcoin = await scene.wbtc.balanceOf(self);
  let found = (await scene.usdc.balanceOf(self)) + (await vault.convertToAssets(await vault.balanceOf(self)));
  for (const id of loans.slice(0, -1)) {
    ether += await book.pledgeOf(id, WETH);
    bitcoin += await book.pledgeOf(id, WBTC);
    found -= await book.debtOf(id);
  }
  found += (ether * prices.weth * usdc("1")) / weth("1");
  return found + (bitcoin * prices.wbtc * usdc("1")) / wbtc("1");
}

async function bystanders({ vault, book, loans, lender, stranger }: Scene): Promise<unknown[]> {
  const id = loans.at(-1) ?? 0n;
  const worth = await vault.convertToAssets(await vault.balanceOf(lender));
  return [await book.loan(id), await book.pledgeOf(id, WETH), worth, await vault.balanceOf(stranger)];
}

for (const [title, fixture] of [
  ["loan asset", hookedLoanAsset],
  ["collateral", hookedCollateral],
] as const) {
  describe(`Re-entrancy from a ${title} that calls back, into everything`, () => {
    it("knows a call of every function", async () => {
      const { inner } = await networkHelpers.loadFixture(fixture);
      for (const [target, contract] of [
        ["vault", "LenderVault"],
        ["book", "LoanBook"],
      ] as const) {
        const functions = (await interfaceOf(contract)).fragments.filter((fragment) => fragment.type === "function");
        const names: string[] = [];
        for (const fragment of functions) {
          if (ethers.FunctionFragment.isFunction(fragment) && !fragment.constant) names.push(fragment.name);
        }
        const called = [
          ...inner.filter((call) => call.target === target).map(({ name }) => name),
          ...OFFICERS.filter(([owner]) => owner === target).map(([, name]) => name as string),
        ];
        expect([...new Set(called)].sort()).to.deep.equal(names.sort());
      }
    });

    it("leaves the books balanced, gains nothing, and touches nobody else's", async () => {
      const { outer, inner } = await networkHelpers.loadFixture(fixture);
      let succeeded = 0;
      for (const entry of outer) {
        for (const call of inner) {
          const scene = await networkHelpers.loadFixture(fixture);
          const { actor } = scene;
          const before = await wealth(scene);
          const others = await bystanders(scene);
          await actor.prepare([{ target: scene[call.target], data: encode(scene[call.target], call.name, call.args) }]);
          const path = `${entry.name} > ${call.name}`;

          const target = scene[entry.target];
          await actor.run(target, encode(target, entry.name, entry.args), AMPLE_GAS).catch(ignoreRevert);

          await expectInvariants(scene, scene.loans);
          // Each value is rounded down once for each loan.
          expect(await wealth(scene), path).to.be.at.most(before + 5n);
          expect(await bystanders(scene), path).to.deep.equal(others);
          for (const { success } of await actor.outcomes()) if (success) succeeded++;
        }
      }
      // Most calls are allowed in the middle of others; that many is what makes this a test.
      expect(succeeded).to.be.above((outer.length * inner.length) / 2);
    });

    it("lets nobody act for an officer or for the book", async () => {
      const { outer } = await networkHelpers.loadFixture(fixture);
      for (const entry of outer) {
        const scene = await networkHelpers.loadFixture(fixture);
        const plan = OFFICERS.map(([owner, name, args]) => ({
          target: scene[owner],
          data: encode(scene[owner], name, args),
        }));
        await scene.actor.prepare(plan);
        const target = scene[entry.target];
        await scene.actor.run(target, encode(target, entry.name, entry.args), AMPLE_GAS);
        const outcomes = await scene.actor.outcomes();
        expect(outcomes.map(({ result }) => errorName(scene, result))).to.deep.equal(
          OFFICERS.map(([owner, name]) => {
            if (owner === "vault" && (name === "draw" || name === "repaid")) return "CallerNotBook";
            return "AccessManagedUnauthorized";
          }),
        );
      }
    });
  });
}

describe("A pledge in the middle of a pledge", () => {
  it("finds the book short of what is still on its way, is refused, and loses nothing", async () => {
    const scene = await networkHelpers.loadFixture(hookedCollateral);
    const { book, actor, self, loans } = scene;
    const [own] = loans;
    const held = await scene.weth.balanceOf(book);
    const purse = await scene.weth.balanceOf(self);
    await actor.prepare([{ target: book, data: encode(book, "pledge", [own, WETH, weth("2")]) }]);

    await actor.run(book, encode(book, "pledge", [own, WETH, weth("3")]), AMPLE_GAS);

    const [inner] = await actor.outcomes();
    const refusal = book.interface.parseError(inner?.result ?? "0x");
    expect(refusal?.name).to.equal("TokenShort");
    // The books have both, the book has only what the inner call brought.
    expect(refusal?.args.toArray()).to.deep.equal([WETH, held + weth("2"), held + weth("5")]);
    expect(await scene.weth.balanceOf(self)).to.equal(purse - weth("3"));
    expect(await book.pledgeOf(own ?? 0n, WETH)).to.equal(weth("13"));
    await expectInvariants(scene, loans);
  });
});

function errorName({ vault, book }: Scene, result: string): string | undefined {
  return (vault.interface.parseError(result) ?? book.interface.parseError(result))?.name;
}

/** An inner call may take what the outer one needs: then nothing has happened at all. */
function ignoreRevert(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes("revert")) throw error;
}

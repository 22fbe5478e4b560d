import { expect } from "chai";
import { isHexString, ZeroAddress, ZeroHash } from "ethers";

import { AMPLE_GAS, encode } from "../helpers/actor.ts";
import { ethers, networkHelpers } from "../helpers/chain.ts";
import { interfaceOf } from "../helpers/contracts.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { debts, usdc, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { reentrancyScene, type Scene } from "../helpers/reentrancy-scene.ts";

/** What only the authority's roles or the book may call: refused to the actor wherever it stands. */
const OFFICERS = [
  ["vault", "accrueDebt", []],
  ["vault", "cancel", [ZeroHash]],
  ["vault", "cancelAll", []],
  ["vault", "draw", [ZeroAddress, 1n, debts({})]],
  ["vault", "execute", ["0x12345678"]],
  ["vault", "lowerDepositCap", [0n]],
  ["vault", "pause", [0n]],
  ["vault", "propose", ["0x12345678"]],
  ["vault", "refinanced", [debts({}), debts({}), 1n, 0n, 0n, ZeroAddress]],
  ["vault", "retire", [debts({}), 1n, 0n]],
  ["vault", "setAuthority", [ZeroAddress]],
  ["vault", "sweepReserves", []],
  ["vault", "unpause", [0n]],
  ["vault", "writeOff", [debts({})]],
  ["book", "cancel", [ZeroHash]],
  ["book", "cancelAll", []],
  ["book", "execute", ["0x12345678"]],
  ["book", "lowerCap", [WETH, 0n]],
  ["book", "propose", ["0x12345678"]],
  ["book", "retire", [WETH]],
  ["book", "setAuthority", [ZeroAddress]],
] as const;

/** Of these, what only the book may call. */
const BOOKS = new Set<string>(["accrueDebt", "draw", "refinanced", "retire", "writeOff"]);

async function hookedLoanAsset(): Promise<Scene> {
  return reentrancyScene("usdc");
}

async function hookedCollateral(): Promise<Scene> {
  return reentrancyScene("weth");
}

type Stake = Omit<Scene, "inner" | "outer">;

/** What the actor has, its loans and the loan that it may liquidate included: a bonus is a gift within this circle. [asset] */
async function wealth(scene: Stake): Promise<bigint> {
  const { vault, book, self, loans } = scene;
  const prices = { weth: 1_750n, wbtc: 60_000n };
  let ether = (await scene.weth.balanceOf(self)) + (await book.creditOf(self, WETH));
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

async function bystanders({ vault, book, loans, lender, stranger }: Stake): Promise<unknown[]> {
  const id = loans.at(-1) ?? 0n;
  const shares = [await vault.balanceOf(lender), await vault.balanceOf(stranger)];
  return [await book.loan(id), await book.pledgeOf(id, WETH), ...shares];
}

/** What the other lender's shares are worth. [asset] */
async function worth({ vault, lender }: Stake): Promise<bigint> {
  return vault.convertToAssets(await vault.balanceOf(lender));
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

    it("knows calls that do something, but for four that are refused everywhere", async () => {
      const scene = await networkHelpers.loadFixture(fixture);
      const { actor, inner } = scene;
      const refused: string[] = [];
      for (const { target, name, args } of inner) {
        const data = encode(scene[target], name, args);
        await actor.run.staticCall(scene[target], data, AMPLE_GAS).catch((error: unknown) => {
          refused.push(`${name}: ${errorName(scene, revertDataOf(error)) ?? "none"}`);
        });
      }
      expect(refused).to.deep.equal([
        "open: LoanExists",
        "writeOff: NotWorthless",
        "transferFrom: ERC20InsufficientAllowance",
        "permit: ECDSAInvalidSignature",
      ]);
    });

    it("leaves the books balanced, gains nothing, and touches nobody else's", async () => {
      const { outer, inner, ...start } = await networkHelpers.loadFixture(fixture);
      const before = await wealth(start);
      const others = await bystanders(start);
      const lent = await worth(start);
      let succeeded = 0;
      for (const entry of outer) {
        for (const call of inner) {
          const scene = await networkHelpers.loadFixture(fixture);
          const { actor } = scene;
          await actor.prepare([{ target: scene[call.target], data: encode(scene[call.target], call.name, call.args) }]);
          const path = `${entry.name} > ${call.name}`;

          const target = scene[entry.target];
          await actor.run(target, encode(target, entry.name, entry.args), AMPLE_GAS).catch(ignoreRevert);

          await expectInvariants(scene, scene.loans, [scene.self]);
          // Each value is rounded down once for each loan.
          expect(await wealth(scene), path).to.be.at.most(before + 5n);
          expect(await bystanders(scene), path).to.deep.equal(others);
          // A loan that changes its kind is rounded twice, and so is the sum of either kind: all of it is the lenders'.
          expect(await worth(scene), path).to.be.within(lent, lent + 6n);
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
            if (owner === "vault" && BOOKS.has(name)) return "CallerNotBook";
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
    await expectInvariants(scene, loans, [self]);
  });
});

function errorName({ vault, book }: Scene, result: string): string | undefined {
  return (vault.interface.parseError(result) ?? book.interface.parseError(result))?.name;
}

function revertDataOf(error: unknown): string {
  const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined;
  if (!isHexString(data)) throw error;
  return data;
}

/** An inner call may take what the outer one needs: then nothing has happened at all. */
function ignoreRevert(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes("revert")) throw error;
}

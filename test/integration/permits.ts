import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, type BaseContract } from "ethers";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployMarket, loanId, openLoan, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import { deployMock } from "../helpers/mocks.ts";
import { signerNumber } from "../helpers/officers.ts";
import { permitCall, signPermit, submitPermit, type Permit } from "../helpers/permits.ts";

/** Someone with tokens who has approved nothing. */
type Scene = Market & { newcomer: HardhatEthersSigner; id: bigint };

async function withNewcomer(): Promise<Scene> {
  return arrive(await standardMarket());
}

async function marketInDai(): Promise<Scene> {
  return arrive(await deployMarket({ contracts: { usdc: "DaiToken" } }));
}

async function arrive(market: Market): Promise<Scene> {
  const newcomer = await signerNumber(13);
  for (const token of [market.usdc, market.weth]) await token.mint(newcomer, weth("100"));
  return { ...market, newcomer, id: loanId(newcomer) };
}

/** What the newcomer would like to do once the book may take its ether. */
function openCall({ book, newcomer, id }: Scene): string {
  const pledges = [{ listing: WETH, amount: weth("1") }];
  return book.interface.encodeFunctionData("open", [id, pledges, usdc("1,000"), newcomer.address]);
}

async function allowance(token: BaseContract, owner: HardhatEthersSigner, spender: BaseContract): Promise<unknown> {
  return token.getFunction("allowance").staticCall(owner, spender);
}

async function expectNoAllowance(scene: Scene, call: Promise<unknown>): Promise<void> {
  await expect(call)
    .to.be.revertedWithCustomError(scene.weth, "ERC20InsufficientAllowance")
    .withArgs(await scene.book.getAddress(), 0n, weth("1"));
}

describe("Permits", () => {
  it("open a loan with a signature and no approval, in one transaction", async () => {
    const scene = await networkHelpers.loadFixture(withNewcomer);
    const { book, newcomer, id } = scene;
    const permit = permitCall(book, await signPermit(scene.weth, newcomer, book, weth("1")));
    await book.connect(newcomer).multicall([permit, openCall(scene)]);
    expect(await book.debtOf(id)).to.equal(usdc("1,000"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("1"));
    expect(await allowance(scene.weth, newcomer, book)).to.equal(0n);
  });

  it("repay and close a loan in the same way", async () => {
    const scene = await networkHelpers.loadFixture(withNewcomer);
    const { book, newcomer, id } = scene;
    await scene.weth.connect(newcomer).approve(book, weth("1"));
    await openLoan(scene, { owner: newcomer, pledges: [[WETH, weth("1")]], amount: usdc("1,000") });
    const part = permitCall(book, await signPermit(scene.usdc, newcomer, book, usdc("400")));
    const repay = book.interface.encodeFunctionData("repay", [id, usdc("400")]);
    await book.connect(newcomer).multicall([part, repay]);
    expect(await book.debtOf(id)).to.equal(usdc("600"));
    const rest = permitCall(book, await signPermit(scene.usdc, newcomer, book, usdc("600")));
    const close = book.interface.encodeFunctionData("close", [id, MaxUint256, newcomer.address]);
    await book.connect(newcomer).multicall([rest, close]);
    expect(await scene.weth.balanceOf(newcomer)).to.equal(weth("100"));
    expect(await allowance(scene.usdc, newcomer, book)).to.equal(0n);
  });

  it("that somebody has used already do no harm: the approval stands", async () => {
    const scene = await networkHelpers.loadFixture(withNewcomer);
    const { book, newcomer, stranger, id } = scene;
    const permit = await signPermit(scene.weth, newcomer, book, weth("1"));
    await submitPermit(stranger, permit);
    await book.connect(newcomer).multicall([permitCall(book, permit), openCall(scene)]);
    expect(await book.debtOf(id)).to.equal(usdc("1,000"));
  });

  it("of the vault's shares approve the book, which never takes any", async () => {
    const { book, vault, lender } = await networkHelpers.loadFixture(withNewcomer);
    const permit = permitCall(book, await signPermit(vault, lender, book, 5n));
    const before = await vault.balanceOf(lender);
    await book.connect(lender).multicall([permit]);
    expect(await vault.allowance(lender, book)).to.equal(5n);
    expect(await vault.balanceOf(lender)).to.equal(before);
  });

  describe("that fail are ignored, and the pull decides", () => {
    /** Permits that no token takes, each for another reason. */
    const bad: Record<string, (scene: Scene) => Promise<Permit>> = {
      "signed by another": async ({ weth: token, newcomer, book, stranger }) =>
        signPermit(token, newcomer, book, weth("1"), { signer: stranger }),
      "too late": async ({ weth: token, newcomer, book }) =>
        signPermit(token, newcomer, book, weth("1"), { deadline: clock.now() - 1n }),
      "for another spender": async ({ weth: token, newcomer, vault }) => signPermit(token, newcomer, vault, weth("1")),
      "for another amount": async ({ weth: token, newcomer, book }) => ({
        ...(await signPermit(token, newcomer, book, weth("1"))),
        value: weth("2"),
      }),
      "by another owner, shown by the caller": async ({ weth: token, borrower, book }) =>
        signPermit(token, borrower, book, weth("1")),
    };
    for (const [name, sign] of Object.entries(bad)) {
      it(name, async () => {
        const scene = await networkHelpers.loadFixture(withNewcomer);
        const { book, newcomer, id } = scene;
        const bundle = [permitCall(book, await sign(scene)), openCall(scene)];
        await expectNoAllowance(scene, book.connect(newcomer).multicall(bundle));
        await scene.weth.connect(newcomer).approve(book, weth("1"));
        await book.connect(newcomer).multicall(bundle);
        expect(await book.debtOf(id)).to.equal(usdc("1,000"));
      });
    }

    it("one for less than the pull", async () => {
      const scene = await networkHelpers.loadFixture(withNewcomer);
      const { book, newcomer } = scene;
      const permit = permitCall(book, await signPermit(scene.weth, newcomer, book, weth("0.5")));
      await expect(book.connect(newcomer).multicall([permit, openCall(scene)]))
        .to.be.revertedWithCustomError(scene.weth, "ERC20InsufficientAllowance")
        .withArgs(await book.getAddress(), weth("0.5"), weth("1"));
    });
  });

  describe("of what is no ERC-2612 token", () => {
    async function permitOf(scene: Scene, token: string): Promise<string> {
      const signed = await signPermit(scene.weth, scene.newcomer, scene.book, weth("1"));
      return permitCall(scene.book, { ...signed, token });
    }

    it("do nothing where there is no code", async () => {
      const scene = await networkHelpers.loadFixture(withNewcomer);
      const { book, newcomer, stranger, id } = scene;
      await scene.weth.connect(newcomer).approve(book, weth("1"));
      await book.connect(newcomer).multicall([await permitOf(scene, stranger.address), openCall(scene)]);
      expect(await book.debtOf(id)).to.equal(usdc("1,000"));
    });

    it("do nothing where it reverts, at whatever length", async () => {
      const scene = await networkHelpers.loadFixture(withNewcomer);
      const { book, newcomer } = scene;
      const odd = await deployMock("OddPermit");
      const permit = await permitOf(scene, await odd.getAddress());
      for (const mode of [0n, 1n]) {
        await odd.getFunction("set").send(mode, "0x");
        const receipt = await (await book.connect(newcomer).multicall([permit])).wait();
        expect(receipt?.status).to.equal(1);
        // A megabyte costs its maker 2.2 million gas; copying it would cost as much again.
        expect(receipt?.gasUsed).to.be.below(3_000_000n);
      }
      expect(await odd.getFunction("asked").staticCall()).to.equal(0n);
    });

    it("copy nothing where it returns a megabyte", async () => {
      const scene = await networkHelpers.loadFixture(withNewcomer);
      const { book, newcomer } = scene;
      const odd = await deployMock("OddPermit");
      await odd.getFunction("set").send(2n, "0x");
      const permit = await permitOf(scene, await odd.getAddress());
      const receipt = await (await book.connect(newcomer).multicall([permit])).wait();
      expect(await odd.getFunction("asked").staticCall()).to.equal(1n);
      expect(receipt?.gasUsed).to.be.below(3_000_000n);
    });

    it("lend nobody the caller's powers when they call back", async () => {
      const scene = await networkHelpers.loadFixture(withNewcomer);
      const { book, borrower, stranger } = scene;
      const id = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("1,000") });
      const odd = await deployMock("OddPermit");
      const theft = book.interface.encodeFunctionData("release", [id, WETH, 1n, stranger.address]);
      const permit = await permitOf(scene, await odd.getAddress());
      await odd.getFunction("set").send(3n, theft);
      await book.connect(borrower).multicall([permit]);
      expect(await odd.getFunction("asked").staticCall()).to.equal(1n);
      expect(await odd.getFunction("calledBack").staticCall()).to.equal(false);
      // What is anyone's is the token's too.
      await odd.getFunction("set").send(3n, book.interface.encodeFunctionData("multicall", [[]]));
      await book.connect(borrower).multicall([permit]);
      expect(await odd.getFunction("calledBack").staticCall()).to.equal(true);
      expect(await book.pledgeOf(id, WETH)).to.equal(weth("10"));
    });

    it("are ignored by a token like DAI, whose permit is another", async () => {
      const scene = await networkHelpers.loadFixture(marketInDai);
      const { book, newcomer, id } = scene;
      await scene.weth.connect(newcomer).approve(book, weth("1"));
      await openLoan(scene, { owner: newcomer, pledges: [[WETH, weth("1")]], amount: usdc("1,000") });
      const permit = await permitOf(scene, await scene.usdc.getAddress());
      const close = book.interface.encodeFunctionData("close", [id, MaxUint256, newcomer.address]);
      await expect(book.connect(newcomer).multicall([permit, close]))
        .to.be.revertedWithCustomError(scene.usdc, "ERC20InsufficientAllowance")
        .withArgs(await book.getAddress(), 0n, usdc("1,000"));
      expect(await scene.usdc.getFunction("permits").staticCall()).to.equal(0n);
      await scene.usdc.connect(newcomer).approve(book, usdc("1,000"));
      await book.connect(newcomer).multicall([permit, close]);
      expect(await book.debtOf(id)).to.equal(0n);
    });
  });
});

import { expect } from "chai";
import { concat, dataSlice, toBeHex, ZeroAddress } from "ethers";

import { authorizationOf, sign, signAuthorization, type Authorization } from "../helpers/authorizations.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import { deployCore, loanAssetFeedConfig } from "../helpers/market.ts";
import {
  bring,
  expectInvalid,
  expectNothingChanged,
  unsigned,
  type SignatureScene,
} from "../helpers/signature-scene.ts";

describe("Authorizations by signature, refused", () => {
  it("signed by another than the owner, the operator above all", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, operator, stranger, authorization } = scene;
    for (const signer of [operator, stranger]) await expectInvalid(scene, await sign(book, signer, authorization));
  });

  /** What was signed in place of what is shown. */
  const SIGNED: Record<keyof Authorization, (scene: SignatureScene) => Partial<Authorization>> = {
    owner: ({ stranger }) => ({ owner: stranger.address }),
    operator: ({ stranger }) => ({ operator: stranger.address }),
    isAuthorized: () => ({ isAuthorized: false }),
    nonce: () => ({ nonce: 1n }),
    deadline: () => ({ deadline: clock.now() }),
  };
  for (const [field, signed] of Object.entries(SIGNED)) {
    it(`with another ${field} than was signed`, async () => {
      const scene = await networkHelpers.loadFixture(unsigned);
      const { book, borrower, authorization } = scene;
      const { signature } = await sign(book, borrower, { ...authorization, ...signed(scene) });
      await expectInvalid(scene, { authorization, signature });
    });
  }

  it("a second too late", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator } = scene;
    const deadline = clock.now();
    const signed = await signAuthorization(book, borrower, operator, { deadline });
    await clock.advance(1n);
    await expect(bring(scene, signed)).to.be.revertedWithCustomError(book, "SignatureExpired").withArgs(deadline);
    await expectNothingChanged(scene, borrower.address);
  });

  it("a second time", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, authorization } = scene;
    const signed = await sign(book, borrower, authorization);
    await bring(scene, signed);
    await book.connect(borrower).setAuthorization(operator, false);
    await expect(bring(scene, signed))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 1n);
    await expectNothingChanged(scene, borrower.address, 1n);
  });

  it("before its turn", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator } = scene;
    for (const nonce of [1n, 2n ** 256n - 1n]) {
      await expect(bring(scene, await signAuthorization(book, borrower, operator, { nonce })))
        .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
        .withArgs(borrower.address, 0n);
    }
    await expectNothingChanged(scene, borrower.address);
  });

  it("for another chain, name or version", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, authorization } = scene;
    for (const domain of [{ chainId: 1n }, { name: "Ballast" }, { version: "2" }]) {
      await expectInvalid(scene, await sign(book, borrower, authorization, domain));
    }
  });

  it("for another market's book, both ways", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, authorization, deployer, treasury, feeds, stranger } = scene;
    const { book: other } = await deployCore({
      ...{ deployer, treasury, asset: scene.usdc, depositCap: 1n, minDebt: 100n, peg: 0n },
      feed: loanAssetFeedConfig(feeds.usdc),
    });
    await expectInvalid(scene, await sign(other, borrower, authorization));
    const { signature } = await sign(book, borrower, authorization);
    await expect(other.connect(stranger).setAuthorizationWithSig(authorization, signature))
      .to.be.revertedWithCustomError(other, "InvalidSignature")
      .withArgs(borrower.address);
    expect(await other.isAuthorized(borrower, operator)).to.equal(false);
  });

  describe("misshapen", () => {
    /** n of the curve: s and n - s sign the same. */
    const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

    /** From r, s and v of a good signature. */
    const SHAPES: Record<string, (r: string, s: string, v: string) => string> = {
      empty: () => "0x",
      "without v": (r, s) => concat([r, s]),
      "in the compact form of EIP-2098": (r, s, v) =>
        concat([r, toBeHex(BigInt(s) | (v === "0x1c" ? 1n << 255n : 0n), 32)]),
      "a byte too long": (r, s, v) => concat([r, s, v, "0x00"]),
      "with a high s": (r, s, v) => concat([r, toBeHex(ORDER - BigInt(s), 32), v === "0x1b" ? "0x1c" : "0x1b"]),
      "with v of 0 or 1": (r, s, v) => concat([r, s, toBeHex(BigInt(v) - 27n, 1)]),
      "with v of 29": (r, s) => concat([r, s, "0x1d"]),
      "of zeros": () => `0x${"00".repeat(65)}`,
      "with r beyond the curve": (_, s, v) => concat([toBeHex(ORDER, 32), s, v]),
    };
    for (const [name, shape] of Object.entries(SHAPES)) {
      it(name, async () => {
        const scene = await networkHelpers.loadFixture(unsigned);
        const { book, borrower, authorization } = scene;
        const { signature: good } = await sign(book, borrower, authorization);
        const [r, s, v] = [dataSlice(good, 0, 32), dataSlice(good, 32, 64), dataSlice(good, 64)];
        expect(concat([r, s, v])).to.equal(good);
        await expectInvalid(scene, { authorization, signature: shape(r, s, v) });
        await bring(scene, { authorization, signature: good });
      });
    }
  });

  it("of nobody: what recovers to no address signs for none", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, operator } = scene;
    const authorization = await authorizationOf(book, ZeroAddress, operator);
    for (const signature of [`0x${"00".repeat(64)}1b`, `0x${"01".repeat(64)}1d`]) {
      await expectInvalid(scene, { authorization, signature });
    }
  });
});

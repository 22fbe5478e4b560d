import { expect } from "chai";
import { concat, zeroPadValue, type BaseContract } from "ethers";

import { authorizationOf, sign, signAuthorization, type SignedAuthorization } from "../helpers/authorizations.ts";
import { clock, networkHelpers } from "../helpers/chain.ts";
import {
  bring,
  expectInvalid,
  expectNothingChanged,
  unsigned,
  type SignatureScene,
} from "../helpers/signature-scene.ts";
import { deployWallet, Mood, whileDelegated } from "../helpers/wallets.ts";

describe("Authorizations by a wallet's signature, refused", () => {
  async function signForWallet({ book, borrower, operator, wallet }: SignatureScene): Promise<SignedAuthorization> {
    return sign(book, borrower, await authorizationOf(book, wallet, operator));
  }

  it("if the wallet refuses, or reverts, until it no longer does", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { wallet } = scene;
    const signed = await signForWallet(scene);
    for (const mood of [Mood.refuses, Mood.reverts]) {
      await wallet.setMood(mood);
      await expectInvalid(scene, signed);
    }
    await wallet.setMood(Mood.ofKey);
    await bring(scene, signed);
    expect(await scene.book.isAuthorized(wallet, scene.operator)).to.equal(true);
  });

  describe("if the wallet's answer is not the word that ERC-1271 wants:", () => {
    const MAGIC = "0x1626ba7e";
    const ANSWERS: Record<string, string> = {
      nothing: "0x",
      "four bytes": MAGIC,
      "a byte short of a word": concat([MAGIC, `0x${"00".repeat(27)}`]),
      true: zeroPadValue("0x01", 32),
      "the word at the wrong end": zeroPadValue(MAGIC, 32),
      "the word and more in its rest": concat([MAGIC, `0x${"00".repeat(27)}01`]),
      "a long nothing": `0x${"00".repeat(4_096)}`,
    };
    for (const [name, answer] of Object.entries(ANSWERS)) {
      it(name, async () => {
        const scene = await networkHelpers.loadFixture(unsigned);
        await scene.wallet.setRaw(answer);
        await expectInvalid(scene, await signForWallet(scene));
      });
    }

    it("while a whole word with something behind it is accepted", async () => {
      const scene = await networkHelpers.loadFixture(unsigned);
      await scene.wallet.setRaw(concat([MAGIC, `0x${"00".repeat(28)}`, "0x01"]));
      await bring(scene, await signForWallet(scene));
      expect(await scene.book.isAuthorized(scene.wallet, scene.operator)).to.equal(true);
    });
  });

  it("if the wallet uses up all the gas it gets: the refusal is still told", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, stranger, wallet } = scene;
    await wallet.setMood(Mood.burnsGas);
    const { authorization, signature } = await signForWallet(scene);
    const bringing = book.connect(stranger).setAuthorizationWithSig(authorization, signature, { gasLimit: 1_000_000n });
    await expect(bringing)
      .to.be.revertedWithCustomError(book, "InvalidSignature")
      .withArgs(await wallet.getAddress());
    await expectNothingChanged(scene, authorization.owner);
  });

  it("by another key than the wallet's", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, stranger, wallet, operator } = scene;
    await expectInvalid(scene, await sign(book, stranger, await authorizationOf(book, wallet, operator)));
  });

  it("for the key itself, or for another wallet of the same key", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, wallet, operator } = scene;
    const { signature } = await signForWallet(scene);
    const second = await deployWallet(borrower);
    for (const owner of [borrower, second]) {
      await expectInvalid(scene, { authorization: await authorizationOf(book, owner, operator), signature });
    }
    const ofKey = await signAuthorization(book, borrower, operator);
    const authorization = await authorizationOf(book, wallet, operator);
    await expectInvalid(scene, { authorization, signature: ofKey.signature });
  });

  it("even if the wallet agrees to everything, too late and a second time", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, wallet, operator } = scene;
    const owner = await wallet.getAddress();
    await wallet.setMood(Mood.agrees);
    const deadline = clock.now() - 1n;
    const late = await authorizationOf(book, wallet, operator, { deadline });
    await expect(bring(scene, { authorization: late, signature: "0x" }))
      .to.be.revertedWithCustomError(book, "SignatureExpired")
      .withArgs(deadline);
    await expectNothingChanged(scene, owner);

    const used = await authorizationOf(book, wallet, operator);
    await bring(scene, { authorization: used, signature: "0x" });
    await expect(bring(scene, { authorization: used, signature: "0x" }))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(owner, 1n);
  });

  it("of what is a contract but no wallet", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, vault, borrower, operator } = scene;
    const contracts: BaseContract[] = [book, vault, scene.weth, scene.feeds.weth];
    for (const contract of contracts) {
      await expectInvalid(scene, await sign(book, borrower, await authorizationOf(book, contract, operator)));
    }
  });

  it("of an account whose delegate knows no signatures, until it is on its own again (EIP-7702)", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, authorization, feeds, operator } = scene;
    const signed = await sign(book, borrower, authorization);
    await whileDelegated(borrower, feeds.weth, async () => expectInvalid(scene, signed));
    await bring(scene, signed);
    expect(await book.isAuthorized(borrower, operator)).to.equal(true);
  });

  it("of an account whose delegate has another key (EIP-7702)", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, stranger, authorization } = scene;
    const signed = await sign(book, borrower, authorization);
    await whileDelegated(borrower, await deployWallet(stranger), async () => expectInvalid(scene, signed));
  });
});

import { expect } from "chai";

import { encode } from "../helpers/actor.ts";
import { authorizationOf, sign, signAuthorization } from "../helpers/authorizations.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { bring, expectOperatorRefused, expectPowers, signed, unsigned } from "../helpers/signature-scene.ts";

describe("An operator by signature, dismissed", () => {
  it("by a call, and the signature that named it does not bring it back", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator } = scene;
    const authorization = await signAuthorization(book, borrower, operator);
    await bring(scene, authorization);
    await book.connect(borrower).setAuthorization(operator, false);
    await expectOperatorRefused(scene);
    await expect(bring(scene, authorization))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 1n);
    await expectOperatorRefused(scene);
  });

  it("by a signature", async () => {
    const scene = await networkHelpers.loadFixture(signed);
    const { book, borrower, operator } = scene;
    const dismissal = await signAuthorization(book, borrower, operator, { isAuthorized: false });
    await expect(bring(scene, dismissal))
      .to.emit(book, "AuthorizationSet")
      .withArgs(borrower.address, operator.address, false);
    await expectPowers(scene, borrower, operator, 2n, false);
    await expectOperatorRefused(scene);
  });
});

describe("Signatures that were given out", () => {
  it("are worthless once their owner says so; who is authorized stays so", async () => {
    const scene = await networkHelpers.loadFixture(signed);
    const { book, borrower, operator, stranger } = scene;
    const outstanding = await signAuthorization(book, borrower, stranger);
    expect(await book.connect(borrower).revokeSignatures.staticCall()).to.equal(2n);
    await expect(book.connect(borrower).revokeSignatures()).to.emit(book, "NonceUsed").withArgs(borrower.address, 1n);
    await expect(bring(scene, outstanding))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 2n);
    await expectPowers(scene, borrower, operator, 2n);
    await expectPowers(scene, borrower, stranger, 2n, false);
    await bring(scene, await signAuthorization(book, borrower, stranger));
    await expectPowers(scene, borrower, stranger, 3n);
  });

  it("ahead, for later numbers, take a revocation each: one makes the next good", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, stranger } = scene;
    const second = await signAuthorization(book, borrower, operator, { nonce: 1n });
    const third = await signAuthorization(book, borrower, stranger, { nonce: 2n });
    await book.connect(borrower).revokeSignatures();
    await bring(scene, second);
    await expectPowers(scene, borrower, operator, 2n);

    const revoke = book.interface.encodeFunctionData("revokeSignatures");
    await book.connect(borrower).multicall([revoke, revoke]);
    await expect(bring(scene, third))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 4n);
    await expectPowers(scene, borrower, stranger, 4n, false);
  });

  it("are revoked by nobody else", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, stranger } = scene;
    const authorization = await signAuthorization(book, borrower, operator);
    for (const other of [operator, stranger]) await book.connect(other).revokeSignatures();
    await bring(scene, authorization);
    await expectPowers(scene, borrower, operator, 1n);
  });

  it("of a wallet are revoked by the wallet", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, wallet } = scene;
    const authorization = await sign(book, borrower, await authorizationOf(book, wallet, operator));
    await wallet.run(book, encode(book, "revokeSignatures", []));
    await expect(bring(scene, authorization))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(await wallet.getAddress(), 1n);
  });
});

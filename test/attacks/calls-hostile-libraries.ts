import { expect } from "chai";
import { concat, id as hashOf, toBeHex, zeroPadValue } from "ethers";

import { LINKED_LIBRARIES } from "../../deploy/linked-libraries.ts";
import { authorizationOf, sign } from "../helpers/authorizations.ts";
import { ethers, networkHelpers } from "../helpers/chain.ts";
import { calledLoan, type Scene } from "../helpers/margin-calls.ts";
import { MAJOR_TERMS, WETH } from "../helpers/market.ts";
import { bring, expectInvalid, unsigned } from "../helpers/signature-scene.ts";

const MAGIC = "0x1626ba7e";

/** The call of a library's function as the book makes it, in words: the first is where its storage begins. */
function libraryCall(signature: string, ...words: (bigint | string)[]): string {
  return concat([hashOf(signature).slice(0, 10), ...words.map((word) => toBeHex(word, 32))]);
}

/** Calls that change something, by library, for a frame of the attacker's making. */
async function callsOf({ vault, usdc, id, stranger, feeds }: Scene): Promise<Record<string, string[]>> {
  const book = [0n, await vault.getAddress(), await usdc.getAddress(), 0n, 0n];
  const feed = await feeds.weth.getAddress();
  const source = [feed, 3_900n, 1n, 10n ** 12n];
  return {
    LiquidationLogic: [libraryCall("writeOff(Ledger storage,BookFrame,uint256)", ...book, id)],
    MarginCallLogic: [
      libraryCall("callMargin(Ledger storage,BookFrame,uint256)", ...book, id),
      libraryCall("clearMarginCall(Ledger storage,BookFrame,uint256)", ...book, id),
      libraryCall("claimCredit(Ledger storage,uint256,address)", 0n, WETH, stranger.address),
      libraryCall("review(Ledger storage,uint256,uint256,uint256,uint256)", 0n, 0n, id, 0n, 0n),
      libraryCall("pledge(Ledger storage,BookFrame,uint256,uint256,uint256)", ...book, id, WETH, 1n),
    ],
    TermLogic: [libraryCall("roll(Ledger storage,BookFrame,uint256)", ...book, id)],
    ListingAdmin: [
      libraryCall("setSequencerFeed(Registry storage,address)", 0n, feed),
      libraryCall("setLoanAssetFeed(Registry storage,ILoanBook.FeedConfig)", 0n, ...source),
    ],
  };
}

describe("Attacks on what the book is linked to, and on who signs", () => {
  it("the libraries refuse whoever calls them by themselves, and have nothing to lose", async () => {
    const scene = await networkHelpers.loadFixture(calledLoan);
    const calls = await callsOf(scene);
    const { stranger } = scene;
    for (const name of LINKED_LIBRARIES) {
      const library = await (await ethers.deployContract(name)).getAddress();
      const data = calls[name] ?? [];
      expect(data, name).not.to.have.lengthOf(0);
      for (const call of [...data, "0x", "0x12345678"]) {
        const sent = stranger.sendTransaction({ to: library, data: call, gasLimit: 1_000_000n });
        await expect(sent, name).to.be.revertedWithoutReason(ethers);
      }
      for (let slot = 0n; slot < 8n; slot++) {
        expect(await ethers.provider.getStorage(library, slot)).to.equal(toBeHex(0n, 32));
      }
    }
  });

  it("the libraries' views see their own storage, which is empty, whatever slot they are pointed at", async () => {
    const { stranger, id } = await networkHelpers.loadFixture(calledLoan);
    const library = await (await ethers.deployContract("MarginCallLogic")).getAddress();
    for (const slot of [0n, 3n, 4n, 6n, MAJOR_TERMS.callLtv]) {
      const data = libraryCall("marginCallOf(Ledger storage,uint256)", slot, id);
      expect(await stranger.call({ to: library, data })).to.equal(`0x${"00".repeat(128)}`);
    }
  });

  // Address 4 answers a question with the question, which begins with the very word that ERC-1271 wants.
  it("precompiled contracts, echo and all, sign for nobody", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator } = scene;
    for (let number = 0n; number <= 17n; number++) {
      const owner = zeroPadValue(toBeHex(number), 20);
      await expectInvalid(scene, await sign(book, borrower, await authorizationOf(book, owner, operator)));
    }
  });

  it("a wallet that echoes what it is asked does not sign by it either: its answer is not the word alone", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, wallet } = scene;
    // CALLDATACOPY(0, 0, CALLDATASIZE); RETURN(0, CALLDATASIZE)
    await networkHelpers.setCode(await wallet.getAddress(), "0x365f5f37365ff3");
    await expectInvalid(scene, await sign(book, borrower, await authorizationOf(book, wallet, operator)));
  });

  it("a wallet that agrees, and calls back to spend its next number as well, spends one", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, operator, wallet } = scene;
    const [owner, selector] = [await wallet.getAddress(), book.interface.getFunction("revokeSignatures").selector];
    // MSTORE(0, selector); CALL(100000, book, 0, 0, 4, 0, 0); POP; MSTORE(0, MAGIC); RETURN(0, 32)
    const word = (four: string): string => concat(["0x7f", four, `0x${"00".repeat(28)}`, "0x5f52"]);
    const call = concat(["0x5f5f60045f5f73", await book.getAddress(), "0x620186a0f150"]);
    await networkHelpers.setCode(owner, concat([word(selector), call, word(MAGIC), "0x60205ff3"]));
    const authorization = await authorizationOf(book, wallet, operator);
    await bring(scene, { authorization, signature: "0x" });
    expect(await book.nonces(owner)).to.equal(1n);
    expect(await book.isAuthorized(owner, operator)).to.equal(true);

    // Not a matter of the code: outside of the book's question the same call spends a number.
    await scene.borrower.sendTransaction({ to: owner });
    expect(await book.nonces(owner)).to.equal(2n);
    await expect(bring(scene, { authorization, signature: "0x" }))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(owner, 2n);
  });
});

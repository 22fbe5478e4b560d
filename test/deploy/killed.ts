import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { deployTo, type CommandOptions } from "../../deploy/command.ts";
import { LINKED_LIBRARIES } from "../../deploy/linked-libraries.ts";
import type { Connection } from "../../deploy/session.ts";
import { writeFewListings, type ParametersFolder } from "./few-listings.ts";
import { messageOf, serveChain, type ServedChain } from "./served-chain.ts";

/** When a run dies: before its transaction reaches the node, before it hears of it, or before it sees it in a block. */
const MOMENTS = ["before it is sent", "before its hash is known", "before its receipt is known"] as const;
type Moment = (typeof MOMENTS)[number];

const SENDING = "eth_sendTransaction";
const RECEIPT = "eth_getTransactionReceipt";

/** Tokens and feeds with their first answers, libraries, AccessManager, vault, book, lens, roles. */
const TRANSACTIONS = 4 * 5 + LINKED_LIBRARIES.length + 5;

describe("A deployment that is killed at every step", () => {
  let chain: ServedChain & { readonly options: CommandOptions };
  let folder: ParametersFolder;

  before(async () => {
    folder = await writeFewListings(["WETH", "WBTC", "LINK"]);
  });

  after(() => folder.remove());

  beforeEach(async () => {
    const served = await serveChain();
    const { parametersDirectory } = folder;
    chain = { ...served, options: { ...served.options, parametersDirectory } };
  });

  afterEach(() => chain.close());

  for (const moment of MOMENTS) {
    it(`goes on where it was, if it dies at each transaction ${moment}`, async () => {
      let runs = 0;
      // A run that dies before it sends has not moved on: every second one gets a transaction further.
      for (; ; runs++) {
        const connection = await chain.reconnect();
        const skipped = moment === "before it is sent" && runs > 0 ? 1 : 0;
        if (!(await diesAt(connection, moment, skipped))) break;
      }
      expect(runs).to.equal(TRANSACTIONS);
      await expectOneMarket();
    });
  }

  it("waits for a transaction that is on its way", async () => {
    const { provider } = chain.connection;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    expect(await diesAt(await chain.reconnect(), "before its hash is known", 0)).to.equal(true);
    const { address } = await deployer();
    expect(await messageOf(deployTo(chain.connection, () => undefined, chain.options))).to.equal(
      `The transaction number 0 of ${address}, for LocalAssets#LINK_aggregator, is on its way and in no block yet: run this ` +
        "command again when it is.",
    );
    await provider.request({ method: "evm_mine" });
    await provider.request({ method: "evm_setAutomine", params: [true] });
    await deployTo(await chain.reconnect(), () => undefined, chain.options);
    await expectOneMarket();
  });

  it("gives way to another transaction of the deployer, as long as the vault is not made", async () => {
    expect(await diesAt(await chain.reconnect(), "before it is sent", 2)).to.equal(true);
    const account = await deployer();
    await account.sendTransaction({ to: account.address });
    const { book } = await deployTo(await chain.reconnect(), () => undefined, chain.options);
    const { provider } = chain.connection.ethers;
    expect(await provider.getCode(book)).to.not.equal("0x");
    expect(await provider.getBlockNumber()).to.equal(TRANSACTIONS + 1);
  });

  async function deployer(): Promise<HardhatEthersSigner> {
    const [account] = await chain.connection.ethers.getSigners();
    if (account === undefined) throw new Error("The chain has no account.");
    return account;
  }

  /** True if the run died at its first transaction after `skipped` others; false if it came to its end. */
  async function diesAt(connection: Connection, moment: Moment, skipped: number): Promise<boolean> {
    let died = (): void => undefined;
    const death = new Promise<boolean>((resolve) => (died = () => resolve(true)));
    kill(connection, moment, skipped, died);
    return Promise.race([deployTo(connection, () => undefined, chain.options).then(() => false), death]);
  }

  async function expectOneMarket(): Promise<void> {
    const { ethers } = chain.connection;
    const again = await deployTo(chain.connection, () => undefined, chain.options);
    expect(await ethers.provider.getBlockNumber()).to.equal(TRANSACTIONS);
    expect(await ethers.provider.getCode(again.book)).to.not.equal("0x");
  }
});

/** From the given moment on nothing gets an answer any more, as in a process that is gone. */
function kill({ provider }: Connection, moment: Moment, skipped: number, died: () => void): void {
  const request = provider.request.bind(provider);
  let [sent, isDead] = [0, false];
  provider.request = async (call) => {
    if (call.method === SENDING) sent++;
    const isNow = sent > skipped;
    if (isNow && call.method === SENDING && moment === "before its hash is known") await request(call);
    if (isNow && call.method === (moment === "before its receipt is known" ? RECEIPT : SENDING)) isDead = true;
    if (isDead) {
      died();
      await new Promise(() => undefined);
    }
    const answer: unknown = await request(call);
    return answer;
  };
}

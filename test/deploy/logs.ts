import { expect } from "chai";
import { Log, type Filter, type FilterByBlockHash } from "ethers";
import { network } from "hardhat";

import { readLogs } from "../../deploy/logs.ts";
import { messageOf } from "./served-chain.ts";

const LAST = 9_999;
const ADDRESS = `0x${"12".repeat(20)}`;

describe("Events of a contract", () => {
  let asked: [from: number, to: number][];

  beforeEach(() => (asked = []));

  it("are read in the ranges that a node answers for, in order and each once", async () => {
    const logs = await readLogs(await node(3_000), ADDRESS, 0);
    expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal([0, 2_500, 5_000, 7_500]);
    expect(asked.slice(0, 3)).to.deep.equal([
      [0, LAST],
      [0, 4_999],
      [0, 2_499],
    ]);
  });

  it("are asked for once if the node answers for all blocks", async () => {
    expect(await readLogs(await node(LAST + 1), ADDRESS, 0)).to.have.lengthOf(1);
  });

  it("end with the node's error if it refuses even a few blocks", async () => {
    expect(await messageOf(readLogs(await node(10), ADDRESS, 0))).to.equal("range too wide");
  });

  /** A node that refuses ranges of more blocks, and has an event in the first block of each. */
  async function node(limit: number): Promise<Parameters<typeof readLogs>[0]> {
    const { ethers } = await network.create();
    return {
      getBlockNumber: () => Promise.resolve(LAST),
      getLogs: (filter: Filter | FilterByBlockHash) => {
        if (!("fromBlock" in filter)) return Promise.reject(new Error("no range"));
        const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
        asked.push([from, to]);
        if (to - from >= limit) return Promise.reject(new Error("range too wide"));
        const log = { transactionHash: "", blockHash: "", blockNumber: from, removed: false, address: ADDRESS };
        const parameters = { ...log, data: "0x", topics: [], index: 0, transactionIndex: 0 };
        return Promise.resolve([new Log(parameters, ethers.provider)]);
      },
    };
  }
});

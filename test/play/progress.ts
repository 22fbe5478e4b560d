import { expect } from "chai";

import { formatDecimal, parseDecimal, toNumber } from "../../scripts/play/decimal.ts";
import { counted, duration, elapsed, listed, money, percent, usd } from "../../scripts/play/format.ts";
import type { Position } from "../../scripts/play/play.ts";
import { Progress } from "../../scripts/play/progress.ts";

function position(round: number): Position {
  return {
    ...{ time: 1_584_009_780, round, rounds: 1_000, liquidatedLoans: 1 },
    answers: new Map([
      ["WETH", 134_20000000n],
      ["USDC", 1_00000000n],
    ]),
  };
}

/** What a play of 1,000 rounds writes, 10 milliseconds each. */
function written(output: { isTTY?: boolean; columns?: number }): string[] {
  const texts: string[] = [];
  let time = 0;
  const progress = new Progress({ ...output, write: (text) => texts.push(text) }, () => time);
  for (let round = 1; round <= 1_000; round++) {
    time += 10;
    progress.show(position(round));
  }
  progress.finish();
  return texts;
}

describe("Progress", () => {
  it("is ten plain lines where there is no terminal", () => {
    const lines = written({});
    expect(lines).to.have.lengthOf(10);
    expect(lines[0]).to.equal(" 10 %  2020-03-12 10:43  1 loan liquidated  WETH 134.20\n");
    expect(lines.at(-1)).to.match(/^100 % /);
    expect(lines.join("")).to.not.include("\u001b");
  });

  it("is one line that changes ten times a second on a terminal, no wider than it", () => {
    const texts = written({ isTTY: true, columns: 40 });
    expect(texts.length).to.be.within(100, 103);
    expect(texts[0]).to.equal("\r\u001b[K  0 %  2020-03-12 10:43  1 loan liquida");
    expect(texts.join("")).to.not.include("\n");
    expect(texts.at(-1)).to.equal("\r\u001b[K");
  });
});

describe("Numbers for reading", () => {
  it("are money", () => {
    const amounts = [0n, 1_090_000n, -1_234_567_890n, 3_804_534_579_702n];
    expect(amounts.map(money)).to.deep.equal(["0 USDC", "1.09 USDC", "\u22121,235 USDC", "3.80 M USDC"]);
  });

  it("are shares", () => {
    expect([0, 0.00028626, 0.0106, -0.0106, 0.8].map(percent)).to.deep.equal([
      ...["0.00 %", "0.0286 %", "1.06 %", "\u22121.06 %", "80.0 %"],
    ]);
  });

  it("are prices, counts, lists and lengths of time", () => {
    expect([4.34, 134.2, 7_816.4].map(usd)).to.deep.equal(["4.3400", "134.20", "7,816"]);
    expect([counted(1, "loan"), counted(1_200, "loan")]).to.deep.equal(["1 loan", "1,200 loans"]);
    expect([listed(["a"]), listed(["a", "b", "c"])]).to.deep.equal(["a", "a, b and c"]);
    expect([60, 5_400, 3_600, 86_400, 691_200, 7].map(duration)).to.deep.equal([
      ...["1 minute", "1.5 hours", "1 hour", "24 hours", "8 days", "7 seconds"],
    ]);
    expect([0, 1 / 60, 0.1666, 1.5, 2, 23.96].map(elapsed)).to.deep.equal([
      ...["0 minutes", "1 minute", "10 minutes", "90 minutes", "2 hours", "24 hours"],
    ]);
  });

  it("are exact decimals", () => {
    expect([0n, 1n, 1_234_567n, -1n].map((amount) => formatDecimal(amount, 6))).to.deep.equal([
      ...["0.000000", "0.000001", "1.234567", "-0.000001"],
    ]);
    expect(["1", "1.", "0.123456789", ".5", "-1", "1e3", "NaN", ""].map((text) => parseDecimal(text, 8))).to.deep.equal(
      [...[100_000_000n, 100_000_000n, 12_345_678n, undefined, undefined, undefined, undefined, undefined]],
    );
    expect(toNumber(1_234_567n, 6)).to.equal(1.234567);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { InputError, PriceFileError } from "../../scripts/play/input-error.ts";
import { Catalogue } from "../../scripts/play/assets.ts";
import { readPriceFiles } from "../../scripts/play/price-files.ts";
import { parsePrices } from "../../scripts/play/price-rows.ts";
import { intersection } from "../../scripts/play/price-series.ts";

const HEADER = "timestamp,open,high,low,close";

function parse(...rows: string[]) {
  return parsePrices("eth-usd.csv", "WETH", [HEADER, ...rows, ""].join("\n"));
}

describe("Price files", () => {
  it("are read exactly, with the bars' own length", () => {
    const series = parse("600,1.5,2,1.25,1.75", "900,1.75,1.75,0.00000001,1");
    expect(series).to.deep.equal({
      ...{ asset: "WETH", source: "eth-usd.csv", synthetic: false, start: 600, step: 300 },
      bars: [
        { open: 150_000_000n, high: 200_000_000n, low: 125_000_000n, close: 175_000_000n },
        { open: 175_000_000n, high: 175_000_000n, low: 1n, close: 100_000_000n },
      ],
    });
  });

  it("may have their columns in another order, and Windows' line ends", () => {
    const text = "close,timestamp,open,low,high\r\n3,0,1,1,4\r\n3,60,3,3,3\r\n";
    expect(parsePrices("x", "WETH", text).bars[0]).to.deep.equal({
      ...{ open: 100_000_000n, high: 400_000_000n, low: 100_000_000n, close: 300_000_000n },
    });
  });

  const bar = (time: number) => `${String(time)},1,1,1,1`;
  const mistakes: [title: string, rows: string[], line: number, problem: RegExp][] = [
    [
      "a gap",
      [bar(60), bar(120), bar(240)],
      4,
      /gap: 1970-01-01 00:02 is followed by 1970-01-01 00:04, but bars are 60 s long/,
    ],
    [
      "a gap after the first row",
      [bar(60), bar(180), bar(240)],
      3,
      /gap: 1970-01-01 00:01 is followed by 1970-01-01 00:03/,
    ],
    ["rows out of order", [bar(120), bar(60)], 3, /comes after 1970-01-01 00:02: rows are out of order/],
    ["a row twice", [bar(60), bar(120), bar(120)], 4, /1970-01-01 00:02 stands there twice/],
    ["NaN", [bar(60), "120,1,NaN,1,1"], 3, /high is "NaN", not a price/],
    ["an empty value", ["60,,1,1,1", bar(120)], 2, /open is "", not a price/],
    ["a negative price", [bar(60), "120,1,1,-1,1"], 3, /low is "-1", not a price/],
    ["a price of zero", [bar(60), "120,1,1,0,1"], 3, /low is 0; a price must be above 0/],
    ["an exponent", [bar(60), "120,1,1e3,1,1"], 3, /high is "1e3", not a price/],
    ["a low above the high", [bar(60), "120,2,1,3,2"], 3, /open 2 is not between low 3 and high 1/],
    ["a close outside of the bar", [bar(60), "120,2,3,1,4"], 3, /close 4 is not between low 1 and high 3/],
    ["a missing value", [bar(60), "120,1,1,1"], 3, /4 values in a row of 5 columns/],
    ["a value too many", [bar(60), bar(120) + ",7"], 3, /6 values in a row of 5 columns/],
    [
      "milliseconds",
      ["1583712000000,1,1,1,1", bar(60)],
      2,
      /timestamp is "1583712000000", not a unix time in whole seconds/,
    ],
    ["a long text for a time", ["9".repeat(50) + ",1,1,1,1", bar(60)], 2, /timestamp is "9{40}…", not a unix time/],
    ["a date", ["2020-03-12,1,1,1,1", bar(60)], 2, /timestamp is "2020-03-12", not a unix time/],
    ["a blank line in between", [bar(60), "", bar(120)], 3, /1 value in a row of 5 columns/],
    ["one bar alone", [bar(60)], 2, /at least two bars/],
    ["no bar at all", [], 1, /at least two bars/],
  ];
  for (const [title, rows, line, problem] of mistakes) {
    it(`with ${title} are refused with file and line`, () => {
      expect(() => parse(...rows))
        .to.throw(PriceFileError, problem)
        .that.deep.includes({ file: "eth-usd.csv", line });
      expect(() => parse(...rows)).to.throw(new RegExp(`^eth-usd\\.csv:${String(line)}: `));
    });
  }

  const headers: [header: string, problem: RegExp][] = [
    [
      "timestamp,open,high,low,close,volume",
      /^f:1: unknown column "volume"; the columns are timestamp,open,high,low,close\.$/,
    ],
    ["timestamp,open,high,low", /^f:1: column "close" is missing\.$/],
    ["timestamp,open,high,low,open", /^f:1: column "open" stands there twice\.$/],
    ["", /^f:1: the file is empty\.$/],
  ];
  for (const [header, problem] of headers) {
    it(`with the header "${header}" are refused`, () => {
      expect(() => parsePrices("f", "WETH", header)).to.throw(PriceFileError, problem);
    });
  }

  describe("on disk", () => {
    let folder: string;
    let catalogue: Catalogue;
    before(async () => {
      catalogue = await Catalogue.read();
      folder = await mkdtemp(join(tmpdir(), "ballast-prices-"));
      for (const [name, start] of [
        ["eth-usd.csv", 0],
        ["eth-usdt.csv", 0],
        ["btc-usd.csv", 60],
        ["link-usd.csv", 600],
      ] as const) {
        await writeFile(join(folder, name), [HEADER, bar(start), bar(start + 60)].join("\n"));
      }
    });
    after(() => rm(folder, { recursive: true }));

    const read = (...names: string[]) =>
      readPriceFiles(
        names.map((name) => join(folder, name)),
        [],
        catalogue,
      );

    it("are played where they overlap", async () => {
      expect(intersection(await read("eth-usd.csv", "btc-usd.csv"))).to.deep.equal({ start: 60, end: 120 });
    });

    const refusals: [names: string[], message: RegExp][] = [
      [
        ["eth-usd.csv", "link-usd.csv"],
        /no time in common: eth-usd\.csv \(1970-01-01 00:00 to .*\), link-usd\.csv \(1970-01-01 00:10/,
      ],
      [
        ["eth-usd.csv", "eth-usdt.csv"],
        /eth-usd\.csv .* and .*eth-usdt\.csv .* overlap: give the prices of WETH for each time once/,
      ],
      [["eth-nowhere.csv"], /eth-nowhere\.csv: there is no such file\.$/],
    ];
    for (const [names, message] of refusals) {
      it(`${names.join(" and ")} are refused`, async () => {
        const error = await read(...names)
          .then(intersection)
          .catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(InputError);
        expect(String(error)).to.match(message);
      });
    }
  });
});

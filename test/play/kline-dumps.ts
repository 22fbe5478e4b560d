import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { strToU8, zipSync } from "fflate";

import { Catalogue } from "../../scripts/play/assets.ts";
import { InputError, PriceFileError } from "../../scripts/play/input-error.ts";
import { readPriceFiles } from "../../scripts/play/price-files.ts";
import { parsePrices } from "../../scripts/play/price-rows.ts";
import type { PriceSeries } from "../../scripts/play/price-series.ts";

/** 2024-08-05 00:00 UTC. */
const MONDAY = 1_722_816_000;
/** 2025-01-01 00:00 UTC: from here on spot dumps count microseconds. */
const YEAR_2025 = 1_735_689_600;
const DAY = 86_400;

const HEADER =
  "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";

/** A row as Binance writes it. */
function row(time: number, step = 60, unit = 1_000, price = "2,686.66000000"): string {
  const [open, close] = [time * unit, (time + step) * unit - 1];
  const ohlc = Array<string>(4).fill(price.replace(",", "")).join(",");
  return `${String(open)},${ohlc},120.83660000,${String(close)},324581.21,1035,64.3126,172758.55,0`;
}

/** The rows of so many bars from a time on. */
function rows(time: number, count: number, step = 60, unit = 1_000): string {
  return Array.from({ length: count }, (_, i) => row(time + i * step, step, unit)).join("\n") + "\n";
}

function parse(text: string): PriceSeries {
  return parsePrices("ETHUSDT-1m.csv", "WETH", text);
}

describe("Kline dumps of Binance", () => {
  it("have twelve columns without a header, and times in milliseconds", () => {
    const line = `${String(MONDAY)}000,2686.66000000,2690.5,2680.1,2688.00000001,120.8,${String(MONDAY + 59)}999,3,4,5,6,0`;
    expect(parse(`${line}\n${row(MONDAY + 60)}\n`)).to.deep.equal({
      ...{ asset: "WETH", source: "ETHUSDT-1m.csv", synthetic: false, start: MONDAY, step: 60 },
      bars: [
        { open: 268_666_000_000n, high: 269_050_000_000n, low: 268_010_000_000n, close: 268_800_000_001n },
        { open: 268_666_000_000n, high: 268_666_000_000n, low: 268_666_000_000n, close: 268_666_000_000n },
      ],
    });
  });

  it("count microseconds since 2025", () => {
    const { start, step, bars } = parse(rows(YEAR_2025, 3, 300, 1_000_000));
    expect([start, step, bars.length]).to.deep.equal([YEAR_2025, 300, 3]);
  });

  it("may have a header, as those of futures do", () => {
    const { start, step, bars } = parse(`${HEADER}\r\n${rows(MONDAY, 2).replaceAll("\n", "\r\n")}`);
    expect([start, step, bars.length]).to.deep.equal([MONDAY, 60, 2]);
  });

  it("tell the length of a single bar by its closing time", () => {
    for (const unit of [1_000, 1_000_000]) {
      expect(parse(row(MONDAY, DAY, unit))).to.include({ start: MONDAY, step: DAY });
    }
  });

  const mistakes: [title: string, text: string, line: number, problem: RegExp][] = [
    [
      "eleven columns",
      row(MONDAY).replace(/,0$/, ""),
      1,
      /11 columns; a file without a header line is read as a kline dump/,
    ],
    ["five columns and no header", "1722816000,1,1,1,1", 1, /5 columns; .* kline dump of Binance, which has 12\.$/],
    ["a short header", HEADER.replace(",ignore", ""), 1, /11 columns; a file with this header is read as a kline dump/],
    [
      "another header",
      `${HEADER.replace("high,low", "low,high")}\n${row(MONDAY)}`,
      1,
      /column 3 is "low"; in a kline dump of Binance it is high\.$/,
    ],
    ["a row cut short", rows(MONDAY, 2) + "1722816120000,26", 3, /2 values in a row of 12 columns\.$/],
    ["a header without rows", HEADER, 1, /at least two bars are needed/],
    ["a closing time before the opening", row(MONDAY, -60), 1, /at least two bars are needed/],
    [
      "times in seconds",
      rows(MONDAY, 2, 60, 1),
      1,
      /open_time is "1722816000", not a time in milliseconds or microseconds/,
    ],
    [
      "a time of 2004",
      rows(1_090_000_000, 2),
      1,
      /open_time is "1090000000000", not a time in .* from 2009 to 2099\.$/,
    ],
    ["a time of 2100", row(MONDAY) + "\n" + row(4_102_444_800), 2, /open_time is "4102444800000", not a time in/],
    ["a time of 17 digits", rows(MONDAY, 2, 60, 10_000_000), 1, /open_time is "17228160000000000", not a time in/],
    [
      "a time between seconds",
      row(MONDAY).replace("000,", "500,"),
      1,
      /open_time is "1722816000500", not at a whole second\.$/,
    ],
    [
      "a time in words",
      row(MONDAY) + "\n" + row(MONDAY).replace(/^\d+/, "noon"),
      2,
      /open_time is "noon", not a time in/,
    ],
    ["a price that is none", row(MONDAY, 60, 1_000, "NaN"), 1, /open is "NaN", not a price\.$/],
    ["a gap", rows(MONDAY, 2) + row(MONDAY + 180), 3, /gap: 2024-08-05 00:01 is followed by 2024-08-05 00:03/],
    ["a row twice", rows(MONDAY, 2) + row(MONDAY + 60), 3, /stands there twice/],
  ];
  for (const [title, text, line, problem] of mistakes) {
    it(`with ${title} are refused with file and line`, () => {
      expect(() => parse(text))
        .to.throw(PriceFileError, problem)
        .that.deep.includes({ file: "ETHUSDT-1m.csv", line });
    });
  }

  describe("on disk", () => {
    let folder: string;
    let catalogue: Catalogue;

    before(async () => {
      catalogue = await Catalogue.read();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "ballast-klines-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const write = (name: string, data: string | Uint8Array): Promise<void> => writeFile(join(folder, name), data);
    const read = (...names: string[]): Promise<PriceSeries[]> =>
      readPriceFiles(
        names.map((name) => join(folder, name)),
        [],
        catalogue,
      );
    const refusal = async (...names: string[]): Promise<string> => {
      const error = await read(...names).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(InputError);
      return String(error);
    };
    const zipped = (name: string, text: string): Uint8Array => zipSync({ [name]: strToU8(text) });

    it("are read from the zip as it was downloaded", async () => {
      const text = rows(MONDAY, 1_440);
      await write("ETHUSDT-1m-2024-08-05.csv", text);
      await write("ETHUSDT-1m-2024-08.zip", zipped("ETHUSDT-1m-2024-08.csv", text));
      const [[plain], [unzipped]] = [await read("ETHUSDT-1m-2024-08-05.csv"), await read("ETHUSDT-1m-2024-08.zip")];
      expect(unzipped).to.deep.equal({ ...plain, source: "ETHUSDT-1m-2024-08.zip" });
      expect(unzipped).to.include({ quote: "USDT", step: 60, start: MONDAY });
      expect(unzipped?.bars).to.have.lengthOf(1_440);
    });

    it("are joined in order of time, whatever the order of the files and the unit of their times", async () => {
      await write("ETHUSDT-1h-2025-01-01.csv", rows(YEAR_2025, 24, 3_600, 1_000_000));
      await write("ETHUSDT-1h-2024-12-31.zip", zipped("a.csv", rows(YEAR_2025 - DAY, 24, 3_600)));
      await write("ETHUSDT-1h-2025-01-02.csv", `${HEADER}\n${rows(YEAR_2025 + DAY, 24, 3_600)}`);
      await write("BTCUSDC-1h-2025-01-01.csv", rows(YEAR_2025, 24, 3_600, 1_000_000));
      const series = await read(
        ...["ETHUSDT-1h-2025-01-02.csv", "BTCUSDC-1h-2025-01-01.csv"],
        ...["ETHUSDT-1h-2024-12-31.zip", "ETHUSDT-1h-2025-01-01.csv"],
      );
      expect(series.map(({ asset, quote, start, bars }) => [asset, quote, start, bars.length])).to.deep.equal([
        ["WETH", "USDT", YEAR_2025 - DAY, 72],
        ["WBTC", "USDC", YEAR_2025, 24],
      ]);
      expect(series[0]?.source).to.equal("ETHUSDT-1h-2024-12-31.zip to ETHUSDT-1h-2025-01-02.csv (3 files)");
    });

    it("are joined from files of one bar each", async () => {
      await write("ETHUSDT-1d-2024-08-05.csv", row(MONDAY, DAY));
      await write("ETHUSDT-1d-2024-08-06.csv", row(MONDAY + DAY, DAY));
      const [series] = await read("ETHUSDT-1d-2024-08-06.csv", "ETHUSDT-1d-2024-08-05.csv");
      expect([series?.start, series?.step, series?.bars.length]).to.deep.equal([MONDAY, DAY, 2]);
    });

    const sequences: [title: string, second: string, name: string, message: RegExp][] = [
      [
        "leave a gap",
        rows(MONDAY + 180, 2),
        "ETHUSDT-b.csv",
        /ETHUSDT-a\.csv \(2024-08-05 00:00 to 2024-08-05 00:02\) and .*ETHUSDT-b\.csv \(2024-08-05 00:03 to .* leave a gap: the prices of WETH/,
      ],
      [
        "overlap",
        rows(MONDAY + 60, 2),
        "ETHUSDT-b.csv",
        /ETHUSDT-a\.csv \(.*\) and .*ETHUSDT-b\.csv \(2024-08-05 00:01 to .*\) overlap: give the prices of WETH/,
      ],
      [
        "have other bars",
        rows(MONDAY + 120, 2, 300),
        "ETHUSDT-b.csv",
        /ETHUSDT-a\.csv has bars of 1 minute, .*ETHUSDT-b\.csv of 5 minutes: prices of WETH can be joined if/,
      ],
      [
        "are in another currency",
        rows(MONDAY + 120, 2),
        "ETHUSDC-b.csv",
        /ETHUSDT-a\.csv is in USDT, .*ETHUSDC-b\.csv in USDC: prices of WETH can be joined if/,
      ],
    ];
    for (const [title, second, name, message] of sequences) {
      it(`that ${title} are refused, with both files`, async () => {
        await write("ETHUSDT-a.csv", rows(MONDAY, 2));
        await write(name, second);
        expect(await refusal("ETHUSDT-a.csv", name)).to.match(message);
        expect(await refusal(name, "ETHUSDT-a.csv")).to.match(message);
      });
    }

    it("given twice are refused", async () => {
      await write("ETHUSDT-a.csv", rows(MONDAY, 2));
      expect(await refusal("ETHUSDT-a.csv", "ETHUSDT-a.csv")).to.match(
        /ETHUSDT-a\.csv .* and .*ETHUSDT-a\.csv .* overlap/,
      );
    });

    it("name file and line of what is wrong inside a zip", async () => {
      await write("ETHUSDT-1m.zip", zipped("x.csv", rows(MONDAY, 2) + "nonsense"));
      expect(await refusal("ETHUSDT-1m.zip")).to.match(/ETHUSDT-1m\.zip:3: 1 value in a row of 12 columns\.$/);
    });

    const broken: [title: string, make: () => Uint8Array, message: RegExp][] = [
      [
        "cut off",
        () => zipped("x.csv", rows(MONDAY, 100)).slice(0, -30),
        /ETHUSDT-1m\.zip: the zip file is damaged or incomplete \(.*\): download it again\.$/,
      ],
      ["no zip at all", () => strToU8("PK, you know?"), /the zip file is damaged or incomplete/],
      ["empty of bytes", () => new Uint8Array(), /the zip file is damaged or incomplete/],
      ["empty of files", () => zipSync({}), /the zip file is empty; it must hold one csv file\.$/],
      [
        "only a folder",
        () => zipSync({ "x/": new Uint8Array() }),
        /the zip file is empty; it must hold one csv file\.$/,
      ],
      [
        "two files",
        () => zipSync({ "x.csv": strToU8(rows(MONDAY, 2)), "y.csv": strToU8(rows(MONDAY, 2)) }),
        /the zip file holds 2 files; it must hold one csv file\.$/,
      ],
      ["another kind of file", () => zipped("x.exe", "MZ"), /the zip file holds x\.exe; it must hold one csv file\.$/],
      ["encrypted", () => encrypted(zipped("x.csv", rows(MONDAY, 2))), /the zip file is encrypted: unpack it first\.$/],
      [
        "changed on the way",
        () => changed(zipSync({ "x.csv": strToU8(rows(MONDAY, 2)) }, { level: 0 })),
        /damaged or incomplete \(x\.csv in it fails its checksum\): download it again\.$/,
      ],
      [
        "too large",
        () => claimed(zipped("x.csv", rows(MONDAY, 2)), 2 ** 28 + 1),
        /x\.csv in it has 268435457 bytes, more than can be read at once: split it\.$/,
      ],
    ];
    for (const [title, make, message] of broken) {
      it(`in a zip file that is ${title} are refused in a sentence`, async () => {
        await write("ETHUSDT-1m.zip", make());
        expect(await refusal("ETHUSDT-1m.zip")).to.match(message);
      });
    }

    it("in a zip file by another name are read all the same, and what is no text is refused", async () => {
      await write("ETHUSDT-1m.csv", zipped("x.csv", rows(MONDAY, 2)));
      expect((await read("ETHUSDT-1m.csv"))[0]?.bars).to.have.lengthOf(2);
      await write("ETHUSDT-1m.csv", new Uint8Array([0xff, 0xfe, 0, 1]));
      expect(await refusal("ETHUSDT-1m.csv")).to.match(/ETHUSDT-1m\.csv: this is not a text file\.$/);
    });
  });
});

/** Where the entry of a zip file's directory starts. */
function directory(zip: Uint8Array): DataView {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const entry = view.getUint32(zip.byteLength - 22 + 16, true);
  return new DataView(zip.buffer, zip.byteOffset + entry);
}

/** Sets the flag that says so. */
function encrypted(zip: Uint8Array): Uint8Array {
  directory(zip).setUint16(8, 1, true);
  return zip;
}

/** Changes a digit of a price that is stored as it is. */
function changed(zip: Uint8Array): Uint8Array {
  const place = zip.indexOf("6".charCodeAt(0), 60);
  zip[place] = "7".charCodeAt(0);
  return zip;
}

/** Lets the directory say that the file is as large. */
function claimed(zip: Uint8Array, size: number): Uint8Array {
  directory(zip).setUint32(24, size, true);
  return zip;
}

import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server as SocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import hre from "hardhat";

import type { Asset } from "../../scripts/play/assets.ts";
import { InputError } from "../../scripts/play/input-error.ts";
import { makeServer, requireFreePort, welcome } from "../../scripts/play/keep-open.ts";
import { setUpMarket } from "../../scripts/play/market.ts";
import type { Script } from "../../scripts/play/play.ts";
import { pageName, run } from "../../scripts/play/run.ts";
import { SYNTHETIC_START } from "../../scripts/play/synthetic-prices.ts";
import { cliff } from "./stages.ts";

describe("The command", () => {
  const texts: string[] = [];
  const output = { write: (text: string) => texts.push(text) };
  let folder: string;

  beforeEach(async () => {
    texts.length = 0;
    folder = await mkdtemp(join(tmpdir(), "ballast-play-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("shows its help without playing", async () => {
    await run(hre, ["--help"], output, folder);
    expect(texts.join("")).to.include("--prices FILE…");
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("plays bars of different length where they overlap, says so, and writes page and JSON", async () => {
    const rows = (start: number, step: number, count: number, price: (i: number) => number) =>
      ["timestamp,open,high,low,close"]
        .concat(
          Array.from({ length: count }, (_, i) => [start + i * step, ...Array<number>(4).fill(price(i))].join(",")),
        )
        .join("\n");
    const start = 1_600_000_000;
    const prices = {
      "eth-usd.csv": rows(start, 60, 120, (i) => 300 - i),
      "link-usd.csv": rows(start - 600, 600, 6, () => 12),
      // Above its peg at first: then less may be borrowed.
      "usdc-usd.csv": rows(start, 60, 120, (i) => (i === 0 ? 1.02 : 0.98)),
    };
    for (const [name, text] of Object.entries(prices)) await writeFile(join(folder, name), text);
    const json = join(folder, "new", "figures.json");
    const files = Object.keys(prices).map((name) => join(folder, name));
    await run(hre, ["--prices", ...files, "--loans", "20", "--json", json], output, folder);

    const said = texts.join("");
    expect(said).to.include("Window: 2020-09-13 12:26 to 2020-09-13 13:16 UTC (50 minutes).");
    expect(said).to.match(/WETH: eth-usd\.csv, bars of 1 minute; it covers .* only what all files share is played\./);
    expect(said).to.include("The files' bars differ in length: each asset is played at its own.");
    expect(said)
      .to.include("20 loans, ")
      .and.to.match(/Feed USDC +2 rounds/);
    expect(await readFile(json, "utf8")).to.include('"barSeconds": 600');
    expect(await readdir(folder)).to.include(
      "market_2020-09-13_weth-link-usdc_20-loans_30-terms_60-watching_seed-1_30-gwei.html",
    );
  });

  it("writes pages by names that tell runs apart", () => {
    const script = cliff(100);
    const real = { ...script, series: script.series.map((one) => ({ ...one, synthetic: false })) };
    const bitcoin = script.series.map((one) => ({ ...one, asset: "WBTC" }));
    const scripts: Script[] = [
      script,
      real,
      { ...script, seed: 2 },
      { ...script, loans: 21 },
      { ...script, termsPercent: 0 },
      { ...script, watchingPercent: 0 },
      { ...script, gasGwei: 12.5 },
      { ...script, series: bitcoin },
      { ...script, series: [...script.series, ...bitcoin] },
      { ...real, window: { start: SYNTHETIC_START, end: SYNTHETIC_START + 2 * 86_400 } },
    ];
    expect(new Set(scripts.map(pageName)).size).to.equal(scripts.length);
    expect(pageName(script)).to.equal("market_synthetic_weth_20-loans_30-terms_60-watching_seed-1_30-gwei.html");
    expect(pageName(real)).to.equal("market_2030-01-01_weth_20-loans_30-terms_60-watching_seed-1_30-gwei.html");
  });

  it("plays dumps as they are downloaded, with staked ether when asked for", async () => {
    const rows = (start: number, price: (i: number) => number) =>
      Array.from({ length: 30 }, (_, i) => {
        const open = (start + 60 * i) * 1_000;
        return [open, ...Array<number>(4).fill(price(i)), 1, open + 59_999, 1, 1, 1, 1, 0].join(",");
      }).join("\n");
    const start = 1_722_816_000;
    const [first, second] = ["ETHUSDT-1m-2024-08-05.csv", "ETHUSDT-1m-2024-08-06.zip"].map((name) =>
      join(folder, name),
    );
    if (first === undefined || second === undefined) throw new Error("There are two files.");
    await writeFile(
      first,
      rows(start, (i) => 2_700 - 10 * i),
    );
    await writeFile(second, zipSync({ "a.csv": strToU8(rows(start + 1_800, (i) => 2_400 - 10 * i)) }));
    await run(hre, ["--prices", second, first, "--loans", "8", "--wsteth"], output, folder);
    const said = texts.join("");
    expect(said).to.include("Window: 2024-08-05 00:00 to 2024-08-05 01:00 UTC (1 hour).");
    expect(said).to.include(
      "WETH: ETHUSDT-1m-2024-08-05.csv to ETHUSDT-1m-2024-08-06.zip (2 files), bars of 1 minute, USDT taken as USD.",
    );
    expect(said).to.include("wstETH: 1.2 WETH when the window starts, growing 3 % a year.");
    expect(said).to.match(/Feed wstETH +\d+ rounds, 3,240 to 2,5\d\d USD/);
  });

  it("refuses a price that the market does not take, and a result that cannot be written", async () => {
    const file = join(folder, "eth-usd.csv");
    await writeFile(file, "timestamp,open,high,low,close\n1600000000,1,1,1,1\n1600000060,1,1,1,1\n");
    const outside = await run(hre, ["--prices", file], output, folder).catch((reason: unknown) => reason);
    expect(outside).to.be.instanceOf(InputError);
    expect(String(outside)).to.include("WETH starts at 1 USD, but the market takes 10 to 100000 USD as its price.");
    const json = join(file, "figures.json");
    const blocked = await run(hre, ["--prices", file, "--json", json], output, folder).catch(
      (reason: unknown) => reason,
    );
    expect(blocked).to.be.instanceOf(InputError);
    expect(String(blocked)).to.include(`${file} cannot be written: `);
  });

  it("refuses prices of a time before there were any", async () => {
    const file = join(folder, "eth-usd.csv");
    await writeFile(file, "timestamp,open,high,low,close\n60,200,200,200,200\n120,200,200,200,200\n");
    const error = await run(hre, ["--prices", file], output, folder).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include("The prices start at 1970-01-01 00:01, before 2009");
  });

  it("refuses to play the loan asset alone", async () => {
    const file = join(folder, "usdc-usd.csv");
    await writeFile(file, "timestamp,open,high,low,close\n60,1,1,1,1\n120,1,1,1,1\n");
    const error = await run(hre, ["--prices", file], output, folder).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.include("give a file of another asset too");
  });
});

describe("A chain that is kept", () => {
  it("is reached over JSON-RPC on this machine only, with funded accounts", async () => {
    const port = await freePort();
    const server = makeServer(hre, port);
    const prices = new Map<Asset, bigint>([["WETH", 2_000_00000000n]]);
    const stage = await setUpMarket(server.connect, SYNTHETIC_START, 1, prices);
    await stage.chain.setTime(SYNTHETIC_START);
    const words = await welcome(stage);
    await server.open();
    try {
      const response = await fetch(`http://127.0.0.1:${String(port)}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "eth_getCode",
          params: [stage.market.bookAddress, "latest"],
        }),
      });
      expect(((await response.json()) as { result: string }).result.length).to.be.above(10_000);
      expect(words).to.include(stage.market.bookAddress).and.to.include(stage.market.vaultAddress);
      expect(words.match(/0x[0-9a-f]{64}/g)).to.have.lengthOf.at.least(20);
      const [visitor] = stage.roles.visitors;
      const balance: unknown = await stage.market.tokenOf("USDC").getFunction("balanceOf").staticCall(visitor);
      expect(balance).to.equal(10n ** 12n);
      const error = await requireFreePort(port).catch((reason: unknown) => reason);
      expect(String(error)).to.include(`Port ${String(port)} of 127.0.0.1 is in use`);
    } finally {
      await server.close();
      await stage.connection.close();
    }
    await requireFreePort(port);
  });
});

async function freePort(): Promise<number> {
  const probe: SocketServer = createServer();
  const port = await new Promise<number>((resolve) => {
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

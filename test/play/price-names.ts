import { expect } from "chai";

import { ALWAYS_LISTED, Catalogue } from "../../scripts/play/assets.ts";
import { InputError } from "../../scripts/play/input-error.ts";
import { readPriceName } from "../../scripts/play/price-names.ts";
import { LOCAL_CHAIN_ID, readParameters } from "../../deploy/parameters.ts";

describe("The assets of the local market", () => {
  it("are those of its parameters, the usual three first", async () => {
    const { loanAsset, listings } = await readParameters(LOCAL_CHAIN_ID);
    const catalogue = new Catalogue({ loanAsset, listings });
    expect(listings.slice(0, 3).map(({ token }) => token.symbol)).to.deep.equal(ALWAYS_LISTED);
    for (const { token } of listings.slice(0, -1)) expect(catalogue.named(token.symbol)).to.equal(token.symbol);
    expect(catalogue.names).to.match(/^ETH, BTC, LINK, AAVE, .*USDT or USDC$/);
  });

  it("are known with and without the W of a wrapper, in any case", async () => {
    const catalogue = await Catalogue.read();
    const names = ["eth", "WETH", "Btc", "wbtc", "link", "usdc", "sol", "luna", "doge", "nothing", "w", ""];
    expect(names.map((name) => catalogue.named(name))).to.deep.equal([
      ...["WETH", "WETH", "WBTC", "WBTC", "LINK", "USDC", "SOL", "LUNA", "DOGE", undefined, undefined, undefined],
    ]);
    expect(() => catalogue.named("wsteth")).to.throw(
      InputError,
      /^wstETH has no prices of its own, .* use --wsteth\.$/,
    );
  });

  it("follow from what is listed, not from a list in the code", async () => {
    const { loanAsset, listings } = await readParameters(LOCAL_CHAIN_ID);
    const [weth] = listings;
    if (weth === undefined) throw new Error("The local market has no listing.");
    const xrp = { ...weth, token: { ...weth.token, symbol: "XRP" } };
    const catalogue = new Catalogue({ loanAsset, listings: [weth, xrp] });
    expect(catalogue.named("xrp")).to.equal("XRP");
    expect(catalogue.named("link")).to.equal(undefined);
    expect(catalogue.names).to.equal("ETH, XRP or USDC");
  });
});

describe("The name of a price file", () => {
  let catalogue: Catalogue;
  before(async () => {
    catalogue = await Catalogue.read();
  });

  const names: [file: string, asset: string, quote: string | undefined][] = [
    ["../prices/eth-usdt_2020-03-12_1m.csv", "WETH", "USDT"],
    ["BTC-USD.csv", "WBTC", undefined],
    ["usdc-usd_kraken.csv", "USDC", undefined],
    ["link-usd_coinbase_2025-10-10_1m.csv", "LINK", undefined],
    ["eth-prices.csv", "WETH", undefined],
    ["eth.csv", "WETH", undefined],
    ["ETHUSDT-1m-2024-08-05.csv", "WETH", "USDT"],
    ["ETHUSDT-1m-2024-08.zip", "WETH", "USDT"],
    ["downloads/BTCUSDC-5m-2025-01.zip", "WBTC", "USDC"],
    ["WBTCUSDT-1h-2024-08.zip", "WBTC", "USDT"],
    ["LINKFDUSD-1m-2024-08-05.csv", "LINK", "FDUSD"],
    ["SOLBUSD-1m-2021-05.zip", "SOL", "BUSD"],
    ["ADATUSD-1m-2021-05.zip", "ADA", "TUSD"],
    ["USDCUSDT-1m-2023-03-11.csv", "USDC", "USDT"],
    ["USDTUSD-1m-2023-03-11.csv", "USDT", undefined],
    ["ETHUSD_PERP-1m-2024-08.zip", "WETH", undefined],
  ];
  for (const [file, asset, quote] of names) {
    it(`${file} tells of ${asset} in ${quote ?? "USD"}`, () => {
      expect(readPriceName(file, undefined, catalogue)).to.deep.equal({ asset, quote });
    });
  }

  const mistakes: [file: string, given: string | undefined, message: RegExp][] = [
    [
      "xrp-usdt.csv",
      undefined,
      /^xrp-usdt\.csv: its name starts with "xrp", which is no asset of this market: it has ETH/,
    ],
    ["XRPUSDT-1m-2024-08.zip", undefined, /its name starts with "XRPUSDT", which is no asset/],
    ["ETHUSDT_240927-1m-2024-08.zip", undefined, /its name starts with "ETHUSDT", which is no asset/],
    ["eth-usdt.csv", "xrp", /^--asset xrp, which is no asset of this market: it has ETH, BTC, LINK/],
    [
      "WBTCBTC-1m-2024-08.zip",
      undefined,
      /^WBTCBTC-1m-2024-08\.zip: by its name the prices are in BTC; they must be in dollars\.$/,
    ],
    ["ETHBTC-1m-2024-08.zip", undefined, /the prices are in BTC; /],
    ["LINKETH-1m-2024-08.zip", "link", /the prices are in ETH; /],
    ["ETHEUR-1m-2024-08.zip", undefined, /the prices are in EUR; /],
    ["eth-btc_2024.csv", undefined, /the prices are in BTC; /],
    ["wsteth-usd.csv", undefined, /^wstETH has no prices of its own/],
  ];
  for (const [file, given, message] of mistakes) {
    it(`${file}${given === undefined ? "" : ` as ${given}`} is refused`, () => {
      expect(() => readPriceName(file, given, catalogue)).to.throw(InputError, message);
    });
  }

  it("gives way to --asset", () => {
    expect(readPriceName("chainlink.csv", "Link", catalogue)).to.deep.equal({ asset: "LINK", quote: undefined });
    expect(readPriceName("eth-usdt.csv", "link", catalogue)).to.deep.equal({ asset: "LINK", quote: "USDT" });
  });
});

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";

import { parseParameters, PARAMETERS_DIRECTORY, readParameters } from "../../deploy/parameters.ts";
import { messageOf } from "./served-chain.ts";

const LOCAL = 31337;
const SEPOLIA = 11155111;

describe("Deployment parameters", () => {
  let local: string;
  let sepolia: string;

  before(async () => {
    local = await readFile(join(PARAMETERS_DIRECTORY, "31337.json"), "utf8");
    sepolia = await readFile(join(PARAMETERS_DIRECTORY, "11155111.json"), "utf8");
  });

  it("reads every file that is there, once it is filled in", async () => {
    const files = (await readdir(PARAMETERS_DIRECTORY)).filter((file) => file.endsWith(".json"));
    expect(files).to.have.members(["1.json", "8453.json", "11155111.json", "31337.json"]);
    for (const file of files) {
      const text = filledIn(await readFile(join(PARAMETERS_DIRECTORY, file), "utf8"));
      const { chainId } = parseParameters(file, text, Number.parseInt(file, 10));
      expect(`${String(chainId)}.json`).to.equal(file);
    }
  });

  for (const chainId of [1, 8453]) {
    it(`leaves roles and treasury of chain ${String(chainId)} to the one who deploys`, async () => {
      const file = join("deploy", "parameters", `${String(chainId)}.json`);
      expect(await messageOf(readParameters(chainId))).to.equal(
        `${file}: roles.admin is null, but must be filled in, with the address of the multisig that shall have it.`,
      );
      const text = await readFile(file, "utf8");
      const open = changed(filledIn(text), ["treasury"], null);
      expect(() => parseParameters("p.json", open, chainId)).to.throw(
        /^p\.json: treasury is null, but must be filled in/,
      );
      const careless = changed(filledIn(text), ["roles", "curator"], "deployer");
      expect(() => parseParameters("p.json", careless, chainId)).to.throw(
        'p.json: roles.curator is "deployer", but must be an address other than zero (0x…, 40 hex digits).',
      );
    });
  }

  it("takes a sequencer's feed where there is a sequencer, and nowhere else", async () => {
    const base = filledIn(await readFile(join(PARAMETERS_DIRECTORY, "8453.json"), "utf8"));
    expect(parseParameters("p.json", base, 8453).sequencerFeed).to.deep.equal({
      address: "0xBCF85224fc0756B9Fa45aA7892530B47e10b6433",
      description: "L2 Sequencer Uptime Status Feed",
    });
    expect(() => parseParameters("p.json", changed(base, ["sequencerFeed"], undefined), 8453)).to.throw(
      "p.json: sequencerFeed is missing: chain 8453 has a sequencer, and the book must know if it is up.",
    );
    const feed = { source: "0xBCF85224fc0756B9Fa45aA7892530B47e10b6433", description: "x" };
    expect(() => parseParameters("p.json", changed(sepolia, ["sequencerFeed"], feed), SEPOLIA)).to.throw(
      /sequencerFeed is .* must be left out: this chain has no sequencer\.$/,
    );
  });

  it("takes a second feed, which must be another than the first", () => {
    const first = (JSON.parse(sepolia) as { listings: { feed: { source: string } }[] }).listings[0]?.feed;
    const second = { ...first, source: "0xA2F78ab2355fe2f984D808B5CeE7FD0A93D5270E", minPrice: "100" };
    const path: Path = ["listings", 0, "secondFeed"];
    const [listing] = parseParameters("p.json", changed(sepolia, path, second), SEPOLIA).listings;
    expect(listing?.secondFeed).to.deep.include({ source: second.source, minAnswer: 10n ** 10n });
    expect(() => parseParameters("p.json", changed(sepolia, path, first), SEPOLIA)).to.throw(
      /listings\[0\]\.secondFeed is .* must be another feed than the first\.$/,
    );
  });

  it("converts amounts and prices to base units", () => {
    const parameters = parseParameters("p.json", local, LOCAL);
    expect(parameters.minDebt).to.equal(100_000_000n);
    expect(parameters.vault.depositCap).to.equal(10n ** 15n);
    expect(parameters.loanAsset.peg).to.equal(100_000_000n);
    expect(parameters.loanAsset.feed.minAnswer).to.equal(5_000_000n);
    expect(parameters.listings.slice(0, 3).map(({ token, cap }) => [token.symbol, cap])).to.deep.equal([
      ["WETH", 10n ** 24n],
      ["WBTC", 10n ** 13n],
      ["LINK", 10n ** 26n],
    ]);
    expect(parameters.listings[1]?.feed).to.deep.include({ minAnswer: 500n * 10n ** 8n, maxAnswer: 2n * 10n ** 14n });
    expect(parameters.hash).to.match(/^0x[0-9a-f]{64}$/);
  });

  it("takes null for a loan asset without a peg", () => {
    expect(parseParameters("p.json", changed(local, ["loanAsset", "peg"], null), LOCAL).loanAsset.peg).to.equal(0n);
  });

  it("says which file is missing, and which is not JSON", async () => {
    expect(await messageOf(readParameters(5))).to.equal(
      "There are no parameters for chain 5: write deploy/parameters/5.json first.",
    );
    expect(() => parseParameters("p.json", "{", LOCAL)).to.throw(/^p\.json is not JSON: /);
  });

  const mistakes: [title: string, path: Path, value: unknown, message: string | RegExp][] = [
    [
      "another chain",
      ["chainId"],
      1,
      "p.json: chainId is 1, but must be 31337, the chain that the file is named after.",
    ],
    [
      "a number for an amount",
      ["minDebt"],
      100,
      /^p\.json: minDebt is 100, but must be a decimal number above 0 in quotes/,
    ],
    ["a negative amount", ["minDebt"], "-1", /minDebt is "-1", but must be a decimal number above 0/],
    ["an amount of nothing", ["minDebt"], "0.0", /minDebt is "0\.0", but must be a decimal number above 0/],
    ["too many decimals", ["minDebt"], "1.0000001", /minDebt is "1\.0000001", .* with at most 6 decimals/],
    [
      "a cap above 96 bits",
      ["listings", 0, "cap"],
      "79300000000",
      /listings\[0\]\.cap is .* must be at most 79228162514264337593543950335 base units/,
    ],
    [
      "no address",
      ["roles", "curator"],
      "me",
      'p.json: roles.curator is "me", but must be an address other than zero (0x…, 40 hex digits) or "deployer".',
    ],
    [
      "a wrong checksum",
      ["treasury"],
      "0x694AA1769357215DE4FAC081bf1f309aDC325307",
      /treasury is .* must be an address/,
    ],
    ["the zero address", ["treasury"], `0x${"0".repeat(40)}`, /treasury is .* must be an address other than zero/],
    ["an empty name", ["vault", "name"], " ", 'p.json: vault.name is " ", but must be a text that is not empty.'],
    [
      "a name that is too long",
      ["vault", "name"],
      "A name of thirty-two characters!",
      'p.json: vault.name is "A name of thirty-two characters!", but must be at most 31 bytes.',
    ],
    ["no listings", ["listings"], [], "p.json: listings is [], but must be a list of 1 to 40 entries."],
    [
      "an age in words",
      ["listings", 0, "feed", "maxAge"],
      "1h",
      'p.json: listings[0].feed.maxAge is "1h", but must be a whole number of seconds from 1 to 4294967295.',
    ],
    [
      "six digits in a bound",
      ["listings", 0, "feed", "maxPrice"],
      "100001",
      /listings\[0\]\.feed\.maxPrice is "100001", .* digits without trailing zeros are at most 65535\.$/,
    ],
    [
      "bounds upside down",
      ["listings", 0, "feed", "minPrice"],
      "200000",
      /listings\[0\]\.feed\.minPrice is "200000", but must be less than maxPrice\.$/,
    ],
    [
      "a first price out of bounds",
      ["listings", 0, "feed", "source", "firstPrice"],
      "9",
      /firstPrice is "9", but must be from minPrice to maxPrice\.$/,
    ],
    [
      "a peg out of bounds",
      ["loanAsset", "peg"],
      "6",
      /loanAsset\.peg is "6", but must be within the feed's minPrice and maxPrice/,
    ],
    [
      "lines out of order",
      ["listings", 2, "terms", "callLtv"],
      6500,
      /terms\.borrowLtv is 6500, but must be less than callLtv\.$/,
    ],
    [
      "a line too high",
      ["listings", 2, "terms", "liquidationLtv"],
      9100,
      /terms\.liquidationLtv is 9100, .* at most 9500\.$/,
    ],
    [
      "a line too high for its deviation",
      ["listings", 0, "terms", "maxDeviation"],
      700,
      /terms\.liquidationLtv is 8600, .* \/ \(1 - maxDeviation\) is at most 9500\.$/,
    ],
    [
      "sources that may not differ at all",
      ["listings", 0, "terms", "maxDeviation"],
      0,
      /terms\.maxDeviation is 0, but must be a whole number of basis points from 1 to 9999\.$/,
    ],
    [
      "a token too coarse for the smallest debt",
      ["minDebt"],
      "10",
      /listings\[1\]\.feed is .* must be a feed with a lower maxPrice: one base unit of the token would be worth /,
    ],
    [
      "a token twice",
      ["listings", 1, "token", "symbol"],
      "WETH",
      /listings\[1\]\.token is .* neither the loan asset nor in an earlier listing\.$/,
    ],
    [
      "an unknown field",
      ["vault", "cap"],
      "1",
      'p.json: vault.cap is "1", but must be left out; the fields here are name, symbol, depositCap.',
    ],
  ];
  for (const [title, path, value, message] of mistakes) {
    it(`refuses ${title}`, () => {
      const text = changed(local, path, value);
      expect(() => parseParameters("p.json", text, LOCAL)).to.throw(message);
    });
  }

  it("refuses decimals that put prices too far apart", () => {
    const token = changed(local, ["listings", 0, "token", "decimals"], 36);
    const text = changed(token, ["listings", 0, "feed", "decimals"], 18);
    expect(() => parseParameters("p.json", text, LOCAL)).to.throw(
      /listings\[0\]\.feed is .* but must be a feed with fewer decimals or narrower bounds: /,
    );
  });

  describe("of a product of two feeds", () => {
    const INDEX = 16;
    const at = (...path: Path): Path => ["listings", INDEX, "feed", ...path];
    const plain = {
      source: { oracles: 1, firstPrice: "2500" },
      description: "ETH / USD",
      decimals: 8,
      maxAge: 3900,
      minPrice: "10",
      maxPrice: "100000",
    };

    it("take the feed of an earlier listing for the price", () => {
      const { listings } = parseParameters("p.json", local, LOCAL);
      const source = listings[INDEX]?.feed.source;
      expect(source).to.deep.equal({
        rate: {
          ...{ description: "wstETH / stETH", decimals: 18, maxAge: 90_000 },
          ...{ minAnswer: 10n ** 18n, maxAnswer: 2n * 10n ** 18n },
          source: { oracles: 1, firstAnswer: 12n * 10n ** 17n },
        },
        price: listings[0]?.feed,
        priceOf: "WETH",
      });
    });

    it("take a feed of its own for the price, on a public chain too", () => {
      const { listings } = parseParameters("p.json", changed(local, at("source", "price"), plain), LOCAL);
      expect(listings[INDEX]?.feed.source).to.deep.include({ priceOf: undefined });
      const [rate, price] = [`0x${"11".repeat(20)}`, `0x${"22".repeat(20)}`];
      const feed = {
        ...{
          description: "wstETH / stETH x ETH / USD",
          decimals: 8,
          maxAge: 90000,
          minPrice: "10",
          maxPrice: "100000",
        },
        source: {
          rate: { ...plain, description: "wstETH / stETH", decimals: 18, minPrice: "1", maxPrice: "2", source: rate },
          price: { ...plain, source: price },
        },
      };
      const text = changed(sepolia, ["listings", 1, "feed"], feed);
      const source = parseParameters("p.json", text, SEPOLIA).listings[1]?.feed.source;
      expect(source).to.deep.include({ priceOf: undefined }).and.to.have.nested.property("rate.source", rate);
      expect(() =>
        parseParameters("p.json", changed(text, ["listings", 1, "feed", "source", "rate", "source"], price), SEPOLIA),
      ).to.throw(/listings\[1\]\.feed\.source\.rate is .* but must be another feed than price\.$/);
      expect(() =>
        parseParameters(
          "p.json",
          changed(text, ["listings", 1, "feed", "source", "rate", "source"], { oracles: 1, firstPrice: "1.2" }),
          SEPOLIA,
        ),
      ).to.throw(/feed\.source\.rate\.source is .* must be an address/);
    });

    const mistakes: [title: string, path: Path, value: unknown, message: RegExp][] = [
      [
        "a listing that is not there",
        at("source", "price"),
        "ETH",
        /source\.price is "ETH", but must be a feed, or the symbol of an earlier listing\.$/,
      ],
      [
        "itself",
        at("source", "price"),
        "wstETH",
        /source\.price is "wstETH", but must be a feed, or the symbol of an earlier/,
      ],
      ["no price", at("source", "price"), undefined, /source\.price is missing; the fields here are rate, price\.$/],
      [
        "no rate",
        at("source", "rate"),
        undefined,
        /source\.price is "WETH", but must be left out; the fields here are oracles/,
      ],
      [
        "a field too many",
        at("source", "oracles"),
        1,
        /source\.oracles is 1, but must be left out; the fields here are rate, price\.$/,
      ],
      [
        "other decimals than its price",
        at("decimals"),
        18,
        /source\.price is "WETH", but must be a feed of 18 decimals: a product has those/,
      ],
      [
        "another description",
        at("description"),
        "wstETH / USD",
        /source is .* but must be feeds that make "wstETH \/ USD"; .* calls itself "wstETH \/ stETH x ETH \/ USD"\.$/,
      ],
      [
        "a rate that lives longer than the product",
        at("maxAge"),
        3900,
        /source\.rate is .* whose maxAge is at most 3900, the product's/,
      ],
      [
        "a price that lives longer than the product",
        ["listings", 0, "feed", "maxAge"],
        90001,
        /source\.price is "WETH", .* at most 90000, the/,
      ],
      [
        "a first product out of bounds",
        at("maxPrice"),
        "2999",
        /source\.rate is .* rate whose product with the first price is from minPrice/,
      ],
      [
        "a product for a rate",
        at("source", "rate", "source"),
        { rate: plain, price: "WETH" },
        /source\.rate\.source\.rate is .* left out; the fields here are oracles/,
      ],
      [
        "an oracle too few",
        at("source", "rate", "source", "oracles"),
        0,
        /source\.rate\.source\.oracles is 0, but must be a whole number of oracles/,
      ],
    ];
    for (const [title, path, value, message] of mistakes) {
      it(`refuses ${title}`, () => {
        expect(() => parseParameters("p.json", changed(local, path, value), LOCAL)).to.throw(message);
      });
    }

    it("refuses the price of a listing that is a product itself", () => {
      const { listings } = JSON.parse(local) as { listings: Record<string, unknown>[] };
      const product = listings[INDEX];
      const token = { address: "local", symbol: "other", decimals: 18 };
      const feed = {
        ...(product?.feed as object),
        source: { ...(product?.feed as { source: object }).source, price: "wstETH" },
      };
      const text = changed(local, ["listings"], [...listings, { ...product, token, feed }]);
      expect(() => parseParameters("p.json", text, LOCAL)).to.throw(
        /listings\[17\]\.feed\.source\.price is "wstETH", but must be a feed, or the symbol of a listing whose feed is not a product/,
      );
    });

    it("refuses a product for the loan asset", () => {
      const source = { rate: plain, price: plain };
      expect(() => parseParameters("p.json", changed(local, ["loanAsset", "feed", "source"], source), LOCAL)).to.throw(
        /loanAsset\.feed\.source\.rate is .* but must be left out; the fields here are oracles, firstPrice\.$/,
      );
    });
  });

  it("names a missing field", () => {
    expect(() => parseParameters("p.json", changed(local, ["vault", "symbol"], undefined), LOCAL)).to.throw(
      "p.json: vault.symbol is missing; the fields here are name, symbol, depositCap.",
    );
  });

  it("creates no tokens or feeds on a public chain", () => {
    const token = changed(sepolia, ["listings", 0, "token", "address"], "local");
    expect(() => parseParameters("p.json", token, SEPOLIA)).to.throw(
      /token\.address is "local", but must be an address/,
    );
    const feed = changed(sepolia, ["loanAsset", "feed", "source"], { oracles: 1, firstPrice: "1" });
    expect(() => parseParameters("p.json", feed, SEPOLIA)).to.throw(/feed\.source is .* must be an address/);
  });
});

type Path = readonly (string | number)[];

/** The text of a parameter file with an address where it waits for one. */
function filledIn(text: string): string {
  return text.replaceAll(/("(?:admin|curator|guardian|treasurer|treasury)"): null/g, `$1: "0x${"12".repeat(20)}"`);
}

/** The text of a JSON file with one value changed; undefined removes it. */
function changed(text: string, path: Path, value: unknown): string {
  const replace = (node: unknown, [key, ...rest]: Path): unknown => {
    if (key === undefined) return value;
    if (Array.isArray(node)) return node.map((entry: unknown, index) => (index === key ? replace(entry, rest) : entry));
    const entries = new Map<string, unknown>(Object.entries(node ?? {}));
    return Object.fromEntries(entries.set(String(key), replace(entries.get(String(key)), rest)));
  };
  return JSON.stringify(replace(JSON.parse(text), path));
}

import { expect } from "chai";

import { InputError } from "../../scripts/play/input-error.ts";
import { helpText, readOptions } from "../../scripts/play/options.ts";

describe("Options of the play", () => {
  it("have defaults", () => {
    expect(readOptions([])).to.deep.equal({
      ...{
        prices: [],
        assets: [],
        loans: 60,
        seed: 1,
        termsPercent: 30,
        watchingPercent: 60,
        gasGwei: 30,
        wsteth: false,
      },
      ...{ json: undefined, keep: false, help: false },
    });
  });

  it("take several files after one --prices, before or after other options", () => {
    expect(readOptions(["--prices", "a.csv", "b.csv", "--loans", "5"]).prices).to.deep.equal(["a.csv", "b.csv"]);
    expect(readOptions(["--loans", "5", "--prices", "a.csv", "--prices", "b.csv"]).prices).to.deep.equal([
      "a.csv",
      "b.csv",
    ]);
  });

  it("take everything else", () => {
    const args = "--prices x.csv --asset eth --loans 7 --seed 9 --gas-gwei 12.5 --json o.json --keep --wsteth".split(
      " ",
    );
    const { assets, loans, seed, gasGwei, json, keep, wsteth } = readOptions(args);
    expect([assets, loans, seed, gasGwei, json, keep]).to.deep.equal([["eth"], 7, 9, 12.5, "o.json", true]);
    expect(wsteth).to.equal(true);
    const { termsPercent, watchingPercent } = readOptions(["--terms", "0", "--watching=100"]);
    expect([termsPercent, watchingPercent]).to.deep.equal([0, 100]);
    expect(readOptions(["-h"]).help).to.equal(true);
  });

  const mistakes: [args: string, message: RegExp][] = [
    ["--loans 0", /^--loans is "0", not a whole number from 1 to 2000\.$/],
    ["--loans 2.5", /--loans is "2.5"/],
    ["--loans -1", /^--loans is "-1", not a whole number from 1 to 2000\.$/],
    ["--seed -1", /^--seed is "-1", not a whole number from 0 to 4294967295\.$/],
    ["--gas-gwei -0.5", /^--gas-gwei is "-0\.5", not a number from 0 to 100000\.$/],
    ["--terms 101", /^--terms is "101", not a whole number from 0 to 100\.$/],
    ["--terms -1", /^--terms is "-1", not a whole number from 0 to 100\.$/],
    ["--watching half", /^--watching is "half", not a whole number from 0 to 100\.$/],
    ["--loans --keep", /--loans.*argument.*\(see --help\)\.$/],
    ["--seed x", /--seed is "x", not a whole number from 0 to 4294967295/],
    ["--gas-gwei cheap", /--gas-gwei is "cheap", not a number from 0 to 100000/],
    ["--speed 3", /^Unknown option '--speed'.*\(see --help\)\.$/],
    ["--json", /--json.*argument missing.*\(see --help\)\.$/],
    ["a.csv", /^"a\.csv" is not an option: price files are given as --prices FILE… \(see --help\)\.$/],
    ["--prices a.csv --asset eth --asset btc", /^2 assets were named for 1 price files/],
  ];
  for (const [args, message] of mistakes) {
    it(`refuse ${args}`, () => {
      expect(() => readOptions(args.split(" "))).to.throw(InputError, message);
    });
  }

  it("are all in the help", () => {
    const help = helpText("ETH, BTC or USDC");
    const options = [
      "--prices",
      "--asset",
      "--wsteth",
      "--loans",
      "--seed",
      "--terms",
      "--watching",
      "--gas-gwei",
      "--json",
      "--keep",
      "--help",
    ];
    for (const option of options) expect(help).to.include(option);
    expect(help).to.include("Assets: ETH, BTC or USDC.");
  });
});

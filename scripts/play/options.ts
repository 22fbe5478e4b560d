import { parseArgs } from "node:util";

import type { BorrowerShares } from "./borrower-plan.ts";
import { InputError } from "./input-error.ts";

/** What the command line asks for. */
export interface Options extends BorrowerShares {
  readonly prices: readonly string[];
  /** Names of the files' assets, in the files' order. */
  readonly assets: readonly string[];
  readonly loans: number;
  readonly seed: number;
  /** [gwei] */
  readonly gasGwei: number;
  /** Whether staked ether is listed too. */
  readonly wsteth: boolean;
  readonly json: string | undefined;
  readonly keep: boolean;
  readonly help: boolean;
}

const DEFAULTS = { loans: 60, seed: 1, termsPercent: 30, watchingPercent: 60, gasGwei: 30 };
const MAX_LOANS = 2_000;
const MAX_SEED = 2 ** 32 - 1;
const MAX_GAS_GWEI = 100_000;

/** The options that take a number. */
const NUMBERS = ["--loans", "--seed", "--terms", "--watching", "--gas-gwei"];

/** @param names The assets, in words. */
export function helpText(names: string): string {
  return `Plays a window of prices through a local market that lends USDC against other assets.

npm start -- [options]

  --prices FILE…    price files: kline dumps of Binance as they are downloaded (ETHUSDT-1m-2024-08-05.csv, or the zip), or
                    the columns timestamp,open,high,low,close in unix seconds (eth-usdt_….csv). The asset is taken from the
                    name; files of one asset that follow each other are joined. Without any, a synthetic path shaped like
                    12 March 2020 is played. A USDC file moves the price of the loan asset.
                    Assets: ${names}.
  --asset NAME      the asset of a file whose name does not say it; once for each file, in order
  --wsteth          some borrowers pledge wstETH, priced by a product of its rate and the price of ETH
  --loans N         how many loans the book has (${String(DEFAULTS.loans)}; at most ${String(MAX_LOANS)})
  --seed N          another seed gives another book, and another synthetic path (${String(DEFAULTS.seed)})
  --terms N         per cent of the loans that want a fixed term, of 30, 90 or 180 days (${String(DEFAULTS.termsPercent)})
  --watching N      per cent of the owners that watch their loans and cure them when margin is called (${String(DEFAULTS.watchingPercent)})
  --gas-gwei N      what keeper and monitor pay for gas (${String(DEFAULTS.gasGwei)})
  --json FILE       also writes every figure and every series as JSON
  --keep            leaves the chain running on 127.0.0.1:8545 afterwards, to connect a wallet; Ctrl-C ends it
  --help            this text`;
}

/** Reads the command line. Throws an {@link InputError} for anything it does not understand. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const prices = values.prices ?? [];
  const [stray] = positionals;
  // `--prices a b c` reaches the parser as `--prices a` and two more words.
  if (stray !== undefined && prices.length === 0) {
    throw new InputError(`"${stray}" is not an option: price files are given as --prices FILE… (see --help).`);
  }
  const files = [...prices, ...positionals];
  const assets = values.asset ?? [];
  if (assets.length > files.length) {
    const counts = `${String(assets.length)} assets were named for ${String(files.length)} price files`;
    throw new InputError(`${counts}: give --asset at most once for each file.`);
  }
  return {
    prices: files,
    assets,
    loans: integer("--loans", values.loans, DEFAULTS.loans, 1, MAX_LOANS),
    seed: integer("--seed", values.seed, DEFAULTS.seed, 0, MAX_SEED),
    termsPercent: integer("--terms", values.terms, DEFAULTS.termsPercent, 0, 100),
    watchingPercent: integer("--watching", values.watching, DEFAULTS.watchingPercent, 0, 100),
    wsteth: values.wsteth ?? false,
    gasGwei: amount("--gas-gwei", values["gas-gwei"], DEFAULTS.gasGwei, MAX_GAS_GWEI),
    json: values.json,
    keep: values.keep ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: withNegatives(args),
      allowPositionals: true,
      options: {
        prices: { type: "string", multiple: true },
        asset: { type: "string", multiple: true },
        loans: { type: "string" },
        seed: { type: "string" },
        terms: { type: "string" },
        watching: { type: "string" },
        "gas-gwei": { type: "string" },
        wsteth: { type: "boolean" },
        json: { type: "string" },
        keep: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    const [problem] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new InputError(`${(problem ?? "").replace(/\.$/, "")} (see --help).`);
  }
}

/** The parser takes the -1 of `--loans -1` for an option and says so at length; as `--loans=-1` its value can be judged. */
function withNegatives(args: readonly string[]): string[] {
  const joinedArgs: string[] = [];
  for (const arg of args) {
    const before = joinedArgs.at(-1);
    if (before !== undefined && NUMBERS.includes(before) && /^-\d/.test(arg))
      joinedArgs.splice(-1, 1, `${before}=${arg}`);
    else joinedArgs.push(arg);
  }
  return joinedArgs;
}

function integer(option: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${option} is "${text}", not a whole number from ${String(least)} to ${String(most)}.`);
}

function amount(option: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value <= most) return value;
  throw new InputError(`${option} is "${text}", not a number from 0 to ${String(most)}.`);
}

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { Catalogue, LOAN_ASSET } from "./assets.ts";
import { InputError } from "./input-error.ts";
import { makeServer, requireFreePort, untilStopped, welcome } from "./keep-open.ts";
import { inProcess, setUpMarket } from "./market.ts";
import { helpText, readOptions, type Options } from "./options.ts";
import { reportPage } from "./page.ts";
import { firstPrices, play, type Script } from "./play.ts";
import { readPriceFiles } from "./price-files.ts";
import { intersection, utc } from "./price-series.ts";
import { Progress, type Output } from "./progress.ts";
import { reportJson } from "./report-json.ts";
import { describeInputs, makeReport } from "./report.ts";
import { stakedEther } from "./staked-ether.ts";
import { syntheticPrices } from "./synthetic-prices.ts";
import { terminalReport } from "./terminal-report.ts";

/** 2009: before it there was nothing to price, and a chain needs some time before its first. [s] */
const EARLIEST_START = 1_230_768_000;

const PAGES = join(import.meta.dirname, "..", "..", "out");

/**
 * The main job: reads the command line and the prices, sets up a market, plays, reports, and with `--keep` leaves the chain
 * open. Throws an {@link InputError} for what the user can put right.
 * @param pages The folder that the page is written to.
 */
export async function run(
  hre: HardhatRuntimeEnvironment,
  args: readonly string[],
  output: Output,
  pages = PAGES,
): Promise<void> {
  const options = readOptions(args);
  const say = (text: string) => output.write(text + "\n");
  const catalogue = await Catalogue.read();
  if (options.help) {
    say(helpText(catalogue.names));
    return;
  }
  const startedAt = performance.now();
  const script = await readScript(options, catalogue);
  const page = join(pages, pageName(script));
  await prepareFolders([page, ...(options.json === undefined ? [] : [resolve(options.json)])]);
  if (options.keep) await requireFreePort();
  describeInputs(script).forEach(say);

  const server = options.keep ? makeServer(hre) : undefined;
  const connect = server?.connect ?? inProcess(hre);
  const stage = await setUpMarket(
    connect,
    script.window.start,
    script.loans,
    firstPrices(script.series, script.window),
  );
  try {
    const progress = new Progress(output);
    const ledger = await play(stage, script, progress.show);
    progress.finish();
    const report = makeReport(script, ledger, (performance.now() - startedAt) / 1000);
    say("\n" + terminalReport(report));
    await write(page, await reportPage(report));
    say(`\nPage: ${relative(process.cwd(), page)}`);
    if (options.json !== undefined) {
      await write(options.json, reportJson(report));
      say(`JSON: ${options.json}`);
    }
    if (server !== undefined) {
      const answers = new Map(ledger.rounds.map(({ asset, answer }) => [asset, answer]));
      const words = await welcome(stage);
      await server.open();
      const stopped = untilStopped(stage, answers);
      say("\n" + words);
      await stopped;
      await server.close();
      say("\nThe chain has ended.");
    }
  } finally {
    await stage.connection.close();
  }
}

async function readScript(options: Options, catalogue: Catalogue): Promise<Script> {
  const { prices, assets, loans, seed, termsPercent, watchingPercent, gasGwei, wsteth } = options;
  const series = prices.length === 0 ? syntheticPrices(seed) : await readPriceFiles(prices, assets, catalogue);
  if (series.every(({ asset }) => asset === LOAN_ASSET)) {
    throw new InputError("There are only prices of the loan asset: give a file of another asset too.");
  }
  const window = intersection(series);
  if (window.start < EARLIEST_START) {
    throw new InputError(
      `The prices start at ${utc(window.start)}, before 2009: timestamps are unix times in whole seconds.`,
    );
  }
  const more = wsteth ? [await stakedEther(series, window)] : [];
  return { series: [...series, ...more], window, loans, seed, termsPercent, watchingPercent, gasGwei };
}

/** A name of its own for whatever is played, so that one run does not overwrite what another has written. */
export function pageName(script: Script): string {
  const { series, window, loans, seed, termsPercent, watchingPercent, gasGwei } = script;
  const [from, to] = [utc(window.start).slice(0, 10), utc(window.end - 1).slice(0, 10)];
  const dates = from === to ? from : `${from}_${to}`;
  const when = series.some(({ synthetic }) => synthetic) ? "synthetic" : dates;
  const assets = series.map(({ asset }) => asset.toLowerCase()).join("-");
  const owners = `${String(termsPercent)}-terms_${String(watchingPercent)}-watching`;
  return `market_${when}_${assets}_${String(loans)}-loans_${owners}_seed-${String(seed)}_${String(gasGwei)}-gwei.html`;
}

/** Before the run, so that nobody plays for a minute to learn that the result cannot be written. */
async function prepareFolders(files: readonly string[]): Promise<void> {
  for (const file of files) await orInputError(dirname(file), mkdir(dirname(file), { recursive: true }));
}

async function write(file: string, text: string): Promise<void> {
  await orInputError(file, writeFile(file, text));
}

async function orInputError(file: string, writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

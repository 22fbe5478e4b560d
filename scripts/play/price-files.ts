import { readFile } from "node:fs/promises";

import type { Asset, Catalogue } from "./assets.ts";
import { InputError } from "./input-error.ts";
import { joined, type PricePart } from "./price-joins.ts";
import { readPriceName } from "./price-names.ts";
import { parsePrices } from "./price-rows.ts";
import type { PriceSeries } from "./price-series.ts";
import { isZip, unzippedCsv } from "./zip-text.ts";

/**
 * Reads price files, as they are or zipped. Files of one asset that follow each other become one series.
 * @param assets Names from `--asset`, the nth for the nth file; files beyond them are named by themselves.
 */
export async function readPriceFiles(
  files: readonly string[],
  assets: readonly string[],
  catalogue: Catalogue,
): Promise<PriceSeries[]> {
  const parts = new Map<Asset, PricePart[]>();
  for (const [i, file] of files.entries()) {
    const { asset, quote } = readPriceName(file, assets[i], catalogue);
    const series = parsePrices(file, asset, await readText(file));
    const part = { file, series: quote === undefined ? series : { ...series, quote } };
    parts.set(asset, [...(parts.get(asset) ?? []), part]);
  }
  return [...parts.values()].map(joined);
}

async function readText(file: string): Promise<string> {
  const data = await readBytes(file);
  const isZipped = isZip(data) || file.toLowerCase().endsWith(".zip");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(isZipped ? unzippedCsv(file, data) : data);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file}: this is not a text file.`, { cause: error });
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const problem = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
    throw new InputError(`${file}: ${problem}.`);
  }
}

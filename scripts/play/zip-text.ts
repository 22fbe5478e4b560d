import { crc32 } from "node:zlib";

import { unzipSync } from "fflate";

import { InputError } from "./input-error.ts";

/** More would not fit into one text. [bytes] */
const LARGEST_TEXT = 2 ** 28;

const ENCRYPTED = 1;

/** True of what begins like a zip file. */
export function isZip(data: Uint8Array): boolean {
  return data[0] === 0x50 && data[1] === 0x4b; // "PK"
}

/**
 * The bytes of the one csv file in a zip file.
 * @param file Only named in errors.
 */
export function unzippedCsv(file: string, data: Uint8Array): Uint8Array {
  const names: string[] = [];
  let size = 0;
  read(file, data, (entry) => {
    if (!entry.name.endsWith("/")) names.push(entry.name);
    size = entry.originalSize;
    return false;
  });
  const [name] = names;
  if (name === undefined) throw new InputError(`${file}: the zip file is empty; it must hold one csv file.`);
  if (names.length > 1) {
    throw new InputError(`${file}: the zip file holds ${String(names.length)} files; it must hold one csv file.`);
  }
  if (!name.toLowerCase().endsWith(".csv")) {
    throw new InputError(`${file}: the zip file holds ${name}; it must hold one csv file.`);
  }
  if (size > LARGEST_TEXT) {
    throw new InputError(`${file}: ${name} in it has ${String(size)} bytes, more than can be read at once: split it.`);
  }
  const { isEncrypted, checksum } = directoryEntry(file, data);
  if (isEncrypted) throw new InputError(`${file}: the zip file is encrypted: unpack it first.`);
  const csv = read(file, data, (entry) => entry.name === name)[name];
  if (csv === undefined || crc32(csv) !== checksum) throw damaged(file, `${name} in it fails its checksum`);
  return csv;
}

type Choice = NonNullable<NonNullable<Parameters<typeof unzipSync>[1]>["filter"]>;

function read(file: string, data: Uint8Array, filter: Choice): Record<string, Uint8Array> {
  try {
    return unzipSync(data, { filter });
  } catch (error) {
    throw damaged(file, error instanceof Error ? error.message : String(error));
  }
}

function damaged(file: string, problem: string): InputError {
  return new InputError(`${file}: the zip file is damaged or incomplete (${problem}): download it again.`);
}

/** What the library does not look at: flags and checksum of the first entry of the directory at the file's end. */
function directoryEntry(file: string, data: Uint8Array): { readonly isEncrypted: boolean; readonly checksum: number } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = data.byteLength - 22; // the shortest end record
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  const entry = end < 0 ? data.byteLength : view.getUint32(end + 16, true);
  if (entry + 46 > data.byteLength || view.getUint32(entry, true) !== 0x02014b50) {
    throw damaged(file, "it has no directory");
  }
  return {
    isEncrypted: (view.getUint16(entry + 8, true) & ENCRYPTED) !== 0,
    checksum: view.getUint32(entry + 16, true),
  };
}

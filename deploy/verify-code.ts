import {
  concat,
  dataLength,
  dataSlice,
  getAddress,
  getBytes,
  id,
  toBeHex,
  toUtf8Bytes,
  TypedDataEncoder,
  zeroPadBytes,
  zeroPadValue,
  type Provider,
} from "ethers";

import type { SigningDomain } from "../sdk/src/signatures.ts";
import type { MarketAddresses } from "./addresses.ts";
import { isBuilt, OWN_ADDRESS, readBuild, valueAt, type BuiltContract } from "./build.ts";
import type { Differences } from "./differences.ts";
import { mapLibraries } from "./linked-libraries.ts";
import { personOf } from "./market.ts";
import { MAX_NAME_BYTES, type MarketParameters } from "./parameters.ts";

/** The slot in which a book stores the loan asset's source, and the flag there that another one was the first. */
const STORED_LOAN_ASSET = 6n;
const REPLACED = 8n << 160n;

/** What the creation of a contract should have filled in: immutables by name, and the addresses of libraries. */
interface Filling {
  readonly address: string;
  /** Undefined where any value will do. */
  readonly immutables: Readonly<Record<string, string | undefined>>;
  readonly libraries?: Readonly<Record<string, string>>;
}

/**
 * Compares the code on the chain with this build, byte for byte, and what its creation filled in with what it should have.
 *
 * @returns false if a code is another one: then nothing that it says can be believed
 */
export async function verifyCode(
  provider: Provider,
  parameters: MarketParameters,
  addresses: MarketAddresses,
  differences: Differences,
): Promise<boolean> {
  const fillings = expectedFillings(parameters, addresses, await firstSourceOf(provider, addresses.book));
  let isKnown = true;
  for (const built of await readBuild(Object.keys(fillings))) {
    const filling = fillings[built.name];
    if (filling === undefined) continue;
    const code = getBytes(await provider.getCode(filling.address));
    if (code.length === 0)
      differences.add(`There is no contract at ${filling.address}, where the ${built.name} should be.`);
    else if (!isBuilt(built, code)) {
      differences.add(`The code of the ${built.name} at ${filling.address} is not what this build compiles to.`);
    } else {
      compareFilling(built, code, filling, differences);
      continue;
    }
    isKnown = false;
  }
  return isKnown;
}

function compareFilling(built: BuiltContract, code: Uint8Array, filling: Filling, differences: Differences): void {
  for (const [name, ranges] of built.immutables) {
    const expected = filling.immutables[name];
    if (expected === undefined && name in filling.immutables) continue;
    differences.compare(`The ${built.name}'s ${name}`, valueAt(code, ranges), expected, shown);
  }
  for (const [name, ranges] of built.libraries) {
    const expected = filling.libraries?.[name]?.toLowerCase();
    differences.compare(`The ${name} that the ${built.name} is linked to`, valueAt(code, ranges), expected, shown);
  }
}

/** Words of 32 bytes that hold an address are shown as one, others as they are. */
function shown(value: string | undefined): string {
  if (value === undefined) return "not the same everywhere";
  if (dataLength(value) === 20) return getAddress(value);
  const isAddress = /^0x0{24}[1-9a-f]/.test(value);
  return isAddress ? getAddress(dataSlice(value, 12)) : String(BigInt(value));
}

/** What a book has in its code of the loan asset's source: what is stored, as long as that is the first one. */
async function firstSourceOf(provider: Provider, book: string): Promise<string | undefined> {
  const stored = await provider.getStorage(book, STORED_LOAN_ASSET);
  return (BigInt(stored) & REPLACED) === 0n ? stored : undefined;
}

function expectedFillings(
  parameters: MarketParameters,
  addresses: MarketAddresses,
  firstSource: string | undefined,
): Record<string, Filling> {
  const { chainId, vault, book, lens, accessManager, libraries, loanAsset, deployer } = addresses;
  const { token, feed, peg } = parameters.loanAsset;
  const asset = token.address ?? loanAsset.token;
  const { name } = parameters.vault;
  return {
    AccessManager: { address: accessManager, immutables: {} },
    ...mapLibraries((library) => {
      return { address: libraries[library], immutables: { [OWN_ADDRESS]: word(libraries[library]) } };
    }),
    LenderVault: {
      address: vault,
      immutables: {
        BOOK: word(book),
        TREASURY: word(personOf(parameters.treasury, deployer)),
        _asset: word(asset),
        _underlyingDecimals: word(BigInt(token.decimals)),
        ...signatureDomain({ name, version: "1", chainId: BigInt(chainId), verifyingContract: vault }),
      },
    },
    LoanBook: {
      address: book,
      immutables: {
        VAULT: word(vault),
        LOAN_ASSET: word(asset),
        PEG: word(peg),
        MIN_DEBT: word(parameters.minDebt),
        HIGHEST_LOAN_ASSET_PRICE: word(feed.maxAnswer),
        FIRST_LOAN_ASSET_SOURCE: firstSource,
      },
      libraries,
    },
    LoanLens: { address: lens, immutables: {} },
  };
}

/** What OpenZeppelin's EIP712 keeps of the domain in which signatures are good. */
function signatureDomain(domain: SigningDomain): Record<string, string> {
  const { name, version, chainId, verifyingContract } = domain;
  return {
    _cachedChainId: word(chainId),
    _cachedDomainSeparator: TypedDataEncoder.hashDomain(domain),
    _cachedThis: word(verifyingContract),
    _hashedName: id(name),
    _hashedVersion: id(version),
    _name: shortString(name),
    _version: shortString(version),
  };
}

function word(value: string | bigint): string {
  return typeof value === "bigint" ? toBeHex(value, 32) : zeroPadValue(value.toLowerCase(), 32);
}

/** OpenZeppelin's ShortString: up to 31 bytes and their number. */
function shortString(text: string): string {
  const bytes = toUtf8Bytes(text);
  return concat([zeroPadBytes(bytes, MAX_NAME_BYTES), toBeHex(bytes.length, 1)]);
}

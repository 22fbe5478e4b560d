/**
 * What owners sign (EIP-712): authorizations of operators, and approvals of tokens (ERC-2612) for the book's `permit` or the
 * token's own. What a message holds is what viem's `signTypedData` takes too.
 */
import {
  Contract,
  id,
  isError,
  Signature,
  TypedDataEncoder,
  type Provider,
  type Signer,
  type TypedDataField,
} from "ethers";

import { contractErrorIn } from "./errors/contract-error.ts";
import { requireAddress } from "./errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "./errors/invalid-input.ts";

/** The type of the message that authorizes an operator. */
export const AUTHORIZATION_TYPES = {
  Authorization: [
    { name: "owner", type: "address" },
    { name: "operator", type: "address" },
    { name: "isAuthorized", type: "bool" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** The type of the message that approves a spender. */
export const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** ERC-2612's own, which tokens with permits of another kind do not have. */
const PERMIT_TYPEHASH = id("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

/** What distinguishes the messages of a contract from those of all others. */
export interface SigningDomain {
  /** What the contract calls itself. */
  readonly name: string;
  /** Which version of its messages. */
  readonly version: string;
  /** The chain that it is on. */
  readonly chainId: bigint;
  /** Its address. */
  readonly verifyingContract: string;
}

/** Lets an operator do with all loans of the owner whatever the owner may, or no longer. `ILoanBook.Authorization` */
export interface Authorization {
  /** Whose loans they are. */
  readonly owner: string;
  /** Who acts on them. */
  readonly operator: string;
  /** Whether it may. */
  readonly isAuthorized: boolean;
  /** The owner's next one at the book: each is good once. */
  readonly nonce: bigint;
  /** Until when the signature is good. [s] */
  readonly deadline: bigint;
}

/** The arguments of `setAuthorizationWithSig`. */
export interface SignedAuthorization {
  /** What was signed. */
  readonly authorization: Authorization;
  /** Its 65 bytes, as hex digits. */
  readonly signature: string;
}

/** An approval. */
export interface Permit {
  /** Whose tokens they are. */
  readonly owner: string;
  /** Who may move them. */
  readonly spender: string;
  /** How much the spender may move. [token] */
  readonly value: bigint;
  /** The owner's next one at the token. */
  readonly nonce: bigint;
  /** Until when the signature is good. [s] */
  readonly deadline: bigint;
}

/** An approval with its signature, as the book's `permit` and the token's take it. */
export interface SignedPermit extends Permit {
  /** What may be moved. */
  readonly token: string;
  /** The signature's last byte. */
  readonly v: number;
  /** Its first 32 bytes, as hex digits. */
  readonly r: string;
  /** Its next 32 bytes, likewise. */
  readonly s: string;
}

/** What a message of a book is signed in. `EIP712` of the book. */
export function authorizationDomain(chainId: bigint, book: string): SigningDomain {
  requireUint("chainId", chainId);
  return { name: "Ballast LoanBook", version: "1", chainId, verifyingContract: requireAddress("book", book) };
}

/**
 * An authorization with the owner's next nonce.
 *
 * @param terms Of the authorization; `deadline` in [s].
 * @throws {@link InvalidInputError} for addresses and deadlines that are none.
 */
export async function nextAuthorization(
  provider: Provider,
  book: string,
  terms: Omit<Authorization, "nonce">,
): Promise<Authorization> {
  const owner = requireAddress("owner", terms.owner);
  const operator = requireAddress("operator", terms.operator);
  const { isAuthorized, deadline } = terms;
  // Callers without types bring texts and numbers, of which "false" would authorize.
  if (typeof (isAuthorized as unknown) !== "boolean") {
    throw new InvalidInputError("isAuthorized", isAuthorized, "true or false");
  }
  requireUint("deadline", deadline);
  return {
    owner,
    operator,
    isAuthorized,
    nonce: await nonceOf(provider, requireAddress("book", book), owner),
    deadline,
  };
}

/** The signer, who is the owner, authorizes an operator or ends it; anyone may bring the result to the book. */
export async function signAuthorization(
  signer: Signer,
  book: string,
  terms: Omit<Authorization, "nonce" | "owner">,
): Promise<SignedAuthorization> {
  const provider = providerOf(signer);
  const authorization = await nextAuthorization(provider, book, { ...terms, owner: await signer.getAddress() });
  const { chainId } = await provider.getNetwork();
  const domain = authorizationDomain(chainId, book);
  return { authorization, signature: await sign(signer, domain, AUTHORIZATION_TYPES, authorization) };
}

/**
 * What a token's permits are signed in, as the token tells it: by `eip712Domain` (ERC-5267), or by `name` and `version`.
 *
 * @throws {@link InvalidInputError} if the token has no permits of ERC-2612, or they are signed in something else.
 */
export async function permitDomain(provider: Provider, token: string): Promise<SigningDomain> {
  const verifyingContract = requireAddress("token", token);
  const read = reader(provider, verifyingContract);
  const [separator] = await read("DOMAIN_SEPARATOR() view returns (bytes32)");
  const [typehash = PERMIT_TYPEHASH] = await read("PERMIT_TYPEHASH() view returns (bytes32)");
  const declared = await read(
    "eip712Domain() view returns (bytes1, string, string, uint256, address, bytes32, uint256[])",
  );
  const [name] = declared.length === 0 ? await read("name() view returns (string)") : declared.slice(1);
  // Most tokens that do not tell their domain's version have 1; the separator shows whether this one has.
  const [version = "1"] = declared.length === 0 ? await read("version() view returns (string)") : declared.slice(2);
  const { chainId } = await provider.getNetwork();
  const domain = { name: textOf(name), version: textOf(version), chainId, verifyingContract };
  if (typehash !== PERMIT_TYPEHASH || separator !== TypedDataEncoder.hashDomain(domain)) {
    throw new InvalidInputError("token", token, "a token with permits of ERC-2612; approve the spender instead");
  }
  return domain;
}

/**
 * The signer, who is the owner, approves a spender for an amount of a token.
 *
 * @param terms Of the approval; `value` in [token], `deadline` in [s].
 * @throws {@link InvalidInputError} if the token has no permits of ERC-2612.
 */
export async function signPermit(
  signer: Signer,
  token: string,
  terms: Omit<Permit, "nonce" | "owner">,
): Promise<SignedPermit> {
  const provider = providerOf(signer);
  const domain = await permitDomain(provider, token);
  const owner = requireAddress("owner", await signer.getAddress());
  const permit: Permit = {
    owner,
    spender: requireAddress("spender", terms.spender),
    value: requireUint("value", terms.value),
    nonce: await nonceOf(provider, domain.verifyingContract, owner),
    deadline: requireUint("deadline", terms.deadline),
  };
  const { v, r, s } = Signature.from(await sign(signer, domain, PERMIT_TYPES, permit));
  return { token: domain.verifyingContract, ...permit, v, r, s };
}

async function sign(
  signer: Signer,
  domain: SigningDomain,
  types: Readonly<Record<string, readonly TypedDataField[]>>,
  message: Authorization | Permit,
): Promise<string> {
  const fields = Object.fromEntries(Object.entries(types).map(([name, list]) => [name, [...list]]));
  return signer.signTypedData(domain, fields, message);
}

function providerOf({ provider }: Signer): Provider {
  if (provider === null) throw new InvalidInputError("signer", provider, "a signer that is connected to a provider");
  return provider;
}

async function nonceOf(provider: Provider, contract: string, owner: string): Promise<bigint> {
  const nonces = new Contract(contract, ["function nonces(address) view returns (uint256)"], provider);
  return requireUint("nonce", (await nonces.getFunction("nonces").staticCall(owner)) as bigint);
}

/** Reads views that a token may not have: comes back with what they return, or with nothing. */
function reader(provider: Provider, token: string): (view: string) => Promise<readonly unknown[]> {
  return async (view) => {
    const contract = new Contract(token, [`function ${view}`], provider);
    try {
      return await contract.getFunction(view.slice(0, view.indexOf("("))).staticCallResult();
    } catch (error) {
      const isRefused = isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA");
      if (isRefused || contractErrorIn(error) !== undefined) return [];
      throw error; // the node was not reached, which says nothing of the token
    }
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A market on a chain: who reads it, and who sends its transactions. */
import { BrowserProvider, type Eip1193Provider, type Provider, type Signer } from "ethers";

import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { MissingContractError, WrongChainError } from "../errors/call-errors.ts";
import { revertDataIn } from "../errors/contract-error.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";

/** What answers requests (EIP-1193): a wallet in a browser, or a client of viem. */
export interface Requests {
  /** As a method, so that viem's, which knows what each request takes, is one too. */
  request(request: { method: string; params?: unknown }): Promise<unknown>;
}

/** An ethers signer or provider, or anything with `request`. */
export type Runner = Signer | Provider | Requests;

/**
 * A market on a chain. Nothing is sent before the first read or transaction, which looks once whether vault and book are there; each one
 * looks whether the chain is the market's.
 *
 * @param runner A signer if transactions are to be sent; a wallet with `request` sends them from its first account.
 * @throws {@link InvalidInputError} if the runner cannot reach a chain.
 */
export function connect(addresses: MarketAddresses, runner: Runner): MarketConnection {
  return new MarketConnection(addresses, runner);
}

/** See {@link connect}. */
export class MarketConnection {
  readonly #provider: Provider;
  readonly #signer: () => Promise<Signer>;
  readonly #chainId: () => Promise<bigint>;
  #check: Promise<void> | undefined;

  public constructor(
    /** As they were given. */
    public readonly addresses: MarketAddresses,
    runner: Runner,
  ) {
    if (isWallet(runner)) {
      // Without the cache: within its quarter of a second a market would be read as it was before a transaction.
      const browser = new BrowserProvider(withRevertData(runner), addresses.chainId, { cacheTimeout: -1 });
      this.#provider = browser;
      this.#chainId = async () => BigInt((await runner.request({ method: "eth_chainId" })) as string);
      this.#signer = () => browser.getSigner();
      return;
    }
    const { provider } = runner;
    if (provider === null) throw new InvalidInputError("runner", runner, "a signer that is connected to a provider");
    this.#provider = provider;
    this.#chainId = async () => (await provider.getNetwork()).chainId;
    this.#signer = () => {
      if (isSigner(runner)) return Promise.resolve(runner);
      return Promise.reject(new InvalidInputError("runner", runner, "a signer, to send transactions"));
    };
  }

  /**
   * Reads the chain.
   * @throws {@link WrongChainError} and {@link MissingContractError} if the market is not there.
   */
  public async provider(): Promise<Provider> {
    const [expected, chainId] = [BigInt(this.addresses.chainId), await this.#chainId()];
    if (chainId !== expected) throw new WrongChainError(expected, chainId); // a wallet can switch at any time
    this.#check ??= this.#checkContracts(expected).catch((error: unknown) => {
      this.#check = undefined; // a node can be reached later
      throw error;
    });
    await this.#check;
    return this.#provider;
  }

  /** Sends transactions. Throws like {@link provider}, and {@link InvalidInputError} if the connection is for reading only. */
  public async signer(): Promise<Signer> {
    await this.provider();
    return this.#signer();
  }

  /** Whose transactions they are, with its checksum. Throws like {@link signer}. */
  public async sender(): Promise<string> {
    return requireAddress("sender", await (await this.signer()).getAddress());
  }

  async #checkContracts(chainId: bigint): Promise<void> {
    await Promise.all(
      (["vault", "book"] as const).map(async (contract) => {
        const address = this.addresses[contract];
        if ((await this.#provider.getCode(address)) === "0x")
          throw new MissingContractError(contract, address, chainId);
      }),
    );
  }
}

function isWallet(runner: Runner): runner is Requests {
  return "request" in runner && typeof runner.request === "function";
}

function isSigner(runner: Signer | Provider): runner is Signer {
  return "getAddress" in runner && typeof runner.getAddress === "function";
}

/** viem keeps revert data deeper than where ethers looks for it. */
function withRevertData(wallet: Requests): Eip1193Provider {
  return {
    request: async (request): Promise<unknown> => {
      try {
        return await wallet.request(request);
      } catch (error) {
        const data = revertDataIn(error);
        if (error instanceof Error && data !== undefined) Object.assign(error, { data });
        throw error;
      }
    },
  };
}

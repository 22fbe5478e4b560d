import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { Contract } from "ethers";

import type { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import type { Artifacts } from "./compile.ts";

/** Deploys what {@link compile} has compiled. */
export class Deployer {
  readonly #libraries = new Map<string, string>();

  public constructor(
    private readonly chain: BenchChain,
    private readonly signer: HardhatEthersSigner,
    private readonly artifacts: Artifacts,
  ) {}

  /** Deploys a contract, and first the libraries that it calls. */
  public async deploy(name: string, ...args: readonly unknown[]): Promise<Contract> {
    const { abi } = this.#artifact(name);
    return this.at(name, await this.chain.create(abi, await this.#link(name), args, this.signer));
  }

  /** A contract that stands, called as the deployer. */
  public at(name: string, address: string): Contract {
    return new Contract(address, this.#artifact(name).abi, this.signer);
  }

  #artifact(name: string) {
    const artifact = this.artifacts.get(name);
    if (artifact === undefined) throw new Error(`${name} has not been compiled.`);
    return artifact;
  }

  /** Creation code with the addresses of the libraries in it. */
  async #link(name: string): Promise<string> {
    let { code } = this.#artifact(name);
    for (const library of Object.values(this.#artifact(name).links)) {
      for (const [used, places] of Object.entries(library)) {
        const address = (await this.#library(used)).slice(2);
        for (const { start } of places) {
          code = code.slice(0, 2 * start) + address + code.slice(2 * start + address.length);
        }
      }
    }
    return `0x${code}`;
  }

  async #library(name: string): Promise<string> {
    const known = this.#libraries.get(name);
    if (known !== undefined) return known;
    const address = await (await this.deploy(name)).getAddress();
    this.#libraries.set(name, address);
    return address;
  }
}

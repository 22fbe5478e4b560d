import { createServer as createSocketServer } from "node:net";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkHooks } from "hardhat/types/hooks";
import type { JsonRpcServer } from "hardhat/types/network";

import type { Connection } from "../../deploy/session.ts";
import { latestAnswer } from "../../deploy/local-feeds.ts";
import { keyedAccounts } from "./accounts.ts";
import type { Asset } from "./assets.ts";
import { count, listed } from "./format.ts";
import { InputError } from "./input-error.ts";
import { mint, type Connect, type Stage } from "./market.ts";

const HOST = "127.0.0.1";
const PORT = 8545;

/** Feeds go on publishing what they last said, so that their answers stay live. [ms] */
const HEARTBEAT = 30 * 60 * 1000;
/** How long open connections may hold up the end. [ms] */
const CLOSING_TIME = 1_000;
const BORROWERS_SHOWN = 5;

/** What each free account gets, in whole tokens. */
const GIFTS: Readonly<Partial<Record<Asset, bigint>>> = { WETH: 100n, wstETH: 100n, WBTC: 5n, USDC: 1_000_000n };
const GIFT_OF_OTHERS = 10_000n;

/** A chain in this process that can be reached from outside of it. */
export interface Server {
  readonly connect: Connect;
  /** Opens the port. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Throws an {@link InputError} if something else listens on the port. */
export async function requireFreePort(port = PORT): Promise<void> {
  const probe = createSocketServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", () => {
      reject(new InputError(`Port ${String(port)} of ${HOST} is in use: end what listens there, or leave out --keep.`));
    });
    probe.listen(port, HOST, () => probe.close(() => resolve()));
  });
}

/** Prepares Hardhat's JSON-RPC server. It makes its own connection; a hook hands that one to the play as well. */
export function makeServer(hre: HardhatRuntimeEnvironment, port = PORT): Server {
  let server: JsonRpcServer | undefined;
  let isOpen = false;
  return {
    connect: async (override) => {
      const connections: Connection[] = [];
      const hooks: Partial<NetworkHooks> = {
        newConnection: async (context, next) => {
          const connection = await next(context);
          connections.push(connection);
          return connection;
        },
      };
      hre.hooks.registerHandlers("network", hooks);
      try {
        server = await hre.network.createServer({ override }, HOST, port);
      } finally {
        hre.hooks.unregisterHandlers("network", hooks);
      }
      const [connection] = connections;
      if (connection === undefined) throw new Error("The server has no connection.");
      return connection;
    },
    open: async () => {
      await requireFreePort(port);
      await server?.listen();
      isOpen = true;
    },
    close: async () => {
      if (!isOpen) return;
      const patience = new Promise((resolve) => setTimeout(resolve, CLOSING_TIME).unref());
      await Promise.race([server?.close(), patience]);
    },
  };
}

/** Gives the free accounts tokens, and returns what a wallet's owner needs to know. */
export async function welcome(stage: Stage): Promise<string> {
  const { market, roles } = stage;
  const assets = [market.loanAsset, ...market.listings];
  for (const { symbol, decimals } of assets) {
    for (const visitor of roles.visitors) await mint(stage, symbol, visitor, giftOf(symbol) * 10n ** BigInt(decimals));
  }
  const contracts = [
    ["Vault", market.vaultAddress],
    ["Book", market.bookAddress],
    ["Lens", stage.lensAddress],
    ...assets.map(({ symbol, token }) => [symbol, token]),
    ...assets.map(({ symbol, feed }) => [`Feed ${symbol}`, feed.address]),
  ];
  const accounts = keyedAccounts(roles, BORROWERS_SHOWN);
  const gifts = [...market.listings, market.loanAsset].map(
    ({ symbol }) => `${count(Number(giftOf(symbol)))} ${symbol}`,
  );
  const width = Math.max(10, ...contracts.map(([name = ""]) => name.length));
  return [
    `The chain runs on http://${HOST}:${String(PORT)}, chain id ${String(market.chainId)}. Ctrl-C ends it.`,
    "",
    ...contracts.map(([name = "", address = ""]) => `  ${name.padEnd(width)} ${address}`),
    "",
    "Accounts. The keys are public, everybody knows them: never send anything of value to these addresses.",
    ...accounts.map(({ role, address, privateKey }) => `  ${role.padEnd(18)} ${address}  ${privateKey}`),
    "",
    `Each free account has ${listed(gifts)}, and ether for gas. The feeds keep publishing what they said last.`,
  ].join("\n");
}

function giftOf(asset: Asset): bigint {
  return GIFTS[asset] ?? GIFT_OF_OTHERS;
}

/**
 * Keeps the feeds alive until the process is told to end. Rejects if the chain does.
 * @param answers What each feed said last, by its name.
 */
export async function untilStopped(stage: Stage, answers: ReadonlyMap<string, bigint>): Promise<void> {
  const { provider } = stage.connection.ethers;
  const publishAll = async () => {
    for (const { symbol } of stage.market.localFeeds) {
      const feed = stage.market.feedOf(symbol);
      // An asset that was not played has only the price that its feed was set up with.
      await feed.submit(answers.get(symbol) ?? (await latestAnswer(provider, feed.proxy)));
    }
  };
  await new Promise<void>((resolve, reject) => {
    const beat = () => void publishAll().catch(reject);
    const timer = setInterval(beat, HEARTBEAT);
    const stop = () => {
      clearInterval(timer);
      resolve();
    };
    // The handlers stay: a signal that comes twice, from the terminal and from npm, must not cut the end short.
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    beat(); // the last round of the window may be nearly too old
  });
}

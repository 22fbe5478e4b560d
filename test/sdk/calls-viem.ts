/** A loan's life that viem sends and reads: the SDK's calls and previews need no ethers of the integrator's. */
import { expect } from "chai";
import { createWalletClient, custom, publicActions, type Hex } from "viem";

import {
  borrowCall,
  closeCall,
  connect,
  openCall,
  pledgeCall,
  readLoan,
  readMarket,
  releaseCall,
  repayCall,
  type CallRequest,
} from "../../sdk/src/calls/index.ts";
import { loanBookAbi } from "../../sdk/src/abi/index.ts";
import { ContractErrorOf, contractErrorIn } from "../../sdk/src/errors/index.ts";
import { atTime } from "../../sdk/src/market/market-snapshot.ts";
import {
  previewBorrow,
  previewClose,
  previewOpen,
  previewPledge,
  previewRelease,
  previewRepay,
} from "../../sdk/src/previews/index.ts";
import type { LoanOutcome } from "../../sdk/src/previews/outcomes.ts";
import { clock, DAY, ethers } from "../helpers/chain.ts";
import { usdc, waitWithLiveFeeds, wbtc, weth } from "../helpers/market.ts";
import { callsScene, thrownBy } from "./calls-scene.ts";

describe("SDK: calls over viem", () => {
  it("are previewed, sent and read through a loan's life, to the unit", async () => {
    const { market, addresses } = await callsScene();
    const owner = market.borrower.address;
    const transport = custom({
      request: async ({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> => {
        return ethers.provider.send(method, params ?? []);
      },
    });
    const client = createWalletClient({ account: owner as Hex, transport }).extend(publicActions);
    const connection = connect(addresses, client);
    const order = { number: 1n, pledges: [{ listing: 0, amount: weth("10") }], amount: usdc("10,000") };
    const send = async ({ to, data }: CallRequest): Promise<void> => {
      const hash = await client.sendTransaction({ chain: null, to, data });
      expect((await client.waitForTransactionReceipt({ hash })).status).to.equal("success");
    };

    const opening = previewOpen(await readMarket(connection), { owner, ...order }, addresses);
    await send(openCall(addresses, order, owner));
    const { id } = opening;
    await expectAfter(opening);

    const pledged = { id, listing: 1, amount: wbtc("0.5") };
    const pledging = previewPledge(await readMarket(connection), await readLoan(connection, id), pledged, addresses);
    await send(pledgeCall(addresses, pledged));
    await expectAfter(pledging);

    await waitWithLiveFeeds(market, 10n * DAY);
    const more = { id, amount: usdc("123.456789") };
    const drawing = previewBorrow(await readMarket(connection), await readLoan(connection, id), more.amount, addresses);
    await send(borrowCall(addresses, more));
    await expectAfter(drawing);

    await waitWithLiveFeeds(market, DAY);
    const part = { id, amount: usdc("5,000") };
    const paying = previewRepay(await readMarket(connection), await readLoan(connection, id), part.amount, addresses);
    await send(repayCall(addresses, part));
    await expectAfter(paying);

    // What is refused is refused alike by the preview, and by the chain through viem.
    const all = { id, listing: 0, amount: "all" } as const;
    const tooMuch = { id, listing: 0, amount: weth("10") };
    await send(releaseCall(addresses, { id, listing: 1, amount: wbtc("0.5") }));
    const snapshot = await readMarket(connection);
    const { refusal } = previewRelease(snapshot, await readLoan(connection, id), tooMuch, addresses);
    const { to, data } = releaseCall(addresses, all);
    const said = contractErrorIn(await thrownBy(client.estimateGas({ to, data })), addresses);
    expect(said).to.be.instanceOf(ContractErrorOf).and.include({ name: refusal?.name });
    expect(said?.name).to.equal("AboveBorrowLimit"); // by a second of interest more than the preview

    const later = atTime(snapshot, clock.now());
    const closing = previewClose(later, await readLoan(connection, id), usdc("20,000"), addresses);
    await send(closeCall(addresses, { id, maxAmount: closing.paid }));
    await expectAfter(closing);
    const args = { address: to, abi: loanBookAbi, functionName: "debtOf", args: [id] } as const;
    expect(await client.readContract(args)).to.equal(0n);

    async function expectAfter({ refusal: none, after, market: then }: LoanOutcome): Promise<void> {
      expect(none).to.equal(undefined);
      expect(await readLoan(connection, id)).to.deep.equal(after?.loan);
      expect((await readMarket(connection)).vault).to.deep.equal(then?.vault);
    }
  });
});

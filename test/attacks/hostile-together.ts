import { expect } from "chai";

import { interfaceOf } from "../helpers/contracts.ts";
import { YEAR } from "../helpers/chain.ts";
import { bookAction, CURATOR, GUARDIAN, idOfAction, raiseDepositCap, TREASURER } from "../helpers/governance.ts";
import { DAY, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { ADMIN_DELAY, announceAsAdmin, instruct } from "../helpers/officers.ts";
import { expectBalancedBooks } from "./scene.ts";
import {
  BORROW,
  DEPOSIT,
  drain,
  expectBusinessAsUsual,
  expectLinesToStay,
  LISTINGS,
  lowerAll,
  pauseAll,
  playWorstCases,
  proposeListing,
  retireAll,
  worthlessListing,
  type HostileScene,
} from "./officers-scene.ts";

/** What book and vault hold, of every token. */
async function holdings({ vault, book, usdc, weth, wbtc, link }: HostileScene): Promise<bigint[]> {
  const balances = [usdc, weth, wbtc, link].flatMap((token) => [token.balanceOf(vault), token.balanceOf(book)]);
  return Promise.all(balances);
}

describe("Hostile officers together", () => {
  playWorstCases("together", {
    curatorAndGuardian: async (scene) => {
      const { book, curator, admin } = scene;
      const { token, feed, candidate } = await worthlessListing();
      const action = await proposeListing(scene, candidate);
      await announceAsAdmin(scene, "revokeRole", [CURATOR, curator]);
      await waitWithLiveFeeds(scene, 7n * DAY);
      await feed.set(await feed.answer());
      await expect(instruct(scene, admin, "revokeRole", [CURATOR, curator])).to.be.revertedWithCustomError(
        scene.manager,
        "AccessManagerNotReady",
      );
      await book.connect(curator).execute(action);
      await drain(scene, token);
      await expectBalancedBooks(scene);
    },
    brake: async (scene) => {
      const { vault, book, curator, guardian } = scene;
      await expectLinesToStay(scene, async () => {
        await pauseAll(scene);
        await retireAll(scene);
        await lowerAll(scene);
      });
      const proposals = [
        [book, bookAction("raiseCap", [WETH, weth("6,000")])],
        [vault, raiseDepositCap(usdc("20,000,000"))],
      ] as const;
      for (const [target, action] of proposals) {
        await target.connect(curator).propose(action);
        await target.connect(guardian).cancel(idOfAction(action));
      }
      await expectBusinessAsUsual(scene);
      // And years later, when interest has grown.
      await waitWithLiveFeeds(scene, YEAR);
      await pauseAll(scene);
      await expectBusinessAsUsual(scene);
    },
    allOfficers: async (scene) => {
      const { vault, book, admin } = scene;
      const held = await holdings(scene);
      const terms = await Promise.all(LISTINGS.map(async (listing) => (await book.listings(listing)).terms));
      await expectLinesToStay(scene, async () => {
        for (const role of [CURATOR, GUARDIAN, TREASURER]) await announceAsAdmin(scene, "grantRole", [role, admin, 0n]);
        await waitWithLiveFeeds(scene, ADMIN_DELAY);
        for (const role of [CURATOR, GUARDIAN, TREASURER]) await instruct(scene, admin, "grantRole", [role, admin, 0n]);
        const asAdmin = { ...scene, curator: admin, guardian: admin };
        await pauseAll(asAdmin);
        await retireAll(asAdmin);
        await lowerAll(asAdmin);
        // No function of the contracts, proposed like a call, is an action.
        for (const [target, name] of [
          [vault, "LenderVault"],
          [book, "LoanBook"],
        ] as const) {
          const selectors: string[] = [];
          (await interfaceOf(name)).forEachFunction(({ selector }) => selectors.push(selector));
          expect(selectors.length).to.be.above(30);
          for (const selector of selectors) {
            const action = selector + "00".repeat(128);
            await expect(target.connect(admin).propose.staticCall(action))
              .to.be.revertedWithCustomError(book, "InvalidAction")
              .withArgs(selector);
          }
        }
      });
      expect(await holdings(scene)).to.deep.equal(held);
      expect(await Promise.all(LISTINGS.map(async (listing) => (await book.listings(listing)).terms))).to.deep.equal(
        terms,
      );
      await expectBusinessAsUsual(scene);
    },
  });
});

describe("A hostile deployer", () => {
  playWorstCases("deployer", {
    nothing: async (scene) => {
      const { vault, book, manager, deployer, id } = scene;
      const targets = [
        async () => vault.connect(deployer).pause(DEPOSIT),
        async () => vault.connect(deployer).unpause(BORROW),
        async () => vault.connect(deployer).sweepReserves(),
        async () => book.connect(deployer).retire(WETH),
        async () => book.connect(deployer).propose(bookAction("raiseCap", [WETH, weth("6,000")])),
        async () => book.connect(deployer).setAuthority(manager),
      ];
      for (const call of targets) {
        await expect(call())
          .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
          .withArgs(deployer.address);
      }
      await expect(instruct(scene, deployer, "grantRole", [CURATOR, deployer, 0n]))
        .to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount")
        .withArgs(deployer.address, 0n);
      await expect(book.connect(deployer).borrow(id, 1n, deployer))
        .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
        .withArgs(id, deployer.address);
      expect(await book.debtOf(id)).to.equal(usdc("10,000"));
    },
  });
});

/** The libraries themselves, behind functions that anybody can call: compiled here, since no contract of the product offers them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Contract, ContractFactory, type InterfaceAbi } from "ethers";
import solc from "solc";

import { ethers } from "../helpers/chain.ts";
import { isRevert } from "../helpers/reverts.ts";

const SOURCE = `
// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ILenderVault} from "contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "contracts/interfaces/ILoanBook.sol";
import {AveragedSupply} from "contracts/libraries/AveragedSupply.sol";
import {Growth, LoanDebt} from "contracts/libraries/LoanDebt.sol";
import {RateCurve} from "contracts/libraries/RateCurve.sol";
import {NO_LOAN, StoredLoan} from "contracts/libraries/StoredLoans.sol";
import {TermDebt} from "contracts/libraries/TermDebt.sol";
import {TermQuote} from "contracts/libraries/TermQuote.sol";

contract Harness {
    struct GrowthParts {
        uint256 index;
        uint256 unit;
        uint256 breakFee;
    }

    function expWad(int256 x) external pure returns (int256) {
        return FixedPointMathLib.expWad(x);
    }

    function utilisation(uint256 cash, uint256 debt) external pure returns (uint256) {
        return RateCurve.utilisation(cash, debt);
    }

    function curveRate(uint256 rateAtTarget, uint256 used) external pure returns (uint256) {
        return RateCurve.rate(rateAtTarget, used);
    }

    function drift(uint256 rateAtTarget, uint256 used, uint256 elapsed) external pure returns (uint256, uint256) {
        return RateCurve.drift(rateAtTarget, used, elapsed);
    }

    function growth(uint256 yearly, uint256 elapsed) external pure returns (uint256) {
        return RateCurve.growth(yearly, elapsed);
    }

    function next(uint48 average, uint256 supply, uint256 elapsed) external pure returns (uint48) {
        return AveragedSupply.next(average, supply, elapsed);
    }

    function unpack(uint48 packed) external pure returns (uint256) {
        return AveragedSupply.unpack(packed);
    }

    function pack(uint256 average) external pure returns (uint48) {
        return AveragedSupply.pack(average);
    }

    function owed(TermDebt.Sums memory sums, uint256 time) external pure returns (uint256) {
        return TermDebt.owed(sums, time);
    }

    function add(TermDebt.Sums memory sums, ILenderVault.Debts memory debts) external pure returns (TermDebt.Sums memory) {
        TermDebt.add(sums, debts);
        return sums;
    }

    function remove(
        TermDebt.Sums memory sums,
        ILenderVault.Debts memory debts
    ) external pure returns (TermDebt.Sums memory) {
        TermDebt.remove(sums, debts);
        return sums;
    }

    function quote(TermQuote.Market memory market, uint256 duration) external pure returns (uint256) {
        return TermQuote.rate(market, duration);
    }

    function maxTermDebt(uint256 totalAssets, uint256 averagedSupply) external pure returns (uint256) {
        return TermQuote.maxTermDebt(totalAssets, averagedSupply);
    }

    /// Of a loan as the interface speaks of it, and as stored, which must be the same.
    function growthOf(ILoanBook.Loan memory loan, uint256 debtIndex) external view returns (GrowthParts memory) {
        Growth growth_ = LoanDebt.growthOf(loan, debtIndex);
        require(Growth.unwrap(growth_) == Growth.unwrap(LoanDebt.growthOf(_stored(loan), debtIndex)));
        return GrowthParts(growth_.indexOf(), growth_.unitOf(), growth_.breakFeeOf());
    }

    /// The base's debt, its fee both ways, and what a payment retires in each of the three ways.
    function amountsOf(
        GrowthParts memory parts,
        uint256 base,
        uint256 payment
    ) external pure returns (uint256[6] memory) {
        Growth growth_ = LoanDebt.toGrowth(parts.index, parts.unit, parts.breakFee);
        return [
            LoanDebt.debtUp(growth_, base),
            LoanDebt.feeUp(growth_, base),
            LoanDebt.feeDown(growth_, base),
            LoanDebt.baseDown(growth_, payment),
            LoanDebt.baseWithFeeDown(growth_, payment),
            LoanDebt.retiredDown(growth_, payment)
        ];
    }

    function scaledUp(uint256 amount, uint256 debtIndex) external pure returns (uint256) {
        return LoanDebt.scaledUp(amount, debtIndex);
    }

    function debtsOf(ILoanBook.Loan memory loan, uint256 base) external pure returns (ILenderVault.Debts memory) {
        return LoanDebt.debtsOf(_stored(loan), base);
    }

    function accumulate(
        ILenderVault.Debts memory sum,
        ILoanBook.Loan memory loan,
        uint256 base
    ) external pure returns (ILenderVault.Debts memory) {
        LoanDebt.accumulate(sum, _stored(loan), base);
        return sum;
    }

    function _stored(ILoanBook.Loan memory loan) private pure returns (StoredLoan stored) {
        stored = NO_LOAN.withBase(loan.base).withPledged(loan.pledged);
        if (loan.maturity != 0) stored = stored.withTerm(loan.since, loan.maturity, loan.rate);
    }
}
`;

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>>;
}

/** What a library says: numbers, or an array of them; `undefined` where it reverts. */
export type Ask = (name: string, ...args: unknown[]) => Promise<unknown>;

export interface Harness {
  address: string;
  ask: Ask;
}

/** Compiles a contract of the name Harness, by default this one, and deploys it. */
export async function deployHarness(source = SOURCE): Promise<Harness> {
  const { abi, evm } = compiled(source);
  const [deployer] = await ethers.getSigners();
  const deployed = await new ContractFactory(abi, evm.bytecode.object, deployer).deploy();
  const address = await deployed.getAddress();
  const harness = new Contract(address, abi, deployer);
  const ask: Ask = async (name, ...args) => {
    try {
      return (await harness.getFunction(name).staticCall(...args)) as unknown;
    } catch (error) {
      if (isRevert(error)) return undefined;
      throw error;
    }
  };
  return { address, ask };
}

function compiled(source: string): { abi: InterfaceAbi; evm: { bytecode: { object: string } } } {
  const input = {
    language: "Solidity",
    sources: { "Harness.sol": { content: source } },
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: false },
      outputSelection: { "*": { Harness: ["abi", "evm.bytecode.object"] } },
    },
  };
  const compile = solc.compile as (input: string, callbacks: { import: typeof read }) => string;
  const output = JSON.parse(compile(JSON.stringify(input), { import: read })) as Output;
  const problems = (output.errors ?? []).filter(({ severity }) => severity === "error");
  const harness = output.contracts["Harness.sol"]?.Harness;
  if (harness === undefined || problems.length !== 0) {
    throw new Error(problems.map(({ formattedMessage }) => formattedMessage).join("\n"));
  }
  return harness;
}

function read(path: string): { contents: string } {
  const root = new URL("../../", import.meta.url);
  const folder = path.startsWith("contracts/") ? root : new URL("node_modules/", root);
  return { contents: readFileSync(fileURLToPath(new URL(path, folder)), "utf8") };
}

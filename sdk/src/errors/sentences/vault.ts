import type { SentenceTable } from "./table.ts";

/** What lenders and holders of shares meet, and whoever draws on the vault. */
export const VAULT_SENTENCES = {
  CallerNotBook: ({ caller, book }) =>
    `${caller} called what only the market's book ${book} may call: go through the book.`,
  FlashLoanNotAccepted: ({ receiver }) =>
    `${receiver} did not accept the flash loan: its onFlashLoan must return the ERC-3156 constant.`,
  InsufficientCash: ({ requested, available }, say) =>
    `The vault has ${say.asset(available)} that are not lent out, and ${say.asset(requested)} were asked for: ask for less, or wait for repayments.`,
  InvalidReceiver: ({ receiver }) =>
    `${receiver} cannot receive: what the zero address, the vault or the book gets is lost. Name another account.`,
  NotLoanAsset: ({ token, loanAsset }) => `Flash loans are of ${loanAsset} only, not of ${token}: ask for that token.`,
  NotPaused: ({ activity }, say) => `There is no pause of ${say.activity(activity)} to end: leave it as it is.`,
  NothingToSweep: ({ reserves, target }, say) =>
    `Reserves are ${say.asset(reserves)} and up to ${say.asset(target)} stay in the vault: sweep once there are more.`,
  Paused: ({ activity, until }, say) =>
    `The guardian has paused ${say.activity(activity)} until ${say.time(until)}: wait until then. Withdrawing and repaying go on.`,

  ERC4626ExceededMaxDeposit: ({ receiver, assets, max }, say) =>
    `A deposit of ${say.asset(assets)} for ${receiver} is above what the vault takes now, ${say.asset(max)}: deposit less.`,
  ERC4626ExceededMaxMint: ({ receiver, shares, max }) =>
    `The vault mints at most ${max} base units of shares for ${receiver} now, and ${shares} were asked for: mint fewer.`,
  ERC4626ExceededMaxRedeem: ({ owner, shares, max }) =>
    `${owner} can redeem at most ${max} base units of shares now, and ${shares} were asked for: redeem fewer, or wait for repayments.`,
  ERC4626ExceededMaxWithdraw: ({ owner, assets, max }, say) =>
    `${owner} can withdraw at most ${say.asset(max)} now, and ${say.asset(assets)} were asked for: withdraw less, or wait for repayments.`,

  ERC20InsufficientAllowance: ({ spender, allowance, needed }) =>
    `${spender} may move ${allowance} base units of the token and needs ${needed}: approve it for at least that.`,
  ERC20InsufficientBalance: ({ sender, balance, needed }) =>
    `${sender} has ${balance} base units of the token and needs ${needed}: use a smaller amount, or get more of the token.`,
  ERC20InvalidApprover: ({ approver }) => `${approver} cannot approve anybody: approve from another account.`,
  ERC20InvalidReceiver: ({ receiver }) => `${receiver} cannot receive the token: name another receiver.`,
  ERC20InvalidSender: ({ sender }) => `${sender} cannot send the token: send from another account.`,
  ERC20InvalidSpender: ({ spender }) => `${spender} cannot be approved: name another spender.`,
  SafeERC20FailedOperation: ({ token }) =>
    `The token ${token} refused to move: check balance and approval, and that the token has neither blocked an account nor been paused.`,

  ECDSAInvalidSignature: () => "The signature belongs to no key: sign again.",
  ECDSAInvalidSignatureLength: ({ length }) => `The signature has ${length} bytes where 65 are due: pass it whole.`,
  ECDSAInvalidSignatureS: ({ s }) =>
    `The signature's s, ${s}, is in the upper half, which is refused: sign with a library that gives the lower one.`,
  ERC2612ExpiredSignature: ({ deadline }, say) =>
    `The permit was good until ${say.time(deadline)}: sign a new one with a later deadline.`,
  ERC2612InvalidSigner: ({ signer, owner }) =>
    `The permit was signed by ${signer} and not by ${owner}, or for other values, another token or another chain: have ${owner} sign exactly what is sent.`,
  InvalidAccountNonce: ({ account, currentNonce }) =>
    `The next nonce of ${account} is ${currentNonce}: sign with that one.`,
} satisfies Partial<SentenceTable>;

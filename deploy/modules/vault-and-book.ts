import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The two contracts of a market. The vault is told the book's address before the book exists, so the two creations must be
 * the sender's next two transactions in this order; the book's constructor refuses a vault that was told another address.
 * The sender owns both until the last step, as it has listings to add.
 */
export default buildModule("VaultAndBook", (m) => {
  const vault = m.contract("LenderVault", [
    m.getParameter("loanAsset"),
    m.getParameter("predictedBook"),
    m.getParameter("treasury"),
    m.getParameter("firstOwner"),
    m.getParameter("depositCap"),
    m.getParameter("name"),
    m.getParameter("symbol"),
  ]);
  const book = m.contract("LoanBook", [
    vault,
    m.getParameter("firstOwner"),
    m.getParameter("minDebt"),
    m.getParameter("loanAssetFeed"),
    m.getParameter("peg"),
  ]);
  return { vault, book };
});

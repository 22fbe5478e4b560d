/** What the contracts fix, and more than one module needs. */

/** The zero address: what the contracts store where there is none. */
export const NO_ADDRESS = `0x${"0".repeat(40)}`;

/** Listings of a book are numbered from 0 to one less: which of them a loan pledges is a bitmap. `LoanBook.MAX_LISTINGS`. */
export const MAX_LISTINGS = 40;

/** How many different assets a loan may pledge. `LoanBook.MAX_PLEDGES`. */
export const MAX_PLEDGES = 4;

// What the commands of money do: the entry of their chunk.
export { fundWallet } from "./funding.js";
export { keepFunded } from "./keepFunded.js";
export { deleteLedger, deposit, transfer, withdraw } from "./moving.js";
export {
  acknowledge,
  collectRefunds,
  requestAllReturns,
  requestReturn,
  revokeAcknowledgement,
} from "./returning.js";
export { createUnaskedMoney } from "./unasked.js";

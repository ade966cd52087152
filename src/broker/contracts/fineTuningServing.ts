// FineTuningServing (spec contracts.md 7) as deployed: with `abandonDeliverable`, its error and its event, which the
// network's npm package does not know.
import { servingFragments } from "./serving.js";

const refund = "(uint256 index, uint256 amount, uint256 createdAt, bool _deprecated_processed)";
const deliverable =
  "(string id, bytes modelRootHash, bytes encryptedSecret, bool acknowledged, uint248 timestamp, bool settled)";
const account = `(address user, address provider, uint256 nonce, uint256 balance, uint256 pendingRefund, ${refund}[] refunds, string additionalInfo, ${deliverable}[] deliverables, uint256 validRefundsLength, uint256 deliverablesHead, uint256 deliverablesCount, bool acknowledged)`;
const accountSummary =
  "(address user, address provider, uint256 nonce, uint256 balance, uint256 pendingRefund, string additionalInfo, uint256 validRefundsLength, uint256 deliverablesCount, bool acknowledged)";
const quota = "(uint256 cpuCount, uint256 nodeMemory, uint256 gpuCount, uint256 nodeStorage, string gpuType)";
const service = `(address provider, string url, ${quota} quota, uint256 pricePerToken, bool occupied, string[] models, address teeSignerAddress, bool teeSignerAcknowledged)`;
const verifierInput =
  "(string id, bytes encryptedSecret, bytes modelRootHash, uint256 nonce, bytes signature, uint256 taskFee, address user)";

export const fineTuningServingFragments: readonly string[] = [
  ...servingFragments,
  `function getService(address provider) view returns (${service} service)`,
  `function getAllServices() view returns (${service}[] services)`,
  `function getAccount(address user, address provider) view returns (${account})`,
  `function getAllAccounts(uint256 offset, uint256 limit) view returns (${accountSummary}[] accounts, uint256 total)`,
  `function getAccountsByUser(address user, uint256 offset, uint256 limit) view returns (${accountSummary}[] accounts, uint256 total)`,
  `function getAccountsByProvider(address provider, uint256 offset, uint256 limit) view returns (${accountSummary}[] accounts, uint256 total)`,
  `function getBatchAccountsByUsers(address[] users) view returns (${accountSummary}[] accounts)`,
  `function getDeliverable(address user, address provider, string id) view returns (${deliverable})`,
  `function getDeliverables(address user, address provider) view returns (${deliverable}[])`,
  "function penaltyPercentage() view returns (uint256)",
  // user
  "function acknowledgeDeliverable(address provider, string id)",
  // provider and owner
  `function addOrUpdateService(string url, ${quota} quota, uint256 pricePerToken, bool occupied, string[] models, address teeSignerAddress) payable`,
  "function addDeliverable(address user, string id, bytes modelRootHash)",
  "function abandonDeliverable(address user, string id)",
  `function settleFees(${verifierInput} verifierInput)`,
  "function updatePenaltyPercentage(uint256 _penaltyPercentage)",
  "function initialize(uint256 _locktime, address _ledgerAddress, address owner, uint256 _penaltyPercentage)",

  "event DeliverableAcknowledged(address indexed user, address indexed provider, string deliverableId, uint256 timestamp)",
  "event DeliverableAdded(address indexed user, address indexed provider, string deliverableId, bytes modelRootHash, uint256 timestamp)",
  "event DeliverableAbandoned(address indexed user, address indexed provider, string deliverableId, uint256 timestamp)",
  "event DeliverableEvicted(address indexed provider, address indexed user, string evictedDeliverableId, string newDeliverableId, uint256 timestamp)",
  "event FeesSettled(address indexed user, address indexed provider, string deliverableId, uint256 fee, bool acknowledged, uint256 nonce)",
  "event ServiceRemoved(address indexed provider)",
  `event ServiceUpdated(address indexed provider, string url, ${quota} quota, uint256 pricePerToken, address teeSignerAddress, bool occupied)`,

  "error CallerNotLedger()",
  "error CannotAbandonSettledDeliverable(string id)",
  "error CannotAcknowledgeSettledDeliverable(string id)",
  "error CannotEvictUnsettledDeliverable(string id)",
  "error DeliverableAlreadyExists(string id)",
  "error DeliverableAlreadySettled(string id)",
  "error DeliverableIdInvalidLength(uint256 length)",
  "error DeliverableNotExists(string id)",
  "error ETHTransferFailed()",
  "error InvalidLedgerAddress()",
  "error InvalidVerifierInput(string reason)",
  "error LimitTooLarge(uint256 limit)",
  "error LockTimeOutOfRange(uint256 lockTime)",
  "error PenaltyPercentageTooHigh(uint256 percentage)",
  "error PreviousDeliverableNotAcknowledged(string id)",
  "error SecretShouldBeEmpty()",
  "error SecretShouldNotBeEmpty()",
  "error TransferToLedgerFailed()",
];

// InferenceServing (spec contracts.md 6). The order of `params` differs from that of the stored service.
import { servingFragments } from "./serving.js";

const refund = "(uint256 index, uint256 amount, uint256 createdAt, bool processed)";
const account = `(address user, address provider, uint256 nonce, uint256 balance, uint256 pendingRefund, ${refund}[] refunds, string additionalInfo, bool acknowledged, uint256 validRefundsLength, uint256 generation, uint256 revokedBitmap)`;
const service =
  "(address provider, string serviceType, string url, uint256 inputPrice, uint256 outputPrice, uint256 updatedAt, string model, string verifiability, string additionalInfo, address teeSignerAddress, bool teeSignerAcknowledged)";
const serviceParams =
  "(string serviceType, string url, string model, string verifiability, uint256 inputPrice, uint256 outputPrice, string additionalInfo, address teeSignerAddress)";
const settlement =
  "(address user, address provider, uint256 totalFee, bytes32 requestsHash, uint256 nonce, bytes signature)";

export const inferenceServingFragments: readonly string[] = [
  ...servingFragments,
  `function getService(address provider) view returns (${service} service)`,
  "function serviceExists(address provider) view returns (bool)",
  `function getAllServices(uint256 offset, uint256 limit) view returns (${service}[] services, uint256 total)`,
  `function getAccount(address user, address provider) view returns (${account})`,
  `function getAllAccounts(uint256 offset, uint256 limit) view returns (${account}[] accounts, uint256 total)`,
  `function getAccountsByUser(address user, uint256 offset, uint256 limit) view returns (${account}[] accounts, uint256 total)`,
  `function getAccountsByProvider(address provider, uint256 offset, uint256 limit) view returns (${account}[] accounts, uint256 total)`,
  `function getBatchAccountsByUsers(address[] users) view returns (${account}[] accounts)`,
  "function isTokenRevoked(address user, address provider, uint8 tokenId) view returns (bool)",
  `function previewSettlementResults(${settlement}[] settlements) view returns (address[] failedUsers, uint8[] failureReasons, address[] partialUsers, uint256[] partialAmounts)`,
  // user
  "function revokeToken(address provider, uint8 tokenId)",
  "function revokeTokens(address provider, uint8[] tokenIds)",
  "function revokeAllTokens(address provider)",
  // provider and owner
  `function addOrUpdateService(${serviceParams} params) payable`,
  `function settleFeesWithTEE(${settlement}[] settlements) returns (uint8[] statuses)`,
  "function initialize(uint256 _locktime, address _ledgerAddress, address owner)",

  "event AllTokensRevoked(address indexed user, address indexed provider, uint256 newGeneration)",
  "event BatchBalanceUpdated(address[] users, uint256[] balances, uint256[] pendingRefunds)",
  "event ContractInitialized(address indexed owner, uint256 lockTime, address ledgerAddress)",
  "event ServiceRemoved(address indexed service)",
  "event ServiceUpdated(address indexed service, string serviceType, string url, uint256 inputPrice, uint256 outputPrice, uint256 updatedAt, string model, string verifiability)",
  "event TEESettlementResult(address indexed user, uint8 status, uint256 unsettledAmount)",
  "event TokenRevoked(address indexed user, address indexed provider, uint8 tokenId)",
  "event TokensRevoked(address indexed user, address indexed provider, uint8[] tokenIds)",

  "error CallerNotLedger(address caller)",
  "error InvalidAddress(address addr)",
  "error InvalidTEESignature(string reason)",
  "error LimitTooLarge(uint256 limit, uint256 max)",
  "error LockTimeOutOfRange(uint256 lockTime, uint256 min, uint256 max)",
  "error NoSettlementsProvided()",
  "error ProviderCannotBeUser()",
  "error TooManySettlements(uint256 count, uint256 max)",
  "error TransferFailed()",
];

// What InferenceServing and FineTuningServing have in common (spec contracts.md 6 to 8).

export const servingFragments: readonly string[] = [
  "function accountExists(address user, address provider) view returns (bool)",
  "function getPendingRefund(address user, address provider) view returns (uint256)",
  "function lockTime() view returns (uint256)",
  "function ledgerAddress() view returns (address)",
  "function owner() view returns (address)",
  "function initialized() view returns (bool)",
  "function MIN_LOCKTIME() view returns (uint256)",
  "function MAX_LOCKTIME() view returns (uint256)",
  "function MIN_PROVIDER_STAKE() view returns (uint256)",
  "function supportsInterface(bytes4 interfaceId) view returns (bool)",
  // user
  "function acknowledgeTEESigner(address provider, bool acknowledged)",
  // provider and owner
  "function removeService()",
  "function acknowledgeTEESignerByOwner(address provider)",
  "function revokeTEESignerAcknowledgement(address provider)",
  "function updateLockTime(uint256 _locktime)",
  "function transferOwnership(address newOwner)",
  "function renounceOwnership()",
  // only the ledger may call these
  "function addAccount(address user, address provider, string additionalInfo) payable",
  "function depositFund(address user, address provider, uint256 cancelRetrievingAmount) payable",
  "function requestRefundAll(address user, address provider)",
  "function processRefund(address user, address provider) returns (uint256 totalAmount, uint256 balance, uint256 pendingRefund)",
  "function deleteAccount(address user, address provider)",

  "event AccountDeleted(address indexed user, address indexed provider, uint256 refundedAmount)",
  "event BalanceUpdated(address indexed user, address indexed provider, uint256 amount, uint256 pendingRefund)",
  "event Initialized(uint8 version)",
  "event LockTimeUpdated(uint256 oldLockTime, uint256 newLockTime)",
  "event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)",
  "event ProviderStaked(address indexed provider, uint256 amount)",
  "event ProviderStakeReturned(address indexed provider, uint256 amount)",
  "event ProviderTEESignerAcknowledged(address indexed provider, address indexed teeSignerAddress, bool acknowledged)",
  "event RefundRequested(address indexed user, address indexed provider, uint256 indexed index, uint256 timestamp)",

  "error AccountExists(address user, address provider)",
  "error AccountNotExists(address user, address provider)",
  "error AdditionalInfoTooLong()",
  "error AlreadyInitialized()",
  "error BatchSizeTooLarge(uint256 size, uint256 max)",
  "error CannotAddStakeWhenUpdating()",
  "error CannotRevokeWithNonZeroBalance(address user, address provider, uint256 balance)",
  "error DirectDepositsDisabled()",
  "error InsufficientStake(uint256 provided, uint256 required)",
  "error ServiceNotExist(address provider)",
  "error TooManyRefunds(address user, address provider)",
];

/** ERC-165: the ledger registers only services that say they have this interface (spec contracts.md 5.6). */
export const servingInterfaceId = "0x160841b1";

/** The functions whose selectors make up that id: what the ledger calls. */
export const servingInterfaceFunctions: readonly string[] = [
  "accountExists",
  "getPendingRefund",
  "addAccount",
  "depositFund",
  "requestRefundAll",
  "processRefund",
  "deleteAccount",
];

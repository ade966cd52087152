// Every entry that we add to a context menu of the editor: where the right-click is, what is seen first, and the test that does it with the
// mouse. A unit test compares it with package.json, so that none is forgotten. Knows nothing of a browser: that test has none.

/** Menus that a right-click opens. Title bars of views and the palette have their buttons and commands elsewhere. */
export const contextMenus = [
  "explorer/context",
  "editor/context",
  "editor/title/context",
  "zgCompute.editor",
  "view/item/context",
] as const;

export type ContextMenu = (typeof contextMenus)[number];

/** Of a row there can be an icon, an entry of its menu, or both, which are one row here: it is the menu that is opened then. */
export type Shape = "menu" | "icon" | "both";

export interface MenuRow {
  readonly menu: ContextMenu;
  /** Or a submenu. */
  readonly command: string;
  /** As it stands in the menu; a test that looks for another does not find it. */
  readonly label: string;
  readonly shape: Shape;
  /** In a tree: the word of the row that the entry's condition asks for. Elsewhere: what is right-clicked. */
  readonly on: string;
  readonly sees: string;
  /** File and beginning of the test's name. */
  readonly by: ByTest;
}

export interface ByTest {
  readonly test: TestFile;
  readonly name: string;
  /** The file that the test leaves the mouse to, where it does. */
  readonly through?: string;
}

export type TestFile = `${string}.test.ts`;

type Part = readonly [command: string, label: string, on: string, sees: string, by: MenuRow["by"]];

const by = (test: TestFile, name: string, through?: string): ByTest => ({ test, name, through });

const files = by("menus.test.ts", "of files and editors");
const accounts = by("menus.test.ts", "of providers and accounts");
const begun = by("menus.test.ts", "of a fine-tuning that waits");
const live = by("menus.test.ts", "of a network that has an explorer");
const tuned = by("fineTuning.test.ts", "goes from a right-click on the sample dataset");
const home = by("moneyBack.test.ts", "deposits, transfers, chats, asks back");
const waits = by("transactions.test.ts", "is a row that is sped up");
const keys = by("apiKeys.test.ts", "are created, copied, used with fetch");
const keysAgain = by("apiKeys.test.ts", "leave the list and are added to it again");
const attached = by("attachments.test.ts", "goes from the editor's menu into the chat");

const shaped =
  (menu: ContextMenu, shape: Shape) =>
  ([command, label, on, sees, done]: Part): MenuRow => ({
    ...{ menu, command: command.includes(".") ? command : `zgCompute.${command}`, label, shape, on, sees },
    by: done,
  });

const training = (menu: "editor/context" | "editor/title/context", on: string) =>
  (
    [
      ["fineTune", "Fine-tune with 0G…", on, "the models to train", files],
      [
        "previewTrainingRows",
        "Preview training rows",
        on,
        "the file and what training sees, compared",
        files,
      ],
      ["calculateTokens", "Calculate tokens and cost", on, "the document “Tokens and cost”", files],
    ] as const satisfies readonly Part[]
  ).map(shaped(menu, "menu"));

const explorer: readonly Part[] = [
  [
    "addToChat",
    "Add to 0G chat",
    "a text file",
    "its chip in the chat",
    by("attachments.test.ts", "comes from the Explorer too"),
  ],
  ["fineTune", "Fine-tune with 0G…", "a .jsonl file", "the models to train", tuned],
  [
    "previewTrainingRows",
    "Preview training rows",
    "a .jsonl file",
    "the file and what training sees, compared",
    by("fineTuningLooks.test.ts", "reads well in"),
  ],
  ["calculateTokens", "Calculate tokens and cost", "a .jsonl file", "the document “Tokens and cost”", files],
  [
    "editImage",
    "Edit image with 0G…",
    "a picture",
    "the question what to change",
    by("media.test.ts", "edits a picture from the Explorer"),
  ],
  [
    "transcribe",
    "Transcribe with 0G…",
    "a recording",
    "the models that listen",
    by("media.test.ts", "transcribes a recording from the Explorer"),
  ],
  [
    "verifyFile",
    "Verify file with 0G…",
    "any file",
    "the page that says what it proves",
    by("verifyFile.test.ts", "is verified from wherever"),
  ],
];

const editor: readonly Part[] = [
  ["zgCompute.editor", "0G Compute", "any text", "the entries below", attached],
  [
    "generateImage",
    "Generate image with 0G…",
    "what is selected in Markdown",
    "the question for the picture, answered with it",
    by("media.test.ts", "generates an image from what is selected"),
  ],
];

const submenu: readonly Part[] = [
  [
    "explainSelection",
    "Explain selection",
    "what is selected",
    "the question in the chat, with its chip",
    attached,
  ],
  [
    "refactorSelection",
    "Refactor selection",
    "what is selected",
    "the question in the chat, with its chip",
    files,
  ],
  [
    "documentSelection",
    "Document selection",
    "what is selected",
    "the question in the chat, with its chip",
    files,
  ],
  ["addToChat", "Add to 0G chat", "any text", "the file's chip in the chat", files],
];

const menuOfRows: readonly Part[] = [
  ["transfer", "Transfer to provider", "provider", "the question for the amount", accounts],
  ["acknowledge", "Acknowledge provider", "provider", "the confirmation", home],
  ["createApiKey", "Create API key", "provider", "the question how long it is good", accounts],
  [
    "verifyProvider",
    "Verify provider",
    "provider",
    "the page with every check",
    by("verification.test.ts", "opens from the provider's row"),
  ],
  ["copyAddress", "Copy address", "address", "nothing; the address is in the clipboard", accounts],
  ["openInExplorer", "Open in block explorer", "address", "the explorer's page of the address", live],
  ["requestReturn", "Ask money back", "spendable", "the confirmation", accounts],
  ["requestAllReturns", "Ask all money back from providers", "ledger", "the confirmation", accounts],
  ["keepFunded", "Keep account funded", "chatAccount", "the first of three amounts", accounts],
  ["revokeAcknowledgement", "Take back acknowledgement", "revocable", "the confirmation", home],
  [
    "deleteLedger",
    "Delete ledger",
    "deletable",
    "the confirmation",
    by("menus.test.ts", "of a ledger that fees have emptied"),
  ],
  ["switchWallet", "Switch wallet", "wallet", "the wallets", accounts],
  ["addApiKey", "Add API key made elsewhere", "apiKeys", "the question for the key", accounts],
  ["showApiKeyUse", "Show how to use an API key", "apiKeyProvider", "the languages", accounts],
  ["revokeAllApiKeys", "Revoke all API keys of a provider", "apiKeyProvider", "the confirmation", accounts],
  ["showApiKeyUse", "Show how to use an API key", "apiKey", "the languages", keys],
  ["renameApiKey", "Rename API key", "apiKey", "the name, to be changed", accounts],
  ["removeApiKey", "Remove API key from the list", "apiKey", "the confirmation", keysAgain],
  ["verifyProvider", "Verify provider", "tuningProvider", "the page with every check", begun],
  ["modelUsage", "Get model usage", "tuningProvider", "its own models", begun],
  ["transfer", "Transfer to provider", "tuningProvider", "the question for the amount", begun],
  ["acknowledge", "Acknowledge provider", "tuningProvider", "that it is acknowledged, where it is", begun],
  ["viewTaskLog", "View task log", "task", "the log in the task's panel", tuned],
  ["saveCalendar", "Save deadline to calendar", "saveCalendar", "the dialog for the file", tuned],
  [
    "acknowledgeDeliverable",
    "Acknowledge deliverable without its file",
    "acknowledgeDeliverable",
    "the warning",
    tuned,
  ],
  ["exportModel", "Export model README", "exportModel", "the dialog for the file", tuned],
  ["showReceipts", "Show receipts", "showReceipt", "the receipt of the model", tuned],
];

const both: readonly Part[] = [
  ["chatWithProvider", "Chat with provider", "chat", "a new conversation", accounts],
  ["collectRefunds", "Collect money that is due", "due", "the confirmation", home],
  ["withdraw", "Withdraw to wallet", "withdrawable", "the question for the amount", accounts],
  ["createApiKey", "Create API key", "apiKeys", "the providers", accounts],
  ["createApiKey", "Create API key", "apiKeyProvider", "the question how long it is good", accounts],
  ["copyApiKey", "Copy API key", "copyableKey", "that it is in the clipboard", accounts],
  ["revokeApiKey", "Revoke API key", "revocableKey", "the confirmation", keys],
  ["resumeRun", "Resume fine-tuning", "resumeRun", "the question it was stopped at", begun],
  ["cancelRun", "Cancel fine-tuning", "cancelRun", "the row says that it is over", begun],
  ["forgetRun", "Remove fine-tuning from the list", "forgetRun", "the row is gone", begun],
  ["cancelTask", "Cancel task", "cancelTask", "the confirmation", tuned],
  ["acknowledgeModel", "Acknowledge model", "acknowledgeModel", "the confirmation", tuned],
  ["decryptModel", "Decrypt model", "decryptModel", "what it waits for", tuned],
  ["unpackModel", "Unpack model", "unpackModel", "the dialog for the folder", tuned],
  ["deployAdapter", "Deploy adapter", "deployAdapter", "that it is deployed", tuned],
  ["chatWithAdapter", "Chat with adapter", "chatWithAdapter", "a chat with it", tuned],
  [
    "revealModel",
    "Reveal model in file manager",
    "revealModel",
    "that its path is copied, as this editor is a browser",
    tuned,
  ],
  ["recover", "Recover stuck account", "recover", "the ways out, with what each costs", begun],
  ["resumeRecovery", "Resume recovery", "emptying", "when it can go on", begun],
];

const icons: readonly Part[] = [
  ["fundWallet", "Add funds to wallet", "wallet", "the wallet has more", accounts],
  [
    "transfer",
    "Transfer to provider",
    "subAccount",
    "the question for the amount",
    by("money.test.ts", "deposits and transfers after a confirmation"),
  ],
  ["deposit", "Deposit to ledger", "ledger", "the question for the amount", accounts],
  ["switchNetwork", "Switch network", "network", "the networks", accounts],
  ["speedUpTransaction", "Speed up transaction", "speedUp", "the confirmation", waits],
  ["cancelTransaction", "Cancel transaction", "cancelTransaction", "the confirmation", waits],
  ["showTransaction", "Show transaction in the explorer", "transaction", "the explorer's page of it", live],
];

export const menuTable: readonly MenuRow[] = [
  ...explorer.map(shaped("explorer/context", "menu")),
  ...editor.map(shaped("editor/context", "menu")),
  ...training("editor/context", "the text of a .jsonl file"),
  ...training("editor/title/context", "the tab of a .jsonl file"),
  ...submenu.map(shaped("zgCompute.editor", "menu")),
  ...menuOfRows.map(shaped("view/item/context", "menu")),
  ...both.map(shaped("view/item/context", "both")),
  ...icons.map(shaped("view/item/context", "icon")),
];

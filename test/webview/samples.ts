// Panel states for the tests: builders, each with what a test does not care about filled in.
import type { ConversationId, ProviderId, TurnId } from "../../src/domain/ids.js";
import type { AttachmentView } from "../../src/protocol/attachments.js";
import type {
  CheckView,
  HistoryItem,
  ModelOption,
  PanelState,
  PanelStrings,
  SettingsView,
  ToolCallsView,
  TurnView,
  VerdictView,
} from "../../src/protocol.js";

const strings: PanelStrings = {
  inputLabel: "Question",
  inputPlaceholder: "Ask a model in an enclave",
  attach: "Attach selection, files or pictures",
  attached: "Goes along with the question",
  removed: "{0} is removed",
  send: "Send",
  sending: "Sending…",
  stop: "Stop",
  newConversation: "New conversation",
  history: "Conversations",
  searchHistory: "Search conversations",
  noHistory: "No conversation found.",
  deleteConversation: "Delete conversation",
  model: "Model",
  settings: "System prompt and parameters",
  copy: "Copy",
  copied: "Copied",
  insert: "Insert at cursor",
  newFile: "New file",
  regenerate: "Regenerate",
  edit: "Edit question",
  saveEdit: "Ask again",
  cancelEdit: "Cancel",
  copyAnswer: "Copy answer",
  you: "You",
  answer: "Answer",
  reasoning: "Reasoning",
  details: "Details",
  jumpToLatest: "Jump to latest",
  answerFinished: "Answer finished, {0}",
  opensLink: "Opens {0}",
  close: "Close",
};

export const turnId = (text: string) => text as TurnId;
const providerId = (index: number) => `0x${String(index).padStart(40, "a48f")}` as ProviderId;

export function aModel(change: Partial<ModelOption> = {}): ModelOption {
  return {
    provider: providerId(1),
    model: "phi-4",
    label: "phi-4",
    detail: "0.05 0G in · 0.1 0G out per million tokens · 0xa48f…c271",
    badge: "Private",
    isPicked: true,
    ...change,
  };
}

const threeModels: readonly ModelOption[] = [
  aModel(),
  aModel({
    provider: providerId(2),
    model: "llama-3.3-70b-instruct",
    label: "llama-3.3-70b-instruct",
    detail: "0.1 0G in · 0.4 0G out per million tokens · 0x07ea…b133",
    isPicked: false,
  }),
  aModel({
    provider: providerId(3),
    model: "gpt-4.1-mini",
    label: "gpt-4.1-mini",
    detail: "0.4 0G in · 1.6 0G out per million tokens · 0x31fb…09d4",
    badge: "Authentic",
    isPicked: false,
  }),
];

export const manyModels: readonly ModelOption[] = Array.from({ length: 40 }, (_, index) =>
  aModel({
    provider: providerId(index),
    model: `model-${index}`,
    label: `model-${index}`,
    badge: index % 3 === 0 ? "Authentic" : "Private",
    isPicked: index === 5,
  }),
);

const aHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const anotherHash = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
const signer = "0x83df4B8EbA7c0B3B740019b8c9a77ffF77D508cF";

function aCheck(change: Partial<CheckView> = {}): CheckView {
  return {
    status: "proven",
    statusLabel: "proven",
    label: "Answer",
    explanation: "The signed hash is the hash of the bytes that arrived here.",
    left: { label: "Signed", value: aHash },
    right: { label: "Computed here", value: aHash },
    ...change,
  };
}

const signerCheck = aCheck({
  label: "Signer",
  explanation: "The signature was made by the key that the contract names for this provider.",
  left: { label: "On chain", value: signer },
  right: { label: "Recovered", value: signer },
});
const enclaveCheck = aCheck({
  status: "not-checked",
  statusLabel: "not checked",
  label: "Enclave",
  explanation: "The sandbox has no enclave, so there is no quote to check.",
  follow: "Show the chain of custody",
  left: undefined,
  right: undefined,
});
const operatorCheck = aCheck({
  status: "observed",
  statusLabel: "observed",
  label: "Operator",
  explanation: "The network's operator says that it has checked this key.",
  left: undefined,
  right: undefined,
});

export const verdicts = {
  checking: { word: "checking", label: "Checking…", sentence: "The signature is being fetched.", checks: [] },
  verified: {
    word: "verified",
    label: "Verified",
    sentence: "The provider's key signed exactly the question you sent and the answer you see.",
    checks: [
      signerCheck,
      aCheck({ label: "Question", explanation: "The signed hash is the hash of the bytes that were sent." }),
      aCheck(),
      operatorCheck,
      enclaveCheck,
    ],
  },
  failed: {
    word: "failed",
    label: "Failed",
    sentence: "The provider signed another answer than the one it sent. Do not rely on it.",
    checks: [
      signerCheck,
      aCheck({
        status: "failed",
        statusLabel: "failed",
        explanation: "The signed hash belongs to another text.",
        right: { label: "Computed here", value: anotherHash },
      }),
    ],
  },
  notProven: {
    word: "notProven",
    label: "Not proven",
    sentence: "You stopped the answer, and the signature covers only the whole of it.",
    checks: [signerCheck, enclaveCheck],
  },
} as const satisfies Record<string, VerdictView>;

let turns = 0;

export function aTurn(
  change: Partial<TurnView["answer"]> &
    Partial<Pick<TurnView, "question" | "attachments">> & { id?: string } = {},
): TurnView {
  const { id = `t${++turns}`, question = "What is an enclave?", attachments, ...answer } = change;
  return {
    id: turnId(id),
    question,
    ...(attachments ? { attachments } : {}),
    answer: {
      state: "done",
      status: "",
      text: "A part of a processor that keeps what runs in it from everyone else, *including* the owner of the machine.",
      reasoning: "",
      byline: "phi-4 · private · 0xa48f…c271",
      meter: "128 tokens · 0.00001 0G · 1.2 s",
      verdict: verdicts.verified,
      ...answer,
    },
  };
}

const someTools: ToolCallsView = {
  summary: "Asks for 2 tools; nothing was run",
  calls: [
    { name: "weather", arguments: '{\n  "place": "Oslo"\n}' },
    { name: "<img src=x onerror=alert(1)>\u202Etxt", arguments: "<script>alert(1)</script> [x](command:y)" },
  ],
};

const someHistory: readonly HistoryItem[] = [
  ["c1", "What is an enclave?", "3 questions · today", true],
  [
    "c2",
    "Explain the deadline of a delivered model and what the guardian does about it",
    "12 questions · yesterday",
    false,
  ],
  ["c3", "Write a JSONL data set", "1 question · 3 May", false],
].map(([id, title, detail, isOpen]) => ({
  id: id as ConversationId,
  title: title as string,
  detail: detail as string,
  isOpen: isOpen as boolean,
}));

/** What stands in the sheet of settings; `values` by the name of the field. */
export function someSettings(
  values: Readonly<Record<string, string>> = {},
  problems: Readonly<Record<string, string>> = {},
): SettingsView {
  const hint = "0 to 2: how freely words are chosen.";
  const names = [
    ["systemPrompt", "System prompt"],
    ["temperature", "Temperature"],
    ["topP", "Top p"],
    ["maxTokens", "Longest answer"],
    ["seed", "Seed"],
    ["stop", "Stop at"],
  ] as const;
  return {
    summary: Object.keys(values).join(" · "),
    fields: names.map(([name, label]) => ({
      ...{ name, label, hint, value: values[name] ?? "" },
      lines: name === "systemPrompt" ? 4 : name === "stop" ? 2 : 1,
      ...(problems[name] === undefined ? {} : { problem: problems[name] }),
    })),
  };
}

export function aState(change: Partial<PanelState> = {}): PanelState {
  return {
    conversation: "c1" as ConversationId,
    title: "What is an enclave?",
    header: {
      network: "Sandbox",
      isSandbox: true,
      spent: "0.0004 0G spent here",
      balance: "0.9996 0G left",
      canSend: true,
    },
    models: threeModels,
    turns: [],
    history: someHistory,
    estimate: "About 0.00002 0G for 24 tokens",
    settings: someSettings(),
    attached: { draft: "d1", items: [] },
    strings,
    ...change,
  };
}

export const welcomeState = aState({
  conversation: undefined,
  title: "New conversation",
  welcome: {
    title: "Ask a model you can check",
    text: "Every answer is compared with the signature of the enclave that made it. The sandbox runs on this machine and costs nothing.",
    button: "Try the sandbox",
    suggestions: ["What is 0G Compute?", "How is an answer verified?", "What does fine-tuning cost?"],
  },
});

/** One answer with everything that Markdown can say. */
export const richText = `# Reading a signature

The provider signs \`sha256(request):sha256(response)\`. See the [specification](https://docs.0g.ai/inference) and https://eips.ethereum.org/EIPS/eip-191 for the form.

## Steps

1. Keep the **raw bytes** of both sides.
2. Fetch the signature:
   - by chat id
   - within *ten minutes*
3. Recover the ~~owner~~ signer.

- [x] bytes kept
- [ ] quote checked

> A signature over other bytes proves nothing about yours.

\`\`\`ts
import { createHash } from "node:crypto";

/** Lower-case hex, no prefix. */
export function hashOf(body: Uint8Array, limit = 32): string {
  // The bytes as they came, never the parsed text.
  const hex = createHash("sha256").update(body).digest("hex");
  return hex.length === 2 * limit ? hex : \`\${hex}?\`;
}
\`\`\`

| Level | What matches | Word |
|:--|:--|--:|
| verified | signer, request, response | **Verified** |
| mismatch | signer only | Failed |
| unsigned | nothing to check | Not proven |

---

Done.`;

export function aChip(change: Partial<AttachmentView> = {}): AttachmentView {
  return {
    id: "a1",
    name: "chat.ts",
    detail: "lines 3–5 · about 120 tokens",
    title: "src/services/chat.ts, lines 3–5",
    isBroken: false,
    removeLabel: "Remove src/services/chat.ts, lines 3–5",
    ...change,
  };
}

/** One of each kind. */
export const someChips: readonly AttachmentView[] = [
  aChip(),
  aChip({
    id: "a2",
    name: "a-rather-long-name-of-a-file-that-somebody-generated.spec.ts",
    detail: "about 12000 tokens",
    title: "test/a-rather-long-name-of-a-file-that-somebody-generated.spec.ts",
    note: "changed since you attached it: the text of now is sent",
    removeLabel: "Remove test/a-rather-long-name-of-a-file-that-somebody-generated.spec.ts",
  }),
  aChip({
    id: "a3",
    name: "gone.md",
    detail: "",
    title: "gone.md",
    note: "it is gone or cannot be read",
    isBroken: true,
    removeLabel: "Remove gone.md",
  }),
];

/** Two pictures, as the host names them. */
export const somePictures = ["a", "b"].map((digit) => digit.repeat(64));

/** One of each kind that has a picture. */
export const pictureChips: readonly AttachmentView[] = [
  aChip({
    id: "p1",
    name: "chart.png",
    detail: "1024×768 · 83 KB",
    title: "docs/chart.png",
    picture: somePictures[0],
    removeLabel: "Remove docs/chart.png",
  }),
  aChip({
    id: "p2",
    name: "Pasted picture 1",
    detail: "640×400 · 1.2 MB",
    title: "Pasted picture 1",
    picture: somePictures[1],
    note: "phi-4 takes no pictures",
    isBroken: true,
    removeLabel: "Remove Pasted picture 1",
  }),
];

/** The states that every theme is looked at in. */
export const sceneStates = {
  welcome: welcomeState,
  rich: aState({
    turns: [
      aTurn({
        id: "r1",
        question: "How do I check a signature?",
        text: richText,
        reasoning: "The user wants the steps.\nI shall be brief.",
      }),
    ],
  }),
  tools: aState({
    turns: [
      aTurn({ id: "to1", question: "What is the weather in Oslo?", text: "Let me look.", tools: someTools }),
    ],
  }),
  streaming: aState({
    turns: [
      aTurn({ id: "s1" }),
      aTurn({
        id: "s2",
        question:
          "And a key?\n\nPlease answer in two sentences, and say what a key is for, who holds it and how long it lives.",
        state: "streaming",
        text: "A key is a number that only one side knows. With it",
        verdict: undefined,
        meter: "",
      }),
    ],
  }),
  waiting: aState({
    turns: [
      aTurn({
        id: "w1",
        state: "waiting",
        status: "Waiting for the provider…",
        text: "",
        verdict: undefined,
        meter: "",
      }),
    ],
  }),
  attached: aState({
    attached: { draft: "d1", items: someChips },
    turns: [
      aTurn({
        id: "t-attached",
        question: "Explain what this code does.",
        attachments: [
          {
            name: "chat.ts",
            detail: "lines 3–5 · about 120 tokens",
            title: "src/services/chat.ts, lines 3–5",
          },
          { name: "README.md", detail: "about 900 tokens", title: "README.md" },
        ],
      }),
    ],
  }),
  pictures: aState({
    attached: { draft: "d1", items: pictureChips },
    turns: [
      aTurn({
        id: "t-pictures",
        question: "What do these show?",
        attachments: pictureChips.map(({ name, detail, title, picture }) => ({
          name,
          detail,
          title,
          picture,
        })),
      }),
    ],
  }),
  checking: aState({ turns: [aTurn({ id: "k1", verdict: verdicts.checking })] }),
  failed: aState({ turns: [aTurn({ id: "f1", verdict: verdicts.failed })] }),
  notProven: aState({
    turns: [aTurn({ id: "n1", state: "stopped", status: "Stopped", verdict: verdicts.notProven })],
  }),
  error: aState({
    header: {
      network: "Testnet",
      isSandbox: false,
      spent: "0 0G spent here",
      balance: "",
      canSend: false,
      blocked: "Your account with this provider is empty.",
    },
    turns: [
      aTurn({
        id: "e1",
        state: "failed",
        text: "",
        verdict: undefined,
        meter: "",
        error: { text: "Your account with 0xa48f…c271 holds 0.2 0G; this needs 1 0G.", action: "Top up" },
      }),
    ],
  }),
} as const satisfies Record<string, PanelState>;

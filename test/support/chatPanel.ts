// A chat's host with a page that only remembers what it is told.
import { desk, Uri } from "./editor.js"; // before the code that asks the editor
import { Emitter } from "../../src/domain/event.js";
import type { ConversationId } from "../../src/domain/ids.js";
import type { PanelState, ToHost, ToPanel } from "../../src/protocol.js";
import type { App } from "../../src/vscode/app.js";
import { ChatHost } from "../../src/vscode/chat/chatHost.js";
import { ErrorReporter } from "../../src/vscode/errors.js";
import { EditorDialogs } from "../../src/vscode/dialogs.js";
import type { House } from "./house.js";
import { MemoryState } from "./ports.js";

export { desk };

const never = () => ({ dispose: () => undefined });

export class ChatPanel {
  readonly told: ToPanel[] = [];
  readonly host: ChatHost;
  private readonly messages = new Emitter<unknown>();

  constructor(
    house: House,
    conversation?: ConversationId,
    readonly drafts = new MemoryState(),
  ) {
    const { log } = house.world;
    const app = {
      ...{ log, errors: new ErrorReporter(log), dialogs: new EditorDialogs(), drafts: this.drafts },
      ...{ chat: house.chat, providers: house.providers, accounts: house.accounts, limits: house.limits },
      ...{ session: house.session, sandbox: house.sandbox, clock: house.world.clock },
      fineTuning: { models: [], onDidChange: never },
      watch: { chatOpened: never },
      storage: Uri.file("/storage"),
    } as unknown as App;
    const shown = {
      ...{ visible: true, title: "", reveal: () => undefined, onDidChangeViewState: never },
      webview: {
        onDidReceiveMessage: this.messages.event,
        postMessage: async (message: ToPanel) => this.told.push(message),
      },
    };
    this.host = new ChatHost(app, shown as never, { conversation });
  }

  /** Of the conversation that it shows, as a page does. */
  say(message: ToHost): void {
    this.messages.fire({ ...message, conversation: this.shown?.conversation });
  }

  all<K extends ToPanel["kind"]>(kind: K): readonly Extract<ToPanel, { kind: K }>[] {
    return this.told.filter((one): one is Extract<ToPanel, { kind: K }> => one.kind === kind);
  }

  /** What the page shows, by all that it was told: a snapshot, and what came after it. */
  get shown(): PanelState | undefined {
    return this.shownAfter(this.told.length);
  }

  /** By the first messages. */
  shownAfter(messages: number): PanelState | undefined {
    let state: PanelState | undefined;
    for (const message of this.told.slice(0, messages)) {
      if (message.kind === "snapshot") state = message.state;
      if (message.kind === "turn" && state) state = withTurn(state, message.turn);
      if (message.kind === "delta" && state)
        state = {
          ...state,
          turns: state.turns.map((turn) =>
            turn.id === message.turn && message.channel === "text"
              ? { ...turn, answer: { ...turn.answer, text: turn.answer.text + message.text } }
              : turn,
          ),
        };
    }
    return state;
  }

  dispose(): void {
    this.host.dispose();
  }
}

function withTurn(state: PanelState, turn: PanelState["turns"][number]): PanelState {
  const isKnown = state.turns.some(({ id }) => id === turn.id);
  const turns = state.turns.map((one) => (one.id === turn.id ? turn : one));
  return { ...state, turns: isKnown ? turns : [...state.turns, turn] };
}

/** Stands in for a method and lets it through when it is told to: the first calls alone, where their number is given. */
export function heldBack<T extends object, K extends keyof T>(of: T, name: K, most = Infinity) {
  const own = Object.getOwnPropertyDescriptor(of, name);
  const method = of[name] as (...args: readonly unknown[]) => Promise<unknown>;
  const waiting: ((error?: Error) => void)[] = [];
  let isOpen = false;
  let held = 0;
  of[name] = (async (...args: readonly unknown[]) => {
    if (!isOpen && held++ < most)
      await new Promise<void>((resolve, reject) =>
        waiting.push((error) => (error ? reject(error) : resolve())),
      );
    return method.apply(of, [...args]);
  }) as T[K];
  return {
    get calls() {
      return waiting.length;
    },
    open(error?: Error) {
      isOpen = true;
      for (const go of waiting.splice(0)) go(error);
    },
    /** With an error, what waited fails in place of going on. */
    end(error?: Error) {
      this.open(error);
      if (own) Object.defineProperty(of, name, own);
      else delete of[name];
    },
  };
}

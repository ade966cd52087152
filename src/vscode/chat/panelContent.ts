// What a chat panel shows, put together from the services' state by the functions of view/.
import { usableNow } from "../../domain/account.js";
import type { AskedText } from "../../domain/attachment.js";
import type { Conversation, Turn } from "../../domain/chat.js";
import { zeroNeuron } from "../../domain/money.js";
import type { ConversationId, ProviderId } from "../../domain/ids.js";
import type {
  AttachmentView,
  HeaderView,
  HistoryItem,
  ModelOption,
  PanelState,
  SettingsView,
  TurnView,
  WelcomeView,
} from "../../protocol.js";
import { estimateOf } from "../../services/estimate.js";
import { attachmentViews } from "../../view/attachmentView.js";
import {
  estimateText,
  headerView,
  historyItems,
  modelOptions,
  turnView,
  welcomeView,
} from "../../view/chatView.js";
import { panelStrings } from "../../view/strings.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { settingsOf, type AskedModel, type TypedSettings } from "./askedSettings.js";
import type { ChatAttachments } from "./attachments.js";

/** The model of the next question, of whom. */
interface Asked extends AskedModel {
  readonly provider?: ProviderId;
}
/** What stands in the panel's fields. */
interface Written {
  readonly query: string;
  readonly draft: string;
  readonly refused: TypedSettings["refused"];
}
type Attached = Pick<ChatAttachments, "draft" | "items" | "attachments">;

export class PanelContent {
  private known: Asked | undefined;

  constructor(private readonly app: App) {}

  async state(
    id: ConversationId | undefined,
    { query, draft, refused }: Written,
    attached: Attached,
  ): Promise<PanelState> {
    const conversation = this.conversation(id);
    return {
      conversation: id,
      title: conversation?.title || t("New conversation"),
      header: this.header(id),
      models: this.models(id),
      turns: (conversation?.turns ?? []).map((turn) => this.turn(turn)),
      history: await this.history(id, query),
      welcome: this.welcome(conversation),
      settings: this.settings(id, refused),
      estimate: this.estimate(id, { question: draft, attachments: attached.attachments }),
      attached: { draft: attached.draft, items: this.attached(attached) },
      strings: panelStrings(t),
    };
  }

  turn(turn: Turn): TurnView {
    return turnView(
      turn,
      {
        service: this.app.providers.find(turn.answer.provider)?.service,
        isSandbox: this.app.session.tryNetwork()?.isSandbox ?? false,
        network: this.app.session.tryNetwork()?.id,
        moment,
      },
      t,
    );
  }

  header(id: ConversationId | undefined): HeaderView {
    const conversation = this.conversation(id);
    const picked = this.picked(conversation);
    const account = picked && this.app.accounts.subAccount("inference", picked.service.provider);
    return headerView(
      {
        network: this.app.session.tryNetwork(),
        hasWallet: this.hasWallet(),
        conversation,
        spent: conversation ? this.app.chat.spent(conversation.id) : zeroNeuron,
        picked,
        balance: account && usableNow(account),
        providers: this.app.providers.state,
      },
      t,
    );
  }

  models(id: ConversationId | undefined): readonly ModelOption[] {
    return modelOptions(
      this.app.providers.chatServices,
      this.app.fineTuning.models,
      this.conversation(id),
      t,
    );
  }

  async history(id: ConversationId | undefined, query: string): Promise<readonly HistoryItem[]> {
    return historyItems(await this.app.chat.list(query), id, Date.now(), t);
  }

  attached({ items }: Pick<Attached, "items">): readonly AttachmentView[] {
    return attachmentViews(items, t);
  }

  estimate(id: ConversationId | undefined, draft: AskedText): string {
    const estimate = estimateOf(this.app, this.conversation(id) ?? { turns: [] }, draft);
    return estimate ? estimateText(estimate, t) : "";
  }

  settings(id: ConversationId | undefined, refused: TypedSettings["refused"]): SettingsView {
    return settingsOf({ settings: this.conversation(id)?.settings, refused }, [this.asked(id)]);
  }

  /** What its provider says of the model of the next question: asked once, and known from then on. */
  async learn(id: ConversationId | undefined): Promise<void> {
    const { provider, model } = this.asked(id);
    if (provider) this.known = { provider, model, info: await this.app.providers.modelInfo(provider, model) };
  }

  /** The model of the next question, and what its provider says of it. */
  asked(id: ConversationId | undefined): Asked {
    const conversation = this.conversation(id);
    const item = this.picked(conversation);
    const model = conversation?.model ?? item?.service.model ?? "";
    const provider = item?.service.provider;
    const { known } = this;
    const isKnown = known?.provider === provider && known?.model === model;
    return { provider, model, info: isKnown ? known?.info : item?.models?.find((one) => one.id === model) };
  }

  /** The command behind the welcome's button. */
  startCommand(): string {
    return this.app.session.tryNetwork()?.isSandbox === false
      ? "zgCompute.setUpWallet"
      : "zgCompute.trySandbox";
  }

  private welcome(conversation: Conversation | undefined): WelcomeView | undefined {
    if (conversation && conversation.turns.length > 0) return undefined;
    return welcomeView(
      {
        network: this.app.session.tryNetwork(),
        hasWallet: this.hasWallet(),
        sandbox: this.app.sandbox.state.kind,
      },
      t,
    );
  }

  private picked(conversation: Conversation | undefined) {
    return conversation?.provider
      ? this.app.providers.find(conversation.provider)
      : this.app.providers.chatServices[0];
  }

  private conversation(id: ConversationId | undefined): Conversation | undefined {
    return id === undefined ? undefined : this.app.chat.get(id);
  }

  private hasWallet(): boolean {
    return this.app.session.wallet() !== undefined;
  }
}

// What a chat panel shows, put together from the services' state by the functions of view/.
import { usableNow } from "../../domain/account.js";
import { picturesOf, type AskedText } from "../../domain/attachment.js";
import type { Conversation, ConversationSummary, Turn } from "../../domain/chat.js";
import { orLate } from "../../domain/clock.js";
import { modelAbilities } from "../../domain/modelLimits.js";
import { modelNamed } from "../../domain/modelsByName.js";
import { mediaTypeOf } from "../../domain/picture.js";
import type { ConversationId, ProviderId } from "../../domain/ids.js";
import type {
  HeaderView,
  HistoryItem,
  ModelOption,
  PanelState,
  SettingsView,
  TurnView,
  WelcomeView,
} from "../../protocol.js";
import type { AttachmentToPanel, AttachmentView } from "../../protocol/attachments.js";
import type { DraftAttachment } from "../../services/chat/draftAttachments.js";
import { estimateOf } from "../../services/money/estimate.js";
import { shortAddress } from "../../view/address.js";
import {
  attachmentViews,
  blindModelText,
  pictureGoneText,
  silentModelText,
} from "../../view/chat/attachmentView.js";
import {
  estimateText,
  isTooLong,
  headerView,
  historyItems,
  modelOptions,
  turnView,
  welcomeView,
} from "../../view/chat/chatView.js";
import { modelName } from "../../view/providers/modelNames.js";
import { panelStrings } from "../../view/strings.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { settingsOf, type AskedModel, type TypedSettings } from "./askedSettings.js";
import type { ChatAttachments } from "./attachments.js";

/** A list of names is worth so much waiting. */
const patienceMs = 2000;

/** The model of the next question, of whom. */
interface Asked extends AskedModel {
  readonly provider?: ProviderId;
}
/** What stands in the panel's fields. */
interface Written {
  /** What the history is narrowed to. */
  readonly listed: readonly ConversationSummary[];
  readonly draft: string;
  readonly refused: TypedSettings["refused"];
}
type PictureShown = Extract<AttachmentToPanel, { kind: "picture" }>["shown"];
type Attached = Pick<ChatAttachments, "draft" | "items" | "attachments">;

export class PanelContent {
  private known: Asked | undefined;

  constructor(private readonly app: App) {}

  /** Of one moment: `listed` alone was read before. */
  state(id: ConversationId | undefined, { listed, draft, refused }: Written, attached: Attached): PanelState {
    const conversation = this.conversation(id);
    return {
      conversation: id,
      title: conversation?.title || t("New conversation"),
      header: this.header(id),
      models: this.models(id),
      turns: (conversation?.turns ?? []).map((turn) => this.turn(turn)),
      history: this.history(id, listed),
      welcome: this.welcome(conversation),
      settings: this.settings(id, refused),
      ...this.estimate(id, { question: draft, attachments: attached.attachments }),
      attached: { draft: attached.draft, items: this.attached(id, attached) },
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

  listed(query: string): Promise<readonly ConversationSummary[]> {
    return this.app.chat.list(query);
  }

  history(id: ConversationId | undefined, listed: readonly ConversationSummary[]): readonly HistoryItem[] {
    return historyItems(listed, id, Date.now(), t);
  }

  attached(id: ConversationId | undefined, { items }: Pick<Attached, "items">): readonly AttachmentView[] {
    const { model } = this.asked(id);
    return attachmentViews(items, this.sees(id) === false ? modelName({ model }, t) : undefined, t);
  }

  /** Why pictures cannot go to the model of the next question, with the ways out; undefined: they can. */
  async blindness(id: ConversationId | undefined): Promise<string | undefined> {
    await this.learn(id);
    const { provider, model } = this.asked(id);
    const sees = this.sees(id);
    if (!provider || sees) return undefined;
    const name = modelName({ model }, t);
    return sees === undefined ? silentModelText(name, t) : blindModelText(name, await this.seeing(model), t);
  }

  /** Whether pictures can go to the model of the next question; undefined as long as its provider does not say. */
  private sees(id: ConversationId | undefined): boolean | undefined {
    const { provider, info } = this.asked(id);
    const isTold = info !== undefined || (provider && this.app.providers.knownModels(provider) !== undefined);
    return isTold ? modelAbilities(info).takesPictures : undefined;
  }

  /** Models that take pictures, as far as their providers say so soon enough; with whose it is where it has the name of the one that does not. */
  private async seeing(blind: string): Promise<readonly string[]> {
    const { providers, clock } = this.app;
    const names = providers.chatServices.map(async ({ service: { provider } }) => {
      const models = await orLate(providers.modelsOf(provider), patienceMs, [], clock);
      const seeing = models.filter((info) => modelAbilities(info).takesPictures);
      return seeing.map(({ id }) => {
        const name = modelName({ model: id }, t);
        return id === blind ? `${name} · ${shortAddress(provider)}` : name;
      });
    });
    return [...new Set((await Promise.all(names)).flat())];
  }

  estimate(
    id: ConversationId | undefined,
    draft: AskedText,
  ): Pick<PanelState, "estimate" | "isTooLong"> & { readonly promptTokens: number } {
    const conversation = this.conversation(id) ?? { turns: [] };
    const estimate = estimateOf(this.app, conversation, draft, this.asked(id).info);
    if (!estimate) return { estimate: "", promptTokens: 0 };
    const text = estimateText(estimate, t);
    return { estimate: text, isTooLong: isTooLong(estimate), promptTokens: estimate.promptTokens };
  }

  settings(id: ConversationId | undefined, refused: TypedSettings["refused"]): SettingsView {
    return settingsOf({ settings: this.conversation(id)?.settings, refused }, [this.asked(id)]);
  }

  /** What its provider says of the model of the next question: asked once, and known from then on. */
  async learn(id: ConversationId | undefined): Promise<void> {
    const { provider, model } = this.asked(id);
    if (provider) this.known = { provider, model, info: await this.app.providers.modelInfo(provider, model) };
  }

  /** Whether that was asked, whatever came of it. */
  isKnown(id: ConversationId | undefined): boolean {
    const { provider, model, info } = this.asked(id);
    const { known } = this;
    return !provider || info !== undefined || (known?.provider === provider && known.model === model);
  }

  /** The model of the next question, and what its provider says of it. */
  asked(id: ConversationId | undefined): Asked {
    const conversation = this.conversation(id);
    const item = this.picked(conversation);
    const model = conversation?.model ?? item?.service.model ?? "";
    const provider = item?.service.provider;
    const { known } = this;
    const isKnown = known?.provider === provider && known?.model === model;
    const listed = modelNamed(item?.models ?? [], model);
    return { provider, model, info: (isKnown ? known?.info : undefined) ?? listed };
  }

  /** The command behind the welcome's button. */
  startCommand(): string {
    return this.app.session.tryNetwork()?.isSandbox === false
      ? "zgCompute.setUpWallet"
      : "zgCompute.trySandbox";
  }

  /** One that goes along with the draft or went with a question of this conversation; no other, and whoever asks hears of it. */
  async picture(
    id: ConversationId | undefined,
    named: string,
    draft: DraftAttachment | undefined,
  ): Promise<PictureShown> {
    const { chat } = this.app;
    const turns = this.conversation(id)?.turns ?? [];
    const sent = turns.flatMap(({ attachments }) => picturesOf(attachments));
    const picture = draft?.picture ?? sent.find(({ sha256 }) => sha256 === named);
    const bytes = draft?.bytes ?? (picture && (await chat.pictures.read(picture)));
    return picture && bytes
      ? { source: `data:${mediaTypeOf(picture)};base64,${Buffer.from(bytes).toString("base64")}` }
      : { problem: pictureGoneText(t) };
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

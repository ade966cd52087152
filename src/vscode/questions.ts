// Questions of several steps with the editor's own pickers: each has a place among the others, and a way back.
import * as vscode from "vscode";
import { drawn, type Choice, type Entry } from "../view/choice.js";
import { t } from "./translate.js";

/** What a question ended with: an answer, the wish to go back, or nothing when it was dismissed. */
export type Reply<T> = T | "back" | undefined;

export interface Place {
  readonly title: string;
  readonly step: number;
  readonly total: number;
}

/** One of several questions: what it adds to what was answered before. */
export type Question<D> = (draft: D, place: Place) => Promise<Reply<D>>;

/** Asks them in their order, and back; undefined when one was dismissed. */
export async function askInOrder<D extends object>(
  title: string,
  questions: readonly Question<D>[],
  given: D,
): Promise<D | undefined> {
  let draft = given;
  for (let at = 0; at < questions.length;) {
    const reply = await questions[at]?.(draft, { title, step: at + 1, total: questions.length });
    if (reply === undefined) return undefined;
    at += reply === "back" ? -1 : 1;
    if (reply !== "back") draft = { ...draft, ...reply };
  }
  return draft;
}

interface Typing<D> extends Place {
  readonly prompt: string;
  readonly value: string;
  /** What keeps it from being accepted. */
  readonly problem: (text: string) => string | undefined;
  /** What the text, without space around it, means: never a bare one, which might be the word "back". */
  readonly draft: (text: string) => D;
}

/** An input box with Back, where there is something to go back to. */
export function askText<D extends object>(asked: Typing<D>): Promise<Reply<D>> {
  const { prompt, value, problem, draft, ...place } = asked;
  const box = vscode.window.createInputBox();
  box.prompt = prompt;
  box.value = value;
  box.onDidChangeValue(() => (box.validationMessage = undefined));
  return shown<D>(box, place, (done) =>
    box.onDidAccept(() => {
      box.validationMessage = problem(box.value);
      if (box.validationMessage === undefined) done(draft(box.value.trim()));
    }),
  );
}

interface Picking<T> extends Place {
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
  /** What was chosen when the question was here before. */
  readonly active?: T;
}

/** A quick pick with Back, where there is something to go back to. */
export function pick<T>({ placeholder, choices, active, ...place }: Picking<T>): Promise<Reply<T>> {
  const box = boxOf({ placeholder, choices });
  const before = box.items.find(({ value }) => active !== undefined && value === active);
  if (before) box.activeItems = [before];
  return shown(box, place, (done) =>
    box.onDidAccept(() => {
      const [picked] = box.selectedItems;
      if (picked) done(picked.value); // what is typed may leave nothing to pick
    }),
  );
}

/** As above, for at least one of them. */
export function pickSeveral<T>({
  placeholder,
  choices,
  ...place
}: Omit<Picking<T>, "active">): Promise<Reply<readonly T[]>> {
  const box = boxOf({ placeholder, choices });
  box.canSelectMany = true;
  return shown<readonly T[]>(box, place, (done) =>
    box.onDidAccept(() => {
      if (box.selectedItems.length > 0) done(box.selectedItems.map(({ value }) => value));
      else box.placeholder = t("Nothing is ticked yet. Tick at least one, or press Escape to leave.");
    }),
  );
}

function boxOf<T>({ placeholder, choices }: Pick<Picking<T>, "placeholder" | "choices">) {
  const box = vscode.window.createQuickPick<Choice<T> & vscode.QuickPickItem>();
  box.items = inGroups(choices);
  box.placeholder = placeholder;
  box.matchOnDescription = box.matchOnDetail = true;
  return box;
}

function inGroups<T>(choices: readonly Choice<T>[]): (Choice<T> & vscode.QuickPickItem)[] {
  const separator = vscode.QuickPickItemKind.Separator;
  return choices.flatMap((choice, index) => {
    const { group, value } = choice;
    const begins = group !== undefined && group !== choices[index - 1]?.group;
    const entry = drawn(choice);
    return begins ? [{ label: group, kind: separator, value }, entry] : [entry];
  });
}

/** A single question; undefined when it was dismissed. */
export function pickOne<T extends Entry>(
  entries: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T | undefined> {
  return vscode.window.showQuickPick(items(entries), options);
}

/** As above, for any number of them. */
export function pickSome<T extends Entry>(
  entries: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<readonly T[] | undefined> {
  return vscode.window.showQuickPick(items(entries), { ...options, canPickMany: true });
}

function items<T extends Entry>(entries: readonly T[]): T[] {
  return entries.map((entry) => drawn(entry));
}

type Box = Pick<
  vscode.QuickPick<vscode.QuickPickItem>,
  | "title"
  | "step"
  | "totalSteps"
  | "ignoreFocusOut"
  | "buttons"
  | "onDidTriggerButton"
  | "onDidHide"
  | "show"
  | "dispose"
>;

export async function shown<T>(
  box: Box,
  { title, step, total }: Place,
  accept: (done: (value: T | undefined) => void, fail: (error: unknown) => void) => void,
): Promise<Reply<T>> {
  box.title = title;
  box.step = step;
  box.totalSteps = total;
  box.ignoreFocusOut = true;
  box.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  try {
    return await new Promise<Reply<T>>((resolve, reject) => {
      accept(resolve, reject);
      box.onDidTriggerButton(() => resolve("back"));
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}

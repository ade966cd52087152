// A small editor in memory for the code of src/vscode: what it asks of the editor is answered from here. Imported before that code.
import Module from "node:module";
import { Emitter } from "../../src/domain/event.js";

interface Position {
  readonly line: number;
  readonly character: number;
}

export class Uri {
  constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}

  static file(path: string): Uri {
    return new Uri("file", path);
  }
  static parse(text: string): Uri {
    const [, scheme, path] = /^([a-z-]+):(?:\/\/)?(.*)$/.exec(text) ?? [];
    if (scheme === undefined || path === undefined) throw new Error(`no address: ${text}`);
    return new Uri(scheme, path);
  }
  static joinPath(base: Uri, ...parts: readonly string[]): Uri {
    return new Uri(base.scheme, [base.path, ...parts].join("/"));
  }

  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}://${this.path}`;
  }
}

export interface TestDocument {
  readonly uri: Uri;
  version: number;
  getText(): string;
}

/** An editor with that text; where it is read-only, as the Output panel's is, an edit changes nothing. */
export class TestEditor {
  readonly document: TestDocument;
  selections: readonly { readonly start: Position; readonly end: Position; readonly isEmpty: boolean }[] = [
    { start: { line: 0, character: 0 }, end: { line: 0, character: 0 }, isEmpty: true },
  ];

  constructor(
    address: string,
    public text: string,
    readonly viewColumn: number | undefined = 1,
    private readonly isReadOnly = false,
  ) {
    this.document = { uri: Uri.parse(address), version: 1, getText: () => this.text };
  }

  /** From line and character to line and character, each, counted from 0. */
  select(...ranges: readonly (readonly [number, number, number, number])[]): void {
    this.selections = ranges.map(([line, character, endLine, endCharacter]) => ({
      start: { line, character },
      end: { line: endLine, character: endCharacter },
      isEmpty: line === endLine && character === endCharacter,
    }));
  }

  async edit(work: (edit: { replace(where: unknown, text: string): void }) => void): Promise<boolean> {
    work({ replace: (_, text) => this.isReadOnly || (this.text += text) });
    if (!this.isReadOnly) this.document.version++;
    return !this.isReadOnly;
  }
}

/** What the user sees and does. */
class Desk {
  active: TestEditor | undefined;
  visible: readonly TestEditor[] = [];
  readonly files = new Map<string, string>();
  readonly told: string[] = [];
  readonly opened: string[] = [];
  /** The button that is pressed in a dialog or a notification; undefined: none. */
  press: (text: string, buttons: readonly unknown[]) => unknown = () => undefined;
  readonly activated = new Emitter<TestEditor | undefined>();

  async read(path: string): Promise<Uint8Array> {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`There is no ${path}`);
    return new TextEncoder().encode(text);
  }

  /** The user clicks into it; undefined: into something that is no text. */
  focus(editor: TestEditor | undefined): void {
    this.active = editor;
    this.activated.fire(editor);
  }

  clear(): void {
    this.visible = [];
    this.press = () => undefined;
    this.files.clear();
    for (const list of [this.told, this.opened]) list.length = 0;
    this.focus(undefined);
  }
}

export const desk = new Desk();

const never = () => ({ dispose: () => undefined });
const message = async (text: string, ...buttons: readonly unknown[]) => {
  desk.told.push(text);
  return desk.press(text, buttons);
};

const vscode = {
  Uri,
  TabInputText: class {},
  TabInputCustom: class {},
  FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 },
  FileSystemError: class extends Error {},
  ViewColumn: { Active: -1, Beside: -2 },
  l10n: {
    t: (text: string, ...args: readonly unknown[]) =>
      text.replace(/\{(\d+)\}/g, (_, at: string) => String(args[Number(at)])),
  },
  env: { language: "en", clipboard: { writeText: async () => undefined } },
  commands: { executeCommand: async () => undefined },
  languages: { getLanguages: async () => [] },
  window: {
    get activeTextEditor() {
      return desk.active;
    },
    get visibleTextEditors() {
      return desk.visible;
    },
    onDidChangeActiveTextEditor: desk.activated.event,
    tabGroups: { all: [], activeTabGroup: {} },
    showInformationMessage: message,
    showWarningMessage: message,
    showErrorMessage: message,
    showTextDocument: async () => undefined,
  },
  workspace: {
    isTrusted: true,
    workspaceFolders: [],
    textDocuments: [],
    onDidChangeTextDocument: never,
    onDidOpenTextDocument: never,
    onDidCloseTextDocument: never,
    getWorkspaceFolder: () => undefined,
    openTextDocument: async ({ content }: { readonly content: string }) => desk.opened.push(content),
    fs: {
      stat: async (uri: Uri) => {
        const text = desk.files.get(uri.path);
        if (text === undefined) throw new vscode.FileSystemError(uri.path);
        return { type: 1, size: text.length, mtime: 0 };
      },
      readFile: (uri: Uri) => desk.read(uri.path),
    },
  },
};

type Load = (this: unknown, name: string, ...rest: readonly unknown[]) => unknown;
const loader = Module as unknown as { _load: Load };
const load = loader._load;
loader._load = function (name, ...rest) {
  return name === "vscode" ? vscode : load.call(this, name, ...rest);
};

// Every entry that we add to a context menu is opened by the mouse in a test, and the table of them says in which.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contextMenus, menuTable, type MenuRow } from "../e2e/menuTable.js";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Entry {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
    readonly menus: Readonly<Record<string, readonly Entry[]>>;
  };
}

const { contributes } = JSON.parse(read("package.json")) as Manifest;
const words = JSON.parse(read("package.nls.json")) as Readonly<Record<string, string>>;
const menus = contextMenus.flatMap((menu) =>
  (contributes.menus[menu] ?? []).map((entry) => ({ menu, entry })),
);

/** Which row of a tree: the word its condition asks for. The other menus have a command once. */
const wordOf = (menu: string, { when = "" }: Entry) =>
  menu === "view/item/context" ? (/(?<!!\()viewItem =~ \/\\b(\w+)\\b\//.exec(when)?.[1] ?? when) : "";
const isIcon = ({ group = "" }: Entry) => group.startsWith("inline");

const nameOf = (menu: string, command: string | undefined, word: string) =>
  `${menu} ${command} ${word}`.trim();
const rowName = ({ menu, command, on }: MenuRow) =>
  nameOf(menu, command, menu === "view/item/context" ? on : "");

/** By name, with the forms in which it is there. */
function contributed(): readonly (readonly [name: string, shape: MenuRow["shape"]])[] {
  const found = menus.map(({ menu, entry }) => ({
    name: nameOf(menu, entry.command ?? entry.submenu, wordOf(menu, entry)),
    isIcon: isIcon(entry),
  }));
  const icons = found.filter((one) => one.isIcon).map(({ name }) => name);
  const inMenus = found.filter((one) => !one.isIcon).map(({ name }) => name);
  for (const names of [icons, inMenus])
    assert.equal(new Set(names).size, names.length, "each is told from others");
  return [
    ...inMenus.map((name) => [name, icons.includes(name) ? "both" : "menu"] as const),
    ...icons.filter((name) => !inMenus.includes(name)).map((name) => [name, "icon"] as const),
  ];
}

const labelOf = (command: string) => {
  const title =
    contributes.commands.find((one) => one.command === command)?.title ??
    contributes.submenus.find(({ id }) => id === command)?.label ??
    "";
  return words[title.replaceAll("%", "")] ?? title;
};

describe("the context menus", () => {
  it("stand in the table, each entry once, and nothing else does", () => {
    const inTable = menuTable.map((row) => [rowName(row), row.shape] as const);
    assert.deepEqual(inTable.toSorted(), contributed().toSorted());
  });

  it("are all that can be opened by a right-click", () => {
    const elsewhere = ["commandPalette", "view/title", "editor/title"];
    assert.deepEqual(Object.keys(contributes.menus).toSorted(), [...contextMenus, ...elsewhere].toSorted());
  });

  it("have in the Explorer nothing for several files that takes one of them", () => {
    const many = (contributes.menus["explorer/context"] ?? [])
      .filter(({ when = "" }) => !when.includes("!listMultiSelection"))
      .map(({ command }) => command);
    assert.deepEqual(many, ["zgCompute.addToChat"]);
  });

  it("have the words that the table has", () => {
    for (const { command, label } of menuTable) assert.equal(label, labelOf(command), command);
  });

  it("are opened where the table says: a test of that name, by the mouse", () => {
    for (const row of menuTable) {
      const { test, name, through } = row.by;
      const tests = read(`test/e2e/${test}`)
        .split(/\n\s*it\(/)
        .slice(1);
      const found = tests.filter((one) => one.trimStart().slice(1).startsWith(name));
      assert.equal(found.length, 1, `${test} has one test "${name}…"`);
      const text = through ? read(`test/e2e/${through}`) : (found[0] ?? "");
      // A desk compares what it opened with the table while the test runs.
      assert.ok(text.includes("menus.assertAll()") || opens(text, row), `${name}: ${rowName(row)}`);
    }
  });
});

/** By the mouse, an entry or an icon of that name. */
function opens(text: string, { label }: MenuRow): boolean {
  const words = label.replace(/ with 0G…$/, "");
  const mouse = "(contextMenu|contextSubmenu|clickInlineAction|clickRowAction)";
  return new RegExp(`\\.${mouse}\\([^;]*["/]\\^?${words}`).test(text);
}

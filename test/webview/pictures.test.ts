// Pictures in the chat: small in chips and under questions, whole when unfolded, pasted and dropped.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { drawPicture } from "../../src/sandbox/media/png.js";
import { until } from "../until.js";
import { usePanel } from "./harness.js";
import { aState, aTurn, pictureChips, sceneStates, somePictures } from "./samples.js";
import type { PanelState } from "../../src/protocol.js";

const bytes = drawPicture(Buffer.from("a"), { width: 320, height: 200 });
const source = `data:image/png;base64,${bytes.toString("base64")}`;

describe("pictures in the chat", () => {
  const panel = usePanel({ viewport: { width: 420, height: 800 }, showsPictures: true });
  const question = () => panel.page.getByRole("textbox", { name: "Question" });
  const show = async (state: PanelState) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state });
    await question().waitFor();
  };
  const asked = () =>
    panel.messages.flatMap((message) => (message.kind === "readPicture" ? [message.picture] : []));
  const taken = () => panel.messages.filter((message) => message.kind === "takePicture");
  const widths = (selector: string) =>
    panel.page
      .locator(selector)
      .evaluateAll((images: HTMLImageElement[]) => images.map(({ naturalWidth }) => naturalWidth));
  /** What somebody hands in by hand: files of these kinds, and texts. */
  const handIn = (event: "paste" | "drop", files: readonly [string, string, number][], texts: object = {}) =>
    panel.page.evaluate<boolean>(`(() => {
      const data = new DataTransfer();
      for (const [name, type, size] of ${JSON.stringify(files)})
        data.items.add(new File([new Uint8Array(size).fill(7)], name, { type }));
      for (const [type, text] of Object.entries(${JSON.stringify(texts)})) data.setData(type, text);
      const options = { bubbles: true, cancelable: true };
      const event = ${JSON.stringify(event)} === "paste"
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent("drop", { ...options, dataTransfer: data });
      return !document.querySelector(".composer-field").dispatchEvent(event);
    })()`);

  it("are asked for once, wherever they are shown, and read by their names", async () => {
    await show(sceneStates.pictures);
    await until("both are asked for", () => asked().length === 2);
    assert.deepEqual(new Set(asked()), new Set(somePictures));
    for (const picture of somePictures) await panel.post({ kind: "picture", picture, shown: { source } });
    await until("all are there", async () => (await widths(".thumbnail img")).join() === "320,320,320,320");
    assert.deepEqual(
      await panel.page
        .locator(".thumbnail img")
        .evaluateAll((all: HTMLImageElement[]) => all.map(({ alt }) => alt)),
      ["", "", "", ""],
      "the name stands beside it",
    );
    await panel.post({ kind: "snapshot", state: sceneStates.pictures });
    await until(
      "they are still there",
      async () => (await widths(".thumbnail img")).join() === "320,320,320,320",
    );
    assert.equal(asked().length, 2);
    assert.deepEqual(panel.cspViolations, []);
    assert.deepEqual(await panel.axe(), []);
  });

  it("unfold by keyboard to all of it, with a name", async () => {
    await show(sceneStates.pictures);
    for (const picture of somePictures) await panel.post({ kind: "picture", picture, shown: { source } });
    await panel.page.locator(".sent-attachment > summary").first().focus();
    await panel.page.keyboard.press("Enter");
    await panel.page.getByRole("img", { name: "docs/chart.png" }).waitFor();
    assert.equal(panel.messages.filter(({ kind }) => kind === "readAttachment").length, 0);
    const box = await panel.page.locator(".sent-picture img").boundingBox();
    assert.ok(box && box.width > 200 && box.x + box.width <= 420, JSON.stringify(box));
  });

  it("that are gone say so in one sentence", async () => {
    await show(sceneStates.pictures);
    await panel.page.locator(".sent-attachment > summary").first().click();
    const problem = "This picture is gone from this machine, or was changed there.";
    await panel.post({ kind: "picture", picture: somePictures[0]!, shown: { problem } });
    await panel.page.getByText(problem).waitFor();
    assert.equal(await panel.page.locator("img").count(), 0);
  });

  it("say why they cannot go along, and are taken away by a key", async () => {
    await show(sceneStates.pictures);
    const chip = panel.page.locator(".chip").nth(1);
    assert.equal(await chip.textContent(), "Pasted picture 1640×400 · 1.2 MBphi-4 takes no pictures");
    assert.equal(await chip.locator(".icon-warning").count(), 1);
    await panel.page.getByRole("button", { name: "Remove Pasted picture 1" }).focus();
    await panel.page.keyboard.press("Delete");
    assert.deepEqual(await panel.waitForMessage("detach"), { kind: "detach", attachment: "p2" });
  });

  it("are pasted with their bytes and no name, and words are pasted as words", async () => {
    await show(aState());
    assert.equal(await handIn("paste", [["image.png", "image/png", 3]]), true);
    assert.deepEqual(await panel.waitForMessage("takePicture"), {
      ...{ kind: "takePicture", name: "", size: 3, base64: "BwcH" },
    });
    assert.equal(await handIn("paste", [["image.png", "image/png", 3]], { "text/plain": "a cell" }), false);
    assert.equal(await handIn("paste", [["notes.txt", "text/plain", 3]]), false);
    assert.equal(taken().length, 1);
  });

  it("are dropped from outside by their names, not without end, and files of the editor by their addresses", async () => {
    await show(aState());
    const many = Array.from({ length: 12 }, (_, at): [string, string, number] => [
      `${at}.png`,
      "image/png",
      1,
    ]);
    await handIn("drop", [["large.png", "image/png", 5 * 1024 * 1024 + 1], ...many]);
    await until("as many as can go along, and one more", () => taken().length === 9);
    assert.deepEqual(taken()[0], {
      ...{ kind: "takePicture", name: "large.png", size: 5242881, base64: "" },
    });
    const uris = "file:///w/a.png";
    await handIn("drop", [["a.png", "image/png", 1]], { "application/vnd.code.uri-list": uris });
    assert.deepEqual(await panel.waitForMessage("drop"), { kind: "drop", uris });
    assert.equal(taken().length, 9);
  });

  it("are bytes that the page was handed and nothing else, whatever the host's message says", async () => {
    await show(sceneStates.pictures);
    for (const shown of [
      { source: "https://example.invalid/track.png" },
      { source: "data:image/svg+xml;base64,PHN2Zy8+" },
      { source: `data:image/png;base64,AA" onerror="document.title='owned'` },
    ])
      await panel.post({ kind: "picture", picture: somePictures[0]!, shown });
    const evil = `<img src=x onerror="document.title='owned'">`;
    const turn = aTurn({ id: "e", attachments: [{ ...pictureChips[0]!, name: evil, title: evil }] });
    await panel.post({ kind: "snapshot", state: aState({ turns: [turn] }) });
    await panel.post({ kind: "picture", picture: somePictures[0]!, shown: { source } });
    await until("the real one is there", async () => (await panel.page.locator(".turn img").count()) === 1);
    assert.notEqual(await panel.page.title(), "owned");
    assert.deepEqual(panel.cspViolations, []);
  });
});

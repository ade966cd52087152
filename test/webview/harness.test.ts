// The harness itself: what it is there to find, it finds.
import assert from "node:assert/strict";
import { panelPage, type PanelPage } from "../../src/view/panelPage.js";
import { themeKinds, usePanel } from "./harness.js";
import { until } from "../until.js";

const withBody = (body: string) => (parts: PanelPage) =>
  panelPage(parts)
    .replace(/<script[\s\S]*<\/script>/, body)
    .replace(/<link rel="stylesheet"[^>]*>/, "");

describe("the panel harness", () => {
  describe("with a page that misbehaves", () => {
    const panel = usePanel({
      page: withBody(`<main><h1>Bad</h1><img src="data:image/png;base64,AAAA"><p style="color: red">x</p></main>
        <script>window.ran = true</script>`),
    });

    it("reports what the content security policy stopped", async () => {
      await until("three violations", () => panel.cspViolations.length >= 3);
      const directives = panel.cspViolations.map((text) => text.split(":")[0]).sort();
      assert.deepEqual(directives, ["img-src", "script-src-elem", "style-src-attr"]);
      assert.equal(await panel.page.evaluate("window.ran"), undefined);
    });

    it("reports a picture without a description", async () => {
      assert.match((await panel.axe()).join("\n"), /image-alt/);
    });
  });

  describe("with a page that behaves", () => {
    const panel = usePanel({
      page: (parts) =>
        withBody(`<main><h1>Good</h1><p id="text">Text</p></main><script nonce="${parts.nonce}">
          const api = acquireVsCodeApi();
          window.addEventListener("message", (event) => api.postMessage({ kind: "send", text: event.data.text }));
          api.setState({ seen: (api.getState()?.seen ?? 0) + 1 });
          api.postMessage({ kind: "ready" });</script>`)(parts),
    });

    it("carries messages both ways and keeps state over a reload", async () => {
      await panel.waitForMessage("ready");
      await panel.post({ kind: "draft", text: "</script>`${hello}" });
      assert.equal((await panel.waitForMessage("send")).text, "</script>`${hello}");
      await panel.reload();
      await panel.waitForMessage("ready");
      assert.deepEqual(await panel.state(), { seen: 2 });
    });

    it("shows each kind of theme in VS Code's own colours, and axe finds nothing", async () => {
      const seen = new Set<string>();
      for (const kind of themeKinds) {
        await panel.open(panel.browser, kind);
        const [background, text, bodyClass] = await panel.page.evaluate<string[]>(
          `[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.getElementById("text")).color,
            document.body.className]`,
        );
        seen.add(`${background} ${text} ${bodyClass}`);
        assert.deepEqual(await panel.axe(), [], kind);
        assert.deepEqual(panel.cspViolations, []);
        assert.deepEqual(panel.pageErrors, []);
      }
      assert.equal(seen.size, themeKinds.length);
    });
  });
});

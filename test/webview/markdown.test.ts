// An answer's Markdown on the page: what it may become, and that nothing else can come of it.
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { codeBlocks, links } from "../../src/view/markdown/markdown.js";
import { until } from "../until.js";
import { usePanel } from "./harness.js";
import { aState, aTurn, richText, turnId } from "./samples.js";

const attacks: Record<string, string> = {
  "a script": `<script>window.EVIL = 1</script>\n\n<script src="https://evil.example/x.js"></script>`,
  "an event handler": `<img src=x onerror="window.EVIL = 1"> <svg onload="window.EVIL = 1"></svg> text <b onmouseover=EVIL()>x</b>`,
  "a javascript: link": `[EVIL](javascript:window.EVIL=1) [EVIL](JaVaScRiPt:window.EVIL=1) [EVIL](java\u0000script:EVIL) <javascript:window.EVIL=1>`,
  "a data: link": `[EVIL](data:text/html;base64,PHNjcmlwdD5FVklMPC9zY3JpcHQ+)`,
  "links to the editor": `[EVIL](command:workbench.action.reload) [EVIL](vscode://x/y) [EVIL](vscode-webview://x) [EVIL](file:///etc/passwd) [EVIL](http://evil.example) [EVIL](//evil.example) [EVIL](../x)`,
  "a user name in front of the host": `[EVIL](https://github.com@evil.example/) https://github.com:x@evil.example/`,
  "a picture": `![EVIL](https://evil.example/pixel.png) [![EVIL](https://evil.example/a.png)](https://evil.example/b) ![EVIL](data:image/png;base64,AAAA)`,
  "frames, forms and styles": `<iframe src="https://evil.example"></iframe>\n\n<form action="https://evil.example"><input name=EVIL></form>\n\n<style>body { display: none }</style>\n\n<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example">`,
  "a title that closes its attribute": `[EVIL](https://evil.example "\\"><img src=x onerror=EVIL()>")`,
  "a language that closes its attribute":
    '```"><img src=x onerror=EVIL()>\nEVIL\n```\n\n```js onload=EVIL()\nEVIL\n```',
  "a deep quote": `${">".repeat(20_000)} EVIL`,
  "a deep list": Array.from({ length: 300 }, (_, depth) => `${"  ".repeat(depth)}- EVIL`).join("\n"),
  "deep emphasis": `${"*_".repeat(5000)}EVIL${"_*".repeat(5000)}`,
  "deep brackets": `${"[".repeat(20_000)}EVIL${"](x)".repeat(20_000)}`,
  "a line of a megabyte": `EVIL ${"x".repeat(1024 * 1024)}`,
  "a wide table": `|${"EVIL|".repeat(1500)}\n|${"-|".repeat(1500)}\n|${"x|".repeat(1500)}`,
  "html entities": `&lt;script&gt;window.EVIL=1&lt;/script&gt; &EVIL; &#60;script&#62;`,
  "a reference that comes later": `[EVIL][x]\n\n[x]: javascript:window.EVIL=1`,
  "a prototype's name":
    "```__proto__\nEVIL\n```\n\n```constructor\nEVIL\n```\n\n[EVIL][__proto__] [^__proto__] [^constructor]\n\n[^__proto__]: EVIL",
};

describe("the Markdown of an answer", () => {
  const panel = usePanel();
  const show = async (text: string) => {
    await panel.waitForMessage("ready");
    await panel.post({ kind: "snapshot", state: aState({ turns: [aTurn({ id: "m", text })] }) });
    await panel.page.locator(".markdown").first().waitFor({ state: "attached" });
  };
  const html = () => panel.page.locator(".markdown").innerHTML();

  for (const [what, text] of Object.entries(attacks))
    it(`does nothing with ${what}`, async () => {
      const asked: string[] = [];
      panel.page.on("request", (request) => asked.push(request.url()));
      await panel.waitForMessage("ready");
      await panel.page.evaluate(`{
        window.__markup = [];
        for (const [owner, name] of [[Element.prototype, "innerHTML"], [Element.prototype, "outerHTML"]]) {
          const { get, set } = Object.getOwnPropertyDescriptor(owner, name);
          Object.defineProperty(owner, name, { get, set(value) { window.__markup.push(String(value)); set.call(this, value); } });
        }
      }`);
      await show(text);
      await until(
        "the answer is shown",
        async () => (await panel.page.locator(".markdown").textContent()) !== "",
      );
      for (const link of await panel.page.locator(".markdown a").all()) await link.click();
      const seen = await panel.page.evaluate<Record<string, unknown>>(`{
        const inside = [...document.querySelectorAll(".markdown, .markdown *")];
        const names = [...new Set(inside.flatMap((node) => [...node.attributes].map((attribute) => attribute.name)))];
        ({
          evil: window.EVIL,
          tags: [...new Set(inside.map((node) => node.tagName.toLowerCase()))],
          attributes: names,
          markup: window.__markup.filter((value) => value.includes("EVIL") && !/^&[A-Za-z0-9]+;$/.test(value)),
        })
      }`);
      assert.equal(seen.evil, undefined);
      assert.deepEqual(seen.markup, []);
      const forbidden =
        /^(script|iframe|img|object|embed|form|style|link|meta|base|audio|video|b|template|math|foreignobject)$/;
      assert.deepEqual(
        (seen.tags as string[]).filter((tag) => forbidden.test(tag)),
        [],
      );
      const dangerous =
        /^(on.*|href|src|srcset|srcdoc|style|action|formaction|xlink:href|background|poster|data)$/;
      assert.deepEqual(
        (seen.attributes as string[]).filter((name) => dangerous.test(name)),
        [],
      );
      assert.deepEqual(asked, []);
      assert.deepEqual(panel.cspViolations, []);
      assert.deepEqual(panel.pageErrors, []);
      assert.match((await panel.page.locator(".markdown").textContent()) ?? "", /EVIL/);
      // Whatever was offered to open is an https address that the host finds by the same number.
      for (const message of panel.messages)
        if (message.kind === "openLink")
          assert.match(links(text)[message.link]?.url ?? "", /^https:\/\/[^@]+$/);
    });

  it("shows a link's host, and tells the host only the link's number", async () => {
    await show(
      "See [our bank](https://b\u0430nk.example/login), [two](https://docs.example/two) and <https://eips.example/191>.",
    );
    const anchors = panel.page.getByRole("link");
    assert.equal(await anchors.nth(0).textContent(), "our bankxn--bnk-6cd.example");
    assert.match((await anchors.nth(0).getAttribute("title")) ?? "", /^Opens xn--bnk-6cd\.example\n/);
    assert.equal(await anchors.nth(2).textContent(), "https://eips.example/191");
    await anchors.nth(1).focus();
    await panel.page.keyboard.press("Enter");
    assert.deepEqual(await panel.waitForMessage("openLink"), { kind: "openLink", turn: "m", link: 1 });
  });

  it("counts links and code blocks as the host does", async () => {
    const text = `${richText}\n\n- item\n\n  \`\`\`py\n  print(1)\n  \`\`\`\n\n> ![pic](https://a.example/p.png) [r][ref] [x](http://no.example)\n\n    indented\n\n[ref]: https://ref.example/`;
    await show(text);
    for (const link of await panel.page.locator(".markdown a").all()) await link.click();
    for (const copy of await panel.page
      .locator(".markdown")
      .getByRole("button", { name: "Insert at cursor" })
      .all())
      await copy.click();
    const opened = panel.messages.filter((message) => message.kind === "openLink").map(({ link }) => link);
    const hosts = await panel.page
      .locator(".markdown a")
      .evaluateAll((anchors) => anchors.map((a) => (a as HTMLElement).title.split("\n")[1]));
    assert.deepEqual(
      opened,
      hosts.map((_, index) => index),
    );
    assert.deepEqual(
      links(text).map(({ url }) => url),
      hosts,
    );
    const inserted = panel.messages.filter((message) => message.kind === "code").map(({ block }) => block);
    const codes = await panel.page.locator(".markdown pre").allTextContents();
    assert.deepEqual(
      inserted,
      codes.map((_, index) => index),
    );
    assert.deepEqual(
      codeBlocks(text).map((block) => block.text),
      codes,
    );
    assert.equal(codes.length, 3);
  });

  it("shows characters that hide or reorder text by their number", async () => {
    await show("if admin\u202E\u2066 then\n\n```js\nlet a\u200B = '\u202Eadmin'; // \u2069\u{E0041}\n```");
    const shown = await panel.page.locator(".hidden-character").allTextContents();
    assert.deepEqual(shown, ["U+202E", "U+2066", "U+200B", "U+202E", "U+2069", "U+E0041"]);
  });

  it("leaves the marks that languages are written with", async () => {
    await show("نمی‌خواهم \u200Fשלום\u200F 👩‍💻");
    assert.equal(await panel.page.locator(".hidden-character").count(), 0);
  });

  it("keeps the page's outline: its headings come below the turn's", async () => {
    await show("# One\n\n## Two\n\n### Three\n\n###### Six");
    const levels = await panel.page
      .locator("h1, h2, h3, h4, h5, h6")
      .evaluateAll((all) =>
        all.filter((heading) => !heading.closest("[hidden]")).map((heading) => heading.tagName),
      );
    assert.deepEqual(levels, ["H1", "H2", "H3", "H4", "H5", "H6", "H6"]);
  });

  it("colours known languages and leaves others plain", async () => {
    await show("```rust\nfn main() {}\n```\n\n```klingon\nfn main() {}\n```");
    assert.ok((await panel.page.locator("pre").nth(0).locator(".hljs-keyword").count()) > 0);
    assert.equal(await panel.page.locator("pre").nth(1).locator("span").count(), 0);
  });

  const endings: Record<string, string> = {
    "prose, code and tables": richText,
    "definitions at the end": `[a][x] and [^n] and [b](https://b.example)\n\n\`\`\`js\n1\n\`\`\`\n\n[x]: https://x.example\n\n[^n]: note`,
    "an unfinished fence": "text\n\n- a\n- b\n\n```ts\nconst a = 1;\n\n\nconst b",
    "a loose list": "- a\n\n  b\n\n- c\n\n\n1. d\n2) e\n\n***\n* * *\nx",
    "lines that change their mind":
      "a\n\n*b\n\n- x\n\n- - -\n\n> q\nlazy\n\n    code\n\nsetext\n---\n\n|a|\n|-|\n|b|\n\nend",
    "windows line ends": "# a\r\n\r\n- b\r\n\r\n```js\r\n1\r\n```\r\n\r\nc",
  };
  for (const [what, text] of Object.entries(endings))
    it(`streamed piece by piece ends as if shown at once: ${what}`, async () => {
      await show(text);
      const expected = await html();
      await panel.post({
        kind: "snapshot",
        state: aState({ turns: [aTurn({ id: "m", state: "waiting", text: "", verdict: undefined })] }),
      });
      await until("the answer is empty", async () => (await html()) === "");
      for (let at = 0; at < text.length; at += 3) {
        await panel.post({ kind: "delta", turn: turnId("m"), channel: "text", text: text.slice(at, at + 3) });
        await panel.page.evaluate("new Promise((done) => requestAnimationFrame(done))");
      }
      assert.ok((await html()).length > expected.length / 2, "nothing was shown before the end");
      await panel.post({ kind: "turn", turn: aTurn({ id: "m", text }) });
      await until(
        "the answer is complete",
        async () => (await panel.page.locator(".answer.is-done").count()) === 1,
      );
      assert.equal(await html(), expected);
    });

  it("keeps finished blocks as they are while more arrives", async () => {
    await panel.waitForMessage("ready");
    const running = { id: "m", state: "streaming", verdict: undefined } as const;
    await panel.post({
      kind: "snapshot",
      state: aState({ turns: [aTurn({ ...running, text: "First.\n\nSecond.\n\nThi" })] }),
    });
    await panel.page.getByText("Thi").waitFor();
    await panel.page.evaluate("window.__first = document.querySelector('.markdown p')");
    await panel.post({ kind: "delta", turn: turnId("m"), channel: "text", text: "rd.\n\nFourth." });
    await panel.page.getByText("Fourth.").waitFor();
    assert.equal(await panel.page.evaluate("window.__first === document.querySelector('.markdown p')"), true);
    assert.deepEqual(await panel.page.locator(".markdown p").allTextContents(), [
      "First.",
      "Second.",
      "Third.",
      "Fourth.",
    ]);
  });
});

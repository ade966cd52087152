import assert from "node:assert/strict";
import { panelPage } from "../../../src/view/panelPage.js";

describe("A panel's page", () => {
  const parts = {
    bundle: "webview-task",
    uriOf: (file: string) => `https://files.test/dist/${file}?a=1&b=2`,
    cspSource: "https://files.test",
    nonce: "bm9uY2U",
    language: "en",
    title: "Fine-tuning",
  };

  it("runs its bundle's script and nothing else", () => {
    const page = panelPage(parts);
    assert.match(
      page,
      /<script nonce="bm9uY2U" src="https:\/\/files\.test\/dist\/webview-task\.js\?a=1&amp;b=2">/,
    );
    assert.match(
      page,
      /<link rel="stylesheet" href="https:\/\/files\.test\/dist\/webview-task\.css\?a=1&amp;b=2">/,
    );
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.ok(
      page.includes(
        `content="default-src 'none'; script-src 'nonce-bm9uY2U'; style-src https://files.test 'nonce-bm9uY2U'; font-src https://files.test"`,
      ),
    );
  });

  it("shows pictures of bytes where it is a page that does, and from no address", () => {
    assert.ok(
      panelPage({ ...parts, showsPictures: true }).includes('font-src https://files.test; img-src data:"'),
    );
  });

  it("takes a title as text", () => {
    const page = panelPage({ ...parts, title: "</title><script>1 & 2", language: 'en" onload="x' });
    assert.ok(page.includes("<title>&lt;/title&gt;&lt;script&gt;1 &amp; 2</title>"));
    assert.ok(page.includes('lang="en&quot; onload=&quot;x"'));
  });
});

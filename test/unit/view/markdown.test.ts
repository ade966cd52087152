// The tree that an answer's Markdown becomes, and that reading it piece by piece gives the same.
import assert from "node:assert/strict";
import { safeLink } from "../../../src/view/links.js";
import { codeBlocks, links, parseMarkdown } from "../../../src/view/markdown/markdown.js";
import { MarkdownStream } from "../../../src/view/markdown/markdownStream.js";
import type { Block } from "../../../src/view/markdown/markdownTree.js";

const fragments = [
  ..."para|- a|  b|    c|* x|*|1. n|\n|\n\n|code();|> q|>|#| h|---|***|<div>|</div>|[l](https://x.y)| |\t|\r\n|**b|**|`|+|===|<!--|-->|~~|https://a.b|    |\uFEFF|[r]|\n\n[r]: https://r.s\n|[^n]|\n\n[^n]: note\n".split(
    "|",
  ),
  ...["```ts\n", "```", "|a|b|\n|-|-|\n", "|1|2|", "![i](https://h/i)", "- [ ] t"],
  ...Array.from({ length: 12 }, () => "\n\n"),
];

/** A small seeded generator: the same texts in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    yield state / 0x7fffffff;
  }
}

describe("reading an answer's Markdown", () => {
  it("gives the same piece by piece as at once, for 300 odd texts", function () {
    this.timeout(60_000);
    const random = numbers(7);
    const upTo = (limit: number) => Math.floor(random.next().value * limit);
    let finishedEarly = 0;
    for (let index = 0; index < 300; index++) {
      const pieces = Array.from({ length: 5 + upTo(25) }, () => fragments[upTo(fragments.length)] ?? "");
      const stream = new MarkdownStream();
      const finished: Block[] = [];
      let open: readonly Block[] = [];
      let text = "";
      for (const piece of pieces.flatMap((whole) => [whole.slice(0, 1), whole.slice(1)])) {
        text += piece;
        const step = stream.step(text);
        finished.push(...step.finished);
        open = step.open;
      }
      finishedEarly += finished.length;
      assert.deepEqual(
        stream.whole(text) ?? [...finished, ...open],
        parseMarkdown(text).blocks,
        JSON.stringify(text),
      );
    }
    assert.ok(finishedEarly > 300, `only ${finishedEarly} blocks were ever finished before the end`);
  });

  it("numbers code blocks and links in reading order, at any depth", () => {
    const text =
      "[a](https://a.b) ![p](https://p.q)\n\n> - ```js\n>   1\n>   ```\n\n[no](http://n.o) <https://c.d>\n\n    2";
    assert.deepEqual(
      codeBlocks(text).map((block) => [block.index, block.language, block.text]),
      [
        [0, "js", "1"],
        [1, "", "2"],
      ],
    );
    assert.deepEqual(
      links(text).map((link) => [link.index, link.url, link.isImage]),
      [
        [0, "https://a.b/", false],
        [1, "https://p.q/", true],
        [2, "https://c.d/", false],
      ],
    );
  });

  it("opens https addresses only, by the host that is really asked", () => {
    assert.deepEqual(safeLink("HTTPS://B\u0430nk.example/x"), {
      url: "https://xn--bnk-6cd.example/x",
      host: "xn--bnk-6cd.example",
    });
    for (const address of [
      "http://a.b",
      "javascript:1",
      "data:,x",
      "//a.b",
      "/x",
      "https://u@a.b",
      "https://",
      "command:x",
      ` ${"x".repeat(5000)}`,
    ])
      assert.equal(safeLink(address), undefined, address);
  });

  it("shows a text plain when reading it would take too long", () => {
    for (const text of [
      "x".repeat(60_000),
      ">".repeat(60) + "a",
      `${" ".repeat(200)}- a`,
      "a\n".repeat(250_000),
    ])
      assert.deepEqual(parseMarkdown(text).blocks, [{ kind: "plain", text }]);
  });

  const heavy: Record<string, string> = {
    brackets: "![".repeat(5000) + "](a)".repeat(5000),
    closings: "]".repeat(20_000),
    emphasis: "*_".repeat(5000) + "a" + "_*".repeat(5000),
    tildes: "~a~b".repeat(5000),
    ticks: Array.from({ length: 200 }, (_, length) => `${"`".repeat(length)}a`).join(""),
    addresses: "a@b.c http:// www. ".repeat(2000),
    tags: '<a b="'.repeat(5000),
  };
  for (const [what, text] of Object.entries(heavy))
    it(`comes to an end with a paragraph of nothing but ${what}`, function () {
      // Milliseconds; without the bounds some of these take minutes, and only that is caught here.
      this.timeout(60_000);
      const from = performance.now();
      const { blocks } = parseMarkdown(text);
      console.log(`      ${text.length} characters in ${(performance.now() - from).toFixed(0)} ms`);
      assert.ok(blocks.length > 0);
    });
});

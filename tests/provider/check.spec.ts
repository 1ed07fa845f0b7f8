import assert from "node:assert/strict";
import { z } from "zod";
import { checkInputs, failure } from "../../provider/check";
import { containsUnknown, isUnknown, unknownValue } from "../../provider/unknown";

const schema = z.strictObject({
  names: z.array(z.string()).min(1, "must name at least one."),
  count: z.int("must be 1, 2 or 3.").min(1, "must be 1, 2 or 3.").max(3, "must be 1, 2 or 3.").optional(),
  enabled: z.boolean().optional(),
  method: z.enum(["a", "b"], { error: "must be one of a, b." }).optional(),
  person: z.strictObject({ email: z.email("is not an email address."), phone: z.string().optional() }).optional(),
  people: z.array(z.strictObject({ email: z.email("is not an email address.") })).optional(),
  file: z.union([z.string(), z.strictObject({ sha256: z.string() })]).optional(),
  others: z.union([z.int(), z.array(z.int())]).optional(),
  __plumbing: z.string().optional(),
});
const check = (news: Record<string, unknown>) => checkInputs(schema, { names: ["x"], ...news }, ["person", "people"]);
const reasons = (news: Record<string, unknown>) => check(news).map(({ property, reason }) => `${property}|${reason}`);

/** All that Pulumi's engine may send for a value that a preview does not know. */
const sentinels = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
];

describe("the check of inputs", () => {
  it("passes what fits", () => {
    assert.deepEqual(check({ count: 2, enabled: false, method: "a", person: { email: "a@example.com" } }), []);
    assert.deepEqual(check({ file: "logo.svg" }), []);
    assert.deepEqual(check({ file: { sha256: "0" } }), []);
  });

  it("reports everything at once, each at its path", () => {
    assert.deepEqual(reasons({ names: [], count: 4, method: "c" }), [
      "names|must name at least one.",
      "count|must be 1, 2 or 3.",
      "method|must be one of a, b.",
    ]);
  });

  it("says what is required", () => {
    assert.deepEqual(reasons({ names: undefined }), ["names|is required."]);
    assert.deepEqual(reasons({ person: {} }), ["|person.email: is required."]);
  });

  it("says what type it should be, in plain words", () => {
    assert.deepEqual(reasons({ names: "x" }), ["names|must be a list, but is a string."]);
    assert.deepEqual(reasons({ names: [5] }), ["names|names[0]: must be a string, but is a number."]);
    assert.deepEqual(reasons({ enabled: "yes" }), ["enabled|must be true or false, but is a string."]);
    assert.deepEqual(reasons({ enabled: null }), ["enabled|must be true or false, but is null."]);
    assert.deepEqual(reasons({ person: [] }), ["|person: must be an object, but is a list."]);
    assert.deepEqual(reasons({ count: "2" }), ["count|must be 1, 2 or 3."]);
  });

  it("says of a value that may be of several types which ones", () => {
    assert.deepEqual(reasons({ file: 5 }), ["file|must be a string or an object, but is a number."]);
  });

  it("never names a property whose value is personal: Pulumi would print it", () => {
    for (const { property, reason } of check({ person: { email: "secret" }, people: [{ email: "secret" }, {}] })) {
      assert.equal(property, "");
      assert.match(reason, /^(person\.email|people\[\d\]\.email): /);
      assert.doesNotMatch(reason, /secret/);
    }
    assert.deepEqual(failure("person", "no.", ["person"]), { property: "", reason: "person: no." });
    assert.deepEqual(failure("names", "no.", ["person"]), { property: "names", reason: "no." });
    assert.deepEqual(failure("names[0].a", "no.", ["person"]), { property: "names", reason: "names[0].a: no." });
  });

  describe("helps with typos", () => {
    it("by the known name that is closest", () => {
      assert.deepEqual(reasons({ name: ["x"] }), ["|name: there is no such input; did you mean names?"]);
      assert.deepEqual(reasons({ COUNT: 1 }), ["|COUNT: there is no such input; did you mean count?"]);
      assert.deepEqual(reasons({ person: { email: "a@example.com", fone: "1" } }), [
        "|person.fone: there is no such input; did you mean phone?",
      ]);
      assert.deepEqual(reasons({ people: [{ email: "a@example.com", emial: "x" }] }), [
        "|people[0].emial: there is no such input; did you mean email?",
      ]);
    });

    it("by all known names when none is close, without plumbing", () => {
      assert.deepEqual(reasons({ somethingElse: 1 }), [
        "|somethingElse: there is no such input. There are: names, count, enabled, method, person, people, file, others.",
      ]);
      assert.doesNotMatch(reasons({ plumbing: 1 }).join(), /__plumbing/);
    });

    it("for each unknown name", () => {
      assert.equal(check({ nam: 1, cuont: 2 }).length, 2);
    });
  });

  it("never prints the value of an input that there is not: what was misspelt may be personal", () => {
    assert.deepEqual(reasons({ persom: "secret" }), ["|persom: there is no such input; did you mean person?"]);
  });

  it("says no more than somebody reads, in characters that a terminal shows", () => {
    const many = check({ people: Array.from({ length: 10_000 }, () => 5) });
    assert.equal(many.length, 20);
    assert.equal(check(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, n]))).length, 20);
    const [long] = reasons({ ["x".repeat(1_000_000)]: 1 });
    assert.match(long!, /^\|x{63}…: there is no such input\. There are: /);
    assert.deepEqual(reasons({ "na\u001b[2Jmes\u202e": 1 }), [
      "|na\\u001b[2Jmes\\u202e: there is no such input. There are: names, count, enabled, method, person, people, file, others.",
    ]);
    assert.equal(failure("names", "no ".repeat(1000), []).reason.length, 1000);
  });

  describe("lets pass what a preview does not know", () => {
    for (const sentinel of sentinels) {
      it(sentinel, () => {
        for (const news of [
          { names: sentinel },
          { names: [sentinel, "x"] },
          { count: sentinel },
          { enabled: sentinel },
          { method: sentinel },
          { file: sentinel },
          { person: sentinel },
          { person: { email: sentinel } },
          { people: sentinel },
          { people: [sentinel] },
          { people: [{ email: sentinel }] },
        ]) {
          assert.deepEqual(check(news), [], JSON.stringify(news));
        }
        assert.ok(isUnknown(sentinel));
        assert.ok(containsUnknown({ a: [{ b: sentinel }] }));
      });
    }

    it("and still finds what is wrong beside it", () => {
      assert.deepEqual(
        reasons({ names: [unknownValue], count: 9, people: [{ email: unknownValue }, { email: "x" }] }),
        ["count|must be 1, 2 or 3.", "|people[1].email: is not an email address."],
      );
    });

    it("inside a value of several types", () => {
      assert.deepEqual(check({ others: [137, unknownValue] }), []);
      assert.deepEqual(check({ file: { sha256: unknownValue } }), []);
      assert.equal(check({ others: [137, "138"] }).length, 1);
      assert.equal(check({ others: ["138", unknownValue] }).length, 1);
      assert.equal(check({ file: { sha256: unknownValue, size: 1 } }).length, 1);
    });

    it("and nothing that only looks like it", () => {
      assert.equal(isUnknown(`${unknownValue}.`), false);
      assert.equal(isUnknown(undefined), false);
      assert.equal(containsUnknown({ a: [null, 1, undefined, { b: "x" }] }), false);
    });
  });
});

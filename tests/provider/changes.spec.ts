import assert from "node:assert/strict";
import { agreedWith, type ChangeTable, changed } from "../../provider/changes";
import type { Props } from "../../provider/lifecycle";
import { unknownValue } from "../../provider/unknown";

const table: ChangeTable = {
  names: {
    inputs: ["names"],
    effect: "refused",
    meaning: ({ names }) => (Array.isArray(names) ? [...names].sort() : names),
  },
  person: { inputs: ["group.person"], effect: "inPlace" },
  several: { inputs: ["a", "b"], effect: "nextOrder" },
  once: { inputs: ["once"], effect: "refused", whenRemoved: "nothing" },
  setting: { inputs: ["setting"], effect: "setting" },
  plumbing: { inputs: ["__urn"], effect: "nothing" },
};

describe("the changes of a resource", () => {
  const before: Props = {
    names: ["x", "y"],
    group: { person: { first: "Ada", last: "Byron" }, other: 1 },
    a: 1,
    once: 5,
    setting: "old",
    __urn: "urn:1",
  };
  const outs: Props = { setting: "old", status: "pending", __agreed: agreedWith(table, before) };
  const changes = (news: Props) => changed(table, outs, { ...before, ...news }).map(({ change }) => change);

  it("are none when nothing changed", () => {
    assert.deepEqual(changes({}), []);
    assert.deepEqual(changed(table, JSON.parse(JSON.stringify(outs)), JSON.parse(JSON.stringify(before))), []);
  });

  it("name the row, its effect and its inputs", () => {
    assert.deepEqual(changed(table, outs, { ...before, b: 2 }), [
      { change: "several", effect: "nextOrder", inputs: ["a", "b"] },
    ]);
  });

  it("are found when an input is set, edited and removed", () => {
    assert.deepEqual(changes({ names: ["x"] }), ["names"]);
    assert.deepEqual(changes({ names: undefined }), ["names"]);
    assert.deepEqual(changes({ a: undefined }), ["several"]);
    assert.deepEqual(changes({ a: undefined, b: 1 }), ["several"], "one value moved from an input to the other");
    assert.deepEqual(changes({ setting: "new", group: undefined }), ["person", "setting"]);
  });

  it("look at the meaning, not the spelling", () => {
    assert.deepEqual(changes({ names: ["y", "x"] }), []);
    assert.deepEqual(changes({ group: { other: 2, person: { last: "Byron", first: "Ada", middle: undefined } } }), []);
    assert.deepEqual(changes({ group: { person: { last: "Ada", first: "Byron" } } }), ["person"]);
  });

  it("of settings are told from the outputs", () => {
    assert.deepEqual(
      changed(table, { ...outs, setting: "new" }, before).map(({ change }) => change),
      ["setting"],
    );
    assert.deepEqual(changes({ setting: undefined }), ["setting"]);
  });

  it("are none where taking an input away means nothing, but setting another value is one", () => {
    assert.deepEqual(changes({ once: undefined }), []);
    assert.deepEqual(changes({ once: 6 }), ["once"]);
  });

  it("are none in plumbing", () => {
    assert.deepEqual(changes({ __urn: "urn:2" }), []);
  });

  it("are none where a value is not known yet, at any depth", () => {
    for (const news of [
      { names: unknownValue },
      { names: ["x", unknownValue] },
      { group: unknownValue },
      { group: { person: unknownValue } },
      { group: { person: { first: unknownValue } } },
      { a: unknownValue },
      { a: 3, b: unknownValue },
      { setting: unknownValue },
      { once: unknownValue },
    ]) {
      assert.deepEqual(changes(news), [], JSON.stringify(news));
    }
    assert.deepEqual(changes({ names: unknownValue, a: 2 }), ["several"], "the others still count");
  });

  it("are kept as short hashes that show no value", () => {
    const agreed = agreedWith(table, before);
    assert.deepEqual(Object.keys(agreed), ["names", "person", "several", "once"]);
    for (const hash of Object.values(agreed)) assert.match(hash, /^[A-Za-z0-9_-]{8}$/);
    assert.deepEqual(agreedWith(table, {}), {}, "what is not given takes no space");
  });
});

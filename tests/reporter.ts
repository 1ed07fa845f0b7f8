import Mocha from "mocha";

const { EVENT_RUN_END, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/**
 * Mocha's `spec` report, and one more line at the very end: `N passed, N failed`. A failed hook counts as a failure,
 * and so does a skipped test.
 */
class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    let skipped = 0;
    runner.on(EVENT_TEST_PENDING, () => {
      skipped++;
    });
    // After the report of the class above, which listens first.
    runner.once(EVENT_RUN_END, () => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      console.log(`${passes} passed, ${failures + skipped} failed`);
    });
  }
}

export = Reporter;

// A jest reporter that ends the run with the parts that were skipped for want of a program, and why.

export default class SkippedPartsReporter {
  onRunComplete(_contexts, results) {
    const findings = JSON.parse(process.env.HUBWIRE_REQUIREMENTS ?? "{}");
    const counts = new Map();
    for (const { title } of results.testResults
      .flatMap((file) => file.testResults)
      .filter(isSkipped)
      .map(part)) {
      if (title !== undefined) counts.set(title, (counts.get(title) ?? 0) + 1);
    }
    if (counts.size === 0) return;
    console.log("\nSkipped parts:");
    for (const [title, count] of counts) {
      const requirement = /\(needs (\w+)\)$/.exec(title)[1];
      console.log(`  ${title}: ${count} ${count === 1 ? "test" : "tests"}, because ${findings[requirement].missing}`);
    }
  }
}

function isSkipped({ status }) {
  return status === "pending";
}

function part({ ancestorTitles }) {
  return { title: ancestorTitles.find((title) => /\(needs \w+\)$/.test(title)) };
}

// Prints "error|warning <tab> feature <tab> mail program" for what programs do not, or only partly, support of a page.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";

const clients = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*", "samsung-email.*"];
const { issues } = caniemail({ clients, html: readFileSync(process.argv[2], "utf8") });
const lines = new Set();
for (const [kind, found] of [["error", issues.errors], ["warning", issues.warnings]])
  for (const [client, list] of found.entries())
    for (const issue of list) lines.add([kind, issue.title, client].join("\t"));
console.log([...lines].sort().join("\n"));

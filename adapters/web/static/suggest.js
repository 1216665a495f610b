// What may be typed next: a pure function of the text before the caret.

const COMMAND = /^\/\S*$/;
const SUBCOMMAND = /^\/imagine[ ]+(\S*)$/i;
const FLAG = /(^|\s)(?:--|—)([A-Za-z-]*)$/;
const VALUE = /\s(?:--|—)([A-Za-z-]+)[ ]+(\S*)$/;
const SHORT = /\s-([A-Za-z])[ ]+(\S*)$/;

// Gives [{label, help, insert, from}]: `insert` replaces the text from `from` on.
// `isNeeded` says that the text as it stands cannot be sent.
export function suggest(before, catalogue, { isReply }) {
  if (COMMAND.test(before) && !isReply) {
    return { isNeeded: true, items: commands(before, catalogue) };
  }
  const isCommand = /^\/imagine\s/i.test(before);
  if (!isCommand && !isReply) return { isNeeded: false, items: [] };
  return { isNeeded: false, items: within(before, catalogue, isCommand) };
}

function within(before, catalogue, isCommand) {
  const value = VALUE.exec(before) ?? SHORT.exec(before);
  const option = value && named(value[1], catalogue);
  if (option && option.choices.length) return choices(option, value[2], before);
  const flag = FLAG.exec(before);
  if (flag) return flags(flag[2], before, catalogue);
  const word = isCommand && SUBCOMMAND.exec(before);
  if (word && word[1]) return subcommands(word[1], before, catalogue);
  return [];
}

function commands(before, catalogue) {
  const all = [
    { label: "/imagine", arguments: "PROMPT", help: "Draw a picture" },
    ...catalogue.commands.map((each) => ({ ...each, label: `/imagine ${each.name}` })),
  ];
  return all.filter((each) => each.label.startsWith(before.toLowerCase())).map((each) => ({
    label: `${each.label} ${each.arguments}`.trim(),
    help: each.help,
    insert: each.arguments ? `${each.label} ` : each.label,
    from: 0,
  }));
}

function subcommands(word, before, catalogue) {
  const found = catalogue.commands.filter(
    (each) => each.name.startsWith(word.toLowerCase()) && each.name !== word.toLowerCase(),
  );
  return found.map((each) => ({
    label: `${each.name} ${each.arguments}`.trim(),
    help: each.help,
    insert: each.arguments ? `${each.name} ` : each.name,
    from: before.length - word.length,
  }));
}

function flags(word, before, catalogue) {
  const typed = word.toLowerCase();
  const starts = (option) => [option.flag, option.name, ...option.aliases]
    .some((name) => name.startsWith(typed));
  const length = before.length - before.search(/(?:--|—)[A-Za-z-]*$/);
  const found = catalogue.options.filter((each) => starts(each) && each.flag !== typed);
  return found.map((option) => ({
    label: `--${option.flag}`,
    help: option.help,
    insert: option.kind === "switch" ? `--${option.flag}` : `--${option.flag} `,
    from: before.length - length,
  }));
}

function choices(option, word, before) {
  const typed = word.toLowerCase();
  const found = option.choices.filter(
    (each) => each.value.toLowerCase().startsWith(typed) && each.value.toLowerCase() !== typed,
  );
  return found.map((each) => ({
    label: each.value,
    help: each.label === each.value ? "" : each.label,
    insert: `${each.value} `,
    from: before.length - word.length,
  }));
}

function named(flag, catalogue) {
  const typed = flag.toLowerCase();
  return catalogue.options.find(
    (option) => [option.flag, option.name, ...option.aliases].includes(typed),
  );
}

// `completion`: a script for the shell, made from the program itself, so that what completes is
// what there is. Words and choices only: a run's name would have to be asked of AWS at each key.
import { Argument, type Command } from "commander";
import type { Edge } from "./edge.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

const installing = `
Examples:
  source <(npm run --silent switchback -- completion bash)
  source <(npm run --silent switchback -- completion zsh)
  npm run --silent switchback -- completion fish | source
It completes the word switchback: the package's bin, or alias switchback='npm run switchback --'.`;

export function addCompletion(program: Command, edge: Edge): void {
  program
    .command("completion")
    .description("prints a completion script for your shell")
    .addArgument(new Argument("<shell>", "whose").choices(shells))
    .addHelpText("after", installing)
    .action((shell: Shell) => edge.out(completionScript(program, shell)));
}

/** One command, with everything that may follow it. */
interface Place {
  /** "", "failover", "audit export" */
  readonly path: string;
  readonly about: string;
  /** Subcommands, or the choices of its argument. */
  readonly words: readonly string[];
  readonly flags: readonly Flag[];
}

interface Flag {
  readonly long: string;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, "");
  switch (shell) {
    case "bash":
      return bash(places);
    case "zsh":
      return zsh(places);
    case "fish":
      return fish(places);
  }
}

function placesOf(command: Command, path: string): Place[] {
  const { commands, options, registeredArguments } = command;
  const flags = options.flatMap(({ long, hidden, description, required, optional, argChoices }) =>
    long == null || hidden
      ? []
      : [
          {
            ...{ long, about: description, takesValue: required || optional },
            choices: argChoices ?? [],
          },
        ],
  );
  const help = { long: "--help", about: "what there is", takesValue: false, choices: [] };
  const below = commands.map((one) => [one, [path, one.name()].join(" ").trim()] as const);
  return [
    {
      path,
      about: command.description(),
      words: [
        ...commands.map((one) => one.name()),
        ...registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      ],
      // What takes its words as they are knows its own options.
      flags: isPassedOn(command) ? [] : [...flags, help],
    },
    ...below.flatMap(([one, where]) => placesOf(one, where)),
  ];
}

const isPassedOn = ({ registeredArguments }: Command) =>
  registeredArguments.some(({ variadic }) => variadic);

const listed = (words: readonly string[]) => words.join(" ");
const valued = ({ path, flags }: Place) =>
  flags
    .filter(({ takesValue }) => takesValue)
    .map((flag) => ({ key: `${path} ${flag.long}`, flag }));

/** The branches of both shells' case statements; `offer` is one shell's way to offer words. */
function branches(places: readonly Place[], offer: (words: readonly string[]) => string): string {
  const values = places.flatMap(valued).map(({ key, flag: { choices } }) => {
    return `    "${key}") ${choices.length === 0 ? "files=1" : offer(choices)}; return ;;`;
  });
  const words = places.map(({ path, words, flags }) => {
    return `    "${path}") ${offer([...words, ...flags.map(({ long }) => long)])} ;;`;
  });
  return [
    `  case "$at $before" in`,
    ...values,
    "  esac",
    `  case "$at" in`,
    ...words,
    "  esac",
  ].join("\n");
}

function walk(places: readonly Place[], word: string): string {
  const known = places.flatMap(({ path }) => (path === "" ? [] : [`"${path}"`])).join("|");
  return [
    `    case "\${at:+$at }${word}" in`,
    `      ${known}) at="\${at:+$at }${word}" ;;`,
    "    esac",
  ].join("\n");
}

function bash(places: readonly Place[]): string {
  const offer = (words: readonly string[]) =>
    `COMPREPLY=($(compgen -W "${listed(words)}" -- "$current"))`;
  return `# bash completion for switchback
_switchback() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
${walk(places, "${COMP_WORDS[i]}")}
  done
${branches(places, offer).replaceAll("files=1; ", "")}
}
complete -o default -F _switchback switchback
`;
}

function zsh(places: readonly Place[]): string {
  const offer = (words: readonly string[]) => `compadd -- ${listed(words)}`;
  return `#compdef switchback
_switchback() {
  local before=\${words[CURRENT-1]} at="" i
  for ((i = 2; i < CURRENT; i++)); do
${walk(places, "${words[i]}")}
  done
${branches(places, offer).replaceAll("files=1", "_files")}
}
compdef _switchback switchback
`;
}

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fish(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const { path, words, flags } = place;
    const when = quoted(fishCondition(place));
    const about = (word: string) =>
      places.find((one) => one.path === `${path} ${word}`.trim())?.about ?? "";
    return [
      ...words.map(
        (word) => `complete -c switchback -f -n ${when} -a ${word} -d ${quoted(about(word))}`,
      ),
      ...flags.map(({ long, about: what, takesValue, choices }) => {
        const value = takesValue
          ? choices.length === 0
            ? " -r"
            : ` -x -a ${quoted(listed(choices))}`
          : "";
        return `complete -c switchback -n ${when} -l ${long.slice(2)}${value} -d ${quoted(what)}`;
      }),
    ];
  });
  return `# fish completion for switchback\n${lines.join("\n")}\n`;
}

/** Where these words stand already, and no subcommand of theirs. */
function fishCondition({ path, words }: Place): string {
  if (path === "") return "__fish_use_subcommand";
  const seen = path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  const none = words.length === 0 ? [] : [`not __fish_seen_subcommand_from ${listed(words)}`];
  return [...seen, ...none].join("; and ");
}

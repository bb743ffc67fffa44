import { Command, type Argument, type Option } from 'commander';
import { findingFacts } from '../../check/finding-facts.ts';
import { FAULT_NAMES } from '../../lab/faults.ts';
import { COMMANDS } from '../commands.ts';

/** What may follow an option, or stand for an argument. */
export interface ValueWords {
  /** As the help calls it, without brackets. */
  name: string;
  /** file: a path. words: one of these. text: nothing that could be listed. */
  kind: 'file' | 'words' | 'text';
  words: readonly string[];
  needed: 'yes' | 'no';
  many: 'yes' | 'no';
}

export interface OptionWords {
  /** Short one first: '-q', '--quiet'. */
  flags: readonly string[];
  /** For the help. */
  says: string;
  /** Absent: a switch. */
  value?: ValueWords;
}

/** A command as a shell completes it and as the manual page lists it. */
export interface CommandWords {
  name: string;
  says: string;
  options: readonly OptionWords[];
  arguments: readonly ValueWords[];
}

const HELP: OptionWords = { flags: ['-h', '--help'], says: 'display help for command' };

/** What a placeholder stands for, where its parser does not say. */
function wordsFor(placeholder: string): readonly string[] {
  if (placeholder === 'fault') return [...FAULT_NAMES];
  if (placeholder === 'id') return findingFacts().map(({ id }) => id);
  return [];
}

/** `parser`: as commander keeps it, which forgets the choices that a parser of ours carries. */
function valueOf(name: string, parser: unknown, size: Pick<ValueWords, 'needed' | 'many'>): ValueWords {
  const choices =
    typeof parser === 'function' && 'choices' in parser && Array.isArray(parser.choices) ? parser.choices : [];
  const words = choices.length > 0 ? choices.map(String) : wordsFor(name);
  const kind = words.length > 0 ? 'words' : /^file$|\.json$/.test(name) ? 'file' : 'text';
  return { name, kind, words, ...size };
}

function optionWords({ short, long, flags, description, required, optional, parseArg }: Option): OptionWords {
  const base = { flags: [short, long].flatMap((flag) => flag ?? []), says: description };
  const placeholder = /[<[](.+)[\]>]$/.exec(flags)?.[1];
  if (placeholder === undefined || !(required || optional)) return base;
  const size = { needed: required ? 'yes' : 'no', many: 'no' } as const;
  return { ...base, value: valueOf(placeholder, parseArg, size) };
}

function argumentWords(argument: Argument): ValueWords {
  const size = { needed: argument.required ? 'yes' : 'no', many: argument.variadic ? 'yes' : 'no' } as const;
  return valueOf(argument.name(), argument.parseArg, size);
}

/** With those of its own commands, each once. */
function optionsOf(command: Command): OptionWords[] {
  const all = [command, ...command.commands].flatMap(({ options }) => options.map(optionWords));
  return [...new Map(all.map((option) => [option.flags.join(), option])).values()];
}

/** A command of commands takes the name of one of them first. */
function argumentsOf({ commands, registeredArguments }: Command): ValueWords[] {
  const words = commands.map((command) => command.name());
  const one: ValueWords = { name: 'command', kind: 'words', words, needed: 'yes', many: 'no' };
  return words.length > 0 ? [one] : registeredArguments.map(argumentWords);
}

/** Every command with its options, as it is declared. */
export function commandWords(): CommandWords[] {
  return COMMANDS.map(({ name, description, declare }) => {
    const command = new Command(name);
    declare(command, () => undefined);
    return { name, says: description, options: [...optionsOf(command), HELP], arguments: argumentsOf(command) };
  });
}

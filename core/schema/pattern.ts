import { RE2JS } from 're2js';

/** A regular expression whose matching time grows linearly with the text, whatever the pattern. */
export interface LinearPattern {
  test(text: string): boolean;
  /** Tells patterns apart: ajv keeps one of each text. */
  toString(): string;
}

const maxLength = 500;
const cache = new Map<string, LinearPattern>();

/** Why a pattern cannot be used, or null. Look-arounds and back-references need backtracking, so they are refused. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > maxLength) return `a pattern has at most ${maxLength} characters`;
  // One that no JavaScript engine reads would fail in browsers, which validate too.
  if (!isNative(pattern)) return 'the pattern is not a regular expression';
  try {
    linearPattern(pattern);
    return null;
  } catch {
    return 'the pattern needs backtracking (look-around or back-reference), or repeats too often, and could take for ever; write it without';
  }
}

/** Compiles a pattern for linear matching. Throws on what `patternProblem` names. */
export function linearPattern(pattern: string): LinearPattern {
  let compiled = cache.get(pattern);
  if (!compiled) {
    compiled = isPlain(pattern) ? new RegExp(pattern, 'u') : linear(pattern);
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled;
}

/** Anchored, no groups, at most one open repetition: the native engine cannot be made to try twice. */
function isPlain(pattern: string): boolean {
  if (!/^\^(?:[^()|\\[\]]|\\[dwsDWS.+*?()|[\]{}^$/-]|\[(?:[^\\\]]|\\.)*\])*\$$/.test(pattern)) return false;
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  return (bare.match(/[*+]|\{\d+,\}/g) ?? []).length <= 1 && !/\{\d+,\d+\}|\?/.test(bare);
}

function linear(pattern: string): LinearPattern {
  const compiled = RE2JS.compile(pattern.replace(/\\u\{?([0-9a-fA-F]{4,6})\}?/g, '\\x{$1}'));
  return { test: (text) => compiled.matcher(text).find(), toString: () => `linear/${pattern}/` };
}

function isNative(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

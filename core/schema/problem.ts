/** One fault of a definition, so told that its author can mend it. */
export interface DefinitionProblem {
  /** The file, or `type:id` where only the definition is known. */
  readonly file: string;
  /** JSON Pointer into the document; '' is the whole. */
  readonly pointer: string;
  /** Dotted code, e.g. `definition.unknown_key`. */
  readonly code: string;
  /** English, with the suggestion in it. */
  readonly message: string;
  /** What was probably meant, where something near exists. */
  readonly suggestion?: string;
}

/** A problem as one line: `file#/pointer: message`. */
export function problemLine(problem: DefinitionProblem): string {
  return `${problem.file}#${problem.pointer}: ${problem.message}`;
}

/** One step of a JSON Pointer, escaped (RFC 6901). */
export function pointerStep(key: string | number): string {
  const text = String(key);
  // Most keys need no escaping, and large catalogs ask for very many.
  return /[~/]/.test(text) ? `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}` : `/${text}`;
}

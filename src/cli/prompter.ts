/** What a command asks of a person who sits at a terminal. Tests answer in their place. */

export interface Choice {
  /** One character, lower case. */
  key: string;
  /** A few words: `yes`; what is left on the screen when it was chosen. */
  name: string;
  /** One line, for the list of the keys. */
  about: string;
}

/** What became of a text in an editor: the new text, or why there is none. */
export type Edited = { text: string } | { problem: string };

export interface Prompter {
  /**
   * Waits for one of the keys.
   *
   * @returns undefined when the person leaves with Ctrl-C or Ctrl-D
   */
  ask(question: string, choices: readonly Choice[]): Promise<string | undefined>;
  /**
   * Waits for a line of text.
   *
   * @param fallback what Return alone means
   * @returns undefined when the person leaves
   */
  line(question: string, fallback: string): Promise<string | undefined>;
  /**
   * Has the person change a file in their editor, and waits until it is closed.
   *
   * @param path absolute; where the text is put meanwhile
   */
  edit(path: string, text: string): Promise<Edited>;
}

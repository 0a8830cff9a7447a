// Short texts that occur in many rows, kept once and named by a number.

/** Texts by number, in the order in which they first came. */
export class Dictionary {
  private readonly numbers = new Map<string, number>();
  readonly texts: string[] = [];

  /** The number of a text; a new one for a new text. */
  number(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.texts.length;
      this.numbers.set(text, number);
      this.texts.push(text);
    }
    return number;
  }

  /** The text of a number. */
  text(number: number): string {
    return this.texts[number] ?? "";
  }
}

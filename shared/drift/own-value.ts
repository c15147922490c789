/** What a record says of a name. A column may be called `constructor`: what every object has is nothing that was said. */
export const ownValue = <Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;

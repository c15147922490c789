/** Calls back after this long; returns how to give it up. */
export type Schedule = (callback: () => void, milliseconds: number) => () => void;

export const timer: Schedule = (callback, milliseconds) => {
  const handle = setTimeout(callback, milliseconds);
  return () => clearTimeout(handle);
};

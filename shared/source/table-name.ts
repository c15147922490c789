let opened = 0;

/** A name that no other table of this process has. */
export const newTableName = () => `weighin_source_${++opened}`;

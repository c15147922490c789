/** Where documents lie in the work tree, with slashes: relative to the folder of weighin.yaml. */
export const stagePath = (model: string, stage: string) => `registry/${model}/stages/${stage}.json`;
export const planPath = (model: string, stage: string, generation: number) => `registry/${model}/plans/${stage}-${generation}.json`;
export const recordPath = (model: string, number: number) => `registry/${model}/versions/v${number}.json`;

/** The default of the comment; a team may replace it. One entry of `models` a model, worst first. */
export const commentTemplate = `{{#each models}}{{#if unchanged}}✅ {{name}}: no changes
{{else}}### {{emoji}} {{name}}: {{headline}}
{{subject}}
{{#if quiet}}

{{outcome}}
{{#if drift}}
**Drift:** {{drift}}
{{/if}}{{else}}

{{#if table}}{{table}}

{{/if}}{{#if cut}}{{cut}}

{{/if}}**Why:** {{why}}
{{#if changed}}**Changed here:** {{changed}}
{{/if}}{{#if data}}**Data:** {{data}}
{{/if}}{{#if drift}}**Drift:** {{drift}}
{{/if}}{{#each notices}}**Note:** {{this}}
{{/each}}**Next:** {{next}}
{{/if}}{{#if passed}}

<details><summary>{{passedTitle}}</summary>

{{passed}}

</details>{{/if}}{{#if repeat}}

<details><summary>{{repeatTitle}}</summary>

{{#if visible}}{{visible}}
{{/if}}{{repeat}}

</details>{{/if}}
{{/if}}
{{/each}}`;
